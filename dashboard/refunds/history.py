"""The history of refunds as its page asks for it and prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from dashboard.i18n import lazy_gettext as _l
from dashboard.orders.filters import METHODS, PRESETS, OrderFilter, parse
from dashboard.refunds.by_hand_words import STATES as BY_HAND_STATES
from dashboard.refunds.history_store import RESULTS, SOURCES, Choice
from dashboard.refunds.progress import OfRow, refund_sign
from dashboard.refunds.request_words import STATES as REQUEST_STATES
from dashboard.words import Sign

MOST_TEXT = 100  # characters
MOST_REASONS = 6  # in the chart; the rest is one bar

RESULT_WORDS = dict(
    zip(
        RESULTS,
        (_l("완료"), _l("수동 환불"), _l("환불되지 않음"), _l("직접 확인"), _l("확인 중")),
        strict=True,
    )
)
SOURCE_WORDS = dict(
    zip(SOURCES, (_l("포트원으로 보냄"), _l("직접 이체"), _l("보내지 않은 요청")), strict=True)
)
PERIODS = {
    "today": _l("오늘"),
    "yesterday": _l("어제"),
    "7d": _l("최근 7일"),
    "month": _l("이번 달"),
    "last-month": _l("지난달"),
    "3m": _l("3개월"),
    "6m": _l("6개월"),
    "custom": _l("직접 입력"),
}
assert tuple(PERIODS) == PRESETS  # noqa: S101 - the same words as the order list


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page was asked for, as its address says it."""

    period: OrderFilter
    result: str
    source: str
    method: str
    text: str
    page: int

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of the address, without the place in the pages."""
        kept = {name: self.period.typed.get(name, "") for name in ("when", "from", "to")}
        kept |= {"result": self.result, "source": self.source, "method": self.method}
        return {name: value for name, value in (kept | {"q": self.text}).items() if value}

    @property
    def choice(self) -> Choice:
        """The same for the store."""
        return Choice(
            from_at=self.period.start,
            to_at=self.period.end,
            result=self.result,
            source=self.source,
            method=self.method,
            text=self.text,
        )


def question(args: Mapping[str, str], now: int) -> Question:
    """Read the address; what it does not know of is left out.

    :param now: UNIX seconds
    """
    period = {name: args[name] for name in ("when", "from", "to") if name in args}
    page = args.get("page", "1")

    def known(name: str, words: Sequence[str]) -> str:
        return args.get(name, "") if args.get(name) in words else ""

    return Question(
        period=parse(period, now),
        result=known("result", RESULTS),
        source=known("source", SOURCES),
        method=known("method", METHODS),
        text=args.get("q", "").replace("\0", "").strip()[:MOST_TEXT],
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
    )


@dataclass(frozen=True, kw_only=True)
class Entry(OfRow):
    """One row of the history, ready to print."""

    @property
    def sign(self) -> Sign:
        state = self.row["state"]
        match self.row["source"]:
            case "by_hand":
                return BY_HAND_STATES[state]
            case "never_sent":
                return REQUEST_STATES[state]
            case _:
                return refund_sign(state)


@dataclass(frozen=True, kw_only=True)
class ReasonBar:
    """One reason of the chart; ``width`` in thousandths of the longest."""

    reason: str
    count: int
    won: int
    width: int


def reason_bars(found: Sequence[tuple[str, int, int]]) -> list[ReasonBar]:
    """The largest reasons, and the rest as one."""
    shown = list(found[:MOST_REASONS])
    if rest := found[MOST_REASONS:]:
        count, won = sum(one[1] for one in rest), sum(one[2] for one in rest)
        shown.append((_("그 밖의 사유 %(count)d가지", count=len(rest)), count, won))
    most = max((won for _reason, _count, won in shown), default=0)
    return [
        ReasonBar(reason=reason or "–", count=count, won=won, width=1000 * won // max(most, 1))
        for reason, count, won in shown
    ]
