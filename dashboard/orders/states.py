"""In which state a payment is: pure, from PortOne's status word and the amounts."""

from __future__ import annotations

from dashboard.portone import Payment

STATES = ("ready", "waiting", "paid", "partial", "cancelled", "failed", "check")

_EMPTY: tuple[object, ...] = (None, "", 0, [], {})  # 0 == False


def payment_state(payment: Payment) -> str:
    """One of :data:`STATES`; whatever contradicts itself is ``check``.

    A partial cancel is not a status: nobody documents whether it stays ``paid`` or becomes
    ``cancelled``, so for both the amounts decide. Source: portone-v1-api, 3.1.
    """
    cancelled = payment.cancel_amount
    if not 0 <= cancelled <= payment.amount:
        return "check"
    if sum(entry.amount for entry in payment.cancel_history) != cancelled:
        return "check"
    match payment.status:
        case "ready" | "failed" if cancelled or payment.paid_at:
            return "check"  # money came in, whatever the word says: it stands in the sums
        case "ready":
            return "waiting" if payment.vbank_num else "ready"
        case "failed":
            return "failed"
        case "cancelled" if not cancelled:
            # A virtual account taken back before any deposit; cancelled money would have a sum.
            return "check" if payment.paid_at else "cancelled"
        case "paid" | "cancelled":
            if not cancelled:
                return "paid"
            return "partial" if cancelled < payment.amount else "cancelled"
        case _:
            return "check"


def was_paid(payment: Payment) -> bool:
    """Whether money came in at some time, given back since or not."""
    return payment.paid_at is not None or payment.status == "paid" or payment.cancel_amount > 0


def version(payment: Payment) -> str:
    """Orders two sights of one payment by content, whichever arrived first; compare as text.

    Cancelled money only grows, so it decides before the status word; a status nobody knows ranks
    by whether it was paid. More filled fields win last. Two different sights can share a version:
    then the larger raw answer counts as the newer one, so that every order of arrival ends alike.
    """
    ranks = {"ready": 0, "failed": 2, "paid": 3, "cancelled": 5}
    rank = ranks.get(payment.status, 4 if payment.paid_at else 1)
    filled = sum(1 for value in payment.raw.values() if value not in _EMPTY)
    cancelled = min(max(payment.cancel_amount, 0), 10**18 - 1)
    return f"{cancelled:018d}.{min(len(payment.cancel_history), 9999):04d}.{rank}.{filled:04d}"


def money_part(version: str) -> str:
    """The part of a version that tells an older truth from a newer one: amounts and status."""
    return version.rpartition(".")[0]
