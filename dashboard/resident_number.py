"""Resident registration numbers (주민등록번호) are masked before anything is written (SEC-54).

The law lets a shop keep none (개인정보 보호법, article 24-2); buyers type them all the same. The
check digit decides nothing: newer numbers do not satisfy it.
"""

from __future__ import annotations

import re
from typing import Any

MASK = "******-*******"

_D = "[0-9\uff10-\uff19]"  # full-width digits count too
_NUMBER = re.compile(
    rf"(?<!{_D}){_D}{{2}}"
    rf"(?:[0\uff10][1-9\uff11-\uff19]|[1\uff11][0-2\uff10-\uff12])"  # month
    rf"(?:[0\uff10][1-9\uff11-\uff19]|[12\uff11\uff12]{_D}|[3\uff13][01\uff10\uff11])"  # day
    r"[ \t\r\n\u00a0\u2000-\u200b\u3000\-\u2010-\u2015\u2212\uff0d\u00b7._~]{0,3}"
    rf"[1-8\uff11-\uff18]{_D}{{6}}(?!{_D})"
)

_SUSPECT = re.compile(rf'{_D}{{6}}[^0-9\uff10-\uff19"]{{0,6}}{_D}{{7}}')  # in JSON text: \\t is two

EXEMPT_FIELDS = frozenset(
    {
        "imp_uid",
        "merchant_uid",
        "pg_tid",
        "pg_id",
        "apply_num",
        "cancellation_id",
        "card_number",
        "customer_uid",
        "vbank_num",
        "receipt_url",
        "cancel_receipt_urls",
    }
)
"""Fields of numbers, where a millisecond order number looks just like a resident number."""


def mask_text(text: str) -> str:
    """``text`` with every resident number in it masked; the same object when there is none."""
    if len(text) < 13:
        return text
    return _NUMBER.sub(MASK, text) if _NUMBER.search(text) else text


def is_suspect(json_text: str) -> bool:
    """Whether a JSON text may hold a resident number; much faster than looking value by value."""
    return _SUSPECT.search(json_text) is not None


def mask_answer(value: Any) -> Any:
    """A JSON answer with its free-text values masked; the same object when nothing was found."""
    match value:
        case dict():
            masked: Any = {
                key: item if key in EXEMPT_FIELDS else mask_answer(item)
                for key, item in value.items()
            }
            return masked if any(masked[key] is not value[key] for key in value) else value
        case list():
            masked = [mask_answer(item) for item in value]
            return masked if any(a is not b for a, b in zip(masked, value, strict=True)) else value
        case str():
            return mask_text(value)
        case int() if value > 10**11:
            text = mask_text(f"{value:013d}")
            return text if text == MASK else value
        case _:
            return value
