"""Amount, names, lengths and forms of a window, whatever its method (payment-window, 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from dashboard.ksnet import window_limit_texts as texts
from dashboard.ksnet.window_facts import WindowObjection, WindowWish
from dashboard.resident_number import mask_text

LONGEST = {
    "name": 40,
    "buyer_name": 16,
    "buyer_email": 64,
    "buyer_tel": 16,
    "buyer_addr": 128,
    "buyer_postcode": 8,
}
"""Characters."""

LONGEST_CUSTOM_DATA = 500
"""Characters of its JSON. Ours: the guide names no limit, and it is for short references."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_WITHIN = re.compile(r"[^@\s\"]+@[^@\s\"]+\.[^@\s\"]+")
_TEL = re.compile(r"[+(]?[0-9][0-9 ()-]{5,}[0-9]")
_MOBILE_WITHIN = re.compile(r"(?<![0-9])01[016789][ .-]?[0-9]{3,4}[ .-]?[0-9]{4}(?![0-9])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_APP_SCHEME = re.compile(r"(?!(?:https?|javascript|data|file):)[a-z][a-z0-9+.-]*(?:://[!-~]*)?")


def limit_objections(wish: WindowWish) -> Iterator[WindowObjection]:
    """What is too much, too little, too long or in no form."""
    if wish.currency not in ("KRW", "USD"):
        yield texts.CURRENCY
    if wish.amount < 1:
        yield texts.AMOUNT_USD if wish.currency == "USD" else texts.AMOUNT
    elif wish.currency != "USD" and not 0 <= wish.tax_free <= wish.amount:
        yield texts.tax_free_bounds(wish.amount)
    if not wish.name.strip():
        yield texts.missing("name")
    for field, most in LONGEST.items():
        yield from _typed(field, getattr(wish, field), most)
    if wish.buyer_email and not _EMAIL.fullmatch(wish.buyer_email):
        yield texts.EMAIL
    if wish.buyer_tel and not _TEL.fullmatch(wish.buyer_tel):
        yield texts.TEL
    yield from _period(*wish.period)
    if wish.app_scheme and not _APP_SCHEME.fullmatch(wish.app_scheme.lower()):
        yield texts.APP_SCHEME
    if len(json.dumps(dict(wish.custom_data), ensure_ascii=False)) > LONGEST_CUSTOM_DATA:
        yield texts.CUSTOM_DATA_LONG
    elif _is_personal(wish.custom_data, wish):
        yield texts.CUSTOM_DATA_PERSONAL


def _typed(field: str, text: str, most: int) -> Iterator[WindowObjection]:
    if len(text) > most:
        yield texts.too_long(field, most)
    if not text.isprintable():
        yield texts.unprintable(field)


def _period(first: str, last: str) -> Iterator[WindowObjection]:
    if not first and not last:
        return
    if not first or not last:
        yield texts.PERIOD_HALF
    elif not _is_day(first) or not _is_day(last):
        yield texts.PERIOD_FORM
    elif last < first:  # both YYYY-MM-DD
        yield texts.PERIOD_ORDER


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(_DAY.fullmatch(text))  # Python reads 20261231 and 2026-W53-4, too


def _is_personal(data: Mapping[str, str], wish: WindowWish) -> bool:
    """Whether any of it reads like what identifies a person, or is what the buyer gave."""
    of_buyer = {
        each.strip()
        for each in (wish.buyer_name, wish.buyer_email, wish.buyer_tel, wish.buyer_addr)
        if each.strip()
    }
    return any(
        text.strip() in of_buyer
        or _EMAIL_WITHIN.search(text)
        or _MOBILE_WITHIN.search(text)
        or mask_text(text) is not text
        for pair in data.items()
        for text in pair
    )
