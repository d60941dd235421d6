"""What is known of the taxes in an order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.database import write
from dashboard.orders.tax import read_tax
from dashboard.settings import put as put_setting
from tests.orders.payments import NOON, make_payment

WON = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("stated", "setting", "knowledge", "tax_free"),
    [
        (None, None, "unasked", None),
        (None, "yes", "unstated", None),
        (None, "no", "none_sold", 0),
        (3_000, None, "stated", 3_000),
        (3_000, "yes", "stated", 3_000),
        (3_000, "no", "stated", 3_000),  # what was said of this very order wins
        (0, "yes", "stated", 0),
        (10_001, "yes", "too_large", 10_001),
    ],
)
def test_who_said_what(stated, setting, knowledge, tax_free):
    tax = read_tax(amount=10_000, cancelled=0, stated=stated, sells_tax_free=setting)
    assert (tax.knowledge, tax.tax_free) == (knowledge, tax_free)
    assert (tax.paid is None) == (knowledge in ("unasked", "unstated", "too_large"))


@pytest.mark.parametrize(
    ("tax_free", "cancelled", "left"),
    [
        (3_000, 0, (7_000, 3_000)),
        (3_000, 10_000, (0, 0)),
        (0, 4_000, (6_000, 0)),
        (10_000, 4_000, (0, 6_000)),
        (3_000, 4_000, None),
    ],
)
def test_what_is_left_is_unknown_after_part_of_a_mixed_order_went_back(tax_free, cancelled, left):
    tax = read_tax(amount=10_000, cancelled=cancelled, stated=tax_free, sells_tax_free="yes")
    assert (tax.left and (tax.left.taxed, tax.left.tax_free)) == left


@given(WON, WON, WON)
def test_what_went_back_and_what_is_left_make_what_was_paid(amount, tax_free, cancelled):
    tax_free = min(tax_free, amount)
    tax = read_tax(amount=amount, cancelled=cancelled, stated=tax_free, sells_tax_free=None)
    assert tax.paid is not None
    if tax.gone and tax.left:
        assert tax.gone.taxed + tax.left.taxed == tax.paid.taxed
        assert tax.gone.tax_free + tax.left.tax_free == tax.paid.tax_free


@pytest.mark.parametrize(
    ("shown", "other", "columns"),
    [
        (3_000, 10_000, ["10,000", "-3,000", "7,000"]),
        (3_000, 0, ["10,000", "-3,000", "7,000"]),
        (0, 10_000, ["10,000"]),
    ],
)
def test_an_order_paid_twice_shows_the_taxes_of_the_shown_payment(
    client, db, put, shown, other, columns
):
    """Rows and sum of the table belong to one payment, whatever went back of the other."""
    before = {"imp_uid": "imp_000000000009", "started_at": NOON - 600}
    order_id = put(make_payment(other, **before), make_payment(shown))
    with write(db):
        put_setting(db, "sells_tax_free", "no")
    page = client.get(f"/orders/{order_id}").text.replace("−", "-")
    table = page.split('id="order-tax-title"')[1].split("</table>")[0]
    for row in (re.split("<tr>", table)[2], re.split("<tr>", table)[4]):
        assert re.findall(r"<td>(-?[\d,]+)</td>", row) == columns
