"""Rows of ``manual_refunds`` and ``outside_cancels``: guarded steps, each with its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, one_row
from dashboard.refunds.reserved import Reserved, reserved

Row = Mapping[str, Any]
State = Literal["requested", "approved", "done", "declined", "withdrawn"]

OPEN: tuple[State, ...] = ("requested", "approved")
_OPEN = "('requested', 'approved')"
assert _OPEN == str(OPEN)  # noqa: S101 - the index's words and ours are the same
WAYS: dict[State, tuple[State, ...]] = {
    "requested": ("approved", "declined", "withdrawn"),
    "approved": ("done", "withdrawn"),
    "done": (),
    "declined": (),
    "withdrawn": (),
}
_JOINED = (
    "SELECT m.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method, p.emb_pg_provider, p.sandbox,"
    " p.paid_at, person.name AS person, decider.name AS decider, doer.name AS doer"
    " FROM manual_refunds m JOIN orders o ON o.id = m.order_id"
    " JOIN payments p ON p.imp_uid = m.imp_uid JOIN people person ON person.id = m.person_id"
    " LEFT JOIN people decider ON decider.id = m.decided_by"
    " LEFT JOIN people doer ON doer.id = m.done_by"
)


def find(db: Database, by_hand_id: str) -> Row | None:
    """One with its order, payment and people, or None."""
    return one_row(db, f"{_JOINED} WHERE m.id = ?", by_hand_id)


def by_form(db: Database, form_token: str) -> Row | None:
    """What a form has already become, or None."""
    return one_row(db, f"{_JOINED} WHERE m.form_token = ?", form_token)


def open_of(db: Database, imp_uid: str) -> Row | None:
    """The payment's one that is not over; there is never more than one."""
    return one_row(db, f"{_JOINED} WHERE m.imp_uid = ? AND m.state IN {_OPEN}", imp_uid)


def of_order(db: Database, order_id: int) -> Sequence[Row]:
    """All of an order, newest first."""
    return all_rows(
        db, f"{_JOINED} WHERE m.order_id = ? ORDER BY m.created_at DESC, m.rowid DESC", order_id
    )


def waiting(db: Database) -> Sequence[Row]:
    """Those that wait for a word or for the transfer, oldest first."""
    return all_rows(db, f"{_JOINED} WHERE m.state IN {_OPEN} ORDER BY m.created_at, m.rowid")


def to_transfer(db: Database) -> Sequence[Row]:
    """Those somebody has to transfer now, oldest first."""
    return all_rows(db, f"{_JOINED} WHERE m.state = 'approved' ORDER BY m.created_at, m.rowid")


def count_open(db: Database) -> int:
    """How many wait for somebody; for the menu."""
    row = db.conn.execute(f"SELECT count(*) FROM manual_refunds WHERE state IN {_OPEN}")  # noqa: S608
    return int(row.fetchone()[0])


def reserved_of(db: Database, imp_uid: str) -> Reserved:
    """What of a payment is marked as cancelled at KSNET, or goes back by hand."""
    by_hand = db.conn.execute(
        "SELECT state, amount, tax_free FROM manual_refunds WHERE imp_uid = ?", (imp_uid,)
    )
    marks = db.conn.execute(
        "SELECT amount, cleared_at IS NOT NULL FROM outside_cancels WHERE imp_uid = ?", (imp_uid,)
    )
    return reserved(
        [(state, amount, free) for state, amount, free in by_hand],
        [(amount, bool(cleared)) for amount, cleared in marks],
    )


# -- writing, inside the caller's write transaction ---------------------------------------------


def add(db: Database, row: dict[str, Any], *, now: int) -> None:
    """Write one down.

    :raise sqlite3.IntegrityError: the form was used before, or another one is not over
    """
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO manual_refunds ({names}) VALUES ({values})", row)  # noqa: S608 - our own column names
    detail = {"tax_free": row["tax_free"], "ground": row["ground"]}
    _record(db, row, row["state"], at=now, person_id=row["person_id"], detail=detail)


