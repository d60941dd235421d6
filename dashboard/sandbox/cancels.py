"""POST /payments/cancel: all or part of a payment. Source: portone-v1-api 5, refunds.md 2-4."""

from __future__ import annotations

import sqlite3
import time
import uuid
from dataclasses import dataclass

from flask import Blueprint, Response

from dashboard.sandbox import rules
from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import GATEWAY_REFUSED, Malformed, Refusal, answer
from dashboard.sandbox.incoming import fields, minor, text
from dashboard.sandbox.shapes import change, find_row, get_row, shape
from dashboard.sandbox.store import dump, get_db, load, write
from dashboard.sandbox.webhooks import announce_cancel

blueprint = Blueprint("cancels", __name__)

CONSOLE_REASON = "관리자페이지취소"
SLIP_HOST = "https://slip.ksnet.example"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A cancel as it was asked for. ``amount`` None or 0: everything that is left."""

    amount: int | None
    checksum: int | None
    tax_free: int
    reason: str
    refund_holder: str
    refund_bank: str
    refund_account: str


@blueprint.post("/payments/cancel")
def cancel() -> Response:
    """Cancel; every business failure is HTTP 200 with a code other than 0."""
    try:
        found = _find()
        asked = _asked(found["currency"])
    except Malformed as error:
        raise Refusal(error.message) from error
    db, box = get_db(), sandbox()
    if not box.switches.atomic_checksum:
        _check(found, asked)
        time.sleep(box.switches.race_pause_s)
        asked = Asked(**{**vars(asked), "checksum": None})
    with write(db):
        row = get_row(db, found["imp_uid"])
        amount = _check(row, asked)
        row = book(db, row, amount=amount, reason=asked.reason, tax_free=asked.tax_free)
        found_shape = shape(row)
    if str(fields().get("enable_webhook", "")).lower() == "true":
        announce_cancel(db, row)
    return answer(found_shape)


def _find() -> sqlite3.Row:
    """The payment that is meant: ``imp_uid`` wins, and a wrong one fails whatever else is right."""
    db, imp_uid, merchant_uid = get_db(), text("imp_uid"), text("merchant_uid")
    if imp_uid:
        row = find_row(db, imp_uid)
    elif merchant_uid:
        # Which of several is meant is not documented: the newest that has something left.
        row = db.execute(
            "SELECT * FROM payments WHERE merchant_uid = ?"
            " ORDER BY paid_at > 0 AND cancel_amount < amount DESC, started_at DESC, id DESC",
            (merchant_uid,),
        ).fetchone()
    else:
        raise Refusal("imp_uid 또는 merchant_uid는 필수입니다.")
    if row is None:
        raise Refusal("취소할 결제건이 존재하지 않습니다.")
    found: sqlite3.Row = row
    return found


def _asked(currency: str) -> Asked:
    return Asked(
        amount=minor("amount", currency),
        checksum=minor("checksum", currency),
        tax_free=minor("tax_free", currency) or 0,
        reason=text("reason"),
        refund_holder=text("refund_holder"),
        refund_bank=text("refund_bank"),
        refund_account=text("refund_account"),
    )


def _check(row: sqlite3.Row, asked: Asked) -> int:
    """What will be cancelled.

    :raise Refusal: PortOne or KSNET says no; nothing has happened
    """
    balance = row["amount"] - row["cancel_amount"]
    if not row["paid_at"]:
        raise Refusal("결제완료 상태의 결제건만 취소할 수 있습니다.")
    if balance == 0:
        raise Refusal("이미 전액취소된 주문입니다.")
    if asked.checksum is not None and asked.checksum != balance:
        raise Refusal("checksum 검증에 실패하였습니다. 취소 가능 잔액이 일치하지 않습니다.")
    amount = asked.amount or balance
    if amount > balance:
        raise Refusal("취소요청금액이 취소가능금액을 초과합니다.")
    if asked.tax_free > amount:
        raise Refusal("면세금액이 취소요청금액을 초과합니다.")
    box = sandbox()
    wish = rules.Wish(
        pay_method=row["pay_method"],
        paid_at=row["paid_at"],
        amount=amount,
        balance=balance,
        cancels_so_far=len(load(row["cancel_history"])),
        refund_holder=asked.refund_holder,
        refund_bank=asked.refund_bank,
        refund_account=asked.refund_account,
    )
    no = rules.objection(wish, box.clock(), night=box.switches.night)
    if no is None and wish.partial:
        no = box.switches.refuse_partial or None
    if no:
        raise Refusal(no, code=GATEWAY_REFUSED)
    return amount


def book(
    db: sqlite3.Connection, row: sqlite3.Row, *, amount: int, reason: str, tax_free: int = 0
) -> sqlite3.Row:
    """Write a cancel down inside the caller's transaction, rules aside.

    A partly cancelled payment keeps its status, and with it ``cancelled_at`` 0 and no
    ``cancel_reason``, unless the switch says otherwise: nobody documents it.
    """
    box, now = sandbox(), sandbox().now()
    stored_reason = "" if box.switches.strip_reason else reason
    history = load(row["cancel_history"])
    facts = load(row["facts"])
    pg_tid = f"{facts.get('pg_tid') or row['imp_uid']}C{len(history) + 1:02d}"
    history.append(
        {
            "pg_tid": pg_tid,
            "amount": amount,
            "cancelled_at": now,
            "reason": stored_reason,
            "cancellation_id": f"cancellation_{uuid.uuid4()}",
            "receipt_url": f"{SLIP_HOST}/cancel/{pg_tid}" if facts.get("receipt_url") else None,
            "tax_free": tax_free,  # the API never tells; tests ask the control endpoint
        }
    )
    left = row["amount"] - row["cancel_amount"] - amount
    columns = {"cancel_amount": row["amount"] - left, "cancel_history": dump(history)}
    if left == 0 or box.switches.partial_status == "cancelled":
        columns |= {
            "status": "cancelled",
            "cancelled_at": now,
            "cancel_reason": stored_reason,
            "updated_at": now if row["status"] != "cancelled" else row["updated_at"],
            "final_at": now,
        }
    return change(db, row, **columns)
