"""Rows of ``bulk_refunds`` and their items: guarded steps, each with its event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, one_row
from dashboard.refunds.signing import SignedBalance

Row = Mapping[str, Any]

_ITEMS = (
    "SELECT i.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method, p.emb_pg_provider, p.sandbox,"
    " r.state AS refund_state, r.api_message FROM bulk_refund_items i"
    " JOIN orders o ON o.id = i.order_id JOIN payments p ON p.imp_uid = i.imp_uid"
    " LEFT JOIN refunds r ON r.id = i.refund_id"
)


def find(db: Database, bulk_id: str) -> Row | None:
    """One with the names of its people, or None."""
    return one_row(
        db,
        "SELECT b.*, person.name AS person, stopper.name AS stopper FROM bulk_refunds b"
        " JOIN people person ON person.id = b.person_id"
        " LEFT JOIN people stopper ON stopper.id = b.stopped_by WHERE b.id = ?",
        bulk_id,
    )


def by_form(db: Database, form_token: str) -> str | None:
    """What a form has already become, or None."""
    found = one_row(db, "SELECT id FROM bulk_refunds WHERE form_token = ?", form_token)
    return None if found is None else str(found["id"])


def running(db: Database) -> Row | None:
    """The one that is being carried out; there is never more than one."""
    return one_row(db, "SELECT * FROM bulk_refunds WHERE state = 'running'")


def recent(db: Database, limit: int = 5) -> Sequence[Row]:
    """The newest ones, with how many of their rows went through."""
    return all_rows(
        db,
        "SELECT b.*, person.name AS person, (SELECT count(*) FROM bulk_refund_items i"
        "  JOIN refunds r ON r.id = i.refund_id"
        "  WHERE i.bulk_id = b.id AND r.state = 'succeeded') AS done"
        " FROM bulk_refunds b JOIN people person ON person.id = b.person_id"
        " ORDER BY b.created_at DESC, b.rowid DESC LIMIT ?",
        limit,
    )


def items(db: Database, bulk_id: str) -> Sequence[Row]:
    """All rows of one, in their order, with the state of their refunds."""
    return all_rows(db, f"{_ITEMS} WHERE i.bulk_id = ? ORDER BY i.position", bulk_id)


def frozen(item: Row) -> SignedBalance:
    """What the confirmation showed of a row."""
    return SignedBalance(
        form_token=item["form_token"],
        imp_uid=item["imp_uid"],
        amount=item["paid_amount"],
        cancel_amount=item["base_cancelled"],
        cancel_ids=tuple(json.loads(item["known_cancel_ids"])),
        at=item["shown_at"],
    )


# -- writing, inside the caller's write transaction ---------------------------------------------


def add(db: Database, bulk: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Write one down with all its rows.

    :raise sqlite3.IntegrityError: the form was used before, or another one is running
    """
    db.table("bulk_refunds").insert(bulk)
    for position, row in enumerate(rows, 1):
        db.table("bulk_refund_items").insert(row | {"bulk_id": bulk["id"], "position": position})
    _record(db, bulk, "started", at=bulk["created_at"], person_id=bulk["person_id"])


def link(db: Database, item: Row, refund_id: str, now: int) -> bool:
    """Note the refund a row has become."""
    return _end_item(db, item, "asked", now, refund_id=refund_id)


def refuse(db: Database, item: Row, problem: str, now: int) -> bool:
    """Note why a row was not asked for."""
    return _end_item(db, item, "refused", now, problem=problem)


def end(
    db: Database,
    bulk: Row,
    state: str,
    *,
    now: int,
    person_id: int | None = None,
    note: str | None = None,
) -> bool:
    """End one; rows nobody has asked for yet stay so for ever. False when it had ended."""
    done = db.conn.execute(
        "UPDATE bulk_refunds SET state = ?, ended_at = ?, stopped_by = ?, note = ?"
        " WHERE id = ? AND state = 'running'",
        (state, now, person_id, note, bulk["id"]),
    )
    if done.rowcount != 1:
        return False
    db.conn.execute(
        "UPDATE bulk_refund_items SET state = 'stopped', ended_at = ?"
        " WHERE bulk_id = ? AND state = 'waiting'",
        (now, bulk["id"]),
    )
    _record(db, bulk, state, at=now, person_id=person_id)
    return True


def _end_item(db: Database, item: Row, state: str, now: int, **columns: Any) -> bool:
    columns |= {"state": state, "ended_at": now}
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    done = db.conn.execute(
        f"UPDATE bulk_refund_items SET {assignments}"  # noqa: S608 - our own column names
        " WHERE bulk_id = :_bulk AND position = :_position AND state = 'waiting'",
        columns | {"_bulk": item["bulk_id"], "_position": item["position"]},
    )
    return done.rowcount == 1


def _record(db: Database, bulk: Row, what: str, *, at: int, person_id: int | None) -> None:
    events.record(
        db,
        f"bulk_refund.{what}",
        at=at,
        actor="worker" if person_id is None else "person",
        person_id=person_id,
        detail={"bulk_id": bulk["id"], "count": bulk["count"], "amount": bulk["amount"]},
    )
