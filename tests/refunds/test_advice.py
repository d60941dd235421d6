"""What the customer is told, and by when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.refunds.advice import WALLETS, advice, business_days_after, is_business_day
from tests.test_ksnet import METHODS, at

NOW = at("2026-08-21 14:05")  # a Friday


def tell(method: str, *, now: int = NOW, paid: int = NOW - 86_400, whole: bool = True):
    return advice(pay_method=method, amount=12_000, whole=whole, paid_at=paid, refunded_at=now)


@pytest.mark.parametrize(
    ("method", "given_", "first", "last", "fee"),
    [
        ("card", {}, date(2026, 8, 26), date(2026, 8, 28), 0),
        ("card", {"paid": NOW - 60}, date(2026, 8, 21), date(2026, 8, 21), 0),
        ("card", {"paid": NOW - 60, "whole": False}, date(2026, 8, 26), date(2026, 8, 28), 0),
        ("vbank", {}, date(2026, 8, 24), date(2026, 8, 25), 300),
        ("trans", {}, date(2026, 8, 24), date(2026, 8, 24), 0),
        ("trans", {"paid": NOW - 60, "whole": False}, date(2026, 8, 21), date(2026, 8, 21), 0),
        ("phone", {}, date(2026, 8, 21), date(2026, 8, 21), 0),
        *((wallet, {}, None, None, 0) for wallet in sorted(WALLETS)),
        ("something new", {}, None, None, 0),
    ],
)
def test_days(method: str, given_: dict, first: date | None, last: date | None, fee: int):
    told = tell(method, **given_)
    assert (told.first, told.last, told.fee) == (first, last, fee)


def test_chuseok_is_left_out():
    """Wednesday before Chuseok 2026: Thursday to Saturday are holidays."""
    told = tell("card", now=at("2026-09-23 10:00"))
    assert (told.first, told.last) == (date(2026, 9, 30), date(2026, 10, 2))
    assert "9월 30일(수)에서 10월 2일(금)" in told.ko
    assert "between Wed 30 Sep and Fri 2 Oct" in told.en


def test_the_day_is_korean():
    """23:30 in Korea is 14:30 UTC; half an hour later it is another day."""
    late = at("2026-08-21 23:59")
    assert tell("card", now=late + 60, paid=late).first == date(2026, 8, 26)
    assert tell("card", now=late, paid=late - 60).first == date(2026, 8, 21)


@pytest.mark.parametrize("method", [*METHODS, "something new"])
@pytest.mark.parametrize("paid", [NOW - 60, NOW - 864_000])
def test_the_message_carries_the_sum_and_is_whole(method: str, paid: int):
    told = tell(method, paid=paid)
    assert "12,000원" in told.text("ko") and told.text("ko").endswith(("다.", "요."))
    assert "₩12,000" in told.text("en") and told.text("en").endswith(".")
    assert told.when("ko") and told.when("en") and told.when("ko") != told.when("en")


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 8, 21), True),
        (date(2026, 8, 22), False),  # Saturday
        (date(2026, 8, 23), False),
        (date(2026, 8, 17), False),  # in place of 15 August, a Saturday
        (date(2026, 2, 17), False),  # Seollal
        (date(2026, 9, 25), False),  # Chuseok
        (date(2026, 12, 25), False),
        (date(2025, 5, 1), False),  # Labour Day, when banks were closed before it was a holiday
        (date(2027, 1, 4), True),
    ],
)
def test_business_days(day: date, open_: bool):
    assert is_business_day(day) is open_


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 12))
def test_counting_business_days(day: date, count: int):
    then = business_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (then - day).days + 1)]
    assert sum(map(is_business_day, between)) == count
    assert count == 0 or is_business_day(then)
