"""Reads one order and what belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard.database import all_rows, one_row

Row = Mapping[str, Any]

_PAYMENTS = "SELECT payments.*, checked_at FROM payments JOIN payment_checks USING (imp_uid)"


def find_order(db: Database, order_id: int) -> Row | None:
    """The order's row, or None."""
    return one_row(db, "SELECT * FROM orders WHERE id = ?", order_id)


def find_payment(db: Database, imp_uid: str) -> Row | None:
    """The payment's row, or None."""
    return one_row(db, f"{_PAYMENTS} WHERE imp_uid = ?", imp_uid)


def payments_of(db: Database, order_id: int) -> Sequence[Row]:
    """All attempts to pay the order, newest first."""
    return all_rows(
        db,
        f"{_PAYMENTS} WHERE order_id = ?"
        " ORDER BY coalesce(started_at, first_seen_at) DESC, imp_uid DESC",
        order_id,
    )


def events_of(db: Database, order_id: int) -> Sequence[Row]:
    """What happened to the order here, newest first; ``detail`` is read, ``person`` a name."""
    rows = all_rows(
        db,
        "SELECT e.*, p.name AS person FROM events e LEFT JOIN people p ON p.id = e.person_id"
        " WHERE e.order_id = ? ORDER BY e.id DESC",
        order_id,
    )
    return [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]


def notes_of(db: Database, order_id: int) -> Sequence[Row]:
    """The shop's own notes, newest first; ``person`` is the writer's name."""
    return all_rows(
        db,
        "SELECT n.*, p.name AS person FROM notes n JOIN people p ON p.id = n.person_id"
        " WHERE n.order_id = ? ORDER BY n.id DESC",
        order_id,
    )
