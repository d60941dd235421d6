"""Counts and sums beside the list: kept by day, or counted up to a bound. Never a surprise.

What the state tabs, the method, the period and the test channel ask for is kept in `order_days` by
every change of an order. What only the rows can tell (words, amounts) is counted up to a bound and
within a time; beyond it the page says so instead of letting anybody wait.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlite_utils import Database

from dashboard.clock import kst_day_number
from dashboard.orders.filters import METHODS, OTHER_METHODS, OrderFilter
from dashboard.orders.search import ABANDONED_AFTER_S, _Where

MOST = 10_000  # rows counted one by one
WITHIN_S = 0.2


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
    folded_many: bool = False  # more of them than anybody counted; `folded` is 0 then
    more: bool = False  # than `count`, which is the bound: there are no sums
    unknown: bool = False  # counting took too long: there is nothing but the rows
    tabs_known: bool = True  # whether `counts` counts every state

    @property
    def net(self) -> int:
        return self.paid - self.cancelled - self.by_hand


def find_totals(db: Database, wanted: OrderFilter, *, now: int) -> Totals:
    """Counts and sums over everything the filter finds, or how far they go.

    :param now: UNIX seconds; decides which payment windows are abandoned
    """
    if not (wanted.q or wanted.min_amount is not None or wanted.max_amount is not None):
        return _sum_up(_kept(db, wanted, now), wanted)
    try:
        with _at_most(db, WITHIN_S):
            return _counted(db, wanted, now)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_INTERRUPT":
            raise
        return Totals(unknown=True, tabs_known=False)


# -- kept ---------------------------------------------------------------------------------------


def _kept(db: Database, wanted: OrderFilter, now: int) -> list[dict[str, Any]]:
    """Groups of state, channel and currency out of the days."""
    days = _Where()
    days.add("base = ?", wanted.base)
    if wanted.start is not None:
        days.add("day >= ?", kst_day_number(wanted.start))
    if wanted.end is not None:
        days.add("day < ?", kst_day_number(wanted.end))
    if wanted.method == OTHER_METHODS:
        days.add(f"method NOT IN ({', '.join('?' * len(METHODS))})", *METHODS)
    elif wanted.method:
        days.add("method = ?", wanted.method)
    if wanted.test:
        days.add("sandbox = ?", int(wanted.test == "only"))
    groups = db.conn.execute(
        "SELECT state, sandbox, currency, sum(count) AS count, sum(paid) AS paid,"  # noqa: S608 - our own words; every value is bound
        " sum(cancelled) AS cancelled, sum(by_hand) AS by_hand, 0 AS folded"
        f" FROM order_days {days.sql} GROUP BY state, sandbox, currency",
        days.values,
    )
    found = [dict(group) for group in groups]
    if wanted.unfold:
        return found
    return [
        group | {"folded": group["count"] - _fresh(db, wanted, group, now)}
        if group["state"] == "ready"
        else group
        for group in found
    ]


def _fresh(db: Database, wanted: OrderFilter, group: Mapping[str, Any], now: int) -> int:
    """Payment windows of a group that may still be open."""
    where = _Where.of(wanted)
    where.add("state = 'ready' AND requested_at >= ?", now - ABANDONED_AFTER_S)
    where.add("sandbox = ? AND currency = ?", group["sandbox"], group["currency"])
    row = db.conn.execute(f"SELECT count(*) FROM orders {where.sql}", where.values).fetchone()  # noqa: S608 - as above
    return int(row[0])


# -- counted ------------------------------------------------------------------------------------


def _counted(db: Database, wanted: OrderFilter, now: int) -> Totals:
    """Row by row, as far as the bound; the open tab alone where all of them are too many."""
    shown = _first_rows(db, wanted, now)
    if sum(group["count"] for group in shown) <= MOST:
        return _with_folded(db, _sum_up(shown, wanted), wanted, now)
    if wanted.state:
        shown = _first_rows(db, wanted, now, of_the_tab=True)
        if sum(group["count"] for group in shown) <= MOST:
            return _with_folded(db, _sum_up(shown, wanted, tabs_known=False), wanted, now)
    return Totals(count=MOST, more=True, tabs_known=False)


def _first_rows(
    db: Database, wanted: OrderFilter, now: int, *, of_the_tab: bool = False
) -> list[dict[str, Any]]:
    """Groups of the first rows that the list would show, one more than the bound."""
    where = _Where.of(wanted)
    if of_the_tab:
        where.state(wanted)
    if not wanted.unfold:
        where.add("(state <> 'ready' OR requested_at >= ?)", now - ABANDONED_AFTER_S)
    groups = db.conn.execute(
        "SELECT state, sandbox, currency, count(*) AS count, sum(paid_amount) AS paid,"  # noqa: S608 - as above
        " sum(cancelled_amount) AS cancelled, sum(manual_refunded) AS by_hand, 0 AS folded"
        f" FROM (SELECT * FROM orders {where.sql} LIMIT ?) GROUP BY state, sandbox, currency",
        (*where.values, MOST + 1),
    )
    return [dict(group) for group in groups]


def _with_folded(db: Database, totals: Totals, wanted: OrderFilter, now: int) -> Totals:
    """With the abandoned payment windows among what was found, as far as the bound."""
    if wanted.unfold or wanted.state not in ("", "ready"):
        return totals
    where = _Where.of(wanted)
    where.add("state = 'ready' AND requested_at < ?", now - ABANDONED_AFTER_S)
    folded = db.conn.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM orders {where.sql} LIMIT ?)",  # noqa: S608 - as above
        (*where.values, MOST + 1),
    ).fetchone()[0]
    return replace(totals, folded=0 if folded > MOST else folded, folded_many=folded > MOST)


@contextmanager
def _at_most(db: Database, seconds: float) -> Iterator[None]:
    """Interrupt what is asked meanwhile when it takes longer.

    :raise sqlite3.OperationalError: ``SQLITE_INTERRUPT``: it did
    """
    until = time.monotonic() + seconds
    db.conn.set_progress_handler(lambda: time.monotonic() > until, 20_000)
    try:
        yield
    finally:
        db.conn.set_progress_handler(None, 0)


# -- both ---------------------------------------------------------------------------------------


def _sum_up(
    groups: Iterable[Mapping[str, Any]], wanted: OrderFilter, *, tabs_known: bool = True
) -> Totals:
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
        tabs_known=tabs_known,
    )
