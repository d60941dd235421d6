"""Rows of ``refunds``: every change of state is guarded and has its event in the same transaction.

Whoever finds the row in another state than expected has lost the race and writes nothing
(refund-safety, 1.5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, change_in_state, one_row
from dashboard.refunds.rules import Wait, blames_the_balance
from dashboard.refunds.states import OPEN, WAYS, State

Row = Mapping[str, Any]

_OPEN = "('intent', 'sending', 'unknown')"
assert _OPEN == str(OPEN)  # noqa: S101 - the index's words and ours are the same
_DEAD = "('rejected', 'not_executed')"
_LONGEST_PAUSE_S = 3600
_JOINED = (
    "SELECT r.*, o.merchant_uid, o.name, o.buyer_name, p.pay_method, p.emb_pg_provider, p.sandbox,"
    " person.name AS person, settler.name AS settler FROM refunds r"
    " JOIN orders o ON o.id = r.order_id JOIN payments p ON p.imp_uid = r.imp_uid"
    " JOIN people person ON person.id = r.person_id"
    " LEFT JOIN people settler ON settler.id = r.settled_by"
)


# -- reading ------------------------------------------------------------------------------------


def find(db: Database, refund_id: str) -> Row | None:
    """The refund with its order, payment and people's names, or None."""
    return one_row(db, f"{_JOINED} WHERE r.id = ?", refund_id)


def by_form(db: Database, form_token: str) -> Row | None:
    """The refund a form has already become, or None."""
    return one_row(db, f"{_JOINED} WHERE r.form_token = ?", form_token)


def open_of(db: Database, imp_uid: str) -> Row | None:
    """The payment's open refund; there is never more than one."""
    return one_row(db, f"{_JOINED} WHERE r.imp_uid = ? AND r.state IN {_OPEN}", imp_uid)


def refunds_of(db: Database, order_id: int) -> Sequence[Row]:
    """All refunds of an order, newest first."""
    return all_rows(
        db, f"{_JOINED} WHERE r.order_id = ? ORDER BY r.created_at DESC, r.rowid DESC", order_id
    )


def of_payment(db: Database, imp_uid: str) -> Sequence[Row]:
    """All refunds of a payment, newest first."""
    return all_rows(
        db, f"{_JOINED} WHERE r.imp_uid = ? ORDER BY r.created_at DESC, r.rowid DESC", imp_uid
    )


def succeeded_since(db: Database, imp_uid: str, at: int, now: int) -> bool:
    """Whether a refund of the payment was found to have succeeded after ``at``, until ``now``."""
    found = one_row(
        db,
        "SELECT 1 FROM refunds WHERE imp_uid = ? AND state = 'succeeded'"
        " AND ended_at > ? AND ended_at <= ?",
        imp_uid,
        at,
        now,
    )
    return found is not None


def refused_last(db: Database, imp_uid: str) -> bool:
    """Whether the gateway said a plain no to the newest refund of the payment that was sent.

    None of these is one: a gateway that ran out of time, which may have carried it out; PortOne
    itself before the gateway was asked (403); a balance that had changed.
    """
    row = one_row(
        db,
        "SELECT state, answer, http_status, api_message FROM refunds WHERE imp_uid = ?"
        " AND attempt > 0 AND answer IS NOT 'unsent' ORDER BY created_at DESC, rowid DESC LIMIT 1",
        imp_uid,
    )
    if row is None or (row["state"], row["answer"], row["http_status"]) != ("rejected", "no", 200):
        return False
    return not blames_the_balance(row["api_message"] or "")


def open_refunds(db: Database) -> Sequence[Row]:
    """Every refund whose outcome is not certain yet, oldest first."""
    return all_rows(db, f"{_JOINED} WHERE r.state IN {_OPEN} ORDER BY r.created_at, r.rowid")


def flagged(db: Database) -> Sequence[Row]:
    """Refunds in which something impossible was seen, newest first."""
    return all_rows(
        db, f"{_JOINED} WHERE r.alarm IS NOT NULL ORDER BY r.created_at DESC, r.rowid DESC"
    )


