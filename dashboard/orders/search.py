"""The list's rows and sums: a filter turned into SQL with bound values only.

Rows come from the ``orders`` table alone, in the order of an index. Pages are cut at a place
(time, id) and not at a number of rows, so they do not shift while new orders arrive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from dashboard.clock import kst_day, kst_day_number, kst_day_start
from dashboard.orders.filters import METHODS, OTHER_METHODS, Cursor, OrderFilter
from dashboard.orders.query import Query, Term
from dashboard.orders.search_index import match_initials, match_query, normalise, typed_initials

PAGE_SIZE = 50
LARGEST = 2**63 - 1  # what SQLite can count to; with both ends given it reads an index
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


def find_page(db: Database, wanted: OrderFilter, *, now: int, size: int = PAGE_SIZE) -> Page:
    """One page of rows; ``now`` (UNIX seconds) decides what counts as abandoned."""
    column = TIME_COLUMNS[wanted.base]
    where = _Where.of(wanted)
    where.state(wanted)
    where.fold(wanted, now)
    upwards = wanted.after is not None and wanted.before is None
    where.beside(wanted, column)
    found: list[sqlite3.Row] = []
    for found in _looks(db, wanted, where, upwards=upwards, most=size + 1):
        if len(found) > size:
            break
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


_INDEXES = {
    "requested_at": "orders_requested",
    "paid_at": "orders_paid",
    "cancelled_at": "orders_cancelled",
}
_NEAR = 4_000  # orders in the first stretch
_LONGER = 4  # times the one before, at least
_HOPELESS = 2  # orders in a stretch: the index of what is asked for finds all there are at once
_FAR = 3  # a stretch of more than a third of all orders is not worth it


@dataclass(frozen=True)
class _Stretch:
    """The part of the list beside the place where a page starts; ``edge`` is its far end.

    What many orders answer to is soon found there, in the order of time; the index of words then
    reads only the ids that the stretch may hold. What few answer to is found everywhere.

    :ivar edge: UNIX seconds, not part of it; None: everywhere
    :ivar rare: only few of its orders will answer: ask the index of words for them, not each order
    """

    edge: int | None = None
    ids: tuple[int, int] = (0, 0)
    rare: bool = False

    def rows(
        self, db: Database, where: _Where, column: str, *, upwards: bool, most: int
    ) -> list[sqlite3.Row]:
        direction = "ASC" if upwards else "DESC"
        source, found = "orders", where
        if self.edge is not None:
            if not self.rare:
                source = f"orders INDEXED BY {_INDEXES[column]}"
            reach = f"MATCH ? AND rowid BETWEEN {self.ids[0]} AND {self.ids[1]}"
            found = _Where()
            for condition in where.conditions:
                found.add(condition.replace("MATCH ?", reach))
            beyond = "<" if upwards else ">"
            found.add(f"{'+' * self.rare}{column} {beyond} ?", *where.values, self.edge)
        return db.conn.execute(
            f"SELECT * FROM {source} {found.sql}"  # noqa: S608 - our own words; every value is bound
            f" ORDER BY {column} {direction}, id {direction} LIMIT ?",
            (*found.values, most),
        ).fetchall()


_EVERYWHERE = _Stretch()


def _looks(
    db: Database, wanted: OrderFilter, where: _Where, *, upwards: bool, most: int
) -> Iterator[list[sqlite3.Row]]:
    """What ever longer looks find, the last of them everywhere.

    Where no index answers in the order of time, stretches of the list come first, each as long as
    what was found in the one before lets hope for.
    """
    column = TIME_COLUMNS[wanted.base]
    by_rows = wanted.q or wanted.min_amount is not None or wanted.max_amount is not None
    if by_rows or (wanted.base != "requested" and (wanted.state or wanted.method)):
        orders = db.conn.execute("SELECT coalesce(max(id), 0) FROM orders").fetchone()[0]
        days = _days(db, wanted, upwards=upwards)
        held, first, last, length = 0, LARGEST, 0, _NEAR
        answering = _answering(db, where, orders, most)
        if answering < most:  # few: no use in looking near first
            length = _length(_NEAR, answering, most) if answering >= _HOPELESS else orders
        while length * _FAR < orders:
            for day in days:
                held += day["count"]
                first, last = min(first, day["first"]), max(last, day["last"])
                if held >= length:
                    break
            if not held:
                break
            edge = kst_day(day["day"] + 1) if upwards else kst_day(day["day"]) - 1
            rare = where.by_words is not None and length > _NEAR
            found = _Stretch(edge=edge, ids=(first, last), rare=rare).rows(
                db, where, column, upwards=upwards, most=most
            )
            yield found
            if held < length:  # the period holds no more
                return
            if len(found) < _HOPELESS:
                break
            length = max(_length(held, len(found), most), held * _LONGER)
    yield _EVERYWHERE.rows(db, where, column, upwards=upwards, most=most)


def _length(orders: int, found: int, most: int) -> int:
    """How many orders will hold ``most`` of what ``orders`` held ``found`` of, and half as many."""
    return orders * most * 3 // 2 // found


def _answering(db: Database, where: _Where, last_id: int, most: int) -> int:
    """How many of the orders that came last have the words, up to ``most``; a guess is enough."""
    if where.by_words is None:
        return most
    row = db.conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM order_search WHERE order_search MATCH ?"
        " AND rowid > ? LIMIT ?)",
        (where.by_words, last_id - _NEAR, most),
    ).fetchone()
    return int(row[0])


def _days(db: Database, wanted: OrderFilter, *, upwards: bool) -> Iterator[sqlite3.Row]:
    """What is kept of each day of the list, from the place where the page starts on."""
    place = _Where()
    place.add("base = ?", wanted.base)
    if wanted.start is not None:
        place.add("day >= ?", kst_day_number(wanted.start))
    if wanted.end is not None:
        place.add("day <= ?", kst_day_number(wanted.end - 1))
    if wanted.before is not None:
        place.add("day <= ?", kst_day_number(wanted.before.at))
    elif wanted.after is not None:
        place.add("day >= ?", kst_day_number(wanted.after.at))
    return db.conn.execute(
        "SELECT day, sum(count) AS count, min(first_id) AS first, max(last_id) AS last"  # noqa: S608 - as above
        f" FROM order_days {place.sql} GROUP BY day ORDER BY day {'ASC' if upwards else 'DESC'}",
        place.values,
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
        self.by_words: str | None = None  # what the index of words is asked for, if it must answer

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
        where.period(wanted, column)
        if wanted.method == OTHER_METHODS:
            where.add(f"method NOT IN {METHODS}")  # as the index says it
        elif wanted.method:
            where.add("method = ?", wanted.method)
        if wanted.min_amount is not None or wanted.max_amount is not None:
            least = -LARGEST if wanted.min_amount is None else wanted.min_amount
            most = LARGEST if wanted.max_amount is None else wanted.max_amount
            where.add("currency = 'KRW' AND amount BETWEEN ? AND ?", least, most)
        if wanted.test:
            where.add("sandbox = 1" if wanted.test == "only" else "sandbox = 0")
        where.query(wanted.query, column)
        return where

    def period(self, wanted: OrderFilter, column: str) -> None:
        if wanted.start is not None:
            self.add(f"{column} >= ?", wanted.start)
        if wanted.end is not None:
            self.add(f"{column} < ?", wanted.end)

    def beside(self, wanted: OrderFilter, column: str) -> None:
        """From the place in the pages on, towards the past or towards now."""
        if wanted.before is not None:
            self.add(f"({column}, id) < (?, ?)", *wanted.before)
        elif wanted.after is not None:
            self.add(f"({column}, id) > (?, ?)", *wanted.after)

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
                if term.kind == "amount" and not term.negated:
                    self.by_words = self.by_words or match_query(term.text)
                self.add(f"NOT ({condition})" if term.negated else condition, *values)
        if wanted:
            match = " AND ".join(f"({one})" for one in wanted)
            if unwanted:
                match = f"({match}) NOT ({' OR '.join(f'({one})' for one in unwanted)})"
            self.by_words = match
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
    return term.key == "card" and not normalise(term.text).isdigit()


def _says(column: str) -> str:
    """SQL for a LIKE, bound twice, that leaves out what may stand between the column's letters."""
    letters = column
    for between in " _.,·/&()[]-":
        letters = f"replace({letters}, '{between}', '')"
    return f"({column} LIKE ? OR {column} GLOB '*[] _.,·/&()[-]*' AND {letters} LIKE ?)"


_COMPANY = _says("card_name")


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
            company = f"%{normalise(term.text)}%"
            return f"(id IN ({_FOUND}) OR {_COMPANY})", (_match(term), company, company)
        case "sum" if term.amounts:
            words = f"currency = 'KRW' AND amount IN ({_marks(term.amounts)})"
            return words, term.amounts
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


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
