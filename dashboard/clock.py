"""The one clock, and Korean time.

Times are stored as UNIX seconds (UTC) and shown in Asia/Seoul, whatever the PC is set to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
_KST_S = 9 * 3600  # Korea has not changed its clocks since 1988
_DAY_S = 86_400

Clock = Callable[[], float]
"""Answers the present moment in UNIX seconds."""


def system_clock() -> float:
    """The PC's clock, in UNIX seconds."""
    return time.time()


def kst(at: float) -> datetime:
    """The moment ``at`` (UNIX seconds) as a Korean wall-clock time."""
    return datetime.fromtimestamp(at, KST)


def kst_day_start(day: date) -> int:
    """The first second of a Korean calendar day, in UNIX seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=KST).timestamp())


def kst_day_number(at: int) -> int:
    """Korean days since 1970 at the moment ``at`` (UNIX seconds)."""
    return (at + _KST_S) // _DAY_S


def kst_day(number: int) -> int:
    """The first second, in UNIX seconds, of the day that :func:`kst_day_number` counts so."""
    return number * _DAY_S - _KST_S
