"""The list's rows and sums: a filter turned into SQL with bound values only.

Rows come from the ``orders`` table alone, in the order of an index. Pages are cut at a place
(time, id) and not at a number of rows, so they do not shift while new orders arrive.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from dashboard.clock import kst_day_start
from dashboard.orders.filters import METHODS, OTHER_METHODS, Cursor, OrderFilter
from dashboard.orders.query import Query, Term
from dashboard.orders.search_index import match_initials, match_query, typed_initials

PAGE_SIZE = 50
ABANDONED_AFTER_S = 60 * 60  # a payment window open for longer than this is folded away

TIME_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"requested": "requested_at", "paid": "paid_at", "cancelled": "cancelled_at"}
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, newest first, and the places where the neighbouring pages start."""

    rows: Sequence[sqlite3.Row]
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What the filter finds in all. Money is won of live payments in won alone.

    ``counts`` counts rows by state, whatever state tab is open; every other number belongs to the
    open tab. Payments of test channels and in other currencies are rows, but in no sum.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    paid: int = 0
    cancelled: int = 0
    by_hand: int = 0  # went back by bank transfer
    test_count: int = 0
    foreign_count: int = 0  # live, not in won
    folded: int = 0  # abandoned payment windows not shown

    @property
    def net(self) -> int:
        return self.paid - self.cancelled - self.by_hand


def find_page(db: Database, wanted: OrderFilter, *, now: int, size: int = PAGE_SIZE) -> Page:
    """One page of rows; ``now`` (UNIX seconds) decides what counts as abandoned."""
    column = TIME_COLUMNS[wanted.base]
    where = _Where.of(wanted)
    where.state(wanted)
    where.fold(wanted, now)
    upwards = wanted.after is not None and wanted.before is None
    if wanted.before is not None:
        where.add(f"({column}, id) < (?, ?)", *wanted.before)
    elif wanted.after is not None:
        where.add(f"({column}, id) > (?, ?)", *wanted.after)
    direction = "ASC" if upwards else "DESC"
    found = db.conn.execute(
        f"SELECT * FROM orders {where.sql} ORDER BY {column} {direction}, id {direction} LIMIT ?",  # noqa: S608 - our own words; every value is bound
        (*where.values, size + 1),
    ).fetchall()
    rows, more = found[:size], len(found) > size
    if upwards:
        rows.reverse()
    if not rows:
        return Page(rows=(), newer=None, older=None)
    first, last = (Cursor(row[column], row["id"]) for row in (rows[0], rows[-1]))
    return Page(
        rows=rows,
        newer=first if (more if upwards else wanted.before is not None) else None,
        older=last if upwards or more else None,
    )


def find_totals(db: Database, wanted: OrderFilter, *, now: int) -> Totals:
    """Counts and sums over everything the filter finds, in one pass."""
    where = _Where.of(wanted)
    fold = "state = 'ready' AND requested_at < ?"
    groups = db.conn.execute(
        "SELECT state, sandbox, currency, count(*) AS count, sum(paid_amount) AS paid,"  # noqa: S608 - as above
        f" sum(cancelled_amount) AS cancelled, sum(manual_refunded) AS by_hand,"
        f" sum({fold}) AS folded"
        f" FROM orders {where.sql} GROUP BY state, sandbox, currency",
        (now - ABANDONED_AFTER_S, *where.values),
    ).fetchall()
    counts: dict[str, int] = {}
    count = paid = cancelled = by_hand = tests = foreign = folded = 0
    for group in groups:
        hidden = 0 if wanted.unfold else group["folded"]
        shown = group["count"] - hidden
        counts[group["state"]] = counts.get(group["state"], 0) + shown
        if wanted.state not in ("", group["state"]):
            continue
        count, folded = count + shown, folded + hidden
        if group["sandbox"]:
            tests += shown
        elif group["currency"] != "KRW":
            foreign += shown
        else:  # a window nobody paid in has no money in it: what is folded changes no sum
            paid, cancelled = paid + group["paid"], cancelled + group["cancelled"]
            by_hand += group["by_hand"]
    return Totals(
        counts={state: number for state, number in counts.items() if number},
        count=count,
        paid=paid,
        cancelled=cancelled,
        by_hand=by_hand,
        test_count=tests,
        foreign_count=foreign,
        folded=folded,
    )


def find_rows(db: Database, order_ids: Sequence[int]) -> list[sqlite3.Row]:
    """The rows of these orders, in the given order; unknown ids are left out."""
    marks = ", ".join("?" * len(order_ids))
    found = {
        row["id"]: row
        for row in db.conn.execute(f"SELECT * FROM orders WHERE id IN ({marks})", order_ids)  # noqa: S608 - question marks
    }
    return [found[order_id] for order_id in order_ids if order_id in found]


def any_orders(db: Database) -> bool:
    """Whether the shop has any order at all."""
    return db.conn.execute("SELECT 1 FROM orders LIMIT 1").fetchone() is not None


