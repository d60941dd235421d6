"""Every status and sum PortOne can send, and the state it makes."""

import pytest

from dashboard.orders.states import STATES, payment_state
from tests.orders.payments import NOON, cancel, make_payment


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": "ready"}, "ready"),
        ({"status": "ready", "pay_method": "vbank", "vbank_num": "110-1"}, "waiting"),
        ({"status": "failed"}, "failed"),
        ({"status": "paid"}, "paid"),
        ({"status": "paid", "amount": 0}, "paid"),
        ({"status": "cancelled", "paid_at": 0, "cancelled_at": NOON}, "cancelled"),
        ({"status": "cancelled"}, "check"),  # paid, "cancelled", and nothing went back
        ({"status": "pending"}, "check"),
        ({"status": "partial_cancelled"}, "check"),
        ({"status": "paid", "cancel_amount": 3_000}, "check"),  # no history for it
        ({"status": "paid", "cancel_amount": 3_000, "cancel_history": [cancel(2_000)]}, "check"),
        ({"status": "paid", "cancel_amount": 0, "cancel_history": [cancel(2_000)]}, "check"),
        (
            {"status": "paid", "cancel_amount": 10_001, "cancel_history": [cancel(10_001)]},
            "check",
        ),
        ({"status": "ready", "cancel_amount": 10, "cancel_history": [cancel(10)]}, "check"),
        ({"status": "failed", "paid_at": NOON}, "check"),  # its money is in the sums
        ({"status": "ready", "paid_at": NOON}, "check"),
        ({"status": "failed", "cancel_amount": 10, "cancel_history": [cancel(10)]}, "check"),
    ],
)
def test_state(changes: dict, state: str):
    assert payment_state(make_payment(**changes)) == state
    assert state in STATES


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize(
    ("cancels", "state"),
    [((3_000,), "partial"), ((1, 9_998), "partial"), ((10_000,), "cancelled")],
)
def test_cancels_count_by_amount_under_both_status_words(status, cancels, state):
    history = [cancel(amount, number) for number, amount in enumerate(cancels)]
    payment = make_payment(status=status, cancel_amount=sum(cancels), cancel_history=history)
    assert payment_state(payment) == state
