"""Passwords: what is accepted, how they are kept (SEC-20, SEC-21)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from dashboard.accounts.errors import AccountError
from dashboard.i18n import lazy_gettext as _l

SHORTEST = 10  # characters
LONGEST = 1000  # characters; only to keep a mistake out, nothing is cut off

# Of no password anybody has: unknown names cost the same one hash as known ones.
_NOBODY = (
    "scrypt:32768:8:1$7uTEei9CPnnocBLf$"
    "dc72aa905a52f93e21fa607c026c344e22cc89e629c8c540be5490502488b7ae"
    "1b2b343e201d3f0a275f37af865e418fa7401bd4122785d56468b1f53d989c34"
)


def make_hash(password: str) -> str:
    """A scrypt hash with its own salt."""
    return generate_password_hash(_spelled(password), method="scrypt")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; computes exactly one hash, for None as well."""
    found = check_password_hash(password_hash or _NOBODY, _spelled(password))
    return found and password_hash is not None


def check(password: str, *, field: str, about: Iterable[str] = ()) -> None:
    """Accept any password that is long enough and that nobody guesses first.

    :param field: the form field it was typed into
    :param about: names of the person and the shop, which others guess first
    :raise AccountError: too short, too long, or among the first guesses
    """
    if len(password) < SHORTEST:
        raise AccountError(field, _l("비밀번호가 너무 짧습니다. 10자 이상으로 정해 주세요."))
    if len(password) > LONGEST:
        raise AccountError(field, _l("비밀번호가 너무 깁니다. 1,000자 이하로 정해 주세요."))
    if _is_guessed_first(password, about):
        raise AccountError(
            field, _l("쉽게 짐작할 수 있는 비밀번호입니다. 다른 비밀번호를 정해 주세요.")
        )


def _is_guessed_first(password: str, about: Iterable[str]) -> bool:
    plain = _plain(password)
    if len(set(plain)) < 3 or plain in _common():
        return True
    names = (_plain(name) for name in about)
    # "강남꽃집강남꽃집2026": what is left beside the names is what there is to guess
    return any(
        len(name) > 1 and len(plain.replace(name, "")) < 5 and name in plain for name in names
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _spelled(password: str) -> str:
    """macOS types Hangul in pieces, Windows whole: one password, one spelling."""
    return unicodedata.normalize("NFC", password)


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).with_name("common-passwords.txt")
    lines = path.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
