"""SEC-20, SEC-21: which passwords are taken, and how they are kept."""

import hashlib
import unicodedata

import pytest

from dashboard.accounts import passwords
from dashboard.accounts.errors import AccountError

GOOD = [
    "correct horse battery",
    "가나다라마바사아자차카타",
    "맑은날엔빨래를널어라",
    "tree-lamp-42",
    "x" * 5 + "yz" + " " * 5,
    "abcdefghij" * 100,
    "🙂🙃🙂🙃🍊🍋🍊🍋🍎🍏",
]
GUESSED = [
    "1234567890",
    "qwertyuiop",
    "QwertyUiop",
    "1q2w3e4r5t",
    "password123",
    "dkssudgktpdy",  # 안녕하세요 on an English keyboard
    "tkfkdgkqslek",  # 사랑합니다
    "aaaaaaaaaaaa",
    "ababababab",
    "pass word 123",
    "１２３４５６７８９０",
]


@pytest.mark.parametrize("password", GOOD)
def test_long_enough_is_good_enough(password):
    passwords.check(password, field="password")


@pytest.mark.parametrize("password", GUESSED)
def test_first_guesses_are_refused(password):
    with pytest.raises(AccountError) as caught:
        passwords.check(password, field="new")
    assert caught.value.field == "new"


@pytest.mark.parametrize("password", ["", "123456789", "달빛꽃집", "x" * 1001])
def test_length_is_limited(password):
    with pytest.raises(AccountError):
        passwords.check(password, field="password")


@pytest.mark.parametrize(
    "password", ["달빛꽃집달빛꽃집2026", "김주인김주인김주인김", "달빛 꽃집 달빛 꽃집 1!"]
)
def test_names_of_shop_and_person_are_first_guesses(password):
    with pytest.raises(AccountError):
        passwords.check(password, field="password", about=("김주인", "달빛꽃집"))


def test_name_within_a_long_password_is_fine():
    passwords.check("달빛꽃집의 장미는 붉다", field="password", about=("김주인", "달빛꽃집", ""))


def test_hash_is_salted_scrypt():
    first, second = passwords.make_hash("correct horse"), passwords.make_hash("correct horse")
    assert first.startswith("scrypt:")
    assert first != second


def test_nothing_is_cut_off():
    long = "a1b2c3" * 12  # 72 bytes, where bcrypt stops reading
    assert not passwords.matches(passwords.make_hash(long + "x"), long + "y")
    assert passwords.matches(passwords.make_hash(long + "x"), long + "x")


def test_hangul_typed_in_pieces_is_the_same_password():
    typed_on_windows = "맑은날엔빨래를널어라"
    kept = passwords.make_hash(typed_on_windows)
    assert passwords.matches(kept, unicodedata.normalize("NFD", typed_on_windows))


@pytest.mark.parametrize("known", [True, False])
def test_one_hash_whether_the_person_is_known_or_not(monkeypatch, known):
    kept = passwords.make_hash("correct horse") if known else None
    calls = []
    scrypt = hashlib.scrypt
    monkeypatch.setattr(
        hashlib, "scrypt", lambda *a, **k: calls.append((k["n"], k["r"], k["p"])) or scrypt(*a, **k)
    )
    assert not passwords.matches(kept, "wrong password")
    assert calls == [(32768, 8, 1)]


def test_list_is_long_enough_to_matter():
    common = passwords._common()
    assert len(common) > 300
    assert all(
        len(line) >= passwords.SHORTEST and line == passwords._plain(line) for line in common
    )