def history(
    db: Database,
    *,
    states: Sequence[str] = (),
    from_at: int | None = None,
    to_at: int | None = None,
    text: str = "",
    person_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Row]:
    """Refunds that were asked for in a stretch of time, newest first.

    :param states: none: every state
    :param from_at: UNIX seconds, inclusive; ``to_at`` exclusive
    :param text: part of an order or transaction number, a product, a buyer's name or a reason
    """
    where, values = _where(states, from_at, to_at, text, person_id)
    return all_rows(
        db,
        f"{_JOINED} WHERE {where} ORDER BY r.created_at DESC, r.rowid DESC LIMIT ? OFFSET ?",
        *values,
        limit,
        offset,
    )


def history_sum(
    db: Database,
    *,
    states: Sequence[str] = (),
    from_at: int | None = None,
    to_at: int | None = None,
    text: str = "",
    person_id: int | None = None,
) -> dict[str, tuple[int, int]]:
    """Count and won by state, over the same choice as :func:`history`."""
    where, values = _where(states, from_at, to_at, text, person_id)
    rows = all_rows(
        db,
        "SELECT r.state, count(*) AS n, sum(r.amount) AS won FROM refunds r"  # noqa: S608 - our own words
        f" JOIN orders o ON o.id = r.order_id WHERE {where} GROUP BY r.state",
        *values,
    )
    return {row["state"]: (row["n"], row["won"]) for row in rows}


def _where(
    states: Sequence[str],
    from_at: int | None,
    to_at: int | None,
    text: str,
    person_id: int | None,
) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = []
    if states:
        parts.append((f"r.state IN ({', '.join('?' * len(states))})", list(states)))
    if from_at is not None:
        parts.append(("r.created_at >= ?", [from_at]))
    if to_at is not None:
        parts.append(("r.created_at < ?", [to_at]))
    if person_id is not None:
        parts.append(("r.person_id = ?", [person_id]))
    if text:
        fields = ("o.merchant_uid", "r.imp_uid", "o.name", "o.buyer_name", "r.reason")
        parts.append(
            (f"({' OR '.join(f'instr({name}, ?)' for name in fields)})", [text] * len(fields))
        )
    return " AND ".join(part for part, _ in parts) or "1", [v for _, vs in parts for v in vs]


def count_open(db: Database) -> int:
    """How many refunds are open; for the menu."""
    return int(
        db.conn.execute(f"SELECT count(*) FROM refunds WHERE state IN {_OPEN}").fetchone()[0]  # noqa: S608
    )


def tax_free_cancelled(db: Database, imp_uid: str) -> int:
    """Won of a payment's tax-free part that our refunds have given back."""
    row = db.conn.execute(
        "SELECT coalesce(sum(tax_free), 0) FROM refunds WHERE imp_uid = ? AND state = 'succeeded'",
        (imp_uid,),
    ).fetchone()
    return int(row[0])


def cancelled_elsewhere(db: Database, imp_uid: str) -> int:
    """Won of a payment cancelled by others than us: their tax-free part is unknown."""
    row = db.conn.execute(
        "SELECT coalesce(sum(c.amount), 0) FROM cancellations c WHERE c.imp_uid = ?"
        " AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.imp_uid = c.imp_uid"
        " AND r.cancellation_id = c.cancellation_id)",
        (imp_uid,),
    ).fetchone()
    return int(row[0])


def find_payment(db: Database, imp_uid: str) -> Row | None:
    """The payment with what its order says of the shop's side, or None."""
    return one_row(
        db,
        "SELECT p.*, o.name, o.buyer_name, o.tax_free, o.amount AS order_amount,"
        " c.checked_at FROM payments p JOIN orders o ON o.id = p.order_id"
        " LEFT JOIN payment_checks c ON c.imp_uid = p.imp_uid WHERE p.imp_uid = ?",
        imp_uid,
    )


def payments_of(db: Database, order_id: int) -> Sequence[Row]:
    """All attempts to pay an order."""
    return all_rows(db, "SELECT * FROM payments WHERE order_id = ?", order_id)


def role_of(db: Database, person_id: int) -> str:
    """The person's role now, "" when there is none any more."""
    row = one_row(db, "SELECT role FROM people WHERE id = ? AND disabled_at IS NULL", person_id)
    return "" if row is None else str(row["role"])


