"""The one function that writes down what PortOne says about a payment.

A sync, a live look-up, a webhook and the answer to a cancel all come through here. What is newer
is decided by content, never by arrival, so any order and any repetition of the same sights ends
in the same rows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import events
from dashboard.orders.states import money_part, payment_state, version
from dashboard.orders.summary import Attempt, order_row, search_row
from dashboard.portone import Cancellation, Payment
from dashboard.refunds import lock
from dashboard.resident_number import is_suspect, mask_answer

Source = Literal["sync", "live", "webhook", "cancel"]
Outcome = Literal["new", "changed", "same", "older"]

_log = logging.getLogger(__name__)

_QUIET = frozenset({"raw", "cancel_history", "cancel_receipt_urls", "user_agent", "receipt_url"})
_TOLD = tuple(field.name for field in fields(Payment) if field.name not in _QUIET)
"""Fields whose change is an event; the others are kept silently."""


@dataclass(frozen=True)
class Applied:
    """What one sight of a payment did.

    ``new``: first sight. ``changed``: something a person would notice is different, an event says
    what. ``same``: PortOne still says so. ``older``: less than is known already (a smaller
    cancelled sum, an earlier status): nothing was written, someone should look.
    """

    outcome: Outcome
    order_id: int
    imp_uid: str


def apply_payments(
    db: Database, payments: Iterable[Payment], *, source: Source, now: int
) -> list[Applied]:
    """Write down sights of payments, inside the caller's write transaction, in the given order.

    A cancel among them that only a forgotten refund can have made locks refunds (C9).

    :param source: how they came; the actor of the events
    :param now: UNIX seconds
    """
    applied = []
    new, words = _New(), _Words()
    for payment in payments:
        if new.holds(payment):
            new.write(db)
        applied.append(_apply(db, payment, source, now, new, words))
        if applied[-1].outcome in ("new", "changed"):
            lock.notice(db, [payment], now)
    new.write(db)
    words.write(db)
    db.conn.executemany(
        "INSERT INTO payment_checks VALUES (:imp_uid, :now)"
        " ON CONFLICT DO UPDATE SET checked_at = max(checked_at, :now)",
        [{"imp_uid": one.imp_uid, "now": now} for one in applied if one.outcome != "older"],
    )
    return applied


def apply_payment(db: Database, payment: Payment, *, source: Source, now: int) -> Applied:
    """Write down one sight of a payment; see :func:`apply_payments`."""
    return apply_payments(db, [payment], source=source, now=now)[0]


def heard_since(db: Database, imp_uid: str, asked_at: int) -> bool:
    """Whether PortOne said something of this payment to somebody who asked after ``asked_at``.

    Then an ``older`` answer only took longer on its way, and nobody has to look.

    :param asked_at: UNIX seconds
    """
    row = db.conn.execute(
        "SELECT checked_at FROM payment_checks WHERE imp_uid = ?", (imp_uid,)
    ).fetchone()
    return row is not None and bool(row["checked_at"] > asked_at)


class _Words:
    """What the search index is to hold of the orders of one call, written at its end.

    SQLite flushes the index before every other statement that may have to be undone: written one by
    one between them, it took half the time of an import.
    """

    def __init__(self) -> None:
        self._new: dict[int, dict[str, str]] = {}
        self._changed: dict[int, dict[str, str]] = {}

    def add(self, order_id: int, row: dict[str, str]) -> None:
        self._new[order_id] = row

    def change(self, order_id: int, row: dict[str, str]) -> None:
        known = self._new if order_id in self._new else self._changed
        known[order_id] = row

    def write(self, db: Database) -> None:
        new = [row | {"rowid": order_id} for order_id, row in self._new.items()]
        if new:
            db.conn.executemany(_insert_into("order_search", new[0]), new)
        changed = [row | {"rowid": order_id} for order_id, row in self._changed.items()]
        if changed:
            db.conn.executemany(_update_of("order_search", "rowid", changed[0]), changed)


class _New:
    """Orders nobody knew, each with its one payment, kept back to be written together."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._imp_uids: set[str] = set()
        self._merchant_uids: set[str] = set()
        self._last_id: int | None = None

    def holds(self, payment: Payment) -> bool:
        """Whether the payment, or another of its order, waits here."""
        return payment.imp_uid in self._imp_uids or payment.merchant_uid in self._merchant_uids

    def order_id(self, db: Database) -> int:
        """The id for one more order: the next one, as SQLite would give it."""
        if self._last_id is None:
            self._last_id = db.conn.execute("SELECT coalesce(max(id), 0) FROM orders").fetchone()[0]
        self._last_id += 1
        return self._last_id

    def add(self, payment: Payment, order: dict[str, Any], row: dict[str, Any]) -> None:
        self._imp_uids.add(payment.imp_uid)
        self._merchant_uids.add(payment.merchant_uid)
        self._rows.setdefault("orders", []).append(order)
        self._rows.setdefault("payments", []).append(row)
        if payment.cancel_history:
            self._rows.setdefault("cancellations", []).extend(_cancellations(payment))

    def write(self, db: Database) -> None:
        for table, rows in self._rows.items():
            db.conn.executemany(_insert_into(table, rows[0]), rows)
        self._rows.clear()
        self._imp_uids.clear()
        self._merchant_uids.clear()


