"""Won as people write them: ``109,000원``, ``₩109000``, ``10만9천``, ``1억 2천만원``. Pure."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

MAX_AMOUNT = 10**12  # won

_FIGURES = re.compile(r"[0-9]+|[0-9]{1,3}(?:[, ][0-9]{3})+", re.ASCII)
_LARGE = re.compile(r"(?:([^억만]+)억)?(?:([^억만]+)만)?([^억만]*)")
_PLAIN = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}", re.ASCII)
_BROKEN = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}", re.ASCII)  # 1.5만
_SMALL = re.compile(r"(?:([1-9])천)?(?:([1-9])백)?(?:([1-9])십)?([1-9])?", re.ASCII)


def parse_amount(text: str) -> int | None:
    """Won; None: not an amount, or more than anybody pays."""
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("₩").removesuffix("원")
    plain = plain.strip()
    if _FIGURES.fullmatch(plain):
        digits = re.sub(r"[, ]", "", plain)
        won = int(digits) if len(digits) <= 15 else None
    else:
        won = _in_words(plain)
    return won if won is not None and won <= MAX_AMOUNT else None


def _in_words(text: str) -> int | None:
    """``1억2천만``, ``10만 9천``, ``1.5만``: each unit with figures before it."""
    text = re.sub(r"(?<=[억만천백십]) +", "", text)
    parts = _LARGE.fullmatch(text)
    if parts is None or not re.search("[억만천백십]", text):
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
