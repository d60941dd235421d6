"""The orders above and below one order in the list it was opened from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlite_utils import Database

from dashboard.orders.filters import Cursor, OrderFilter
from dashboard.orders.search import TIME_COLUMNS, find_page


@dataclass(frozen=True)
class Neighbours:
    """Order ids; None where the list ends."""

    newer: int | None = None  # the row above
    older: int | None = None  # the row below


def find_neighbours(db: Database, wanted: OrderFilter, order_id: int, *, now: int) -> Neighbours:
    """The rows beside ``order_id``, each a page of one row from its place.

    The order itself need not be found any more: refunded a moment ago, it has left "결제완료", and
    the way goes on from where it stood.
    """
    row = db.conn.execute(
        f"SELECT {TIME_COLUMNS[wanted.base]} FROM orders WHERE id = ?",  # noqa: S608 - our own words
        (order_id,),
    ).fetchone()
    if row is None or row[0] is None or wanted.problems:
        return Neighbours()
    place = Cursor(row[0], order_id)
    above = find_page(db, replace(wanted, before=None, after=place), now=now, size=1).rows
    below = find_page(db, replace(wanted, before=place, after=None), now=now, size=1).rows
    return Neighbours(
        newer=above[0]["id"] if above else None, older=below[0]["id"] if below else None
    )
