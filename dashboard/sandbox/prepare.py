"""Amounts announced before the payment window opens. Source: portone-v1-api 6."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from dashboard.sandbox.envelope import Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import fields, number, text
from dashboard.sandbox.store import dump, get_db, load, write

blueprint = Blueprint("prepare", __name__)


@blueprint.post("/payments/prepare")
def announce() -> Response:
    """Announce an amount. A number announced before is refused inside HTTP 200 (not documented)."""
    merchant_uid, amount, currency = _asked()
    db = get_db()
    with write(db):
        if _find(merchant_uid) is not None:
            raise Refusal("이미 등록된 merchant_uid입니다.")
        db.execute("INSERT INTO prepared VALUES (?, ?, ?)", (merchant_uid, dump(amount), currency))
    return answer(_shape(merchant_uid, amount, currency))


@blueprint.put("/payments/prepare")
def correct() -> Response:
    """Change an announced amount."""
    merchant_uid, amount, currency = _asked()
    db = get_db()
    with write(db):
        changed = db.execute(
            "UPDATE prepared SET amount = ?, currency = ? WHERE merchant_uid = ?",
            (dump(amount), currency, merchant_uid),
        ).rowcount
        if not changed:
            raise NotThere("merchant_uid로 등록된 결제사전정보를 찾을 수 없습니다.")
    return answer(_shape(merchant_uid, amount, currency))


@blueprint.get("/payments/prepare/<merchant_uid>")
def announced(merchant_uid: str) -> Response:
    found = _find(merchant_uid)
    if found is None:
        raise NotThere("merchant_uid로 등록된 결제사전정보를 찾을 수 없습니다.")
    return answer(found)


def _asked() -> tuple[str, int | float, str | None]:
    merchant_uid = text("merchant_uid", required=True, longest=40)
    amount = number(fields().get("amount"), "amount")
    if amount is None or amount < 0:
        raise Malformed("필수 파라미터가 누락되었습니다: amount")
    exact = int(amount) if amount == int(amount) else float(amount)
    return merchant_uid, exact, text("currency") or None


def _find(merchant_uid: str) -> dict[str, Any] | None:
    db = get_db()
    row = db.execute("SELECT * FROM prepared WHERE merchant_uid = ?", (merchant_uid,)).fetchone()
    return _shape(merchant_uid, load(row["amount"]), row["currency"]) if row else None


def _shape(merchant_uid: str, amount: int | float, currency: str | None) -> dict[str, Any]:
    return {"merchant_uid": merchant_uid, "amount": amount, "currency": currency}
