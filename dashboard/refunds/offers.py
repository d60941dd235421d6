"""What order pages offer and tell of refunds, without knowing how one is made."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard.portone import Payment
from dashboard.refunds import by_hand, outside, request_store, store, tasks
from dashboard.refunds.by_hand_words import HandTold, tell_all_by_hand
from dashboard.refunds.progress import Row, Told, tell
from dashboard.refunds.request_words import RequestTold, tell_requests

REFUND_METHODS = frozenset({"vbank", "trans"})
"""Where the shop says 환불; everywhere else it is a 결제취소 (design, words)."""


@dataclass(frozen=True, kw_only=True)
class HandOffer:
    """One payment and bank transfers. Money in won."""

    grounds: tuple[str, ...]  # why PortOne cannot; empty where it can
    possible: int  # what is not spoken for, also for PortOne
    exceeds: bool  # more is spoken for than is left
    open_id: str | None  # one that is not over


@dataclass(frozen=True, kw_only=True)
class Offers:
    """Refunds of one order: those there are, and the payments with one that is open."""

    told: tuple[Told, ...]
    tasks: tuple[Row, ...]  # open ones
    open: dict[str, str]  # refund id by payment
    requests: tuple[RequestTold, ...]
    by_hand: tuple[HandTold, ...]
    marks: tuple[Row, ...]  # cancelled at KSNET itself (K9)
    hands: dict[str, HandOffer]  # by payment

    def open_of(self, imp_uid: str) -> str | None:
        """The payment's refund whose result is not known yet."""
        return self.open.get(imp_uid)

    def waits_of(self, imp_uid: str) -> str | None:
        """The payment's request that waits for somebody or for the morning."""
        return next(
            (one.id for one in self.requests if one.open and one.row["imp_uid"] == imp_uid), None
        )

    def hand_of(self, imp_uid: str) -> HandOffer:
        """What can be done about the payment by bank transfer."""
        return self.hands[imp_uid]


def offers_of(db: Database, order_id: int, *, now: int) -> Offers:
    """Read what an order page shows of refunds."""
    rows = store.refunds_of(db, order_id)
    by_hands = by_hand.of_order(db, order_id)
    told = tuple(tell(row, now=now) for row in rows)
    return Offers(
        told=told,
        tasks=tuple(one for one in tasks.tasks_of(db, order_id) if one["state"] == "open"),
        open={one.row["imp_uid"]: one.id for one in told if one.open},
        requests=tuple(tell_requests(request_store.of_order(db, order_id))),
        by_hand=tuple(tell_all_by_hand(by_hands)),
        marks=tuple(outside.of_order(db, order_id)),
        hands={
            payment.imp_uid: _hand_offer(db, payment, by_hands, now)
            for payment in _payments_of(db, order_id)
        },
    )


def _payments_of(db: Database, order_id: int) -> Iterator[Payment]:
    for row in store.payments_of(db, order_id):
        yield Payment.from_json(json.loads(row["raw"]))


def _hand_offer(db: Database, payment: Payment, rows: Sequence[Row], now: int) -> HandOffer:
    reserved = by_hand.reserved_of(db, payment.imp_uid)
    is_open = (
        str(one["id"])
        for one in rows
        if one["imp_uid"] == payment.imp_uid and one["state"] in by_hand.OPEN
    )
    return HandOffer(
        grounds=by_hand.grounds_of(db, payment, now=now),
        possible=reserved.possible(payment.balance),
        exceeds=reserved.exceeds(payment.balance),
        open_id=next(is_open, None),
    )


def open_orders(db: Database, order_ids: Collection[int]) -> frozenset[int]:
    """Those of these orders that have a refund whose result is not known yet."""
    if not order_ids:
        return frozenset()
    return frozenset(
        row["order_id"] for row in store.open_refunds(db) if row["order_id"] in order_ids
    )
