"""Won as people write them: ``109,000원``, ``₩109000``, ``10만9천``, ``1억 2천만원``. Pure."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from itertools import pairwise

MAX_AMOUNT = 10**12  # won

_UNITS = "억만천백십"
_LONE = re.compile("[억만][0-9]$", re.ASCII)
_FIGURES = re.compile(r"[0-9]+|[0-9]{1,3}(?:[, ][0-9]{3})+", re.ASCII)
_LARGE = re.compile(r"(?:([^억만]+)억)?(?:([^억만]+)만)?([^억만]*)")
_PLAIN = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}", re.ASCII)
_BROKEN = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}", re.ASCII)  # 1.5만
_SMALL = re.compile(r"(?:([1-9])천)?(?:([1-9])백)?(?:([1-9])십)?([1-9])?", re.ASCII)


def parse_amount(text: str) -> int | None:
    """Won; None: not an amount, or more than anybody pays."""
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("₩")
    said = plain.removesuffix("원").strip()
    if _FIGURES.fullmatch(said):
        digits = re.sub(r"[, ]", "", said)
        won = int(digits) if len(digits) <= 15 else None
    else:
        won = _in_words(said, in_won=plain.endswith("원"))
    return won if won is not None and won <= MAX_AMOUNT else None


def said_amount(text: str) -> int | None:
    """As :func:`parse_amount`, of words as they stand beside each other in a sentence.

    ``10만 9천`` and ``10,000 원`` are one amount, ``500 200`` and ``3만 5176`` are two.
    """
    words = unicodedata.normalize("NFKC", text).split()
    return parse_amount(text) if all(_goes_on(*two) for two in pairwise(words)) else None


def _goes_on(word: str, following: str) -> bool:
    """Whether ``following`` continues the amount with a smaller unit."""
    if following == "원":
        return True
    units = [_UNITS.index(letter) for letter in following if letter in _UNITS]
    return (
        word[-1] in _UNITS
        and (bool(units) or following.endswith("원"))
        and _UNITS.index(word[-1]) < min(units, default=len(_UNITS))
    )


def _in_words(text: str, *, in_won: bool) -> int | None:
    """``1억2천만``, ``10만 9천``, ``1.5만``: each unit with figures before it.

    Some say ``1만2`` for 12,000 and ``1억2천`` for 120,000,000: without 원 these are no amounts.
    """
    text = re.sub(r"(?<=[억만천백십]) +", "", text)
    parts = _LARGE.fullmatch(text)
    if parts is None or not re.search("[억만천백십]", text):
        return None
    if not in_won and ((parts[1] and not parts[2] and parts[3]) or _LONE.search(text)):
        return None
    total = Fraction(0)
    for place, unit in enumerate((10**8, 10**4, 1)):
        written = parts[place + 1]
        if not written:
            continue
        number = _part(written)
        if number is None or (total and number >= 10**4):
            return None
        total += number * unit
    return int(total) if total.denominator == 1 else None


def _part(text: str) -> Fraction | None:
    if _PLAIN.fullmatch(text):
        return Fraction(text.replace(",", ""))
    if _BROKEN.fullmatch(text):
        return Fraction(text)
    found = _SMALL.fullmatch(text)
    if found is None:
        return None
    places = zip(found.groups(), (1000, 100, 10, 1), strict=True)
    return Fraction(sum(int(digit) * value for digit, value in places if digit))
