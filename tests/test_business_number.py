"""사업자등록번호: cleaning, form, check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.business_number import clean, is_business_number, printed


@pytest.mark.parametrize(
    "typed",
    ["1178178260", "117-81-78260", " 117 81 78260 ", "１１７－８１－７８２６０"],
)
def test_the_guides_own_number_passes(typed):
    assert is_business_number(typed)
    assert printed(clean(typed)) == "117-81-78260"


@pytest.mark.parametrize(
    "typed", ["", "117817826", "11781782600", "1178178261", "abcdefghij", "0000000000"]
)
def test_not_a_business_number(typed):
    assert not is_business_number(typed)


@given(start=st.integers(101, 999), middle=st.integers(1, 79), end=st.integers(1, 9999))
def test_one_check_digit_of_ten_fits(start, middle, end):
    stem = f"{start:03d}{middle:02d}{end:04d}"
    assert sum(is_business_number(f"{stem}{digit}") for digit in range(10)) <= 1
