"""What is owed: cash receipts after a refund, reminders somebody asked for.

A task about a receipt is never dropped silently: the owner says why, or a later one replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import events
from dashboard.database import write

Row = Mapping[str, Any]
Kind = Literal["receipt_cancel", "receipt_reissue", "refund_reminder", "refund_not_sent"]
ReceiptIs = Literal["issued", "unknown", "none"]

CASH_METHODS = ("trans", "vbank")  # methods whose cash receipts live on after a refund (K12)


def owe_receipts(
    db: Database,
    refund: Row,
    *,
    receipt: ReceiptIs,
    left: int,
    tax_free_left: int | None,
    now: int,
    by_hand: bool = False,
    balance_misleads: bool = False,
) -> None:
    """Note what a refund that succeeded owes the tax office, inside the caller's transaction.

    The whole payment back: the receipt is to be cancelled. A part: also issued again for what is
    left (K13). A receipt nobody knows of counts as issued until somebody looked.

    :param left: won of the payment still paid after this refund
    :param tax_free_left: won of that which are tax-free, None: unknown
    :param by_hand: ``refund`` is a row of ``manual_refunds``
    :param balance_misleads: money went back another way before: a receipt issued again through
        PortOne, which goes by its own balance, would be for too much
    """
    if receipt == "none":
        if left == 0:  # nothing is left to issue one for
            _supersede(db, refund["imp_uid"], ("receipt_cancel", "receipt_reissue"), now)
        return
    detail = {
        "refunded": refund["amount"],
        "refunded_tax_free": refund["tax_free"],
        "left": left,
        "tax_free_left": tax_free_left,
        "receipt": receipt,
    }
    if by_hand or balance_misleads:
        detail["by_hand"] = True
    refund_id, manual_id = (None, refund["id"]) if by_hand else (refund["id"], None)
    _supersede(db, refund["imp_uid"], ("receipt_cancel", "receipt_reissue"), now)
    for kind in ("receipt_cancel", "receipt_reissue") if left > 0 else ("receipt_cancel",):
        _add(
            db,
            kind,
            refund["order_id"],
            refund["imp_uid"],
            refund_id,
            None,
            None,
            detail,
            now,
            manual_refund_id=manual_id,
        )


def remind(
    db: Database, *, order_id: int, imp_uid: str, due_at: int, person_id: int, now: int
) -> None:
    """Remind of a refund that must wait (K5); asked again, the newer time counts."""
    with write(db):
        _supersede(db, imp_uid, ("refund_reminder",), now)
        _add(db, "refund_reminder", order_id, imp_uid, None, due_at, person_id, {}, now)


def not_sent(db: Database, row: Row, *, why: str, now: int) -> None:
    """Tell that a refund somebody counts on was not sent, inside the caller's transaction.

    :param row: the request, or the refund it had become
    """
    _supersede(db, row["imp_uid"], ("refund_not_sent",), now)
    detail = {"amount": row["amount"], "why": why}
    _add(db, "refund_not_sent", row["order_id"], row["imp_uid"], None, None, None, detail, now)


def sent_after_all(db: Database, row: Row, now: int) -> None:
    """A refund that was given up has come after all (F12): no task may say that no money left.

    Inside the caller's transaction.
    """
    _supersede(db, row["imp_uid"], ("refund_not_sent",), now)


def settle(db: Database, imp_uid: str, kinds: Sequence[str], *, person_id: int, now: int) -> None:
    """Mark tasks about a payment's receipt as done: what they asked for has been seen at PortOne.

    Inside the caller's transaction.
    """
    for kind in kinds:
        row = db.conn.execute(
            "SELECT * FROM tasks WHERE imp_uid = ? AND kind = ? AND state = 'open'", (imp_uid, kind)
        ).fetchone()
        if row is not None:
            db.conn.execute(
                "UPDATE tasks SET state = 'done', done_at = ?, done_by = ? WHERE id = ?",
                (now, person_id, row["id"]),
            )
            _record(db, row, "done", now, person_id)


def owe_replacement(
    db: Database,
    *,
    order_id: int,
    imp_uid: str,
    left: int,
    tax_free_left: int,
    person_id: int,
    now: int,
) -> None:
    """Note that a receipt is cancelled only to be issued again, inside the caller's transaction.

    Whatever happens in between, the task stays until the new one is seen at PortOne.
    """
    if "receipt_reissue" in open_kinds(db, imp_uid):
        return
    detail = {"left": left, "tax_free_left": tax_free_left, "receipt": "issued", "replaces": True}
    _add(db, "receipt_reissue", order_id, imp_uid, None, None, person_id, detail, now)


def replacement_off(db: Database, imp_uid: str, now: int) -> None:
    """The old receipt lives on after all, so nothing is owed on account of replacing it; inside
    the caller's transaction."""
    row = db.conn.execute(
        "SELECT detail FROM tasks WHERE imp_uid = ? AND kind = 'receipt_reissue'"
        " AND state = 'open'",
        (imp_uid,),
    ).fetchone()
    if row is not None and json.loads(row["detail"]).get("replaces"):
        _supersede(db, imp_uid, ("receipt_reissue",), now)


