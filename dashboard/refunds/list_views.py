"""Routes of all refunds: what is open first, then the history of a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.orders.filters import PRESETS, OrderFilter, parse
from dashboard.refunds import store
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.progress import tell_all
from dashboard.runtime import runtime

PAGE = 50
MOST_TEXT = 100  # characters

RESULTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "done": (_l("완료"), ("succeeded",)),
    "not": (_l("환불되지 않음"), ("rejected", "not_executed")),
    "by_owner": (_l("직접 확인"), ("settled_by_owner",)),
    "open": (_l("확인 중"), ("intent", "sending", "unknown")),
}
"""The words of the filter, and the states each stands for."""

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
    text: str
    page: int

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of the address, without the place in the pages."""
        kept = {name: self.period.typed.get(name, "") for name in ("when", "from", "to")}
        kept |= {"result": self.result, "q": self.text}
        return {name: value for name, value in kept.items() if value}

    @property
    def choice(self) -> dict[str, Any]:
        """The same for the store."""
        return {
            "states": RESULTS[self.result][1] if self.result else (),
            "from_at": self.period.start,
            "to_at": self.period.end,
            "text": self.text,
        }


def _question() -> Question:
    args = request.args
    period = {name: args[name] for name in ("when", "from", "to") if name in args}
    page = args.get("page", "1")
    return Question(
        period=parse(period, runtime().now()),
        result=args.get("result", "") if args.get("result") in RESULTS else "",
        text=args.get("q", "").replace("\0", "").strip()[:MOST_TEXT],
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
    )


@blueprint.get("/refunds")
@needs("see_orders")
def index() -> str:
    """Everything open, then the history with its sums."""
    db, now, asked = get_db(), runtime().now(), _question()
    at = (max(asked.page, 1) - 1) * PAGE
    rows = store.history(db, **asked.choice, limit=PAGE + 1, offset=at)
    sums = store.history_sum(db, **asked.choice)
    return render_template(
        "refunds/index.html",
        opened=tell_all(store.open_refunds(db), now=now),
        told=tell_all(rows[:PAGE], now=now),
        more=len(rows) > PAGE,
        asked=asked,
        results=[(name, word) for name, (word, _states) in RESULTS.items()],
        periods=list(PERIODS.items()),
        problems={
            name: _("날짜를 다시 확인해 주세요.")
            for name in asked.period.problems
            if name in ("from", "to")
        },
        count=sum(count for count, _won in sums.values()),
        sums={
            name: (
                sum(sums.get(state, (0, 0))[0] for state in states),
                sum(sums.get(state, (0, 0))[1] for state in states),
            )
            for name, (_word, states) in RESULTS.items()
        },
        now=now,
    )
