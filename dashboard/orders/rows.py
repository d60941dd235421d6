"""Rows of the list, ready to print."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from sqlite_utils import Database

from dashboard import settings
from dashboard.clock import kst
from dashboard.formatting import kst_short
from dashboard.ksnet import Cancellability, cancellability
from dashboard.orders.chip import ChipWords, chip_words, order_facts
from dashboard.orders.search_index import normalise


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


def make_rows(
    db: Database,
    orders: Iterable[sqlite3.Row],
    *,
    column: str,
    now: int,
    live: Callable[[int], str] = lambda _order_id: "",
    refunding: Collection[int] = (),
) -> list[Row]:
    """Rows for ``orders``; ``column`` names the time they are shown with.

    :param now: UNIX seconds
    :param refunding: ids of orders with a refund that has no result yet
    """
    contract = settings.get(db, "contract_vbank_refund")
    rows = []
    days: dict[date, str] = {}  # what each is called, asked once
    for order in orders:
        values = dict(order)
        found = cancellability(order_facts(values, contract), now)
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
                chip=chip_words(
                    found,
                    state=order["state"],
                    fail_reason=order["fail_reason"],
                    by_hand=order["manual_refunded"],
                ),
                live=live(order["id"]),
                refunding=order["id"] in refunding,
            )
        )
    return rows


def month_day(at: int) -> str:
    """``8/24``, where room is scarce."""
    day = kst(at)
    return f"{day.month}/{day.day}"


def pieces(text: str, query: str) -> list[tuple[str, bool]]:
    """``text`` cut where ``query`` is found in it, as the search compares: ``[("햇", False), …]``.

    Templates put the found pieces into ``<mark>``; the text itself is never joined into HTML.
    """
    wanted = normalise(query)
    if not wanted:
        return [(text, False)]
    places = [(at, char) for at, letter in enumerate(text) for char in normalise(letter)]
    plain = "".join(char for _, char in places)
    cut, found = [], 0
    start = plain.find(wanted)
    while start >= 0:
        first, last = places[start][0], places[start + len(wanted) - 1][0] + 1
        if first >= found:
            cut += [(text[found:first], False), (text[first:last], True)]
            found = last
        start = plain.find(wanted, start + len(wanted))
    return [piece for piece in [*cut, (text[found:], False)] if piece[0]]
