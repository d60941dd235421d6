"""Rows of ``receipts``: each change of state is guarded, its event in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, change_in_state, one_row
from dashboard.receipts.states import ENDED, WAYS, State
from dashboard.refunds.rules import Wait

Row = Mapping[str, Any]

_LIVE = (
    "('intent', 'sending', 'unknown', 'issued', 'cancel_intent', 'cancel_sending',"
    " 'cancel_unknown')"
)
_LONGEST_PAUSE_S = 3600
_JOINED = (
    "SELECT r.*, coalesce(o.merchant_uid, r.merchant_uid) AS order_number, p.pay_method,"
    " p.sandbox, p.paid_at, person.name AS person, canceller.name AS canceller FROM receipts r"
    " LEFT JOIN orders o ON o.id = r.order_id LEFT JOIN payments p ON p.imp_uid = r.imp_uid"
    " JOIN people person ON person.id = r.person_id"
    " LEFT JOIN people canceller ON canceller.id = r.cancelled_by"
)


# -- reading ------------------------------------------------------------------------------------


def find(db: Database, receipt_id: str) -> Row | None:
    """The receipt with its order's number, its payment and people's names, or None."""
    return one_row(db, f"{_JOINED} WHERE r.id = ?", receipt_id)


def by_form(db: Database, form_token: str) -> Row | None:
    """What a form has already become, or None."""
    return one_row(db, f"{_JOINED} WHERE r.form_token = ?", form_token)


def live_of(db: Database, imp_uid: str) -> Row | None:
    """The payment's receipt that lives or may; there is never more than one."""
    return one_row(db, f"{_JOINED} WHERE r.imp_uid = ? AND r.state IN {_LIVE}", imp_uid)


def live_of_sale(db: Database, merchant_uid: str) -> Row | None:
    """The same of an outside sale."""
    return one_row(db, f"{_JOINED} WHERE r.merchant_uid = ? AND r.state IN {_LIVE}", merchant_uid)


def of_sale(db: Database, merchant_uid: str) -> Row | None:
    """The newest receipt of an outside sale, or None."""
    return one_row(
        db,
        f"{_JOINED} WHERE r.merchant_uid = ? ORDER BY r.created_at DESC, r.rowid DESC LIMIT 1",
        merchant_uid,
    )


def of_batch(db: Database, batch_id: str) -> Sequence[Row]:
    """The receipts of one file, in its order."""
    return all_rows(db, f"{_JOINED} WHERE r.batch_id = ? ORDER BY r.rowid", batch_id)


def waits_for(db: Database, receipt_id: str) -> Row | None:
    """The receipt that waits until this one is cancelled, or None."""
    return one_row(db, f"{_JOINED} WHERE r.replaces = ? AND r.state = 'waiting'", receipt_id)


def dead_of(db: Database, imp_uid: str | None, merchant_uid: str | None) -> Sequence[Row]:
    """Receipts that were sent and given up, the newest first."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.imp_uid IS ? AND r.merchant_uid IS ? AND r.attempt = 1"
        " AND r.state IN ('rejected', 'not_issued') ORDER BY r.rowid DESC",
        imp_uid,
        merchant_uid,
    )


def search(
    db: Database,
    *,
    text: str = "",
    states: Sequence[str] = (),
    type: str = "",
    from_at: int | None = None,
    to_at: int | None = None,
    limit: int | None = 50,
    offset: int = 0,
) -> Sequence[Row]:
    """Receipts, the newest first.

    :param text: part of an approval number, an order or transaction number, goods or a buyer
    :param from_at: UNIX seconds of when it was asked for, inclusive; ``to_at`` exclusive
    :param limit: None: all
    """
    where, values = _where(text, states, type, from_at, to_at)
    return all_rows(
        db,
        f"{_JOINED} WHERE {where} ORDER BY r.created_at DESC, r.rowid DESC LIMIT ? OFFSET ?",
        *values,
        -1 if limit is None else limit,
        offset,
    )


def sums(
    db: Database,
    *,
    text: str = "",
    states: Sequence[str] = (),
    type: str = "",
    from_at: int | None = None,
    to_at: int | None = None,
) -> dict[str, int]:
    """``count`` of what :func:`search` finds; of those that are issued, in won: ``issued`` (how
    many), ``amount``, ``vat``, ``tax_free`` and ``supply``; VAT by PortOne's word where it gave
    it."""
    where, values = _where(text, states, type, from_at, to_at)
    row = one_row(
        db,
        "SELECT count(*) AS count, coalesce(sum(live), 0) AS issued,"  # noqa: S608 - our own words
        " coalesce(sum(live * amount), 0) AS amount, coalesce(sum(live * vat), 0) AS vat,"
        " coalesce(sum(live * free), 0) AS tax_free FROM (SELECT"
        " r.state IN ('issued', 'cancel_intent', 'cancel_sending', 'cancel_unknown') AS live,"
        " coalesce(r.issued_amount, r.amount) AS amount, coalesce(r.tax_free, 0) AS free,"
        " coalesce(r.vat_amount, (2 * (r.amount - coalesce(r.tax_free, 0)) + 11) / 22) AS vat"
        f" FROM receipts r LEFT JOIN orders o ON o.id = r.order_id WHERE {where})",
        *values,
    )
    found = dict(row or {})
    return found | {"supply": found["amount"] - found["vat"] - found["tax_free"]}


def _where(
    text: str, states: Sequence[str], type: str, from_at: int | None, to_at: int | None
) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = []
    if states:
        parts.append((f"r.state IN ({', '.join('?' * len(states))})", list(states)))
    if type:
        parts.append(("r.type = ?", [type]))
    if from_at is not None:
        parts.append(("r.created_at >= ?", [from_at]))
    if to_at is not None:
        parts.append(("r.created_at < ?", [to_at]))
    if text:
        names = ("r.apply_num", "r.merchant_uid", "o.merchant_uid", "r.imp_uid", "r.name")
        fields = [f"instr(coalesce({name}, ''), ?)" for name in (*names, "r.buyer_name")]
        parts.append((f"({' OR '.join(fields)})", [text] * len(fields)))
    return " AND ".join(part for part, _ in parts) or "1", [v for _, vs in parts for v in vs]


# -- what the worker looks for ------------------------------------------------------------------


def to_send(db: Database, owner: str) -> Sequence[Row]:
    """What is to leave: receipts whose identifier this process holds, cancels of anybody's."""
    return all_rows(
        db,
        f"{_JOINED} WHERE (r.state = 'intent' AND r.owner = ?) OR r.state = 'cancel_intent'"
        " ORDER BY r.state <> 'cancel_intent', r.created_at, r.rowid",
        owner,
    )


