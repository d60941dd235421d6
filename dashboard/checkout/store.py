"""Rows of payment requests, their lines, products, and what is held back of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard.database import all_rows, one_row

Row = dict[str, Any]

_TOO_FAR_S = 2 * 60 * 60
"""No look is ever planned so far ahead: the clock was wrong when it was."""


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
    """Requests whose time has come, the longest overdue first.

    News of a payment makes its request due at once, see the triggers of migration 13.
    """
    return all_rows(
        db,
        "SELECT * FROM payment_requests WHERE next_check_at <= ? OR next_check_at > ?"
        " ORDER BY next_check_at LIMIT ?",
        now,
        now + _TOO_FAR_S,
        most,
    )


def payments(db: Database, merchant_uid: str) -> list[Row]:
    """Every attempt to pay for an order number, as the ledger has it: ``raw`` alone."""
    return all_rows(
        db,
        "SELECT payments.raw FROM payments JOIN orders ON orders.id = payments.order_id"
        " WHERE orders.merchant_uid = ?",
        merchant_uid,
    )


def order_of(db: Database, merchant_uid: str) -> int | None:
    """The order of a number in the ledger, once PortOne knows a payment of it."""
    row = one_row(db, "SELECT id FROM orders WHERE merchant_uid = ?", merchant_uid)
    return None if row is None else int(row["id"])


def search(
    db: Database,
    *,
    states: Sequence[str],
    alarmed: bool,
    text: str,
    personal: bool,
    limit: int,
    offset: int,
) -> list[Row]:
    """Requests, newest first; no states: all.

    :param text: a part of number or goods; "": any
    :param personal: also a part of the buyer's name, or of the phone's digits
    """
    where, values = _where(states, alarmed, text, personal)
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


def _where(
    states: Sequence[str], alarmed: bool, text: str, personal: bool
) -> tuple[str, list[Any]]:
    parts, values = ["1 = 1"], list[Any]()
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values.extend(states)
    if alarmed:
        parts.append("alarm IS NOT NULL")
    if text:
        columns = ["merchant_uid", "name"]
        wanted = [text.lower()] * 2
        if personal:
            columns.append("json_extract(wish, '$.buyer_name')")
            wanted.append(text.lower())
            if digits := "".join(filter(str.isdigit, text)):
                columns.append("replace(json_extract(wish, '$.buyer_tel'), '-', '')")
                wanted.append(digits)
        parts.append("(" + " OR ".join(f"instr(lower({one}), ?) > 0" for one in columns) + ")")
        values.extend(wanted)
    return " AND ".join(parts), values
