"""What people type, read by one rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.refunds.pace import MOST, Pace
from dashboard.refunds.typed import one_line, read_account, read_won


@pytest.mark.parametrize(
    ("typed", "won"),
    [
        ("1000", 1000), ("1,000", 1000), (" 1,000 ", 1000), ("１，０００", 1000), ("1 000", 1000),
        ("12,000원", 12_000), ("₩5,000", 5000), ("0", 0), ("1,234,567", 1_234_567),
    ],
)  # fmt: skip
def test_sums_that_are_read(typed, won):
    assert read_won(typed) == won


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-1", "−1", "+1", "1.5", "1e3", "1,00", ",100", "1,,000", "0x10", "1²", "①", "٣",
     "천원", "9" * 13, "1\x00", "원"],
)  # fmt: skip
def test_sums_that_are_refused(typed):
    assert read_won(typed) is None


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_a_sum_as_we_print_it_is_read_back(won):
    assert read_won(f"{won:,}") == won == read_won(f"{won:,}원")


@given(st.text())
def test_nothing_typed_is_ever_guessed(typed):
    found = read_won(typed)
    assert found is None or (0 <= found < 10**12 and any(char.isdigit() for char in typed))


def test_accounts():
    assert read_account("110-492-374821") == "110492374821"
    assert read_account(" １１０ 492 374821") == "110492374821"
    assert [read_account(bad) for bad in ("", "12345", "1" * 21, "110a492", "110.492.1")] == [
        None
    ] * 5


def test_one_line():
    assert one_line(" 두\n줄\x00과\t탭 ") == "두 줄 과 탭"


def test_pace_counts_each_person_and_a_minute():
    pace = Pace()
    assert all(pace.may(1, 100.0) for _ in range(MOST)) and not pace.may(1, 159.0)
    assert pace.may(2, 159.0) and pace.may(1, 160.0)
    assert pace.may(1, 10.0)  # the clock went back
