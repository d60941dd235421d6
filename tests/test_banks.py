"""Banks by code."""

from __future__ import annotations

import pytest

from dashboard.banks import CODE_SETS, account_digits, banks, find_bank


@pytest.mark.parametrize(
    ("code", "code_set", "ko"),
    [
        ("088", "kftc", "신한은행"),
        ("88", "two_digits", "신한은행"),
        ("004", "kftc", "KB국민은행"),
        ("04", "two_digits", "KB국민은행"),
        ("209", "kftc", "유안타증권"),
    ],
)
def test_found_by_the_code_of_its_set(code: str, code_set: str, ko: str):
    found = find_bank(code, code_set)
    assert found and found.name("ko") == ko


@pytest.mark.parametrize(
    ("code", "code_set"),
    [("88", "kftc"), ("088", "two_digits"), ("09", "two_digits"), ("", "kftc"), ("999", "kftc")],
)
def test_not_found_by_another_sets_code(code: str, code_set: str):
    assert find_bank(code, code_set) is None


@pytest.mark.parametrize("code_set", CODE_SETS)
def test_every_code_names_one_institution(code_set: str):
    found = banks(code_set)
    codes = [bank.code for bank in found]
    assert len(set(codes)) == len(codes) > 20
    assert {len(code) for code in codes} == {3 if code_set == "kftc" else 2}
    assert [bank.ko for bank in found if not bank.name("en").isascii()] == []
    usual = [bank.usual for bank in found]
    assert usual == sorted(usual, reverse=True)
    assert all(bank.name("ko") and bank.name("en") for bank in found)


def test_an_unknown_set_is_the_default_one():
    assert banks("something") == banks("kftc")


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("110492374821", "110492374821"),
        (" 110-492-374821 ", "110492374821"),
        ("110 492 374821", "110492374821"),
        ("１１０－４９２－３７４８２１", "110492374821"),
        ("110\u2013492374821", "110492374821"),
        ("", None),
        ("12345", None),
        ("1" * 21, None),
        ("110492374821원", None),
        ("110.492.374821", None),
        ("١٢٣٤٥٦٧", None),
        ("-110492374821", "110492374821"),
    ],
)
def test_account_numbers_become_digits(typed: str, digits: str | None):
    assert account_digits(typed) == digits
