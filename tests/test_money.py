"""Splitting won."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.money import Split, split


@pytest.mark.parametrize(
    ("amount", "tax_free", "supply", "vat"),
    [
        (11_000, 0, 10_000, 1_000),
        (10_000, 0, 9_091, 909),
        (1_000, 0, 909, 91),
        (109_000, 3_000, 96_364, 9_636),
        (5_000, 5_000, 0, 0),
        (0, 0, 0, 0),
        (5, 0, 5, 0),
        (6, 0, 5, 1),
    ],
)
def test_split(amount: int, tax_free: int, supply: int, vat: int):
    assert split(amount, tax_free) == Split(
        taxed=amount - tax_free, tax_free=tax_free, supply=supply, vat=vat
    )


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_parts_add_up(a: int, b: int):
    amount, tax_free = max(a, b), min(a, b)
    parts = split(amount, tax_free)
    assert parts.supply + parts.vat + parts.tax_free == amount
    assert abs(parts.vat * 11 - parts.taxed) <= 5


@pytest.mark.parametrize("tax_free", [-1, 1_001])
def test_tax_free_part_must_fit(tax_free: int):
    with pytest.raises(ValueError, match="does not fit"):
        split(1_000, tax_free)
