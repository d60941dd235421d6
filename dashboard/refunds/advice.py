"""What to tell the customer after a refund, per method, with dates. Pure.

Days are general guidance of PortOne's help centre, not promises of KSNET (reference: refunds, 5);
the sentences say so. Business days leave out weekends, Korean holidays and 1 May, when banks are
closed. Holidays declared at short notice cannot be known.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from dashboard.clock import kst

VBANK_REFUND_FEE = 300  # won, about; each refund, paid by the shop (K6)
WALLETS = frozenset({"lpay", "ssgpay", "kakaopay", "naverpay", "payco"})
_DAYS_KO = "월화수목금토일"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # whatever the PC speaks


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A message to copy, and when the money is expected.

    ``first`` and ``last`` are Korean dates, None where nothing is documented; ``fee`` is what the
    refund costs the shop, about, in won.
    """

    ko: str
    en: str
    when_ko: str
    when_en: str
    first: date | None = None
    last: date | None = None
    fee: int = 0

    def text(self, language: str) -> str:
        """The message in this language."""
        return self.en if language == "en" else self.ko

    def when(self, language: str) -> str:
        """When the money arrives, in a few words."""
        return self.when_en if language == "en" else self.when_ko


def advice(
    *, pay_method: str, amount: int, whole: bool, paid_at: int, refunded_at: float
) -> Advice:
    """What to say about a refund of ``amount`` won.

    :param whole: the payment was cancelled in one piece, nothing before and nothing left
    :param paid_at: UNIX seconds
    :param refunded_at: UNIX seconds
    """
    day = kst(refunded_at).date()
    same_day = kst(paid_at).date() == day
    speak = _SPEAKERS.get(pay_method, _wallet if pay_method in WALLETS else _other)
    return speak(amount, day, same_day, same_day and whole)


def is_business_day(day: date) -> bool:
    """Whether Korean banks work on ``day``."""
    bank_closed = (day.month, day.day) == (5, 1)
    return day.weekday() < 5 and not bank_closed and day not in _holidays()


def business_days_after(day: date, count: int) -> date:
    """The ``count``-th business day after ``day``."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


@cache
def _holidays() -> Container[date]:
    import holidays  # not for the start

    return holidays.country_holidays("KR")  # fills in a year when it is first asked for one


def _card(amount: int, day: date, _same_day: bool, void: bool) -> Advice:
    if void:  # a whole cancel on the day of the payment
        return Advice(
            ko=f"카드 결제 {amount:,}원을 취소했습니다. 결제한 날 취소되어 청구되지 않습니다.",
            en=f"Your card payment of ₩{amount:,} has been cancelled on the day it was made and"
            " will not be charged.",
            when_ko="오늘",
            when_en="today",
            first=day,
            last=day,
        )
    first, last = business_days_after(day, 3), business_days_after(day, 5)
    return Advice(
        ko=f"카드 결제에서 {amount:,}원을 취소했습니다. 카드사에 따라 3~5영업일이 걸려"
        f" {_ko(first)}에서 {_ko(last)} 사이에 처리됩니다. 정확한 날짜는 카드사에 문의해 주세요.",
        en=f"₩{amount:,} of your card payment has been cancelled. This takes 3 to 5 business days,"
        f" so expect it between {_en(first)} and {_en(last)}. Your card company can tell the exact"
        " date.",
        when_ko="3~5영업일",
        when_en="3 to 5 business days",
        first=first,
        last=last,
    )


def _vbank(amount: int, day: date, _same_day: bool, _void: bool) -> Advice:
    first, last = business_days_after(day, 1), business_days_after(day, 2)
    return Advice(
        ko=f"알려 주신 계좌로 {amount:,}원을 환불했습니다. 보통 다음 영업일인 {_ko(first)}에,"
        f" 늦으면 {_ko(last)}에 입금됩니다.",
        en=f"₩{amount:,} has been refunded to the account you gave us. It usually arrives on the"
        f" next business day, {_en(first)}, or else on {_en(last)}.",
        when_ko="다음 영업일쯤",
        when_en="about the next business day",
        first=first,
        last=last,
        fee=VBANK_REFUND_FEE,
    )


def _trans(amount: int, day: date, same_day: bool, _void: bool) -> Advice:
    arrives = day if same_day else business_days_after(day, 1)
    return Advice(
        ko=f"결제하신 계좌로 {amount:,}원을 환불했습니다."
        + (" 오늘 중에 입금됩니다." if same_day else f" {_ko(arrives)}쯤 입금됩니다."),
        en=f"₩{amount:,} has been refunded to the account you paid from."
        + (" It arrives today." if same_day else f" Expect it on about {_en(arrives)}."),
        when_ko="오늘" if same_day else "다음 영업일쯤",
        when_en="today" if same_day else "about the next business day",
        first=arrives,
        last=arrives,
    )


def _phone(amount: int, day: date, _same_day: bool, _void: bool) -> Advice:
    return Advice(
        ko=f"휴대폰 결제 {amount:,}원을 취소했습니다. 휴대폰 요금에 청구되지 않습니다.",
        en=f"Your phone payment of ₩{amount:,} has been cancelled and will not be on your bill.",
        when_ko="바로",
        when_en="at once",
        first=day,
        last=day,
    )


def _wallet(amount: int, _day: date, _same_day: bool, _void: bool) -> Advice:
    return Advice(
        ko=f"간편결제에서 {amount:,}원을 취소했습니다. 돌아가는 날은 결제에 쓴 카드나 머니에 따라"
        " 다르니 간편결제 앱에서 확인해 주세요.",
        en=f"₩{amount:,} of your wallet payment has been cancelled. When it comes back depends on"
        " the card or balance you used; please look in the wallet's app.",
        when_ko="간편결제사마다 다름",
        when_en="depends on the wallet",
    )


def _other(amount: int, _day: date, _same_day: bool, _void: bool) -> Advice:
    return Advice(
        ko=f"{amount:,}원을 취소했습니다. 돌아가는 날은 결제하신 곳에서 확인해 주세요.",
        en=f"₩{amount:,} has been cancelled. Whoever you paid through can tell when it comes back.",
        when_ko="결제수단마다 다름",
        when_en="depends on how it was paid",
    )


_SPEAKERS: dict[str, Callable[[int, date, bool, bool], Advice]] = {
    "card": _card,
    "vbank": _vbank,
    "trans": _trans,
    "phone": _phone,
}


def _ko(day: date) -> str:
    return f"{day.month}월 {day.day}일({_DAYS_KO[day.weekday()]})"


def _en(day: date) -> str:
    return f"{_DAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}"
