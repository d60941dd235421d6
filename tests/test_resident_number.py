"""Resident numbers in whatever dress are masked; what only looks similar is left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.resident_number import MASK, is_suspect, mask_answer, mask_text

between = st.text(st.sampled_from(" -\t\n\u00a0\u3000‐–—−－·._~\u200b"), max_size=3)
wide = str.maketrans("0123456789", "０１２３４５６７８９")


@st.composite
def numbers(draw) -> str:
    birth = (
        f"{draw(st.integers(0, 99)):02d}{draw(st.integers(1, 12)):02d}"
        f"{draw(st.integers(1, 31)):02d}"
    )
    rest = f"{draw(st.integers(1, 8))}{draw(st.integers(0, 999_999)):06d}"
    number = birth + draw(between) + rest
    return number.translate(wide) if draw(st.booleans()) else number


words = st.text(st.characters(blacklist_categories=("Nd", "Cs")), max_size=5)


@given(numbers(), words, words)
def test_a_number_is_masked_wherever_it_stands(number: str, before: str, after: str):
    assert mask_text(before + number + after) == before + MASK + after


@given(numbers(), words)
def test_the_quick_look_at_json_misses_none(number: str, before: str):
    answer = {"a": 1, "memo": [{"deep": before + number}]}
    assert is_suspect(json.dumps(answer, ensure_ascii=False))
    assert mask_answer(answer)["memo"][0]["deep"] == before + MASK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "010-1234-5678",
        "1787281200123",  # milliseconds
        "991301-1234567",  # no 13th month
        "900132-1234567",  # no 32nd day
        "900101-9234567",
        "12345678901234",
        "2900101-1234567",
        "900101 // 1234567",
        "20260821-0001",
    ],
)
def test_other_numbers_are_left_alone(text: str):
    assert mask_text(text) == text


def test_a_bare_number_is_masked_too_but_times_and_sums_are_not():
    answer = {"custom": 9001011234567, "paid_at": 1787281200, "amount": 150_000, "x": True}
    assert mask_answer(answer) == answer | {"custom": MASK}


def test_number_fields_are_exempt():
    answer = {"merchant_uid": "9001011234567", "vbank_num": "9001011234567"}
    assert mask_answer(answer) is answer