def open_kinds(db: Database, imp_uid: str) -> tuple[str, ...]:
    """The kinds of a payment's open tasks."""
    rows = db.conn.execute(
        "SELECT kind FROM tasks WHERE imp_uid = ? AND state = 'open' ORDER BY id", (imp_uid,)
    )
    return tuple(str(row[0]) for row in rows)


def open_tasks(db: Database) -> Sequence[Row]:
    """All that is owed, what is due first; ``detail`` is read, with order and payment facts."""
    rows = db.conn.execute(
        "SELECT t.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method FROM tasks t"
        " JOIN orders o ON o.id = t.order_id JOIN payments p ON p.imp_uid = t.imp_uid"
        " WHERE t.state = 'open' ORDER BY coalesce(t.due_at, t.created_at), t.id"
    )
    return [_read(row) for row in rows]


def tasks_of(db: Database, order_id: int) -> Sequence[Row]:
    """All tasks of an order, open ones first, then the newest; ``detail`` is read."""
    rows = db.conn.execute(
        "SELECT t.*, d.name AS done_by_name FROM tasks t LEFT JOIN people d ON d.id = t.done_by"
        " WHERE t.order_id = ? ORDER BY t.state <> 'open', t.id DESC",
        (order_id,),
    )
    return [_read(row) for row in rows]


def find(db: Database, task_id: int) -> Row | None:
    """One task, ``detail`` read, or None."""
    row = db.conn.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
    return None if row is None else _read(row)


def count_open(db: Database, now: int) -> int:
    """Tasks that want something now; for the menu. A reminder counts once its time has come."""
    row = db.conn.execute(
        "SELECT count(*) FROM tasks WHERE state = 'open' AND coalesce(due_at, 0) <= ?", (now,)
    ).fetchone()
    return int(row[0])


def close(
    db: Database,
    task_id: int,
    state: Literal["done", "dismissed"],
    *,
    person_id: int,
    reason: str,
    now: int,
    keep: Callable[[], str | None] = lambda: None,
) -> bool:
    """Close an open task; False when it is not open any more. Who may, the view asks.

    :param keep: keeps the evidence inside the transaction and answers its id
    """
    with write(db):
        task = find(db, task_id)
        if task is None or task["state"] != "open":
            return False
        done = db.conn.execute(
            "UPDATE tasks SET state = ?, done_at = ?, done_by = ?, reason = ?, file_id = ?"
            " WHERE id = ? AND state = 'open'",
            (state, now, person_id, reason or None, keep(), task_id),
        )
        if done.rowcount != 1 or task is None:
            return False
        _record(db, task, state, now, person_id)
    return True


def _add(
    db: Database,
    kind: str,
    order_id: int,
    imp_uid: str,
    refund_id: str | None,
    due_at: int | None,
    person_id: int | None,
    detail: Mapping[str, Any],
    now: int,
    manual_refund_id: str | None = None,
) -> None:
    task_id = db.conn.execute(
        "INSERT INTO tasks (kind, order_id, imp_uid, refund_id, manual_refund_id, due_at,"
        " created_at, created_by, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            order_id,
            imp_uid,
            refund_id,
            manual_refund_id,
            due_at,
            now,
            person_id,
            json.dumps(detail, ensure_ascii=False),
        ),
    ).lastrowid
    task = {"id": task_id, "kind": kind, "order_id": order_id, "imp_uid": imp_uid}
    _record(db, task, "opened", now, person_id)


def _supersede(db: Database, imp_uid: str, kinds: Sequence[str], now: int) -> None:
    for kind in kinds:
        rows = db.conn.execute(
            "SELECT * FROM tasks WHERE imp_uid = ? AND kind = ? AND state = 'open'", (imp_uid, kind)
        ).fetchall()
        for row in rows:
            db.conn.execute(
                "UPDATE tasks SET state = 'superseded', done_at = ? WHERE id = ?", (now, row["id"])
            )
            _record(db, row, "superseded", now, None)


def _record(db: Database, task: Row, what: str, now: int, person_id: int | None) -> None:
    events.record(
        db,
        f"task.{what}",
        at=now,
        actor="worker" if person_id is None else "person",
        person_id=person_id,
        order_id=task["order_id"],
        imp_uid=task["imp_uid"],
        detail={"task_id": task["id"], "kind": task["kind"]},
    )


def _read(row: Any) -> Row:
    return dict(row) | {"detail": json.loads(row["detail"])}
