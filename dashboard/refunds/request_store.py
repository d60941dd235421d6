"""Rows of ``refund_requests``: wishes that wait. Every step is guarded and has its event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, one_row

Row = Mapping[str, Any]
State = Literal["requested", "scheduled", "sent", "declined", "withdrawn", "expired"]

OPEN: tuple[State, ...] = ("requested", "scheduled")
_OPEN = "('requested', 'scheduled')"
assert _OPEN == str(OPEN)  # noqa: S101 - the index's words and ours are the same
WAYS: dict[State, tuple[State, ...]] = {
    "requested": ("scheduled", "sent", "declined", "withdrawn", "expired"),
    "scheduled": ("sent", "withdrawn", "expired"),
    "sent": (),
    "declined": (),
    "withdrawn": (),
    "expired": (),
}
_JOINED = (
    "SELECT q.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method, p.emb_pg_provider, p.sandbox,"
    " person.name AS person, decider.name AS decider, r.id AS refund_id, r.state AS refund_state"
    " FROM refund_requests q JOIN orders o ON o.id = q.order_id"
    " JOIN payments p ON p.imp_uid = q.imp_uid JOIN people person ON person.id = q.person_id"
    " LEFT JOIN people decider ON decider.id = q.decided_by"
    " LEFT JOIN refunds r ON r.request_id = q.id"
)


def find(db: Database, request_id: str) -> Row | None:
    """The request with its order, people and the refund it became, or None."""
    return one_row(db, f"{_JOINED} WHERE q.id = ?", request_id)


def by_form(db: Database, form_token: str) -> Row | None:
    """The request a form has already become, or None."""
    return one_row(db, f"{_JOINED} WHERE q.form_token = ?", form_token)


def open_of(db: Database, imp_uid: str) -> Row | None:
    """The payment's request that still waits; there is never more than one."""
    return one_row(db, f"{_JOINED} WHERE q.imp_uid = ? AND q.state IN {_OPEN}", imp_uid)


def of_order(db: Database, order_id: int) -> Sequence[Row]:
    """All requests of an order, newest first."""
    return all_rows(
        db, f"{_JOINED} WHERE q.order_id = ? ORDER BY q.created_at DESC, q.rowid DESC", order_id
    )


def waiting(db: Database) -> Sequence[Row]:
    """What waits for somebody or for the morning, oldest first."""
    return all_rows(db, f"{_JOINED} WHERE q.state IN {_OPEN} ORDER BY q.created_at, q.rowid")


def count_requested(db: Database) -> int:
    """How many wait for somebody's word; for the menu."""
    row = db.conn.execute("SELECT count(*) FROM refund_requests WHERE state = 'requested'")
    return int(row.fetchone()[0])


def due(db: Database, now: int) -> Sequence[Row]:
    """Scheduled ones whose time has come."""
    return all_rows(
        db, f"{_JOINED} WHERE q.state = 'scheduled' AND q.send_at <= ? ORDER BY q.send_at", now
    )


def moved(db: Database) -> Sequence[Row]:
    """Those that wait although the payment is no longer what was shown."""
    return all_rows(
        db,
        f"{_JOINED} WHERE q.state IN {_OPEN} AND (p.cancel_amount <> q.base_cancelled"
        " OR p.amount <> q.checksum + q.base_cancelled)",
    )


def caused_since(db: Database, person_id: int, since: int) -> int:
    """Won somebody has sent back by their own word alone since a moment, for their day's limit.

    What another person approved is not counted, nor what certainly was not carried out.
    """
    row = db.conn.execute(
        "SELECT (SELECT coalesce(sum(r.amount), 0) FROM refunds r"
        "  LEFT JOIN refund_requests q ON q.id = r.request_id"
        "  WHERE r.person_id = :person AND r.created_at >= :since AND q.decided_by IS NULL"
        "  AND r.state NOT IN ('rejected', 'not_executed'))"
        " + (SELECT coalesce(sum(amount), 0) FROM refund_requests WHERE person_id = :person"
        "  AND created_at >= :since AND state = 'scheduled' AND decided_by IS NULL)"
        " + (SELECT coalesce(sum(amount), 0) FROM manual_refunds WHERE person_id = :person"
        "  AND created_at >= :since AND state IN ('approved', 'done') AND decided_by IS NULL)",
        {"person": person_id, "since": since},
    ).fetchone()
    return int(row[0])


# -- writing, inside the caller's write transaction ---------------------------------------------


def add(db: Database, row: dict[str, Any], *, now: int) -> None:
    """Write a wish down that waits.

    :raise sqlite3.IntegrityError: the form was used before, or another one waits
    """
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO refund_requests ({names}) VALUES ({values})", row)  # noqa: S608 - our own column names
    told = {name: row[name] for name in ("kind", "tax_free", "checksum", "send_at")}
    told["why"] = json.loads(row["why"])
    _record(db, row, row["state"], at=now, person_id=row["person_id"], detail=told)


def move(
    db: Database,
    row: Row,
    to: State,
    *,
    at: int,
    person_id: int | None,
    **columns: Any,
) -> bool:
    """Take a request on; False when it is no longer in the state ``row`` has.

    The receiving account is erased with the step that ends it (SEC-56).

    :param person_id: who decided; None: the clock or the balance did
    """
    before: State = row["state"]
    if to not in WAYS[before]:
        raise ValueError(f"{before} never becomes {to}")
    columns |= {"state": to}
    if to not in OPEN:
        columns |= {"ended_at": at, "account": None}
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    done = db.conn.execute(
        f"UPDATE refund_requests SET {assignments} WHERE id = :_id AND state = :_before",  # noqa: S608 - our own column names
        columns | {"_id": row["id"], "_before": before},
    )
    if done.rowcount != 1:
        return False
    detail = {"from": before}
    if columns.get("decision"):
        detail["decision"] = columns["decision"]
    _record(db, row, to, at=at, person_id=person_id, detail=detail)
    return True


def become_refund(db: Database, row: Row, *, decided_by: int | None, now: int) -> bool:
    """End a request in the transaction that writes its refund down.

    :param decided_by: who approved it with this step; None: it was decided before
    """
    decided = {} if decided_by is None else {"decided_by": decided_by, "decided_at": now}
    return move(db, row, "sent", at=now, person_id=decided_by, **decided)


def _record(
    db: Database, row: Row, what: str, *, at: int, person_id: int | None, detail: dict[str, Any]
) -> None:
    events.record(
        db,
        f"refund_request.{what}",
        at=at,
        actor="worker" if person_id is None else "person",
        person_id=person_id,
        order_id=row["order_id"],
        imp_uid=row["imp_uid"],
        detail={"request_id": row["id"], "amount": row["amount"]} | detail,
    )
