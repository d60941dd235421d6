"""A PortOne of a few lines, for what a run does with its answers; it pages as the documents say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.portone import (
    Payment,
    PaymentBatch,
    PaymentPage,
    PortOneError,
    PortOneRejected,
    Unreadable,
)
from tests.orders.payments import NOON, answer


class Shelf:
    """Payments by id; ``before`` runs ahead of each call and may change them."""

    def __init__(self, count: int = 0, *, every_s: int = 3600, until: int = NOON) -> None:
        self.payments: dict[str, dict[str, Any]] = {}
        self.broken: list[Unreadable] = []
        self.calls: list[tuple[Any, ...]] = []
        self.before: Callable[[int], None] = lambda number: None
        self.clock_skew: float | None = None
        for number in range(count):
            self.add(number, started_at=until - number * every_s)

    def add(self, number: int, **changes: Any) -> dict[str, Any]:
        started = changes.setdefault("started_at", NOON)
        changes.setdefault("paid_at", started if changes.get("status", "paid") == "paid" else 0)
        made = answer(imp_uid=f"imp_{number:012d}", merchant_uid=f"order-{number:06d}", **changes)
        self.payments[made["imp_uid"]] = made
        return made

    def list_payments(
        self, status: str = "all", *, from_at: int, to_at: int, page: int = 1, limit: int = 100
    ) -> PaymentPage:
        self._called("list", from_at, to_at, page, limit)
        found = sorted(
            (made for made in self.payments.values() if from_at <= final_time(made) <= to_at),
            key=lambda made: (-made["started_at"], made["imp_uid"]),
        )
        chosen = found[(page - 1) * limit : page * limit]
        if page > 1 and not chosen:
            raise PortOneRejected(1, 400)
        return PaymentPage(
            total=len(found),
            previous=page - 1,
            next=page + 1 if page * limit < len(found) else 0,
            payments=tuple(map(Payment.from_json, chosen)),
            unreadable=tuple(self.broken),
        )

    def get_payments(self, imp_uids: Sequence[str]) -> PaymentBatch:
        self._called("get", *imp_uids)
        return PaymentBatch(
            payments=tuple(
                Payment.from_json(self.payments[uid]) for uid in imp_uids if uid in self.payments
            ),
            missing=tuple(uid for uid in imp_uids if uid not in self.payments),
        )

    def _called(self, *call: Any) -> None:
        self.calls.append(call)
        self.before(len(self.calls))


def final_time(made: dict[str, Any]) -> int:
    """The time ``from`` and ``to`` are compared with: that of the final status."""
    name = {"paid": "paid_at", "cancelled": "cancelled_at", "failed": "failed_at"}
    return made[name.get(made["status"], "started_at")]


class Away:
    """A PortOne that cannot be read."""

    def __init__(self, error: PortOneError) -> None:
        self.error = error
        self.clock_skew: float | None = None

    def list_payments(self, *_args: Any, **_given: Any) -> PaymentPage:
        raise self.error

    def get_payments(self, _imp_uids: Sequence[str]) -> PaymentBatch:
        raise self.error