def move(db: Database, row: Row, to: State, *, at: int, person_id: int, **columns: Any) -> bool:
    """Take one on; False when it is no longer in the state ``row`` has.

    The receiving account is erased with the step that ends it (SEC-56).
    """
    before: State = row["state"]
    if to not in WAYS[before]:
        raise ValueError(f"{before} never becomes {to}")
    columns |= {"state": to}
    if to not in OPEN:
        columns |= {"ended_at": at, "account": None}
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    done = db.conn.execute(
        f"UPDATE manual_refunds SET {assignments} WHERE id = :_id AND state = :_before",  # noqa: S608 - our own column names
        columns | {"_id": row["id"], "_before": before},
    )
    if done.rowcount != 1:
        return False
    told = {name: columns[name] for name in ("decision", "transferred_on") if columns.get(name)}
    _record(db, row, to, at=at, person_id=person_id, detail={"from": before} | told)
    return True


def sum_up(db: Database, order_id: int) -> None:
    """Keep what went back by hand on the order's row, for list and sums."""
    db.conn.execute(
        "UPDATE orders SET manual_refunded = (SELECT coalesce(sum(amount), 0) FROM manual_refunds"
        " WHERE order_id = :id AND state = 'done') WHERE id = :id",
        {"id": order_id},
    )


# -- cancels made at KSNET itself (K9) ----------------------------------------------------------


_MARKS = (
    "SELECT x.*, o.merchant_uid, o.name, p.amount AS paid, p.cancel_amount, p.paid_at,"
    " person.name AS person, clearer.name AS clearer FROM outside_cancels x"
    " JOIN orders o ON o.id = x.order_id JOIN payments p ON p.imp_uid = x.imp_uid"
    " JOIN people person ON person.id = x.person_id"
    " LEFT JOIN people clearer ON clearer.id = x.cleared_by"
)


def find_mark(db: Database, mark_id: int) -> Row | None:
    """One mark with order, payment and people, or None."""
    return one_row(db, f"{_MARKS} WHERE x.id = ?", mark_id)


def marks_of(db: Database, order_id: int) -> Sequence[Row]:
    """All marks of an order, those that stand first."""
    return all_rows(
        db,
        f"{_MARKS} WHERE x.order_id = ? ORDER BY x.cleared_at IS NOT NULL, x.id DESC",
        order_id,
    )


def same_mark(db: Database, row: Row, *, since: int) -> int | None:
    """The mark somebody has just made with the same words, or None."""
    found = db.conn.execute(
        "SELECT id FROM outside_cancels WHERE imp_uid = :imp_uid AND amount = :amount"
        " AND cancelled_on = :cancelled_on AND evidence = :evidence AND person_id = :person_id"
        " AND cleared_at IS NULL AND created_at > :since",
        dict(row) | {"since": since},
    ).fetchone()
    return None if found is None else int(found["id"])


def add_mark(db: Database, row: dict[str, Any]) -> int:
    """Mark a payment; answers the mark's id."""
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    mark_id = int(
        db.conn.execute(f"INSERT INTO outside_cancels ({names}) VALUES ({values})", row).lastrowid  # noqa: S608 - our own column names
        or 0
    )
    _record_mark(db, row, mark_id, "marked", at=row["created_at"], person_id=row["person_id"])
    return mark_id


def clear_mark(db: Database, row: Row, *, person_id: int, why: str, now: int) -> bool:
    """Clear a mark; False when it was cleared before."""
    done = db.conn.execute(
        "UPDATE outside_cancels SET cleared_by = ?, cleared_at = ?, cleared_why = ?"
        " WHERE id = ? AND cleared_at IS NULL",
        (person_id, now, why, row["id"]),
    )
    if done.rowcount == 1:
        _record_mark(db, row, row["id"], "cleared", at=now, person_id=person_id)
    return done.rowcount == 1


def _record_mark(
    db: Database, row: Row, mark_id: int, what: str, *, at: int, person_id: int
) -> None:
    events.record(
        db,
        f"outside_cancel.{what}",
        at=at,
        actor="person",
        person_id=person_id,
        order_id=row["order_id"],
        imp_uid=row["imp_uid"],
        detail={"mark_id": mark_id, "amount": row["amount"]},
    )


def _record(
    db: Database, row: Row, what: str, *, at: int, person_id: int, detail: dict[str, Any]
) -> None:
    events.record(
        db,
        f"manual_refund.{what}",
        at=at,
        actor="person",
        person_id=person_id,
        order_id=row["order_id"],
        imp_uid=row["imp_uid"],
        detail={"manual_refund_id": row["id"], "amount": row["amount"]} | detail,
    )
