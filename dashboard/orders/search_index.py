"""One search box over everything: texts as pairs of characters, searched as a phrase.

SQLite's own trigrams find nothing for two Hangul syllables. Here "나주 배" is kept as the tokens
``나주 주배``, and a search for its middle is the phrase of the searched text's own pairs. Writing
and reading share these functions, so they cannot disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from operator import add

from dashboard.hangul import FINALS
from dashboard.hangul import initial as initial

COLUMNS = (
    "merchant_uid",
    "imp_uid",
    "name",
    "buyer_name",
    "buyer_tel",
    "buyer_email",
    "apply_num",
    "card_number",
    "name_initials",
    "buyer_initials",
)
"""Columns of the table ``order_search``."""
TEXT_COLUMNS = COLUMNS[:-2]
INITIALS_COLUMNS = COLUMNS[-2:]

_PLAIN = re.compile("[0-9a-z가-힣一-鿿]*")
_SPELLED = re.compile("u([0-9a-f]+)u([0-9a-f]+)")
_BETWEEN = " z "  # a token no pair can be: no phrase reaches from one text into the next
_TRAILING = dict(enumerate(FINALS, 0x11A8))  # keyboards join ㄱㅅ to ㄳ, NFKC makes one final of it


def normalise(text: str) -> str:
    """What is compared: composed, case folded, letters and digits only."""
    if text.isascii():
        return "".join(filter(str.isalnum, text.lower()))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(filter(str.isalnum, folded))


def pairs(*texts: str) -> str:
    """The tokens to store for one column: each text's consecutive character pairs."""
    if len(texts) == 1:
        return _pairs(texts[0])
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


def typed_phone(number: str) -> str:
    """A number as :func:`phones` keeps every one: ``+82 10-…`` is looked for as ``010…``."""
    digits = normalise(number)
    abroad = number.lstrip().startswith(("+", "＋")) or len(digits) > len("01012345678")
    if abroad and digits.startswith("82") and len(digits) > 3:
        return "0" + digits[2:].removeprefix("0")
    return number


def typed_initials(text: str) -> str:
    """The initials a text consists of, spaces left out; "" when it has anything else."""
    found = [_typed_initial(char) for char in normalise(text)]
    return "".join(found) if all(found) else ""


def _typed_initial(char: str) -> str:
    return "" if 0xAC00 <= ord(char) <= 0xD7A3 else _TRAILING.get(ord(char), "") or initial(char)


def mixed_initials(text: str) -> str:
    """``나주 ㅂ`` → ``ㄴㅈㅂ``: syllables and initials together, all in initials; "" for others."""
    letters = normalise(text)
    found = [_typed_initial(letter) or initial(letter) for letter in letters]
    syllables = sum("가" <= letter <= "힣" for letter in letters)
    return "".join(found) if all(found) and 0 < syllables < len(letters) else ""


def initial_pairs(tokens: str) -> str:
    """The tokens of initials to store beside the tokens of a column, as :func:`pairs` gave them.

    They are one letter of another kind each, so a search for text never meets them.
    """
    found = " ".join(map(_initial_pair, tokens.split()))
    return found if found.strip("z ") else ""


@lru_cache(maxsize=20_000)
def _initial_pair(token: str) -> str:
    spelled = _SPELLED.fullmatch(token)
    letters = [chr(int(code, 16)) for code in spelled.groups()] if spelled else token
    both = [initial(letter) for letter in letters]
    return "".join(both) if len(both) == 2 and all(both) else _BETWEEN.strip()


def match_initials(initials: str, column: str = "") -> str:
    """The FTS5 expression that finds two initials or more, as :func:`typed_initials` gave them.

    :param column: look only in this one of :data:`INITIALS_COLUMNS`
    """
    if column and column not in INITIALS_COLUMNS:
        raise ValueError(f"no column of initials: {column}")
    return (f"{column} : " if column else "") + f'"{initial_phrase(initials)}"'


def initial_phrase(initials: str) -> str:
    """The tokens of typed initials."""
    return " ".join(map(add, initials, initials[1:]))


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
