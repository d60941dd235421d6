"""What must hold of a request before a byte of it goes out. Messages never repeat the value."""

from __future__ import annotations

from collections.abc import Sequence


def check_won(amount: int, name: str = "amount") -> int:
    """:raise ValueError: no whole number of won, at least 1"""
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        raise ValueError(f"{name} must be a whole number of won, at least 1")
    return amount


def check_tax_free(tax_free: int, amount: int | None = None) -> int:
    """:raise ValueError: no whole number of won from 0 to ``amount``"""
    if not isinstance(tax_free, int) or isinstance(tax_free, bool) or tax_free < 0:
        raise ValueError("tax_free must be a whole number of won, at least 0")
    if amount is not None and tax_free > amount:
        raise ValueError("tax_free must not be more than amount")
    return tax_free


def check_text(text: str, name: str, length: int = 256) -> str:
    """:raise ValueError: empty, longer than ``length`` or not storable as UTF-8"""
    if not isinstance(text, str) or not text.strip() or len(text) > length:
        raise ValueError(f"{name} must have 1 to {length} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"{name} is not text")
    return text


def check_moment(at: int, name: str) -> int:
    """:raise ValueError: no UNIX seconds of ten digits (milliseconds have thirteen)"""
    if not isinstance(at, int) or isinstance(at, bool) or not 10**9 <= at < 10**10:
        raise ValueError(f"{name} must be UNIX seconds")
    return at


def one_of(value: str, allowed: Sequence[str], name: str) -> str:
    """:raise ValueError: none of the words"""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}")
    return value


def filled(**fields: str) -> dict[str, str]:
    """Those that say something: an empty field is left out of a request."""
    return {name: check_text(text, name) for name, text in fields.items() if text}
