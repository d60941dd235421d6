"""One search box over everything: texts as pairs of characters, searched as a phrase.

SQLite's own trigrams find nothing for two Hangul syllables. Here "나주 배" is kept as the tokens
``나주 주배``, and a search for its middle is the phrase of the searched text's own pairs. Writing
and reading share these functions, so they cannot disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import add

COLUMNS = (
    "merchant_uid",
    "imp_uid",
    "name",
    "buyer_name",
    "buyer_tel",
    "buyer_email",
    "apply_num",
    "card_number",
)
"""Columns of the table ``order_search``."""

_PLAIN = re.compile("[0-9a-z가-힣一-鿿]*")
_BETWEEN = " z "  # a token no pair can be: no phrase reaches from one text into the next


def normalise(text: str) -> str:
    """What is compared: composed, case folded, letters and digits only."""
    if text.isascii():
        return "".join(filter(str.isalnum, text.lower()))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(filter(str.isalnum, folded))


def pairs(*texts: str) -> str:
    """The tokens to store for one column: each text's consecutive character pairs."""
    return _BETWEEN.join(filter(None, map(_pairs, dict.fromkeys(texts))))


def phones(numbers: Iterable[str]) -> list[str]:
    """Phone numbers as people search them: ``+82 10-…`` is found as ``010…`` too."""
    found = []
    for number in numbers:
        digits = normalise(number)
        found.append(digits)
        if digits.startswith("82"):
            found.append("0" + digits[2:].removeprefix("0"))
    return found


def match_query(text: str, columns: Iterable[str] = ()) -> str | None:
    """The FTS5 expression that finds ``text`` anywhere inside a stored text.

    :param columns: look only in these of :data:`COLUMNS`; all when empty
    :return: None when fewer than two letters or digits are left to look for
    """
    tokens = _pairs(normalise(text))
    if not tokens:
        return None
    wanted = tuple(columns)
    if unknown := set(wanted) - set(COLUMNS):
        raise ValueError(f"no such search columns: {sorted(unknown)}")
    return (f"{{{' '.join(wanted)}}} : " if wanted else "") + f'"{tokens}"'


def _pairs(text: str) -> str:
    text = normalise(text)
    if _PLAIN.fullmatch(text):
        return " ".join(map(add, text, text[1:]))
    return " ".join(map(_token, text, text[1:]))


def _token(first: str, second: str) -> str:
    if _PLAIN.fullmatch(pair := first + second):
        return pair
    # SQLite's tables of letters are older than Python's: what it might not take for a letter is
    # spelled out. No such token is two characters long, so none equals a plain pair.
    return f"u{ord(first):x}u{ord(second):x}"
