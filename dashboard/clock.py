"""The one clock, and Korean time.

Times are stored as UNIX seconds (UTC) and shown in Asia/Seoul, whatever the PC is set to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")

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
