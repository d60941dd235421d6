"""The two bars: widths that sum, and nothing invisible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.refunds.amounts import rest_of
from dashboard.refunds.bars import FULL, bars, widths_of


def rest(**given_):
    usual = {"amount": 30_000, "cancelled": 0, "total_free": 12_000, "sells_tax_free": "yes"}
    return rest_of(**(usual | given_))


def drawn(bar):
    return [(piece.name, piece.amount, piece.x, piece.width) for piece in bar.pieces]


def test_a_part_of_both():
    left = rest(cancelled=9_000, own_cancelled=9_000, own_free=3_000)
    taxed, free = bars(left, 6_000, 3_000)
    assert (taxed.name, taxed.total, taxed.goes) == ("taxed", 18_000, 3_000)
    assert drawn(taxed) == [
        ("stays", 9_000, 0, 501),
        ("goes", 3_000, 501, 166),
        ("gone", 6_000, 667, 333),
    ]
    assert drawn(free) == [
        ("stays", 6_000, 0, 500),
        ("goes", 3_000, 500, 250),
        ("gone", 3_000, 750, 250),
    ]


def test_nothing_tax_free_is_an_empty_bar():
    taxed, free = bars(rest(total_free=0), 30_000, 0)
    assert drawn(taxed) == [("goes", 30_000, 0, FULL)]
    assert (free.total, free.pieces) == (0, ())


def test_a_virtual_account_is_taxed_throughout():
    """K16, and as the form shows it: 136,000 of 408,000."""
    taxed, free = bars(rest(amount=408_000), 136_000, 0, vbank=True)
    assert drawn(taxed) == [("stays", 272_000, 0, 667), ("goes", 136_000, 667, 333)]
    assert free.pieces == ()
    stated = bars(rest(), 9_000, 4_000, vbank=True)
    assert stated[1].goes == 4_000


@pytest.mark.parametrize(
    ("left", "amount", "tax_free"),
    [
        (rest(total_free=None), 1_000, 0),
        (rest(cancelled=1_000), 1_000, 0),  # cancelled elsewhere: who knows which part
        (rest(), 9_000, 9_001),
        (rest(), 30_000, 0),
        (rest(), 13_000, 12_001),
        (rest(), 9_000, -1),
    ],
)
def test_no_bars_of_what_is_not_certain_or_does_not_fit(left, amount, tax_free):
    assert bars(left, amount, tax_free) is None


def test_nothing_to_draw():
    assert widths_of([0, 0, 0]) == [0, 0, 0]


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3))
def test_widths_sum_and_show_everything(amounts):
    widths = widths_of(amounts)
    assert sum(widths) == (FULL if any(amounts) else 0)
    for amount, width in zip(amounts, widths, strict=True):
        assert (width > 0) is (amount > 0)
        if any(amounts):
            assert abs(width - amount * FULL / sum(amounts)) <= 14