# -- what the worker looks for ------------------------------------------------------------------


def to_send(db: Database, owner: str) -> Sequence[Row]:
    """Refunds this process wrote down and has not sent yet, oldest first."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.state = 'intent' AND r.owner = ? ORDER BY r.created_at, r.rowid",
        owner,
    )


def stranded(db: Database) -> Sequence[Row]:
    """Refunds somebody meant to send or is sending."""
    return all_rows(db, f"{_JOINED} WHERE r.state IN ('intent', 'sending') ORDER BY r.created_at")


def due(db: Database, now: int) -> Sequence[Row]:
    """Refunds whose next look is due, open ones first; a clock that went back makes all due."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.next_check_at IS NOT NULL"
        " AND (r.next_check_at <= ? OR r.next_check_at > ? OR r.last_checked_at > ?)"
        " AND r.state IN ('unknown', 'rejected', 'not_executed')"
        " ORDER BY r.state <> 'unknown', r.next_check_at",
        now,
        now + _LONGEST_PAUSE_S,
        now,
    )


def come_late(db: Database) -> Sequence[Row]:
    """Refunds believed dead whose nonce the ledger has seen in a cancel since."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.state IN {_DEAD} AND r.alarm IS NULL AND EXISTS (SELECT 1"  # noqa: S608 - our own words
        " FROM cancellations c WHERE c.imp_uid = r.imp_uid AND c.amount = r.amount"
        " AND c.cancellation_id IS NOT NULL AND instr(c.reason, '[' || r.nonce || ']'))",
    )


# -- writing, inside the caller's write transaction ---------------------------------------------


def add(db: Database, row: dict[str, Any], *, now: int) -> None:
    """Write a new intention down.

    :raise sqlite3.IntegrityError: the form was used before, or the payment has an open refund
    """
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO refunds ({names}) VALUES ({values})", row)  # noqa: S608 - our own column names
    told = {name: row[name] for name in ("kind", "amount", "tax_free", "checksum", "nonce")}
    if row["overruled"] != "[]":
        told["overruled"] = json.loads(row["overruled"])
    _record(db, row, "intent", at=now, person_id=row["person_id"], detail=told)


def move(
    db: Database,
    row: Row,
    to: State,
    *,
    at: int,
    owner: str | None = None,
    person_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
    **columns: Any,
) -> bool:
    """Change a refund's state; False when it is no longer in the state ``row`` has.

    :param owner: also demand that this process holds it
    :param detail: facts for the event; never what a buyer said or a bank account
    """
    before: State = row["state"]
    if to not in WAYS[before]:
        raise ValueError(f"{before} never becomes {to}")
    if to not in OPEN:
        columns.setdefault("ended_at", at)
    if not change_in_state(
        db, "refunds", row["id"], before, {"state": to} | columns, held_by=owner
    ):
        return False
    _record(db, row, to, at=at, person_id=person_id, detail={"from": before} | dict(detail or {}))
    return True


def note(db: Database, row: Row, **columns: Any) -> bool:
    """Keep what a look brought without changing the state; False when that has changed."""
    return change_in_state(db, "refunds", row["id"], row["state"], columns)


def raise_alarm(db: Database, row: Row, alarm: str, *, at: int) -> None:
    """Log something impossible that a look saw."""
    _record(db, row, "alarm", at=at, person_id=None, detail={"alarm": alarm})


def wait_of(row: Row) -> Wait | None:
    """How far the waiting for "nothing happened" has got; None before the first look."""
    if row["settle_from"] is None:
        return None
    return Wait(settle_from=row["settle_from"], sight=row["sight"], sight_at=row["sight_at"])


def _record(
    db: Database,
    row: Mapping[str, Any],
    what: str,
    *,
    at: int,
    person_id: int | None,
    detail: Mapping[str, Any],
) -> None:
    events.record(
        db,
        f"refund.{what}",
        at=at,
        actor="worker" if person_id is None else "person",
        person_id=person_id,
        order_id=row["order_id"],
        imp_uid=row["imp_uid"],
        detail={"refund_id": row["id"], "amount": row["amount"]} | dict(detail),
    )