class _Where:
    """Conditions joined by AND, each with the values bound to it."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return "WHERE " + " AND ".join(self.conditions) if self.conditions else ""

    @classmethod
    def of(cls, wanted: OrderFilter) -> _Where:
        """All conditions but the state tab, the fold and the place in the pages."""
        where, column = cls(), TIME_COLUMNS[wanted.base]
        if wanted.base != "requested":
            where.add(f"{column} IS NOT NULL")
        if wanted.start is not None:
            where.add(f"{column} >= ?", wanted.start)
        if wanted.end is not None:
            where.add(f"{column} < ?", wanted.end)
        if wanted.method == OTHER_METHODS:
            where.add(f"method NOT IN ({', '.join('?' * len(METHODS))})", *METHODS)
        elif wanted.method:
            where.add("method = ?", wanted.method)
        if wanted.min_amount is not None or wanted.max_amount is not None:
            where.add("currency = 'KRW'")
        if wanted.min_amount is not None:
            where.add("amount >= ?", wanted.min_amount)
        if wanted.max_amount is not None:
            where.add("amount <= ?", wanted.max_amount)
        if wanted.test:
            where.add("sandbox = ?", int(wanted.test == "only"))
        where.query(wanted.query, column)
        return where

    def state(self, wanted: OrderFilter) -> None:
        if wanted.state:
            self.add("state = ?", wanted.state)

    def fold(self, wanted: OrderFilter, now: int) -> None:
        if not wanted.unfold and wanted.state in ("", "ready"):
            self.add("(state <> 'ready' OR requested_at >= ?)", now - ABANDONED_AFTER_S)

    def query(self, query: Query, column: str) -> None:
        """The search box. Words are looked up together, in the search index alone.

        :param column: the time a day in words is about
        """
        wanted: list[str] = []
        unwanted: list[str] = []
        for term in query.terms:
            if term.problem:  # nobody should ask then; never more than was asked for
                self.add("0")
            elif term.kind in ("text", "initials") and not _names_company(term):
                (unwanted if term.negated else wanted).append(_match(term))
            else:
                condition, values = _condition(term, column)
                self.add(f"NOT ({condition})" if term.negated else condition, *values)
        if wanted:
            match = " AND ".join(f"({one})" for one in wanted)
            if unwanted:
                match = f"({match}) NOT ({' OR '.join(f'({one})' for one in unwanted)})"
            self.add(f"id IN ({_FOUND})", match)
        elif unwanted:
            self.add(f"id NOT IN ({_FOUND})", " OR ".join(f"({one})" for one in unwanted))


_FOUND = "SELECT rowid FROM order_search WHERE order_search MATCH ?"
_INITIALS = {"name": "buyer_initials", "goods": "name_initials"}


def _match(term: Term) -> str:
    """The FTS5 expression for a term of text or initials."""
    if term.kind == "initials":
        return match_initials(typed_initials(term.text), _INITIALS.get(term.key, ""))
    return match_query(term.text, term.columns) or '""'


def _names_company(term: Term) -> bool:
    """Whether it may be a card company, which is not in the index; no company is a number."""
    return term.key == "card" and not term.text.isdigit()


def _condition(term: Term, column: str) -> tuple[str, Sequence[Any]]:
    """A term as a condition over one row, and what is bound to it."""
    match term.kind:
        case "amount":
            found = "SELECT id FROM orders WHERE amount = ? AND currency = 'KRW'"
            text = match_query(term.text)
            if text is None:
                return f"id IN ({found})", (term.low,)
            return f"id IN ({_FOUND} UNION {found})", (text, term.low)
        case "text":  # of a card
            like = re.sub(r"[%_\\]", r"\\\g<0>", term.text)
            return (
                f"(id IN ({_FOUND}) OR card_name LIKE ? ESCAPE '\\')",
                (_match(term), f"%{like}%"),
            )
        case "sum":
            limits = [("amount >= ?", term.low), ("amount <= ?", term.high)]
            given = [(words, value) for words, value in limits if value is not None]
            words = " AND ".join(["currency = 'KRW'", *(words for words, _ in given)])
            return words, [value for _, value in given]
        case "days" if term.first and term.last:
            end = kst_day_start(term.last + timedelta(days=1))
            return f"{column} >= ? AND {column} < ?", (kst_day_start(term.first), end)
        case "state":
            return _any_of("state", term.choices)
        case "method" if OTHER_METHODS in term.choices:
            named = [one for one in METHODS if one not in term.choices]
            return f"method NOT IN ({_marks(named)})", named
        case "method":
            return _any_of("method", term.choices)
        case "test":
            return "sandbox = ?", (int(term.flag),)
        case "escrow":
            return "escrow = ?", (int(term.flag),)
        case _:
            raise ValueError(f"no condition for {term.kind}")


def _any_of(column: str, choices: Sequence[str]) -> tuple[str, Sequence[str]]:
    """One value has an index that gives its rows in order. Several would have to be sorted, so
    then the index of the time is walked (the plus keeps the other one out)."""
    if len(choices) == 1:
        return f"{column} = ?", choices
    return f"+{column} IN ({_marks(choices)})", choices


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
