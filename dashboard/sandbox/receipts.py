"""Cash receipts of payments and of outside sales. Source: portone-v1-api 7, cash-receipts.md, K47.

Refused is what the documents refuse. Digits of identifiers are not checked: PortOne is not
documented to check them.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any, Literal

from flask import Blueprint, Response

from dashboard.sandbox.channels import find_channel
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import GATEWAY_REFUSED, Malformed, NotThere, Refusal, answer
from dashboard.sandbox.incoming import choice, fields, text, whole
from dashboard.sandbox.shapes import find_row
from dashboard.sandbox.store import dump, get_db, load, write

blueprint = Blueprint("receipts", __name__)

Route = Literal["payment", "external"]
CASH_METHODS = ("vbank", "trans")
IDENTIFIER_TYPES = ("person", "business", "phone", "taxcard")
SLIP_HOST = "https://receipt.ksnet.example"
_ALREADY = "이미 현금영수증이 발행된 건입니다."
_NEVER = "현금영수증이 발행된 내역이 없습니다."


# -- receipts of PortOne payments --------------------------------------------------------------


@blueprint.post("/receipts/<imp_uid>")
def issue(imp_uid: str) -> Response:
    """Issue for a paid transfer or virtual account: for what is left after partial cancels."""
    db = get_db()
    with write(db):
        row = find_row(db, imp_uid)
        if row is None:
            raise NotThere()
        amount = row["amount"] - row["cancel_amount"]
        if row["pay_method"] not in CASH_METHODS:
            raise Malformed("가상계좌, 계좌이체 결제건만 현금영수증을 발행할 수 있습니다.")
        if not row["paid_at"] or amount == 0:
            raise Malformed("결제완료(paid) 상태가 아닌 결제건입니다.")
        if _live(_last(db, "payment", imp_uid)):
            raise Malformed(_ALREADY)
        made = _issue(db, "payment", imp_uid, amount)
    return answer(made)


@blueprint.get("/receipts/<imp_uid>")
def issued(imp_uid: str) -> Response:
    return answer(_get("payment", imp_uid))


@blueprint.delete("/receipts/<imp_uid>")
def revoke(imp_uid: str) -> Response:
    """Revoke. Never issued through PortOne, or revoked before: 400, as documented."""
    db = get_db()
    with write(db):
        last = _last(db, "payment", imp_uid)
        if not _live(last):
            raise Malformed("포트원으로 발급된 현금영수증이 없습니다.")
        made = _revoke(db, last)
    return answer(made)


# -- receipts of outside sales -----------------------------------------------------------------


@blueprint.route("/receipts/external", methods=["POST", "DELETE"])
def external_without_number() -> Response:
    raise Malformed("merchant_uid가 누락되었습니다.")


@blueprint.post("/receipts/external/<merchant_uid>")
def issue_external(merchant_uid: str) -> Response:
    """Issue for cash taken elsewhere. ``channel_key`` or ``pg``: both documents' forms."""
    if len(merchant_uid) > 40:
        raise Malformed("merchant_uid는 최대 40자입니다.")
    _check_gateway()
    text("name", required=True)
    amount = whole("amount")
    if amount is None or amount <= 0:
        raise Malformed("필수 파라미터가 누락되었습니다: amount")
    choice("pay_method", CASH_METHODS)
    db = get_db()
    with write(db):
        last = _last(db, "external", merchant_uid)
        if _live(last) or (last is not None and not sandbox().switches.external_reuse):
            raise Malformed(_ALREADY)
        made = _issue(db, "external", merchant_uid, amount)
    return answer(made)


@blueprint.get("/receipts/external/<merchant_uid>")
def issued_external(merchant_uid: str) -> Response:
    return answer(_get("external", merchant_uid))


