"""Won in Korean words, against a parser that shares nothing with the writer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.refunds.number_words import MOST, won_in_words

WORTH = {"십": 10, "백": 100, "천": 1000}
GREAT = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
DIGIT = {word: n for n, word in enumerate("영일이삼사오육칠팔구")}


def read(words: str) -> int:
    """A Korean number, letter by letter, as one is taught to read it."""
    total = group = digit = 0
    for letter in words.removesuffix("원"):
        if letter in DIGIT:
            digit = DIGIT[letter]
        elif letter in WORTH:
            group, digit = group + digit * WORTH[letter], 0
        else:
            total, group, digit = total + (group + digit) * GREAT[letter], 0, 0
    return total + group + digit


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "영원"),
        (1, "일원"),
        (10, "일십원"),
        (100_000, "일십만원"),
        (120_000, "일십이만원"),
        (136_000, "일십삼만육천원"),
        (1_000_001, "일백만일원"),
        (100_000_000, "일억원"),
        (100_010_000, "일억일만원"),
        (12_345_678, "일천이백삼십사만오천육백칠십팔원"),
        (MOST, "구천구백구십구경구천구백구십구조구천구백구십구억구천구백구십구만구천구백구십구원"),
    ],
)
def test_words(amount: int, words: str):
    assert won_in_words(amount) == words


@given(st.one_of(st.integers(0, 10_000_000), st.integers(0, MOST)))
def test_what_is_written_is_what_is_read(amount: int):
    assert read(won_in_words(amount)) == amount


@given(st.integers(1, MOST))
def test_nothing_can_be_put_in_front_or_between(amount: int):
    """Every 십, 백 and 천 stands behind a digit: no 이 can be squeezed in before 십만."""
    words = won_in_words(amount)
    assert words[0] in "일이삼사오육칠팔구"
    assert not re.search(r"(?<![일이삼사오육칠팔구])[십백천]", words)
    assert "영" not in words


@pytest.mark.parametrize("amount", [-1, MOST + 1])
def test_no_words_for_what_is_no_amount(amount: int):
    with pytest.raises(ValueError, match="no words"):
        won_in_words(amount)
