"""What is spoken for of a balance: sums that never let the same money go back twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ksnet import CancelFacts, cancellability
from dashboard.refunds.reserved import (
    BY_HAND_COUNTS,
    Reserved,
    grounds,
    only_a_part,
    reserved,
    reserved_objections,
)
from tests.conftest import START

DAY = 86_400
won = st.integers(min_value=1, max_value=10**9)
states = st.sampled_from([*BY_HAND_COUNTS, "declined", "withdrawn"])
hands = st.lists(st.tuples(states, won, st.just(0)))
marks = st.lists(st.tuples(won, st.booleans()))


@given(by_hand=hands, marks=marks, balance=st.integers(min_value=0, max_value=10**9))
def test_what_is_possible_and_what_is_spoken_for_is_never_more_than_the_balance(
    by_hand, marks, balance
):
    found = reserved(by_hand, marks)
    possible = found.possible(balance)
    assert 0 <= possible <= balance
    assert possible == 0 or possible + found.amount == balance
    assert found.exceeds(balance) is (found.amount > balance)


@given(by_hand=hands, marks=marks)
def test_only_what_went_back_or_will_is_counted(by_hand, marks):
    found = reserved(by_hand, marks)
    assert found.by_hand == sum(won for state, won, _ in by_hand if state in BY_HAND_COUNTS)
    assert found.marked == sum(won for won, cleared in marks if not cleared)


@given(marked=st.integers(0, 10**6), by_hand=st.integers(0, 10**6), balance=won, amount=won)
def test_a_wish_is_stopped_exactly_when_it_reaches_into_what_is_spoken_for(
    marked, by_hand, balance, amount
):
    found = Reserved(marked=marked, by_hand=by_hand)
    objections = reserved_objections(found, balance=balance, amount=amount)
    stopped = bool(found.amount) and amount > found.possible(balance)
    assert bool(objections) is stopped
    assert all(one.severity == "stops" for one in objections)
    assert {one.rule for one in objections} <= {"K9", "BY_HAND"}


@given(st.lists(st.tuples(st.booleans(), won), max_size=20), won)
def test_no_sequence_of_refunds_pays_out_more_than_was_paid(wishes, paid):
    """Whoever asks, by hand or through PortOne: what is granted fits into the payment."""
    cancelled, transfers = 0, []
    for through_portone, amount in wishes:
        found = reserved(transfers, [])
        if amount > found.possible(paid - cancelled):
            continue
        if through_portone:
            assert not reserved_objections(found, balance=paid - cancelled, amount=amount)
            cancelled += amount
        else:
            transfers.append(("done", amount, 0))
    assert cancelled + sum(amount for _, amount, _ in transfers) <= paid


@pytest.mark.parametrize(
    ("found", "scope", "words"),
    [
        (Reserved(marked=3_000), "whole", "7,000원까지만"),
        (Reserved(by_hand=3_000), "whole", "7,000원까지만"),
        (Reserved(by_hand=10_000), "any", "더는 환불할 수 없습니다"),
        (Reserved(marked=6_000, by_hand=6_000), "any", "더는 환불할 수 없습니다"),
    ],
)
def test_before_anything_is_typed_it_says_how_much_is_possible(found, scope, words):
    objections = reserved_objections(found, balance=10_000, amount=None)
    assert objections and all(one.scope == scope and words in one.ko for one in objections)
    assert all(one.en for one in objections)


def facts(**changes) -> CancelFacts:
    usual = {"state": "paid", "pay_method": "card", "amount": 10_000, "paid_at": START - DAY}
    return CancelFacts(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "refused", "expected"),
    [
        ({}, False, ()),
        ({}, True, ("refused",)),
        ({"pay_method": "phone"}, False, ("K2",)),
        ({"pay_method": "phone", "paid_at": START - 31 * DAY}, False, ("K3",)),
        ({"paid_at": START - 200 * DAY}, False, ("K4",)),
        ({"paid_at": START - 181 * DAY}, False, ()),  # the very last day: PortOne may still do it
        ({"pay_method": "vbank", "vbank_refund_contract": "no"}, False, ("K6",)),
        ({"pay_method": "vbank", "vbank_refund_contract": None}, False, ()),
        ({"cancel_count": 9, "cancelled": 900}, False, ("K1",)),
        ({"cancel_count": 8, "cancelled": 800}, False, ()),
        ({"cancelled": 10_000, "state": "cancelled"}, True, ()),
        ({"currency": "USD"}, True, ()),
        ({"state": "ready", "paid_at": None}, True, ()),
        ({"state": "check"}, True, ()),
    ],
)
def test_why_a_payment_may_go_back_by_hand(changes, refused, expected):
    found = grounds(cancellability(facts(**changes), START), refused=refused)
    assert found == expected
    assert only_a_part(found) is (not set(found) - {"K1", "K2"})


def test_the_night_is_no_reason_to_go_to_the_bank():
    """K5 passes by itself."""
    night = START + 10 * 3600  # 00:05
    found = cancellability(facts(pay_method="vbank", vbank_refund_contract="yes"), night)
    assert found.opens_at is not None and grounds(found, refused=False) == ()
