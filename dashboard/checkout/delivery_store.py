"""Rows of ``deliveries``: one per payment, each change with its event in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, one_row

Row = Mapping[str, Any]

_LONGEST_PAUSE_S = 3600


def find_payment(db: Database, imp_uid: str) -> Row | None:
    """The payment with its order's name and number, or None."""
    return one_row(
        db,
        "SELECT p.*, o.name FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.imp_uid = ?",
        imp_uid,
    )


def escrow_payments(db: Database, order_id: int) -> Sequence[Row]:
    """An order's escrow payments that were paid, the newest first."""
    return all_rows(
        db,
        "SELECT * FROM payments WHERE order_id = ? AND escrow = 1 AND paid_at IS NOT NULL"
        " ORDER BY paid_at DESC",
        order_id,
    )


def find(db: Database, imp_uid: str) -> Row | None:
    """The delivery of a payment with the name of who asked last, or None."""
    return one_row(
        db,
        "SELECT d.*, person.name AS person FROM deliveries d"
        " LEFT JOIN people person ON person.id = d.person_id WHERE d.imp_uid = ?",
        imp_uid,
    )


def due(db: Database, now: int) -> Sequence[Row]:
    """Deliveries whose next look is due; a clock that went back makes all due."""
    return all_rows(
        db,
        "SELECT * FROM deliveries WHERE next_look_at <= ? OR next_look_at > ?"
        " ORDER BY next_look_at",
        now,
        now + _LONGEST_PAUSE_S,
    )


# -- writing, inside the caller's write transaction ---------------------------------------------


def put(db: Database, imp_uid: str, *, now: int, **columns: Any) -> None:
    """Write columns of a payment's delivery; the row is made at the first time."""
    row = {"imp_uid": imp_uid, "changed_at": now} | columns
    changes = ", ".join(f"{name} = :{name}" for name in row)
    done = db.conn.execute(f"UPDATE deliveries SET {changes} WHERE imp_uid = :imp_uid", row)  # noqa: S608 - our own names
    if done.rowcount == 0:
        row |= {"created_at": now}
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        db.conn.execute(f"INSERT INTO deliveries ({names}) VALUES ({values})", row)  # noqa: S608 - our own names


def record(
    db: Database,
    what: str,
    *,
    payment: Row,
    at: int,
    person_id: int | None,
    detail: Mapping[str, Any],
) -> None:
    """Append ``delivery.registered`` or ``delivery.changed``.

    :param person_id: who asked for it; None: it was found at PortOne
    """
    events.record(
        db,
        f"delivery.{what}",
        at=at,
        actor="portone" if person_id is None else "person",
        person_id=person_id,
        order_id=payment["order_id"],
        imp_uid=payment["imp_uid"],
        detail=dict(detail),
    )