def _apply(
    db: Database, payment: Payment, source: Source, now: int, new: _New, words: _Words
) -> Applied:
    payment, raw = _clean(payment)
    known = db.conn.execute(
        "SELECT order_id, merchant_uid, version, raw FROM payments WHERE imp_uid = ?",
        (payment.imp_uid,),
    ).fetchone()
    if known is None:
        return Applied("new", _insert(db, payment, raw, now, new, words), payment.imp_uid)

    order_id: int = known["order_id"]
    sight, had = version(payment), known["version"]
    if payment.merchant_uid != known["merchant_uid"]:
        _log.warning("payment %s came back under another order number", payment.imp_uid)
        return Applied("older", order_id, payment.imp_uid)
    if money_part(sight) < money_part(had):
        return Applied("older", order_id, payment.imp_uid)
    if (sight, raw) <= (had, known["raw"]):
        return Applied("same", order_id, payment.imp_uid)

    detail = _difference(_payment(known["raw"]), payment)
    _update(db, payment, raw, sight, now=now, told=bool(detail))
    _refresh_order(db, order_id, words)
    if not detail:
        return Applied("same", order_id, payment.imp_uid)
    events.record(
        db,
        "payment.changed",
        at=now,
        actor=source,
        order_id=order_id,
        imp_uid=payment.imp_uid,
        detail=detail,
    )
    return Applied("changed", order_id, payment.imp_uid)


# -- what changed -------------------------------------------------------------------------------


def _difference(before: Payment, after: Payment) -> dict[str, Any]:
    """What a person would want to know; empty when there is nothing to tell.

    Names of fields and money only: an event never holds the buyer's data.
    """
    changed = [name for name in _TOLD if getattr(before, name) != getattr(after, name)]
    entries = _fresh(before.cancel_history, after.cancel_history)
    from_state, to_state = payment_state(before), payment_state(after)
    if not changed and not entries and from_state == to_state:
        return {}
    detail: dict[str, Any] = {
        "from_state": from_state,
        "to_state": to_state,
        "currency": after.currency,
        "fields": changed,
    }
    if after.cancel_amount != before.cancel_amount or entries:
        detail["cancelled"] = after.cancel_amount - before.cancel_amount
        detail["cancel_amount"] = after.cancel_amount
        detail["cancellations"] = [
            {
                "cancellation_id": entry.cancellation_id,
                "amount": entry.amount,
                "cancelled_at": entry.cancelled_at,
            }
            for entry in entries
        ]
    if after.paid_at and not before.paid_at:
        detail["paid"] = after.amount
        detail["paid_at"] = after.paid_at
    return detail


def _fresh(before: tuple[Cancellation, ...], after: tuple[Cancellation, ...]) -> list[Cancellation]:
    """The cancellations not seen before; those without an id are told apart by their content."""

    def key(entry: Cancellation) -> object:
        return entry.cancellation_id or (entry.amount, entry.cancelled_at, entry.pg_tid)

    left = [key(entry) for entry in before]
    found = []
    for entry in after:
        if key(entry) in left:
            left.remove(key(entry))
        else:
            found.append(entry)
    return found


# -- rows ---------------------------------------------------------------------------------------


