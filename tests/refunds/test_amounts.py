"""Tax-free parts of refunds: tables of cases, and sums that close for every sequence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ksnet import CancelFacts, CancelWish, refund_objections, stops
from dashboard.refunds.amounts import Rest, after, bounds, proposed_tax_free, rest_of


def rest(amount: int = 30_000, free: int | None = 12_000, **given_) -> Rest:
    usual = {"amount": amount, "cancelled": 0, "total_free": free, "sells_tax_free": "yes"}
    return rest_of(**(usual | given_))


@pytest.mark.parametrize(
    ("given_", "least", "most"),
    [
        ({}, 12_000, 12_000),
        ({"free": 0}, 0, 0),
        ({"free": 30_000}, 30_000, 30_000),
        ({"free": None}, None, None),
        ({"free": None, "sells_tax_free": "no"}, 0, 0),
        ({"free": None, "sells_tax_free": None}, 0, 0),
        ({"cancelled": 9_000, "own_cancelled": 9_000, "own_free": 4_000}, 8_000, 8_000),
        ({"cancelled": 30_000, "own_cancelled": 30_000, "own_free": 12_000}, 0, 0),
        # cancelled elsewhere: 9,000 of which nobody says how much was tax-free
        ({"cancelled": 9_000}, 3_000, 12_000),
        ({"cancelled": 25_000}, 0, 5_000),
        ({"cancelled": 30_000}, 0, 0),
        ({"cancelled": 15_000, "own_cancelled": 10_000, "own_free": 10_000}, 0, 2_000),
        ({"free": 0, "cancelled": 9_000}, 0, 0),
        # stated larger than the order, or smaller than what was already sent
        ({"free": 30_001}, 30_001, 30_000),
        ({"free": 5_000, "cancelled": 9_000, "own_cancelled": 9_000, "own_free": 9_000}, 0, 0),
        ({"cancelled": 20_000, "own_cancelled": 20_000, "own_free": 0}, 12_000, 10_000),
    ],
)
def test_what_is_left(given_: dict, least: int | None, most: int | None):
    found = rest(**given_)
    assert (found.least, found.most) == (least, most)
    assert found.asked is (least is None)
    assert found.certain is (least is not None and least == most)
    assert found.contradicted is (least is not None and most is not None and least > most)


def test_unasked_shops_count_as_taxed_and_it_is_said():
    assert rest(free=None, sells_tax_free=None).assumed
    assert not rest(free=None, sells_tax_free="no").assumed
    assert not rest(free=0, sells_tax_free=None).assumed


@pytest.mark.parametrize(
    "given_",
    [
        {"cancelled": -1},
        {"cancelled": 30_001},
        {"cancelled": 1, "own_cancelled": 2},
        {"cancelled": 2, "own_cancelled": 1, "own_free": 2},
        {"cancelled": 2, "own_cancelled": 1, "own_free": -1},
    ],
)
def test_sums_that_cannot_be(given_: dict):
    with pytest.raises(ValueError, match="do not fit"):
        rest(**given_)


@pytest.mark.parametrize(
    ("amount", "low", "high", "proposal"),
    [
        (9_000, 0, 9_000, 3_600),
        (1, 0, 1, 0),
        (2, 0, 2, 1),  # 0.8
        (18_000, 0, 12_000, 7_200),
        (18_001, 1, 12_000, 7_200),
        (29_999, 11_999, 12_000, 12_000),
        (30_000, 12_000, 12_000, 12_000),
    ],
)
def test_proposals_in_proportion(amount: int, low: int, high: int, proposal: int):
    assert bounds(rest(), amount) == (low, high)
    assert proposed_tax_free(rest(), amount) == proposal


def test_half_a_won_is_rounded_up():
    assert proposed_tax_free(rest(10, 5), 1) == 1
    assert proposed_tax_free(rest(10, 5), 3) == 2


@pytest.mark.parametrize("amount", [0, -1, 30_001])
def test_no_proposal_for_what_cannot_be_refunded(amount: int):
    assert bounds(rest(), amount) is None
    assert proposed_tax_free(rest(), amount) is None


@pytest.mark.parametrize("vbank", [False, True])
def test_no_proposal_before_the_total_is_stated(vbank: bool):
    assert proposed_tax_free(rest(free=None), 1_000, vbank=vbank) is None


def test_no_proposal_when_the_stated_total_cannot_be():
    wrong = rest(cancelled=20_000, own_cancelled=20_000, own_free=0)
    assert proposed_tax_free(wrong, 10_000) is None
    assert proposed_tax_free(wrong, 10_000, vbank=True) == 0


@pytest.mark.parametrize("amount", [1, 9_000, 30_000])
def test_virtual_accounts_propose_nothing_tax_free(amount: int):
    assert proposed_tax_free(rest(), amount, vbank=True) == 0
    assert bounds(rest(), amount, vbank=True) == (0, min(amount, 12_000))


def test_a_refund_that_does_not_fit_changes_nothing():
    with pytest.raises(ValueError, match="does not fit"):
        after(rest(), 30_000, 11_999)
    with pytest.raises(ValueError, match="does not fit"):
        after(rest(), 30_001, 12_000)


def test_the_reference_example():
    """refunds.md, 4: a tax-free item of 4,000 and a taxed one of 5,000 come back."""
    left = after(rest(), 9_000, 4_000)
    assert (left.balance, left.most, left.balance - (left.most or 0)) == (21_000, 8_000, 13_000)
    assert left.certain


@st.composite
def orders(draw):
    amount = draw(st.integers(1, 200_000))
    return amount, draw(st.integers(0, amount))


@given(orders(), st.data())
def test_every_sequence_of_refunds_closes_both_parts(order, data):
    """Proposed or chosen, up to ten refunds: both parts end at zero, to the won."""
    amount, free = order
    left, sent, sent_free = rest(amount, free), 0, 0
    for number in range(10):
        last = number == 9
        wish = left.balance if last else data.draw(st.integers(1, left.balance))
        low, high = bounds(left, wish) or pytest.fail("nothing fits")
        proposal = proposed_tax_free(left, wish)
        assert proposal is not None and low <= proposal <= high
        chosen = data.draw(st.one_of(st.just(proposal), st.integers(low, high)))
        left = after(left, wish, chosen)
        sent, sent_free = sent + wish, sent_free + chosen
        assert left.certain
        assert left == rest(
            amount, free, cancelled=sent, own_cancelled=sent, own_free=sent_free
        )  # what the database would say
        assert 0 <= (left.most or 0) <= left.balance
        if left.balance == 0:
            break
    assert (sent, sent_free) == (amount, free)


@given(orders(), st.data())
def test_cancels_made_elsewhere_leave_bounds_that_hold(order, data):
    """Whatever somebody else's cancel took, the truth lies within; and ours still can close."""
    amount, free = order
    taken = data.draw(st.integers(0, amount))
    low, high = max(0, taken - (amount - free)), min(taken, free)
    taken_free = data.draw(st.integers(low, high))
    left = rest(amount, free, cancelled=taken)
    assert left.least is not None and left.most is not None
    assert left.least <= free - taken_free <= left.most
    if left.balance:
        proposal = proposed_tax_free(left, left.balance)
        assert proposal is not None
        closed = after(left, left.balance, proposal)
        assert (closed.balance, closed.least, closed.most) == (0, 0, 0)


@given(orders(), st.integers(1, 200_000), st.integers(-1, 200_000), st.integers(0, 200_000))
def test_the_rules_and_the_bounds_agree(order, amount, tax_free, elsewhere):
    """KSNET's objections and this module draw the same line, each from its own words."""
    total, free = order
    left = rest(total, free, cancelled=min(elsewhere, total - 1))
    for method in ("card", "vbank"):
        facts = CancelFacts(
            state="paid",
            pay_method=method,
            amount=left.balance,
            paid_at=1_787_288_700,
            vbank_refund_contract="yes",
            bank_codes_confirmed=True,
            tax_free_least=left.least,
            tax_free_most=left.most,
        )
        wish = CancelWish(
            amount=amount,
            tax_free=tax_free,
            kind="part",
            holder="오세진",
            bank="088",
            account="110492374821",
        )
        fits = bounds(left, amount, vbank=method == "vbank")
        passes = not stops(refund_objections(facts, wish, 1_787_288_700))
        assert passes is (fits is not None and fits[0] <= tax_free <= fits[1])
