"""Rows of payment requests, their lines, products, and what is held back of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard.checkout.states import LIVE
from dashboard.database import all_rows, one_row

Row = dict[str, Any]

_LIVE = ", ".join(f"'{state}'" for state in LIVE)
_DUE = f"""
SELECT * FROM payment_requests WHERE next_check_at <= ?1
UNION SELECT payment_requests.* FROM payment_requests
    JOIN orders USING (merchant_uid) JOIN payments ON payments.order_id = orders.id
    WHERE (payment_requests.state IN ({_LIVE}) OR payment_requests.alarm IS NOT NULL)
    AND payments.changed_at > ifnull(payment_requests.last_checked_at, 0)
UNION SELECT payment_requests.* FROM payment_requests
    JOIN orders USING (merchant_uid) JOIN payments ON payments.order_id = orders.id
    WHERE payment_requests.state NOT IN ({_LIVE}) AND payment_requests.created_at > ?2
    AND payments.first_seen_at > payment_requests.last_checked_at
ORDER BY created_at DESC LIMIT ?3
"""  # noqa: S608 - our own words
_WATCH_ENDED_S = 60 * 24 * 60 * 60  # a second payment of an ended request is noticed for so long


def add(db: Database, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """Write a request with its lines down, inside the caller's transaction.

    :raise sqlite3.IntegrityError: the form has become one already, or the number is taken
    """
    _insert(db, "payment_requests", row)
    for position, line in enumerate(lines, 1):
        _insert(
            db,
            "payment_request_lines",
            dict(line) | {"request_id": row["id"], "position": position},
        )


def _insert(db: Database, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", dict(row))  # noqa: S608 - our own names


def find(db: Database, request_id: str) -> Row | None:
    return one_row(db, "SELECT * FROM payment_requests WHERE id = ?", request_id)


def find_by_form(db: Database, form_token: str) -> Row | None:
    return one_row(db, "SELECT * FROM payment_requests WHERE form_token = ?", form_token)


def find_by_number(db: Database, merchant_uid: str) -> Row | None:
    return one_row(db, "SELECT * FROM payment_requests WHERE merchant_uid = ?", merchant_uid)


def number_is_taken(db: Database, merchant_uid: str) -> bool:
    """Whether an order, a request or an outside receipt has this number already."""
    return (
        one_row(
            db,
            "SELECT 1 FROM orders WHERE merchant_uid = ?1 UNION ALL"
            " SELECT 1 FROM payment_requests WHERE merchant_uid = ?1 UNION ALL"
            " SELECT 1 FROM receipts WHERE merchant_uid = ?1 LIMIT 1",
            merchant_uid,
        )
        is not None
    )


def lines(db: Database, request_id: str) -> list[Row]:
    """The goods of a request, in their order."""
    return all_rows(
        db,
        "SELECT * FROM payment_request_lines WHERE request_id = ? ORDER BY position",
        request_id,
    )


def change(db: Database, request_id: str, columns: Mapping[str, Any]) -> None:
    """Change a request, inside the caller's transaction."""
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    db.conn.execute(
        f"UPDATE payment_requests SET {assignments} WHERE id = :_id",  # noqa: S608 - our own names
        dict(columns) | {"_id": request_id},
    )


def due(db: Database, now: int, *, most: int = 20) -> list[Row]:
    """Requests to look at: their time has come, or the ledger has heard of a payment since."""
    return all_rows(
        db,
        _DUE,
        now,
        now - _WATCH_ENDED_S,
        most,
    )


def search(
    db: Database, *, states: Sequence[str], alarmed: bool, text: str, limit: int, offset: int
) -> list[Row]:
    """Requests, newest first; no states: all.

    :param text: a part of number, goods, buyer or phone; "": any
    """
    where, values = _where(states, alarmed, text)
    return all_rows(
        db,
        f"SELECT * FROM payment_requests WHERE {where} ORDER BY created_at DESC, id"  # noqa: S608 - our own words
        " LIMIT ? OFFSET ?",
        *values,
        limit,
        offset,
    )


def counts(db: Database) -> dict[str, int]:
    """How many requests are in each state; ``alarm``: how many a person must look at."""
    found = {
        row["state"]: row["count"]
        for row in all_rows(
            db, "SELECT state, count(*) AS count FROM payment_requests GROUP BY state"
        )
    }
    alarms = one_row(db, "SELECT count(*) AS count FROM payment_requests WHERE alarm IS NOT NULL")
    return found | {"alarm": alarms["count"] if alarms else 0}


def _where(states: Sequence[str], alarmed: bool, text: str) -> tuple[str, list[Any]]:
    parts, values = ["1 = 1"], list[Any]()
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values.extend(states)
    if alarmed:
        parts.append("alarm IS NOT NULL")
    if text:
        columns = ("merchant_uid", "name", "wish")
        parts.append("(" + " OR ".join(f"instr(lower({one}), ?) > 0" for one in columns) + ")")
        values.extend([text.lower()] * len(columns))
    return " AND ".join(parts), values
