"""What PortOne says now about the orders on a page: asked once, applied in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard.database import write
from dashboard.orders.ledger import apply_payment, heard_since
from dashboard.portone import Limits, PortOne, PortOneError, Why
from dashboard.portone.ids import is_imp_uid

MAX_PAYMENTS = 100  # PortOne V1, GET /payments
QUICK = Limits(connect_s=3, read_s=6, total_s=9)
"""A page is waiting: a short answer now, or the last known state."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LiveAnswer:
    """What asking brought, by order id; ``failed`` says what stood in the way of asking.

    ``doubtful``: PortOne does not know a payment of the order, or tells less than it did before;
    nothing was written, a person should look.
    """

    no_keys: bool = False  # the shop has not given its keys yet
    failed: Why | None = None
    same: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    @property
    def unasked(self) -> bool:
        """Whether nothing was learnt."""
        return self.no_keys or self.failed is not None

    @property
    def mended_in_settings(self) -> bool:
        """Whether the shop's keys are the reason."""
        return self.no_keys or self.failed is Why.KEY

    def mark(self, order_id: int) -> str:
        """``changed``, ``doubtful``, ``same``, or "" for an order nobody asked about."""
        for name in ("changed", "doubtful", "same"):
            if order_id in getattr(self, name):
                return name
        return ""


def ask_about(
    db: Database,
    order_ids: Sequence[int],
    portone: Callable[[], PortOne],
    *,
    now: Callable[[], int],
) -> LiveAnswer:
    """Ask PortOne about these orders' payments in one call and write down what it says.

    Never holds a transaction across the call. With more than 100 payments the attempts the list
    does not show are left out first.

    :param portone: gives the client; called only when there is something to ask
    :param now: UNIX seconds
    """
    owners = _payments_of(db, order_ids)
    if not owners:
        return LiveAnswer()
    asked_at = now()
    try:
        payments = portone().get_payments([uid for uid in owners if is_imp_uid(uid)]).payments
    except PortOneError as error:
        _log.info("live status: %s why=%s", type(error).__name__, error.why)
        return LiveAnswer(failed=error.why)
    outcomes = {imp_uid: "missing" for imp_uid in owners}
    with write(db):
        for payment in (one for one in payments if one.imp_uid in owners):
            outcome: str = apply_payment(db, payment, source="live", now=now()).outcome
            if outcome == "older" and heard_since(db, payment.imp_uid, asked_at):
                outcome = "same"
            outcomes[payment.imp_uid] = outcome
    changed = {owners[uid] for uid, how in outcomes.items() if how in ("changed", "new")}
    doubtful = {owners[uid] for uid, how in outcomes.items() if how in ("older", "missing")}
    return LiveAnswer(
        changed=frozenset(changed),
        doubtful=frozenset(doubtful - changed),
        same=frozenset(set(owners.values()) - changed - doubtful),
    )


def _payments_of(db: Database, order_ids: Sequence[int]) -> dict[str, int]:
    """At most 100 payments of these orders, each with its order; shown attempts come first."""
    marks = ", ".join("?" * len(order_ids))
    rows = db.conn.execute(
        "SELECT p.imp_uid, p.order_id FROM payments p JOIN orders o ON o.id = p.order_id"  # noqa: S608 - question marks
        f" WHERE p.order_id IN ({marks}) ORDER BY p.imp_uid IS NOT o.imp_uid, p.imp_uid LIMIT ?",
        (*order_ids, MAX_PAYMENTS),
    )
    return {row["imp_uid"]: row["order_id"] for row in rows}
