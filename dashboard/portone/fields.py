"""Reads one field of an answer: strict where money is, tolerant elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dashboard.portone.answers import BrokenAnswer, plain

Json = Mapping[str, Any]

_TOO_MUCH = 10**15  # far above any payment, far below what a Decimal can be made to explode with
_ONE, _CENT = Decimal("1"), Decimal("0.01")
_LAST_SECOND = 32_503_680_000  # the year 3000


def record(value: Any) -> Json:
    """:raise BrokenAnswer: not an object"""
    if not isinstance(value, dict):
        raise BrokenAnswer("not an object")
    return value


def records(value: Any) -> list[Json]:
    """A list of objects; null is an empty one.

    :raise BrokenAnswer: anything else
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise BrokenAnswer("not a list")
    return [record(item) for item in value]


def required(obj: Json, name: str) -> str:
    """:raise BrokenAnswer: missing, empty or no text"""
    value = obj.get(name)
    if not isinstance(value, str) or not value:
        raise BrokenAnswer(name)
    return value


def text(obj: Json, name: str) -> str:
    """The text, "" when null or absent. A number is written out, an object as JSON."""
    value = obj.get(name)
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    return json.dumps(plain(value), ensure_ascii=False)


def optional(obj: Json, name: str) -> str | None:
    """The text, None when null, absent or empty."""
    return text(obj, name) or None


def url(obj: Json, name: str) -> str | None:
    """A web address; anything that is none (``javascript:`` above all) is None."""
    value = text(obj, name)
    return value if value.startswith(("https://", "http://")) else None


def flag(obj: Json, name: str) -> bool:
    """True for true, 1 and "true"."""
    return obj.get(name) in (True, "true")


def money(obj: Json, name: str, currency: str) -> int:
    """Won, or cents where the currency is USD. Amounts of other currencies must be whole.

    :raise BrokenAnswer: missing, no number, negative, not whole, or beyond all reason
    Source: refund-safety 1.8
    """
    number = _number(obj.get(name))
    if number is None or not 0 <= number < _TOO_MUCH:
        raise BrokenAnswer(name)
    exact = Decimal(number)
    rounded = exact.quantize(_CENT if currency == "USD" else _ONE)
    if rounded != exact:
        raise BrokenAnswer(name)
    return int(rounded * 100 if currency == "USD" else rounded)


def whole(obj: Json, name: str) -> int | None:
    """A small whole number, None when null, absent or anything else."""
    number = _number(obj.get(name))
    if number is None or not -_TOO_MUCH < number < _TOO_MUCH or number != int(number):
        return None
    return int(number)


def moment(obj: Json, name: str) -> int | None:
    """UNIX seconds; PortOne's 0 ("did not happen") is None."""
    number = whole(obj, name)
    return number if number is not None and 0 < number < _LAST_SECOND else None


def _number(value: Any) -> int | Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):  # tests and stored answers; the wire gives Decimals
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value if isinstance(value, int) else None
