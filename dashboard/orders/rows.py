"""Rows of the list, ready to print."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace

from sqlite_utils import Database

from dashboard import settings
from dashboard.clock import kst
from dashboard.formatting import kst_short
from dashboard.i18n import language
from dashboard.ksnet import CancelFacts, Cancellability, cancellability
from dashboard.orders.chip import ChipWords, chip_words, order_facts
from dashboard.orders.query import Query
from dashboard.orders.search_index import initial, normalise


@dataclass(frozen=True, kw_only=True)
class Row:
    """One order. ``day`` and ``time`` are the moment of the list's date base in Korean time.

    ``shown_amount`` is what came in, or what was asked for while nothing has (``came_in`` false);
    won, or cents for USD. ``live`` is what asking PortOne brought, see ``live.LiveAnswer.mark``.
    """

    order: SimpleNamespace  # the columns of `orders`
    at: int
    day: str
    time: str
    shown_amount: int
    came_in: bool
    cancel: Cancellability
    chip: ChipWords
    live: str = ""
    refunding: bool = False  # a refund of it has no result yet
    matched: Sequence[str] = ()  # columns of the search index where it was found, out of sight

    @property
    def facts(self) -> Hashable:
        """Everything that decides what is printed of this row, besides the page's own facts."""
        cancel = self.cancel.kind, self.chip
        at = self.at, self.day, self.time, self.shown_amount
        order = tuple(vars(self.order).values())
        return order, at, cancel, self.live, self.refunding, tuple(self.matched)


MOST_DRAWN = 2_000  # rows; some kB each


class DrawnRows:
    """Rows as they were printed, kept for as long as Jangbu runs: most of a list was there before.

    :param kept: what the pages of one application share
    :param page: everything that rows of this page follow from, besides their own facts
    """

    def __init__(self, kept: dict[Hashable, str], page: Hashable) -> None:
        self._kept, self._page = kept, page

    def get(self, row: Row) -> str | None:
        return self._kept.get((self._page, row.facts))

    def put(self, row: Row, printed: str) -> str:
        if len(self._kept) >= MOST_DRAWN:
            self._kept.clear()  # simple, and rare
        self._kept[self._page, row.facts] = printed
        return printed


def make_rows(
    db: Database,
    orders: Iterable[sqlite3.Row],
    *,
    column: str,
    now: int,
    live: Callable[[int], str] = lambda _order_id: "",
    refunding: Collection[int] = (),
    matched: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> list[Row]:
    """Rows for ``orders``; ``column`` names the time they are shown with.

    :param now: UNIX seconds
    :param refunding: ids of orders with a refund that has no result yet
    :param matched: by order id, see ``found.out_of_sight``
    """
    contract = settings.get(db, "contract_vbank_refund")
    rows = []
    days: dict[date, str] = {}  # what each is called, asked once
    for order in orders:
        values = dict(order)
        found, chip = _can_be_cancelled(
            order_facts(values, contract),
            order["fail_reason"],
            order["manual_refunded"],
            now // 60,
            language(),
        )
        at = order[column] or order["requested_at"]
        then = kst(at)
        time, day = f"{then:%H:%M}", then.date()
        if day not in days:
            days[day] = kst_short(at, now).removesuffix(time).strip()
        came_in = order["paid_amount"] > 0
        rows.append(
            Row(
                order=SimpleNamespace(**values),
                at=at,
                day=days[day],
                time=time,
                shown_amount=order["paid_amount"] if came_in else order["amount"],
                came_in=came_in,
                cancel=found,
                chip=chip,
                live=live(order["id"]),
                refunding=order["id"] in refunding,
                matched=matched.get(order["id"], ()),
            )
        )
    return rows


@lru_cache(maxsize=4_096)
def _can_be_cancelled(
    facts: CancelFacts, fail_reason: str, by_hand: int, minute: int, _language: str
) -> tuple[Cancellability, ChipWords]:
    """To the minute, as every rule about time is: the same rows are looked at again and again.

    :param minute: since 1970
    :param _language: that the words are in
    """
    found = cancellability(facts, minute * 60)
    return found, chip_words(found, state=facts.state, fail_reason=fail_reason, by_hand=by_hand)


def month_day(at: int) -> str:
    """``8/24``, where room is scarce."""
    day = kst(at)
    return f"{day.month}/{day.day}"


def pieces(text: str, query: Query, column: str) -> list[tuple[str, bool]]:
    """``text`` cut where the query finds something in it: ``[("햇", False), ("사과", True), …]``.

    Templates put the found pieces into ``<mark>``; the text itself is never joined into HTML.

    :param column: of the search index, where the text is from
    """
    cut, at = [], 0
    for first, last in _spans(text, query.needles(column)):
        cut += [(text[at:first], False), (text[first:last], True)]
        at = last
    return [piece for piece in [*cut, (text[at:], False)] if piece[0]]


_letter = lru_cache(maxsize=4096)(normalise)  # letter by letter, for every row of a page


def _spans(text: str, needles: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Where any of the needles is found, without overlaps, in order."""
    if not needles:
        return []
    # A masked letter is a letter, though nobody can look for it.
    places = [(at, char) for at, letter in enumerate(text) for char in _letter(letter) or "*"]
    places = [(at, char) for at, char in places if char != "*" or text[at] == "*"]
    letters = "".join(char for _, char in places)
    initials = ""
    if any(kind == "initials" for kind, _ in needles):
        initials = "".join(initial(char) or "*" for char in letters)
    found: list[tuple[int, int]] = []
    for kind, needle in needles:
        plain = initials if kind == "initials" else letters
        start = plain.find(needle) if needle else -1
        while start >= 0:
            found.append((places[start][0], places[start + len(needle) - 1][0] + 1))
            start = plain.find(needle, start + 1)
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
