"""Delivery data of escrow payments. Source: portone-v1-api 9, K45."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from flask import Blueprint, Response

from dashboard.sandbox.channels import couriers
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import fields, unix_seconds
from dashboard.sandbox.shapes import find_row
from dashboard.sandbox.store import get_db, load, write

blueprint = Blueprint("escrows", __name__)

UNKNOWN_COURIER = "ETC"


@blueprint.post("/escrows/logis/<imp_uid>")
def register(imp_uid: str) -> Response:
    db = get_db()
    with write(db):
        _deliverable(db, imp_uid)
        sent = _sent()
        if _find(db, imp_uid) is not None:
            raise Refusal("이미 배송정보 등록이 완료되었습니다.", http=409)
        db.execute("INSERT INTO logis VALUES (?, ?, ?, ?, ?)", (imp_uid, *sent, sandbox().now()))
        made = _shape(_find(db, imp_uid))
    return answer(made)


@blueprint.put("/escrows/logis/<imp_uid>")
def correct(imp_uid: str) -> Response:
    """Change what was registered. K46's waiting time is KSNET's page, not a documented refusal."""
    db = get_db()
    with write(db):
        _deliverable(db, imp_uid)
        sent = _sent()
        if _find(db, imp_uid) is None:
            raise Refusal("등록된 배송정보가 없어 수정할 수 없습니다.", http=409)
        db.execute(
            "UPDATE logis SET company = ?, invoice = ?, sent_at = ? WHERE imp_uid = ?",
            (*sent, imp_uid),
        )
        made = _shape(_find(db, imp_uid))
    return answer(made)


@blueprint.get("/escrows/logis/<imp_uid>")
def registered(imp_uid: str) -> Response:
    db = get_db()
    if find_row(db, imp_uid) is None:
        raise NotThere("배송정보를 조회할 거래건이 존재하지 않습니다.")
    row = _find(db, imp_uid)
    if row is None:
        raise Refusal("등록된 배송정보가 존재하지 않습니다.", http=409)
    return answer(_shape(row))


def _deliverable(db: sqlite3.Connection, imp_uid: str) -> None:
    """:raise Refusal: 404 unknown payment, 409 one that nothing can be delivered for"""
    row = find_row(db, imp_uid)
    if row is None:
        raise NotThere("배송정보를 등록할 거래건이 존재하지 않습니다.")
    if not load(row["facts"]).get("escrow"):
        raise Refusal("에스크로 결제건이 아닙니다.", http=409)
    if not row["paid_at"] or row["cancel_amount"] >= row["amount"]:
        raise Refusal("배송정보를 등록할 수 없는 결제상태입니다.", http=409)


def _sent() -> tuple[str, str, int]:
    """Courier, invoice number and time sent; an unknown courier becomes ETC."""
    _part("sender")
    _part("receiver")
    logis = _part("logis")
    found = {}
    for name in ("company", "invoice"):
        value = logis.get(name)
        if value is None or isinstance(value, (dict, list, bool)) or not str(value).strip():
            raise Malformed(f"필수 파라미터가 누락되었습니다: logis.{name}")
        found[name] = str(value).strip()
    sent_at = unix_seconds(logis.get("sent_at"), "logis.sent_at")
    company = found["company"] if found["company"] in couriers() else UNKNOWN_COURIER
    return company, found["invoice"], sent_at


def _part(name: str) -> dict[str, Any]:
    value = fields().get(name)
    if isinstance(value, str):  # a form's way to carry an object
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Malformed(f"{name} 값이 올바르지 않습니다.") from error
    if not isinstance(value, dict):
        raise Malformed(f"필수 파라미터가 누락되었습니다: {name}")
    return value


def _find(db: sqlite3.Connection, imp_uid: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM logis WHERE imp_uid = ?", (imp_uid,)
    ).fetchone()
    return found


def _shape(row: sqlite3.Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: row[name] for name in ("company", "invoice", "sent_at", "applied_at")}
