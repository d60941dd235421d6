"""What the ledger knows of a payment's cash receipts, for the other features. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from dashboard.receipts.states import CANCELLING, LIVE

Row = Mapping[str, Any]
DAY_S = 24 * 60 * 60
LOOK_BACK_S = 90 * DAY_S  # older sales are past what the tax office takes late

_MISSING = (
    "FROM payments p JOIN orders o ON o.id = p.order_id"
    " JOIN receipt_looks l ON l.imp_uid = p.imp_uid AND l.found = 0"
    " WHERE p.state IN ('paid', 'partial') AND p.pay_method IN ('trans', 'vbank')"
    " AND p.sandbox = 0 AND p.currency = 'KRW' AND p.amount > p.cancel_amount"
    " AND p.paid_at BETWEEN ? AND ?"
    " AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.imp_uid = p.imp_uid"
    " AND r.state NOT IN ('rejected', 'not_issued'))"
)


def latest_of(db: Database, imp_uid: str) -> Row | None:
    """The receipt a payment's page shows: one that lives or may, else the newest; or None."""
    rows = receipts_of(db, imp_uid)
    for states in ((*LIVE, "unknown", "sending", "intent"), ("waiting",)):
        for row in rows:
            if row["state"] in states:
                return row
    return rows[0] if rows else None


def receipts_of(db: Database, imp_uid: str) -> Sequence[Row]:
    """All receipts of a payment, the newest first."""
    rows = db.conn.execute(
        "SELECT * FROM receipts WHERE imp_uid = ? ORDER BY created_at DESC, rowid DESC", (imp_uid,)
    )
    return [dict(row) for row in rows]


def live_id(db: Database, imp_uid: str) -> str:
    """The receipt of the payment that is issued, as far as the ledger knows; "" for none."""
    return next(
        (str(row["id"]) for row in receipts_of(db, imp_uid) if row["state"] == "issued"), ""
    )


def may_live(db: Database, imp_uid: str) -> bool:
    """Whether a receipt of the payment was issued here, or may have been (F76)."""
    return any(row["state"] in (*LIVE, "sending", "unknown") for row in receipts_of(db, imp_uid))


def standing(row: Row | None, owed: Sequence[str]) -> str:
    """One word for where a payment's receipt stands, for pages to translate.

    :param row: of :func:`latest_of`
    :param owed: kinds of the payment's open tasks
    :return: ``none``, ``issuing``, ``checking``, ``issued``, ``cancelling``, ``cancelled``,
        ``must_reissue``, ``must_cancel``, or ``gone``: cancelled, and not issued again yet
    """
    state = row["state"] if row is not None else ""
    if state in ("waiting", "intent", "sending"):
        return "issuing"
    if state == "unknown":
        return "checking"
    if state in CANCELLING:
        return "cancelling"
    if "receipt_reissue" in owed:
        return "must_reissue" if state == "issued" else "gone"
    if state == "issued":
        return "must_cancel" if "receipt_cancel" in owed else "issued"
    if "receipt_cancel" in owed:
        return "must_cancel"
    return "cancelled" if state == "cancelled" else "none"


def count_missing(db: Database, now: int) -> int:
    """Sales by transfer or virtual account without a receipt a day after the payment (K40)."""
    return int(db.conn.execute(f"SELECT count(*) {_MISSING}", _span(now)).fetchone()[0])


def missing(db: Database, now: int, *, limit: int = 200) -> Sequence[Row]:
    """Those sales, the newest first: columns of ``payments`` with the order's name and buyer."""
    rows = db.conn.execute(
        f"SELECT p.*, o.name, o.buyer_name {_MISSING} ORDER BY p.paid_at DESC LIMIT ?",
        (*_span(now), limit),
    )
    return [dict(row) for row in rows]


def to_look_at(db: Database, now: int) -> str | None:
    """The newest such sale that PortOne has not been asked about, or None."""
    since, until = _span(now)
    row = db.conn.execute(
        "SELECT p.imp_uid FROM payments p WHERE p.state IN ('paid', 'partial')"
        " AND p.pay_method IN ('trans', 'vbank') AND p.sandbox = 0 AND p.currency = 'KRW'"
        " AND p.amount > p.cancel_amount AND p.paid_at BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM receipt_looks l WHERE l.imp_uid = p.imp_uid)"
        " AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.imp_uid = p.imp_uid)"
        " ORDER BY p.paid_at DESC LIMIT 1",
        (since, until),
    ).fetchone()
    return None if row is None else str(row[0])


def _span(now: int) -> tuple[int, int]:
    return now - LOOK_BACK_S, now - DAY_S
