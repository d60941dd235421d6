"""PortOne asks whether it may approve (컨펌 프로세스): only what this PC knows decides.

An answer is wanted within 5 seconds, so nobody outside is asked; whatever is not a plain yes makes
the payment fail. Source: payment-window, 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel.speaklater import LazyString
from sqlite_utils import Database

from dashboard import events
from dashboard.checkout import stock, store
from dashboard.checkout.states import PAYABLE
from dashboard.checkout.verifying import BUSY_PAUSES_S
from dashboard.database import write
from dashboard.i18n import lazy_gettext as _l
from dashboard.i18n import speaking

WAIT_MS = 2500
"""So long another writer is waited for: PortOne gives up after 5 seconds."""

NOTE_EVERY_S = 60  # a no is put on record once a minute for each request: anybody can ask
RARE = 4  # looks of one request since something happened: from then on they are a minute apart
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)


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
    asked = _exact(amount)  # before the file is taken: a stranger wrote it
    db.conn.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    with write(db):
        row = store.find_by_number(db, merchant_uid)
        if row is None:
            return Answer(False, _both(_l("이 가게의 주문이 아닙니다.")))
        answer = _judge(db, row, asked, now)
        if answer.yes:
            if row["checks"] >= RARE:
                soon = {"next_check_at": now + BUSY_PAUSES_S[0], "checks": 0}
                store.change(db, row["id"], soon)
        elif row["refused_at"] is None or now - row["refused_at"] >= NOTE_EVERY_S:
            store.change(db, row["id"], {"refused_at": now})
            events.record(
                db,
                "payment_request.not_confirmed",
                at=now,
                actor="portone",
                imp_uid=imp_uid or None,
                detail={"request_id": row["id"], "state": row["state"], "reason": answer.reason},
            )
        return answer


def busy() -> str:
    """The reason where this PC could not look."""
    return _both(_l("가게의 PC가 답하지 못했습니다. 잠시 뒤 다시 결제해 주세요."))


def _both(text: LazyString, **values: str) -> str:
    """Korean and English: PortOne asks, and nobody knows which of them the buyer reads."""
    said = []
    for language in ("ko", "en"):
        with speaking(language):
            said.append(str(text) % values if values else str(text))
    return " / ".join(said)


def _judge(db: Database, row: store.Row, amount: Decimal | None, now: int) -> Answer:
    if row["state"] in ("paid", "waiting", "mismatch"):
        return Answer(False, _both(_l("이미 결제했거나 입금을 기다리는 주문입니다.")))
    if row["state"] == "cancelled":
        return Answer(False, _both(_l("가게에서 취소한 주문입니다.")))
    if row["state"] not in PAYABLE or now >= row["expires_at"]:
        late = _l("결제할 수 있는 시간이 지났습니다. 가게에 문의해 주세요.")
        return Answer(False, _both(late))
    if amount is None or amount * (100 if row["currency"] == "USD" else 1) != row["amount"]:
        other = _l("주문 금액과 결제 금액이 다릅니다. 가게에 문의해 주세요.")
        return Answer(False, _both(other))
    missing = stock.hold(db, row["id"], now, until=now + stock.HOLD_S)
    if missing is not None:
        return Answer(False, _both(_l("%(name)s 상품이 다 팔렸습니다."), name=missing.name))
    return Answer(True)


def _exact(amount: Any) -> Decimal | None:
    """The amount PortOne sent, in won or dollars; None: no amount, or none anybody pays."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float, str)):
        return None
    if isinstance(amount, int) and not 0 <= amount < 10**12:
        return None
    text = str(amount).strip()
    return Decimal(text) if _AMOUNT.fullmatch(text) else None
