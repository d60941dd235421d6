"""What people read: sums, Korean times, phone numbers, and how little a mask lets through."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dashboard import formatting, i18n
from dashboard.clock import KST
from dashboard.formatting import MINUS


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=KST).timestamp())


@pytest.fixture(autouse=True)
def korean():
    app = Flask(__name__)
    i18n.init_app(app)
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (12_000, "KRW", "12,000원"),
        (0, "KRW", "0원"),
        (-59_000, "KRW", f"{MINUS}59,000원"),
        (1_200, "USD", "US$12.00"),
        (5, "USD", "US$0.05"),
        (-105, "USD", f"{MINUS}US$1.05"),
        (700, "JPY", "700 JPY"),
    ],
)
def test_won(amount, currency, text):
    assert formatting.won(amount, currency) == text


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_won_reads_back_as_the_same_number(amount):
    shown = formatting.won(amount).replace(MINUS, "-").replace(",", "").removesuffix("원")
    assert int(shown) == amount


NOW = at("2026-08-21T14:05:00")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-08-21T00:00:00", "오늘 00:00"),
        ("2026-08-20T23:59:59", "어제 23:59"),
        ("2026-08-17T10:06:00", "8월 17일 10:06"),
        ("2026-08-22T10:06:00", "8월 22일 10:06"),
        ("2025-08-17T10:06:00", "2025-08-17"),
    ],
)
def test_short_times(moment, text):
    assert formatting.kst_short(at(moment), NOW) == text


def test_yesterday_over_new_year():
    new_year = at("2027-01-01T00:10:00")
    assert formatting.kst_short(at("2026-12-31T23:00:00"), new_year) == "어제 23:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "방금"),
        (0, "방금"),
        (3, "3초 전"),
        (60, "1분 전"),
        (3_600, "1시간 전"),
        (4 * 86_400, "4일 전"),
    ],
)
def test_ago(seconds, text):
    assert formatting.ago(NOW - seconds, NOW) == text


def test_times_are_korean_whatever_the_pc_says(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    assert formatting.kst(0) == "1970-01-01 09:00"
    assert formatting.iso(0) == "1970-01-01T09:00:00+09:00"


@pytest.mark.parametrize(
    ("number", "shown", "masked"),
    [
        ("01012345678", "010-1234-5678", "010-****-5678"),
        ("010-123-4567", "010-123-4567", "010-***-4567"),
        ("+82 10-1234-5678", "010-1234-5678", "010-****-5678"),
        ("0212345678", "02-1234-5678", "02-****-5678"),
        ("0311234567", "031-123-4567", "031-***-4567"),
        ("050712345678", "0507-1234-5678", "0507-****-5678"),
        ("15881234", "1588-1234", "****-1234"),
        ("+1 212 555 0188", "+1 212 555 0188", "****0188"),
        ("1234", "1234", "****"),
        ("없음", "없음", "****"),
        ("", "", ""),
    ],
)
def test_phone_numbers(number, shown, masked):
    assert formatting.tel(number) == shown
    assert formatting.mask_tel(number) == masked


@given(st.text(alphabet="0123456789-+() ", max_size=20))
def test_a_masked_number_never_shows_the_middle(number):
    shown = re.sub(r"\D", "", formatting.mask_tel(number))
    whole = formatting.tel_digits(number)
    assert len(shown) <= 8 and (not shown or len(whole) - len(shown) >= 3)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("홍길동", "홍*동"),
        ("홍길", "홍*"),
        ("홍", "*"),
        ("남궁길동", "남**동"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_names(name, masked):
    assert formatting.mask_name(name) == masked


@given(st.text(max_size=40))
def test_a_masked_name_shows_two_letters_at_most(name):
    masked = formatting.mask_name(name)
    assert len(masked) <= 6
    assert len(masked.replace("*", "")) <= (2 if len(name.strip()) > 2 else 1)


@given(st.text(max_size=30), st.from_regex(r"[a-z]{1,10}\.kr", fullmatch=True))
def test_a_masked_address_shows_one_letter_of_the_person(local, domain):
    masked = formatting.mask_email(f"{local}@{domain}")
    assert masked.endswith(f"****@{domain}") and len(masked) <= len(domain) + 6
    if len(local.strip()) <= 1:
        assert masked == f"****@{domain}"


def test_what_is_no_address_is_hidden_whole():
    assert formatting.mask_email("kim naver.com") == "****"
    assert formatting.mask_email("") == ""
