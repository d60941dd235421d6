"""What the list shows of one order, from all its attempts to pay: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.orders.search_index import initial_pairs, pairs, phones
from dashboard.orders.states import payment_state, was_paid
from dashboard.portone import Payment


@dataclass(frozen=True)
class Attempt:
    """One payment of an order, as PortOne has it."""

    payment: Payment
    first_seen_at: int

    @property
    def state(self) -> str:
        return payment_state(self.payment)

    @property
    def requested_at(self) -> int:
        """When the buyer asked to pay; UNIX seconds."""
        p = self.payment
        times = (p.started_at, p.vbank_issued_at, p.paid_at, p.failed_at, p.cancelled_at)
        return next((at for at in times if at), self.first_seen_at)

    @property
    def last_cancelled_at(self) -> int | None:
        """When money last went back; a partly cancelled payment may have no time of its own."""
        times = [entry.cancelled_at for entry in self.payment.cancel_history]
        return max(filter(None, [*times, self.payment.cancelled_at]), default=None)


def shown_attempt(attempts: Sequence[Attempt]) -> Attempt:
    """The attempt that stands for its order.

    Live before test channel; then the one that says most about the money, doubts about money
    first; then won before another currency; then the latest.
    """
    return attempts[0] if len(attempts) == 1 else max(attempts, key=_weight)


def _weight(attempt: Attempt) -> tuple[Any, ...]:
    payment = attempt.payment
    paid = was_paid(payment)
    match attempt.state:
        case "check":
            rank = 7 if paid else 3
        case "paid" | "partial":
            rank = 6
        case "cancelled":  # without money: a virtual account that was taken back
            rank = 5 if paid else 2
        case "waiting":
            rank = 4
        case state:
            rank = 1 if state == "failed" else 0
    return (
        not payment.sandbox,
        rank,
        payment.currency == "KRW",
        attempt.requested_at,
        payment.imp_uid,
    )


def order_row(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The columns of ``orders`` that follow from its attempts.

    Sums count every attempt of the shown one's channel and currency that was ever paid, so that
    an order paid twice shows both; ``cancel_count`` is the shown payment's alone (K1 counts per
    payment).
    """
    shown = shown_attempt(attempts)
    p = shown.payment
    counted = [
        attempt
        for attempt in attempts
        if was_paid(attempt.payment)
        and attempt.payment.sandbox == p.sandbox
        and attempt.payment.currency == p.currency
    ]
    return {
        "imp_uid": p.imp_uid,
        "state": shown.state,
        "sandbox": int(p.sandbox),
        "currency": p.currency,
        "amount": p.amount,
        "paid_amount": sum(attempt.payment.amount for attempt in counted),
        "cancelled_amount": sum(attempt.payment.cancel_amount for attempt in counted),
        "cancel_count": len(p.cancel_history),
        "attempt_count": len(attempts),
        "name": p.name,
        "buyer_name": p.buyer_name,
        "buyer_tel": p.buyer_tel,
        "buyer_email": p.buyer_email,
        "pay_method": p.pay_method,
        "emb_pg_provider": p.emb_pg_provider,
        "card_name": p.card_name,
        "card_quota": p.card_quota,
        "bank_name": p.bank_name or p.vbank_name,
        "vbank_date": p.vbank_date,
        "escrow": int(p.escrow),
        "fail_reason": p.fail_reason,
        "requested_at": shown.requested_at,
        "paid_at": p.paid_at or _latest(attempt.payment.paid_at for attempt in counted),
        "cancelled_at": _latest(attempt.last_cancelled_at for attempt in (*counted, shown)),
    }


def search_row(attempts: Iterable[Attempt]) -> dict[str, str]:
    """The columns of ``order_search``: every attempt can be found, none runs into the next."""
    payments = sorted((attempt.payment for attempt in attempts), key=lambda p: p.imp_uid)
    names, buyers = pairs(*(p.name for p in payments)), pairs(*(p.buyer_name for p in payments))
    return {
        "merchant_uid": pairs(*(p.merchant_uid for p in payments)),
        "imp_uid": pairs(*(p.imp_uid for p in payments)),
        "name": names,
        "buyer_name": buyers,
        "buyer_tel": pairs(*phones(p.buyer_tel for p in payments)),
        "buyer_email": pairs(*(p.buyer_email for p in payments)),
        "apply_num": pairs(*(p.apply_num for p in payments)),
        "card_number": pairs(*(p.card_number for p in payments)),
        "name_initials": initial_pairs(names),
        "buyer_initials": initial_pairs(buyers),
    }


def _latest(times: Iterable[int | None]) -> int | None:
    return max(filter(None, times), default=None)
