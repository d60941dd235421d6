"""What people type into the form of a sale, read by one rule each. Pure.

As with refunds: what is not plainly one number is refused, never guessed (F65).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time

from dashboard.clock import KST
from dashboard.refunds.typed import MOST_WON, one_line, read_won

MOST_PIECES = 9_999
MOST_ORDER_NAME = 40  # characters (payment-window, 2)

_DOLLARS = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))?")
_MONTHS = re.compile(r"([0-9]{1,2})(?:[-~]([0-9]{1,2}))?(?:[^\W\d_]{2})?")  # "6개월", too


def read_price(text: str, currency: str) -> int | None:
    """A price of at least one, in won, or in cents where ``currency`` is USD; None: unreadable."""
    price = _read_cents(text) if currency == "USD" else read_won(text)
    return price if price is not None and 1 <= price <= MOST_WON else None


def _read_cents(text: str) -> int | None:
    typed = _plain(text).removeprefix("US").removeprefix("$")
    match = _DOLLARS.fullmatch(typed)
    if match is None:
        return None
    return int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))


def read_pieces(text: str) -> int | None:
    """A number of pieces, at least one; None: unreadable."""
    pieces = read_won(text)
    return pieces if pieces is not None and 1 <= pieces <= MOST_PIECES else None


def read_stock(text: str) -> int | None:
    """A number of pieces left, none included; None: unreadable."""
    pieces = read_won(text)
    return pieces if pieces is not None and pieces <= 1_000_000 else None


def read_months(text: str) -> tuple[int, ...] | None:
    """``2,3,6`` or ``2-12`` as months, in order; None: unreadable. Which may be is K19's."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", _spaced(text))):
        match = _MONTHS.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            return None
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def months_text(months: Sequence[int] | None) -> str:
    """What :func:`read_months` reads back."""
    return ", ".join(str(one) for one in months or ())


def read_pairs(text: str) -> dict[str, str] | None:
    """Lines of ``key=value``; None when a line is none, or a key comes twice."""
    found: dict[str, str] = {}
    for line in filter(None, (one_line(line) for line in text.splitlines())):
        key, sign, value = (part.strip() for part in line.partition("="))
        if not (key and sign) or key in found:
            return None
        found[key] = value
    return found


def read_moment(day: str, clock: str) -> int | None:
    """A Korean day (2026-08-21) and time (14:05) as UNIX seconds; None: unreadable."""
    try:
        at = datetime.combine(date.fromisoformat(day.strip()), time.fromisoformat(clock.strip()))
    except ValueError:
        return None
    if at.year > 9000 or at.year < 1970 or at.tzinfo is not None:
        return None
    return int(at.replace(tzinfo=KST).timestamp())


def order_name(names: Sequence[str], more: str) -> str:
    """``사과 한 상자 외 2건``, of 40 characters at most.

    :param more: what stands behind the first name for all others
    """
    if not names:
        return ""
    room = MOST_ORDER_NAME - (len(more) + 1 if len(names) > 1 else 0)
    first = names[0] if len(names[0]) <= room else f"{names[0][: room - 1].rstrip()}…"
    return f"{first} {more}" if len(names) > 1 else first


def _plain(text: str) -> str:
    return "".join(_spaced(text).split())


def _spaced(text: str) -> str:
    """Full-width digits and signs as plain ones."""
    return "".join(
        unicodedata.normalize("NFKC", char) if "！" <= char <= "～" else char for char in text
    )
