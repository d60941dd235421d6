"""The chip "취소 가능 · D-23 · 부분취소 3/9 · 잔액 42,000원" in words, for list and order page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date

from dashboard.formatting import won
from dashboard.i18n import gettext as _
from dashboard.ksnet import CancelFacts, Cancellability


@dataclass(frozen=True, kw_only=True)
class ChipWords:
    """``tone``: ``can`` (an outline), ``soon`` (amber) or ``no`` (plain grey)."""

    tone: str
    icon: str
    head: str
    tail: str = ""


def order_facts(order: Mapping[str, Any], vbank_refund_contract: str | None) -> CancelFacts:
    """What a row of ``orders`` says about cancelling it.

    An order paid more than once shows what is left of all of it; the days are those of the
    payment it shows. What went back by hand is not left either.
    """
    return CancelFacts(
        state=order["state"],
        pay_method=order["pay_method"],
        amount=order["paid_amount"],
        cancelled=order["cancelled_amount"] + order["manual_refunded"],
        cancel_count=order["cancel_count"],
        paid_at=order["paid_at"],
        currency=order["currency"],
        sandbox=bool(order["sandbox"]),
        escrow=bool(order["escrow"]),
        vbank_refund_contract=vbank_refund_contract,
    )


def chip_words(
    found: Cancellability, *, state: str, fail_reason: str = "", by_hand: int = 0
) -> ChipWords:
    """The chip's words: what is possible, or why not.

    :param state: the ledger's word for the payment
    :param fail_reason: PortOne's, of a payment that failed
    :param by_hand: won that went back by bank transfer
    """
    if found.kind == "nothing_left" and by_hand:
        return ChipWords(tone="no", icon="person", head=_("모두 환불됨"), tail=_("수동 환불 포함"))
    if found.can:
        return _possible(found)
    if found.kind == "impossible":
        return _impossible(found)
    return {
        "nothing_left": ChipWords(
            tone="no",
            icon="",
            head=_("모두 취소됨") if found.count else _("취소할 금액 없음"),
        ),
        "not_paid": ChipWords(
            tone="no",
            icon="",
            head=_("결제 안 됨") if state == "failed" else _("아직 결제 전"),
            tail=fail_reason if state == "failed" else "",
        ),
        "waiting": ChipWords(tone="no", icon="hourglass-split", head=_("입금 전 · 발급취소만")),
        "usd": ChipWords(
            tone="no", icon="", head=_("원화 결제 아님"), tail=_("포트원 콘솔에서 취소")
        ),
    }.get(
        found.kind,
        ChipWords(
            tone="no",
            icon="exclamation-triangle-fill",
            head=_("금액 확인 필요"),
            tail=_("포트원 콘솔과 비교해 주세요"),
        ),
    )


def _possible(found: Cancellability) -> ChipWords:
    days = found.days_left or 0
    return ChipWords(
        tone="soon" if found.soon else "can",
        icon="arrow-counterclockwise",
        head=_("취소 가능 · D-%(days)d", days=days) if days else _("취소 가능 · 오늘까지"),
        tail=" · ".join(_conditions(found)),
    )


def _conditions(found: Cancellability) -> list[str]:
    """What to know beside the days, the most pressing first."""
    said = []
    if found.opens_at is not None:
        said.append(_("06:00부터 환불 가능"))
    if found.max_count is None:
        said.append(_("전액만"))
    elif found.count:
        said.append(_("부분취소 %(n)d/%(most)d", n=found.count, most=found.max_count))
        said.append(_("잔액 %(won)s", won=won(found.balance)))
    if found.kind == "whole_only" and found.max_count is not None:
        said.append(_("남은 금액 전부만"))
    if found.soon and found.last_day is not None:
        said.append(_("취소 기한 %(day)s", day=short_day(found.last_day)))
    return said


def _impossible(found: Cancellability) -> ChipWords:
    why = {
        "K3": _("지난달 휴대폰 결제"),
        "K4": _("결제 후 6개월 지남"),
        "K6": _("환불 특약 없음"),
    }
    rule = found.stop.rule if found.stop else ""
    return ChipWords(
        tone="no", icon="", head=why.get(rule, _("취소 불가")), tail=_("수동 환불만 가능")
    )


def short_day(day: date) -> str:
    """``9월 2일``."""
    # Babel reads the pattern in the language of the page: the catalogue turns it into "d MMM".
    return str(format_date(day, _("M월 d일"), rebase=False))