@blueprint.delete("/receipts/external/<merchant_uid>")
def revoke_external(merchant_uid: str) -> Response:
    db = get_db()
    with write(db):
        last = _last(db, "external", merchant_uid)
        if last is None:
            raise NotThere(_NEVER)
        if not _live(last):
            raise Malformed("이미 발행취소된 현금영수증입니다.")
        made = _revoke(db, last)
    return answer(made)


def _check_gateway() -> None:
    """:raise Refusal: 400 neither form or an unknown channel; 501 a gateway without receipts"""
    channel_key, pg = text("channel_key"), text("pg")
    if channel_key:
        channel = find_channel(get_db(), channel_key)
        if channel is None:
            raise Malformed("유효하지 않은 channel_key입니다.")
        gateway = channel["pg_provider"]
    elif pg:
        gateway = pg.partition(".")[0]
    else:
        raise Malformed("필수 파라미터가 누락되었습니다: channel_key")
    if gateway != "ksnet":
        raise Refusal("현금영수증을 지원하지 않는 PG사입니다.", http=501)


# -- common ------------------------------------------------------------------------------------


def _issue(db: sqlite3.Connection, route: Route, uid: str, amount: int) -> dict[str, Any]:
    """Check KSNET's fields and book the receipt; VAT is an eleventh of the taxed part."""
    text("identifier", required=True)
    choice("identifier_type", IDENTIFIER_TYPES)
    kind = choice("type", ("person", "company"), default="person")
    choice("product_type", ("real", "digital"), required=True)  # K47
    text("buyer_name", required=True)  # K47
    tax_free = whole("tax_free") or 0
    if not 0 <= tax_free <= amount:
        raise Malformed("tax_free 금액이 발행금액의 범위를 벗어났습니다.")
    if words := sandbox().switches.refuse_receipts:
        raise Refusal(words, http=500, code=GATEWAY_REFUSED)
    receipt_tid = secrets.token_hex(8).upper()
    shape = {
        "imp_uid" if route == "payment" else "merchant_uid": uid,
        "receipt_tid": receipt_tid,
        "apply_num": f"{secrets.randbelow(10**9):09d}",
        "type": kind,
        "amount": amount,
        "vat": vat(amount - tax_free),
        "receipt_url": f"{SLIP_HOST}/cash/{receipt_tid}",
        "applied_at": sandbox().now(),
        "cancelled_at": 0,
    }
    db.execute(
        "INSERT INTO receipts (route, uid, shape, sent) VALUES (?, ?, ?, ?)",
        (route, uid, dump(shape), dump(_kept(fields()))),
    )
    return shape


def _kept(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, without whom it is for: people type real numbers into practice, too."""
    return {
        name: value
        for name, value in sent.items()
        if name != "identifier" and not name.startswith("buyer_")
    }


def vat(taxed: int) -> int:
    """The VAT inside ``taxed`` won, rounded half up. How PortOne rounds is not documented."""
    return (2 * taxed + 11) // 22


def _last(db: sqlite3.Connection, route: Route, uid: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM receipts WHERE route = ? AND uid = ? ORDER BY id DESC LIMIT 1", (route, uid)
    ).fetchone()
    return found


def _live(row: sqlite3.Row | None) -> bool:
    return row is not None and row["cancelled_at"] == 0


def _get(route: Route, uid: str) -> dict[str, Any]:
    row = _last(get_db(), route, uid)
    if row is None:
        raise NotThere(_NEVER)
    found: dict[str, Any] = load(row["shape"]) | {"cancelled_at": row["cancelled_at"]}
    return found


def _revoke(db: sqlite3.Connection, row: sqlite3.Row | None) -> dict[str, Any]:
    if row is None:
        raise NotThere(_NEVER)
    if words := sandbox().switches.refuse_receipts:
        raise Refusal(words, http=500, code=GATEWAY_REFUSED)
    now = sandbox().now()
    db.execute("UPDATE receipts SET cancelled_at = ? WHERE id = ?", (now, row["id"]))
    made: dict[str, Any] = load(row["shape"]) | {"cancelled_at": now}
    return made
