"""One request as its page tells it: what is known, what happened, what else was paid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import events
from dashboard.checkout import service
from dashboard.checkout.states import LIVE
from dashboard.checkout.wishes import wish_from_json
from dashboard.database import all_rows, one_row, write
from dashboard.orders.personal import Buyer, buyer_of
from dashboard.orders.states import payment_state, was_paid
from dashboard.orders.story import Moment, event_moment, in_order
from dashboard.portone import Payment

Row = Mapping[str, Any]

_TOLD_BY_ROW = ("made", "forged", "expired", "cancelled", "revoked")
_EVENTS = (
    "SELECT e.*, p.name AS person FROM events e LEFT JOIN people p ON p.id = e.person_id"
    " WHERE e.order_id = ? AND e.kind LIKE 'payment_request.%' ORDER BY e.id DESC"
)


@dataclass(frozen=True, kw_only=True)
class Held:
    """Money that is with the shop for one order number. ``amount`` as paid, not given back."""

    imp_uid: str
    amount: int
    currency: str
    pay_method: str
    paid_at: int | None
    counts: bool  # the one that makes the request paid


def buyer(row: Row, *, revealed: bool) -> Buyer:
    """The buyer as the request was made for, masked unless ``revealed``."""
    wish = wish_from_json(row["wish"])
    names = ("buyer_name", "buyer_tel", "buyer_email", "buyer_addr", "buyer_postcode")
    return buyer_of({name: getattr(wish, name) for name in names}, revealed=revealed)


def log_look(db: Database, row: Row, *, person_id: int, remote_addr: str, now: int) -> None:
    """Log that somebody saw the buyer's personal data in full (SEC-57)."""
    masked = buyer(row, revealed=False)
    with write(db):
        events.record(
            db,
            "personal_data.shown",
            at=now,
            actor="person",
            person_id=person_id,
            order_id=service.order_of(db, dict(row)),
            detail={
                "from": remote_addr,
                "whose": masked.name,
                "what": list(masked.filled),
                "request_id": row["id"],
            },
        )


def is_unpaid_account(payment: Payment | None) -> bool:
    """Whether it is a virtual account that still waits for its deposit."""
    return payment is not None and payment_state(payment) == "waiting"


def money_of(db: Database, row: Row) -> list[Held]:
    """Every payment of the request's number that the shop still has the money of."""
    found = []
    for raw in all_rows(
        db,
        "SELECT payments.raw FROM payments JOIN orders ON orders.id = payments.order_id"
        " WHERE orders.merchant_uid = ? ORDER BY payments.paid_at",
        row["merchant_uid"],
    ):
        payment = Payment.from_json(json.loads(raw["raw"]))
        if not was_paid(payment) or payment_state(payment) == "cancelled":
            continue
        found.append(
            Held(
                imp_uid=payment.imp_uid,
                amount=payment.amount,
                currency=payment.currency,
                pay_method=payment.pay_method,
                paid_at=payment.paid_at,
                counts=payment.imp_uid == row["imp_uid"],
            )
        )
    return found


def story(db: Database, row: Row) -> Sequence[Moment]:
    """What happened to a request, newest first.

    Steps before PortOne knew a payment stand in the row itself, later ones are events of its order.
    """
    moments = [
        Moment(
            at=row["created_at"],
            icon="plus-lg",
            tone="ready",
            title=_("결제를 요청함"),
            who=_person(db, row["person_id"]),
        )
    ]
    if row["opened_at"]:
        opened = _("구매자가 결제창을 엶")
        moments.append(Moment(at=row["opened_at"], icon="phone", tone="ready", title=opened))
    if row["forged_at"]:
        moments.append(
            Moment(
                at=row["forged_at"],
                icon="exclamation-triangle-fill",
                tone="check",
                title=_("브라우저가 다른 주문의 결제번호를 보냄"),
                text=_("믿지 않았고 아무것도 바꾸지 않았습니다."),
            )
        )
    if row["ended_at"] and row["state"] not in LIVE and _ended_unpaid(row):
        by_person = row["ended_by"] is not None
        moments.append(
            Moment(
                at=row["ended_at"],
                icon="slash-circle" if by_person else "clock-history",
                tone="full",
                title=_("요청을 취소함") if by_person else _("기한이 지나거나 취소되어 끝남"),
                who=_person(db, row["ended_by"]),
                rank=3,
            )
        )
    order_id = service.order_of(db, dict(row))
    for event in all_rows(db, _EVENTS, order_id) if order_id is not None else ():
        if event["kind"].removeprefix("payment_request.") not in _TOLD_BY_ROW:
            moment = event_moment(event | {"detail": json.loads(event["detail"])})
            moments += [moment] if moment else []
    return in_order(moments)


def _ended_unpaid(row: Row) -> bool:
    return row["paid_at"] is None or row["ended_at"] < row["paid_at"]


def _person(db: Database, person_id: int | None) -> str:
    found = one_row(db, "SELECT name FROM people WHERE id = ?", person_id or 0)
    return str(found["name"]) if found else ""
