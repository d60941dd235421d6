"""KSNET's rules for cancels, written from ksnet-rules.md (K1-K7) and nothing else.

Pure: facts and a moment in, the gateway's Korean no out. On purpose not the dashboard's own rules:
the sandbox must be able to disagree.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_KST = ZoneInfo("Asia/Seoul")
MOST_PARTIAL_CANCELS = 9
LAST_MONTHS = 6
NIGHT_FROM_HOUR = 23
NIGHT_TO_HOUR = 6

_BANK_CODE = re.compile(r"[0-9]{2,3}\Z")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A cancel of ``amount`` out of ``balance`` (both won or cents)."""

    pay_method: str
    paid_at: int  # UNIX seconds
    amount: int
    balance: int
    cancels_so_far: int
    refund_holder: str = ""
    refund_bank: str = ""
    refund_account: str = ""

    @property
    def partial(self) -> bool:
        return self.amount < self.balance


def objection(wish: Wish, now: float, *, night: bool) -> str | None:
    """Why KSNET refuses, or None. ``now`` in UNIX seconds; ``night``: K5 is looked at."""
    if wish.pay_method == "phone":
        return _phone(wish, now)
    if wish.partial and wish.cancels_so_far >= MOST_PARTIAL_CANCELS:
        return "부분취소는 결제 1건당 최대 9회까지 가능합니다."  # K1
    if _day(now) > last_day(wish.paid_at):
        return "결제일로부터 6개월이 경과하여 취소할 수 없습니다."  # K4
    if wish.pay_method == "vbank":
        return _vbank(wish, now, night)
    return None


def last_day(paid_at: float) -> date:
    """The last Korean day on which KSNET cancels: six calendar months after the payment's.

    How that day is counted is not documented (K4); it is taken as still open.
    """
    paid = _day(paid_at)
    years, month = divmod(paid.month - 1 + LAST_MONTHS, 12)
    year, month = paid.year + years, month + 1
    return date(year, month, min(paid.day, calendar.monthrange(year, month)[1]))


def _phone(wish: Wish, now: float) -> str | None:
    if wish.partial:
        return "휴대폰 소액결제는 부분취소가 불가합니다."  # K2
    paid, today = _day(wish.paid_at), _day(now)
    if (paid.year, paid.month) != (today.year, today.month):
        return "휴대폰 소액결제는 결제 당월에만 취소할 수 있습니다."  # K3
    return None


def _vbank(wish: Wish, now: float, night: bool) -> str | None:
    hour = datetime.fromtimestamp(now, _KST).hour
    if night and not NIGHT_TO_HOUR <= hour < NIGHT_FROM_HOUR:
        return "가상계좌 환불은 06:00~23:00에만 가능합니다."  # K5
    # K6: the special contract counts as signed.
    if not (wish.refund_holder and wish.refund_bank and wish.refund_account):
        return "가상계좌 환불에는 예금주, 은행, 계좌번호가 필요합니다."  # K7
    if not _BANK_CODE.match(wish.refund_bank):
        # K8: no table is published, so every code of two or three digits is taken.
        return "환불계좌 은행코드가 올바르지 않습니다."
    return None


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, _KST).date()
