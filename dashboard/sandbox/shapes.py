"""From a row to the Payment object PortOne answers. Source: portone-v1-api 3."""

from __future__ import annotations

import sqlite3
from typing import Any

from dashboard.sandbox.core import sandbox
from dashboard.sandbox.store import dump, get_db, load

FACTS: dict[str, Any] = {
    "channel": "pc",
    "pg_provider": "ksnet",
    "emb_pg_provider": None,
    "pg_tid": None,
    "pg_id": None,
    "escrow": False,
    "apply_num": None,
    "bank_code": None,
    "bank_name": None,
    "card_code": None,
    "card_name": None,
    "card_issuer_code": None,
    "card_issuer_name": None,
    "card_publisher_code": None,
    "card_publisher_name": None,
    "card_quota": 0,
    "card_number": None,
    "card_type": None,
    "vbank_code": None,
    "vbank_name": None,
    "vbank_num": None,
    "vbank_holder": None,
    "vbank_date": 0,
    "vbank_issued_at": 0,
    "name": None,
    "buyer_name": None,
    "buyer_email": None,
    "buyer_tel": None,
    "buyer_addr": None,
    "buyer_postcode": None,
    "custom_data": None,
    "user_agent": None,
    "receipt_url": None,
    "cash_receipt_issued": False,
    "customer_uid": None,
    "customer_uid_usage": None,
    "promotion": None,
}
"""What a payment is born with, and what stands there when its method does not fill it in."""


def show(minor: int, currency: str) -> int | float:
    """An amount as the API writes it: won whole, other currencies with decimals."""
    if currency == "KRW" or minor % 100 == 0:
        return minor if currency == "KRW" else minor // 100
    return minor / 100


def shape(row: sqlite3.Row) -> dict[str, Any]:
    """The payment as it is now."""
    currency = row["currency"]
    history = [
        {
            "pg_tid": cancel["pg_tid"],
            "amount": show(cancel["amount"], currency),
            "cancelled_at": cancel["cancelled_at"],
            "reason": cancel["reason"],
            "cancellation_id": cancel["cancellation_id"],
            "receipt_url": cancel["receipt_url"],
        }
        for cancel in load(row["cancel_history"])
    ]
    return {
        "imp_uid": row["imp_uid"],
        "merchant_uid": row["merchant_uid"],
        "pay_method": row["pay_method"],
        **FACTS,
        **load(row["facts"]),
        "sandbox": bool(row["sandbox"]),
        "amount": show(row["amount"], currency),
        "cancel_amount": show(row["cancel_amount"], currency),
        "currency": currency,
        "status": row["status"],
        "started_at": row["started_at"],
        "paid_at": row["paid_at"],
        "failed_at": row["failed_at"],
        "cancelled_at": row["cancelled_at"],
        "fail_reason": row["fail_reason"],
        "cancel_reason": row["cancel_reason"],
        "cancel_history": history,
        "cancel_receipt_urls": [c["receipt_url"] for c in history if c["receipt_url"]],
    }


def read_shape(row: sqlite3.Row) -> dict[str, Any]:
    """The payment as a look-up shows it: of a moment ago while reads are switched to stale."""
    stale_s = sandbox().switches.stale_reads_s
    if stale_s > 0:
        older = (
            get_db()
            .execute(
                "SELECT shape FROM versions WHERE imp_uid = ? AND until > ? ORDER BY until LIMIT 1",
                (row["imp_uid"], sandbox().clock() - stale_s),
            )
            .fetchone()
        )
        if older:
            found: dict[str, Any] = load(older["shape"])
            return found
    return shape(row)


def change(db: sqlite3.Connection, row: sqlite3.Row, **columns: Any) -> sqlite3.Row:
    """Change a payment inside the caller's transaction; what it was stays readable as stale."""
    db.execute(
        "INSERT INTO versions VALUES (?, ?, ?)",
        (row["imp_uid"], sandbox().clock(), dump(shape(row))),
    )
    places = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(f"UPDATE payments SET {places} WHERE id = :id", {**columns, "id": row["id"]})  # noqa: S608
    return get_row(db, row["imp_uid"])


def find_row(db: sqlite3.Connection, imp_uid: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM payments WHERE imp_uid = ?", (imp_uid,)
    ).fetchone()
    return found


def get_row(db: sqlite3.Connection, imp_uid: str) -> sqlite3.Row:
    """:raise KeyError: no such payment"""
    found = find_row(db, imp_uid)
    if found is None:
        raise KeyError(imp_uid)
    return found
