"""The names people sign in with."""

from __future__ import annotations

import unicodedata

from dashboard.accounts.errors import AccountError
from dashboard.i18n import lazy_gettext as _l

LONGEST = 40  # characters


def clean(typed: str) -> str:
    """One spelling for what looks the same: composed Hangul, plain width, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", typed).split())


def check(typed: str) -> str:
    """The name to store.

    :raise AccountError: empty, too long, or with characters that cannot be seen
    """
    name = clean(typed)
    if not name:
        raise AccountError("name", _l("이름을 입력해 주세요."))
    if len(name) > LONGEST:
        raise AccountError("name", _l("이름이 너무 깁니다. 40자 이하로 줄여 주세요."))
    # Controls, direction marks and the like could make one name look like another.
    if any(unicodedata.category(character)[0] == "C" for character in name):
        raise AccountError(
            "name", _l("이름에 보이지 않는 문자가 있습니다. 지우고 다시 입력해 주세요.")
        )
    return name
