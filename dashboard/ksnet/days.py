"""KSNET's days and hours, in Korean time (K3-K5)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from dashboard.clock import KST, kst

MONTHS_TO_CANCEL = 6  # K4
SOON_DAYS = 14  # K4: warn this many days ahead
VBANK_OPENS = time(6, 0)  # K5
VBANK_CLOSES = time(22, 55)  # K5: 23:00, stopped five minutes early


def last_cancel_day(pay_method: str, paid_at: float) -> date:
    """The last Korean date on which KSNET takes a cancel.

    Phone: the end of the calendar month of the payment (K3). Everything else: the same day six
    calendar months later, or that month's last day where it is shorter (K4). How KSNET counts the
    last day is not documented; it is counted in, and warned about.

    :param paid_at: UNIX seconds
    """
    paid = kst(paid_at).date()
    months = 0 if pay_method == "phone" else MONTHS_TO_CANCEL
    year, month0 = divmod(paid.year * 12 + paid.month - 1 + months, 12)
    month_end = monthrange(year, month0 + 1)[1]
    day = month_end if pay_method == "phone" else min(paid.day, month_end)
    return date(year, month0 + 1, day)


def vbank_refunds_open(now: float) -> bool:
    """Whether KSNET takes virtual-account refunds at ``now`` (UNIX seconds), K5."""
    return VBANK_OPENS <= kst(now).time() < VBANK_CLOSES


def vbank_opens_at(now: float) -> int:
    """The next 06:00 after ``now``; both UNIX seconds (K5)."""
    local = kst(now)
    opens = datetime.combine(local.date(), VBANK_OPENS, KST)
    if local >= opens:
        opens += timedelta(days=1)
    return int(opens.timestamp())


def vbank_closes_at(now: float) -> int:
    """Today's 22:55 in Korea, from which on no refund is sent; both UNIX seconds (K5)."""
    return int(datetime.combine(kst(now).date(), VBANK_CLOSES, KST).timestamp())
