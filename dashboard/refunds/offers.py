"""What order pages offer and tell of refunds, without knowing how one is made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard.refunds import request_store, store, tasks
from dashboard.refunds.progress import Row, Told, tell
from dashboard.refunds.request_words import RequestTold, tell_requests

REFUND_METHODS = frozenset({"vbank", "trans"})
"""Where the shop says 환불; everywhere else it is a 결제취소 (design, words)."""


@dataclass(frozen=True, kw_only=True)
class Offers:
    """Refunds of one order: those there are, and the payments with one that is open."""

    told: tuple[Told, ...]
    tasks: tuple[Row, ...]  # open ones
    open: dict[str, str]  # refund id by payment
    requests: tuple[RequestTold, ...]

    def open_of(self, imp_uid: str) -> str | None:
        """The payment's refund whose result is not known yet."""
        return self.open.get(imp_uid)

    def waits_of(self, imp_uid: str) -> str | None:
        """The payment's request that waits for somebody or for the morning."""
        return next(
            (one.id for one in self.requests if one.open and one.row["imp_uid"] == imp_uid), None
        )


def offers_of(db: Database, order_id: int, *, now: int) -> Offers:
    """Read what an order page shows of refunds."""
    rows = store.refunds_of(db, order_id)
    told = tuple(tell(row, now=now) for row in rows)
    return Offers(
        told=told,
        tasks=tuple(one for one in tasks.tasks_of(db, order_id) if one["state"] == "open"),
        open={one.row["imp_uid"]: one.id for one in told if one.open},
        requests=tuple(tell_requests(request_store.of_order(db, order_id))),
    )


def open_orders(db: Database, order_ids: Collection[int]) -> frozenset[int]:
    """Those of these orders that have a refund whose result is not known yet."""
    if not order_ids:
        return frozenset()
    return frozenset(
        row["order_id"] for row in store.open_refunds(db) if row["order_id"] in order_ids
    )
