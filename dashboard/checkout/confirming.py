"""PortOne asks whether it may approve (컨펌 프로세스): only what this PC knows decides.

An answer is wanted within 5 seconds, so nobody outside is asked; whatever is not a plain yes makes
the payment fail. Source: payment-window, 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import events
from dashboard.checkout import stock, store
from dashboard.checkout.states import PAYABLE
from dashboard.checkout.verifying import BUSY_PAUSES_S
from dashboard.database import write

WAIT_MS = 2500
"""So long another writer is waited for: PortOne gives up after 5 seconds."""


@dataclass(frozen=True)
class Answer:
    """Whether the payment may be approved; ``reason`` is for the buyer to read."""

    yes: bool
    reason: str = ""


def confirm(db: Database, *, imp_uid: str, merchant_uid: str, amount: Any, now: int) -> Answer:
    """Whether PortOne may approve; a yes holds the goods back.

    :param amount: as PortOne sent it: a number, or a text of one
    :param now: UNIX seconds
    :raise sqlite3.OperationalError: another writer held the file for longer than :data:`WAIT_MS`
    """
    db.conn.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    with write(db):
        row = store.find_by_number(db, merchant_uid)
        if row is None:
            return Answer(False, _("이 가게의 주문이 아닙니다."))
        answer = _judge(db, row, amount, now)
        if answer.yes:
            store.change(db, row["id"], {"next_check_at": now + BUSY_PAUSES_S[0], "checks": 0})
        else:
            events.record(
                db,
                "payment_request.not_confirmed",
                at=now,
                actor="portone",
                imp_uid=imp_uid or None,
                detail={"request_id": row["id"], "state": row["state"], "reason": answer.reason},
            )
        return answer


def _judge(db: Database, row: store.Row, amount: Any, now: int) -> Answer:
    if row["state"] in ("paid", "waiting", "mismatch"):
        return Answer(False, _("이미 결제했거나 입금을 기다리는 주문입니다."))
    if row["state"] == "cancelled":
        return Answer(False, _("가게에서 취소한 주문입니다."))
    if row["state"] not in PAYABLE or now >= row["expires_at"]:
        return Answer(False, _("결제할 수 있는 시간이 지났습니다. 가게에 문의해 주세요."))
    if _minor(amount, row["currency"]) != row["amount"]:
        return Answer(False, _("주문 금액과 결제 금액이 다릅니다. 가게에 문의해 주세요."))
    missing = stock.hold(db, row["id"], now, until=now + stock.HOLD_S)
    if missing is not None:
        return Answer(False, _("%(name)s 상품이 다 팔렸습니다.", name=missing.name))
    return Answer(True)


def _minor(amount: Any, currency: str) -> int | None:
    """The amount in won or cents; None: no amount at all."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float, str)):
        return None
    try:
        exact = Decimal(str(amount).strip()) * (100 if currency == "USD" else 1)
    except InvalidOperation:
        return None
    return int(exact) if exact.is_finite() and exact == exact.to_integral_value() else None
