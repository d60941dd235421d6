"""Supply, VAT and tax-free part add up to the amount, whatever parts are refunded in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.money import split
from dashboard.sandbox.receipts import vat


@st.composite
def refunds(draw):
    """An order with a tax-free part, and what of it goes back, part by part."""
    amount = draw(st.integers(1, 10_000_000))
    free = draw(st.integers(0, amount))
    parts = []
    taxed_left, free_left = amount - free, free
    for _ in range(draw(st.integers(0, 10))):
        back_free = draw(st.integers(0, free_left))
        back_taxed = draw(st.integers(0, taxed_left))
        parts.append((back_taxed + back_free, back_free))
        taxed_left, free_left = taxed_left - back_taxed, free_left - back_free
    return amount, free, parts


@given(refunds())
def test_every_receipt_on_the_way_adds_up(sequence):
    amount, free, parts = sequence
    for back, back_free in [(0, 0), *parts]:
        amount, free = amount - back, free - back_free
        tax = split(amount, free)
        assert tax.supply + tax.vat + tax.tax_free == amount == tax.amount
        assert min(tax.supply, tax.vat, tax.tax_free) >= 0
        assert abs(tax.vat * 11 - tax.taxed) <= 5.5  # an eleventh, to the nearest won
        assert abs(tax.vat - vat(tax.taxed)) <= 1  # what the answer may say instead


def test_the_example_of_the_documents():
    """66,000 with 22,000 tax-free; 16,000 back, 5,000 of them tax-free (cash-receipts 6)."""
    assert (split(66_000, 22_000).vat, split(66_000, 22_000).supply) == (4_000, 40_000)
    rest = split(50_000, 17_000)
    assert (rest.vat, rest.supply, rest.tax_free) == (3_000, 30_000, 17_000)