def stranded(db: Database) -> Sequence[Row]:
    """What somebody means to send, or is sending."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.state IN ('waiting', 'intent', 'sending', 'cancel_sending')"
        " ORDER BY r.created_at",
    )


def due(db: Database, now: int) -> Sequence[Row]:
    """Receipts whose next look is due; a clock that went back makes all due."""
    return all_rows(
        db,
        f"{_JOINED} WHERE r.state IN ('unknown', 'cancel_unknown')"
        " AND (r.next_check_at IS NULL OR r.next_check_at <= ? OR r.next_check_at > ?"
        " OR r.last_checked_at > ?) ORDER BY r.next_check_at",
        now,
        now + _LONGEST_PAUSE_S,
        now,
    )


def wait_of(row: Row) -> Wait | None:
    """How far the waiting for "nothing happened" has got; None before the first look."""
    if row["settle_from"] is None:
        return None
    return Wait(settle_from=row["settle_from"], sight=row["sight"], sight_at=row["sight_at"])


# -- writing, inside the caller's write transaction ---------------------------------------------


def add(db: Database, row: dict[str, Any], *, now: int, what: str = "") -> None:
    """Write a new receipt down.

    :raise sqlite3.IntegrityError: the form was used before, or another one lives
    """
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    db.conn.execute(f"INSERT INTO receipts ({names}) VALUES ({values})", row)  # noqa: S608 - our own column names
    told = {name: row.get(name) for name in ("tax_free", "type")}
    _record(db, row, what or row["state"], at=now, person_id=row["person_id"], detail=told)


def move(
    db: Database,
    row: Row,
    to: State,
    *,
    at: int,
    held_by: str | None = None,
    person_id: int | None = None,
    **columns: Any,
) -> bool:
    """Change a receipt's state; False when it is no longer in the state ``row`` has.

    :param held_by: also demand that this process holds it
    """
    before: State = row["state"]
    if to not in WAYS[before]:
        raise ValueError(f"{before} never becomes {to}")
    if to in ENDED:
        columns.setdefault("ended_at", at)
        columns.setdefault("next_check_at", None)
    if not change_in_state(
        db, "receipts", row["id"], before, {"state": to} | columns, held_by=held_by
    ):
        return False
    told = {"from": before} | {
        name: columns[name] for name in ("apply_num", "alarm", "cancel_reason") if columns.get(name)
    }
    _record(db, row, to, at=at, person_id=person_id, detail=told)
    return True


def note(db: Database, row: Row, **columns: Any) -> bool:
    """Keep what a look brought without changing the state; False when that has changed."""
    return change_in_state(db, "receipts", row["id"], row["state"], columns)


def looked(db: Database, imp_uid: str, *, found: bool, now: int) -> None:
    """Keep whether PortOne knew a receipt of a payment (K40)."""
    db.conn.execute(
        "INSERT INTO receipt_looks (imp_uid, looked_at, found) VALUES (?, ?, ?)"
        " ON CONFLICT (imp_uid) DO UPDATE SET looked_at = excluded.looked_at,"
        " found = excluded.found",
        (imp_uid, now, int(found)),
    )


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
        f"receipt.{what}",
        at=at,
        actor="worker" if person_id is None else "person",
        person_id=person_id,
        order_id=row["order_id"],
        imp_uid=row["imp_uid"],
        detail={"receipt_id": row["id"], "amount": row["amount"]} | dict(detail),
    )
