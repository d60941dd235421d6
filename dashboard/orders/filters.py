"""The order list's question, as it stands in the address bar: URL arguments to a typed filter.

Everything the list shows follows from these arguments, so a link shows the same rows to everybody.
A value that makes no sense becomes an error beside its field; what was typed is kept.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

from dashboard.clock import kst, kst_day_start
from dashboard.orders.amount_words import parse_amount
from dashboard.orders.date_words import FIRST_DAY, LAST_DAY
from dashboard.orders.query import Query, parse_query
from dashboard.orders.query_values import QueryProblem
from dashboard.orders.states import STATES

BASES = ("requested", "paid", "cancelled")
ALL_TIME = "all"  # said by a form's select; in the address bar it is the absence of a period
PRESETS = ("today", "yesterday", "7d", "month", "last-month", "3m", "6m", "custom")
METHODS = ("card", "vbank", "trans", "phone", "kakaopay", "naverpay", "payco", "lpay", "ssgpay")
OTHER_METHODS = "other"
TESTS = ("hide", "only")

MAX_QUERY = 100  # characters; PortOne's longest searchable field has 64

Problem = QueryProblem | Literal["unknown", "too_long", "too_many"]


class Cursor(NamedTuple):
    """A place between two rows: the time (UNIX seconds) and id of the row beside it."""

    at: int
    id: int

    def __str__(self) -> str:
        return f"{self.at}-{self.id}"


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders to show. ``from_day`` and ``to_day`` are Korean dates, both included.

    ``typed`` keeps what the person wrote, ``problems`` what is wrong with it, by argument name.
    """

    q: str = ""
    query: Query = Query()  # what ``q`` was understood as
    state: str = ""
    base: str = "requested"
    when: str = ""
    from_day: date | None = None
    to_day: date | None = None
    method: str = ""
    min_amount: int | None = None  # won
    max_amount: int | None = None  # won
    test: str = ""
    unfold: bool = False  # show abandoned payment windows too
    before: Cursor | None = None  # from here towards the past
    after: Cursor | None = None  # from here towards now
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Problem] = field(default_factory=dict)

    @property
    def start(self) -> int | None:
        """The first second of the period, UNIX seconds."""
        return None if self.from_day is None else kst_day_start(self.from_day)

    @property
    def end(self) -> int | None:
        """The first second after the period, UNIX seconds."""
        return None if self.to_day is None else kst_day_start(self.to_day + timedelta(days=1))

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state tab and the place in the pages is set."""
        return bool(set(self.typed) - {"state", "base", "unfold", *_PLACE})

    @property
    def moved(self) -> bool:
        """Whether this is another page than the newest."""
        return self.before is not None or self.after is not None

    def args(self, **changes: str | None) -> dict[str, str]:
        """The URL arguments of this filter with ``changes``; None or "" takes one away.

        A change starts again at the newest page unless it names a place itself.
        """
        kept = {name: value for name, value in self.typed.items() if name not in _PLACE}
        return {name: value for name, value in (kept | changes).items() if value}

    def here(self) -> dict[str, str]:
        """The URL arguments of exactly this page."""
        return dict(self.typed)


_ARGS = (
    *("q", "state", "base", "when", "from", "to", "method", "min", "max", "test", "unfold"),
    *("on", "before", "after"),
)
_PLACE = ("on", "before", "after")


def parse(args: Mapping[str, str], now: float) -> OrderFilter:
    """Read URL arguments; ``now`` (UNIX seconds) decides what "today" is in Korea."""
    typed = {name: args[name].strip() for name in _ARGS if args.get(name, "").strip()}
    if typed.get("when") not in (None, "custom"):  # days of one's own were left behind
        typed.pop("from", None)
        typed.pop("to", None)
    if typed.get("when") == ALL_TIME:
        del typed["when"]
    problems: dict[str, Problem] = {}
    choices = {
        name: _choice(typed, name, known, problems)
        for name, known in (
            ("state", STATES),
            ("base", BASES),
            ("when", PRESETS),
            ("method", (*METHODS, OTHER_METHODS)),
            ("test", TESTS),
        )
    }
    low, high = _amount(typed, "min", problems), _amount(typed, "max", problems)
    if low is not None and high is not None and high < low:
        problems["max"] = "max_below_min"
    query = _query(typed, kst(now).date(), problems)
    found = OrderFilter(
        q=query.text,
        query=query,
        state=choices["state"],
        base=choices["base"] or "requested",
        when=choices["when"],
        method=choices["method"],
        min_amount=low,
        max_amount=high,
        test=choices["test"],
        unfold=typed.get("unfold") == "1",
        before=_jump(typed, problems) or _cursor(typed.get("before", "")),
        after=_cursor(typed.get("after", "")),
        typed=typed,
    )
    return replace(_with_period(found, now, problems), problems=problems)


def preset_days(preset: str, today: date) -> tuple[date, date] | None:
    """The first and last day of a preset; None for one that has no days of its own."""
    month_start = today.replace(day=1)
    match preset:
        case "today":
            return today, today
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "7d":
            return today - timedelta(days=6), today
        case "month":
            return month_start, today
        case "last-month":
            last = month_start - timedelta(days=1)
            return last.replace(day=1), last
        case "3m" | "6m":
            return _months_before(today, int(preset[0])) + timedelta(days=1), today
        case _:
            return None


def _months_before(day: date, months: int) -> date:
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def _choice(
    typed: Mapping[str, str], name: str, known: tuple[str, ...], problems: dict[str, Problem]
) -> str:
    value = typed.get(name, "")
    if value and value not in known:
        problems[name] = "unknown"
        return ""
    return value


def _query(typed: Mapping[str, str], today: date, problems: dict[str, Problem]) -> Query:
    text = unicodedata.normalize("NFC", typed.get("q", ""))  # a Mac's files have syllables apart
    if len(text) > MAX_QUERY:
        problems["q"] = "too_long"
        return Query()
    query = parse_query(text, today)
    if query.too_many:
        problems["q"] = "too_many"
    elif query.problems:
        problems["q"] = query.problems[0].problem or "unknown_value"
    elif text.strip() and not query.terms:  # nothing but signs
        problems["q"] = "too_short"
    return query


def _amount(typed: Mapping[str, str], name: str, problems: dict[str, Problem]) -> int | None:
    if name not in typed:
        return None
    amount = parse_amount(typed[name])
    if amount is None:
        problems[name] = "not_an_amount"
    return amount


def _day(typed: Mapping[str, str], name: str, problems: dict[str, Problem]) -> date | None:
    if name not in typed:
        return None
    try:
        day = date.fromisoformat(typed[name])
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        problems[name] = "not_a_date"
        return None
    return day


def _with_period(found: OrderFilter, now: float, problems: dict[str, Problem]) -> OrderFilter:
    days = preset_days(found.when, kst(now).date())
    if days is not None:
        return replace(found, from_day=days[0], to_day=days[1])
    start, end = _day(found.typed, "from", problems), _day(found.typed, "to", problems)
    if start and end and end < start:
        problems["to"] = "ends_before_start"
    # Days without a preset are days of one's own: the two fields must be there to show them.
    when = "custom" if {"from", "to"} & set(found.typed) else found.when
    return replace(found, when=when, from_day=start, to_day=end)


def _jump(typed: Mapping[str, str], problems: dict[str, Problem]) -> Cursor | None:
    """The page that begins with a day's last order."""
    day = _day(typed, "on", problems)
    return None if day is None else Cursor(kst_day_start(day + timedelta(days=1)), 0)


def _cursor(text: str) -> Cursor | None:
    """A mangled place in an old link is no reason for an error: the newest page then."""
    match = re.fullmatch(r"(-?[0-9]{1,15})-([0-9]{1,18})", text, re.ASCII)
    return Cursor(int(match[1]), int(match[2])) if match else None