def _insert(db: Database, payment: Payment, raw: str, now: int, new: _New, words: _Words) -> int:
    order = db.conn.execute(
        "SELECT id FROM orders WHERE merchant_uid = ?", (payment.merchant_uid,)
    ).fetchone()
    order_id = new.order_id(db) if order is None else int(order["id"])
    columns = _columns(payment, raw, version(payment)) | {
        "imp_uid": payment.imp_uid,
        "order_id": order_id,
        "merchant_uid": payment.merchant_uid,
        "first_seen_at": now,
        "changed_at": now,
    }
    if order is None:
        attempts = [Attempt(payment, now)]
        row = {"id": order_id, "merchant_uid": payment.merchant_uid, "created_at": now}
        new.add(payment, row | order_row(attempts), columns)
        words.add(order_id, search_row(attempts))
    else:
        db.conn.execute(_insert_into("payments", columns), columns)
        _write_cancellations(db, payment)
        _refresh_order(db, order_id, words)
    return order_id


def _update(db: Database, payment: Payment, raw: str, sight: str, *, now: int, told: bool) -> None:
    columns = _columns(payment, raw, sight)
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    db.conn.execute(
        f"UPDATE payments SET {assignments}, changed_at = iif(:told, :now, changed_at)"  # noqa: S608 - our own column names
        " WHERE imp_uid = :imp_uid",
        columns | {"now": now, "told": told, "imp_uid": payment.imp_uid},
    )
    db.conn.execute("DELETE FROM cancellations WHERE imp_uid = ?", (payment.imp_uid,))
    _write_cancellations(db, payment)


def _columns(payment: Payment, raw: str, sight: str) -> dict[str, Any]:
    return {
        "status": payment.status,
        "state": payment_state(payment),
        "amount": payment.amount,
        "cancel_amount": payment.cancel_amount,
        "currency": payment.currency,
        "sandbox": int(payment.sandbox),
        "pay_method": payment.pay_method,
        "emb_pg_provider": payment.emb_pg_provider,
        "escrow": int(payment.escrow),
        "started_at": payment.started_at,
        "paid_at": payment.paid_at,
        "failed_at": payment.failed_at,
        "cancelled_at": payment.cancelled_at,
        "version": sight,
        "raw": raw,
    }


def _write_cancellations(db: Database, payment: Payment) -> None:
    if rows := _cancellations(payment):
        db.conn.executemany(_insert_into("cancellations", rows[0]), rows)


def _cancellations(payment: Payment) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    ids: set[str | None] = set()
    for position, entry in enumerate(payment.cancel_history):
        # An id that comes twice would be one cancel counted twice: the copy is kept without it.
        cancellation_id = None if entry.cancellation_id in ids else entry.cancellation_id
        ids.add(cancellation_id)
        rows.append(
            {
                "imp_uid": payment.imp_uid,
                "position": position,
                "cancellation_id": cancellation_id,
                "amount": entry.amount,
                "cancelled_at": entry.cancelled_at,
                "reason": entry.reason,
                "pg_tid": entry.pg_tid,
                "receipt_url": entry.receipt_url,
            }
        )
    return rows


def _refresh_order(db: Database, order_id: int, words: _Words) -> None:
    attempts = [
        Attempt(_payment(row["raw"]), row["first_seen_at"])
        for row in db.conn.execute(
            "SELECT raw, first_seen_at FROM payments WHERE order_id = ?", (order_id,)
        )
    ]
    row = order_row(attempts) | {"id": order_id}
    db.conn.execute(_update_of("orders", "id", row), row)
    words.change(order_id, search_row(attempts))


def _insert_into(table: str, row: Iterable[str]) -> str:
    return _inserting(table, tuple(row))


def _update_of(table: str, key: str, row: Iterable[str]) -> str:
    assignments = ", ".join(f"{name} = :{name}" for name in row if name != key)
    return f"UPDATE {table} SET {assignments} WHERE {key} = :{key}"  # noqa: S608 - our own names


@cache
def _inserting(table: str, columns: tuple[str, ...]) -> str:
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - our own column names


# -- cleaning -----------------------------------------------------------------------------------


def _clean(payment: Payment) -> tuple[Payment, str]:
    """The payment without resident numbers (SEC-54), and its answer as one exact text."""
    raw = _canonical(payment.raw)
    if is_suspect(raw) and (answer := mask_answer(payment.raw)) is not payment.raw:
        return Payment.from_json(answer), _canonical(answer)
    return payment, raw


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _payment(raw: str) -> Payment:
    return Payment.from_json(json.loads(raw))
