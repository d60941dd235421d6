"""Orders put straight into the table: the list is tested without the rest of the house."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from dashboard.clock import KST
from dashboard.database import connect, write
from dashboard.migrations import migrations
from dashboard.orders.search_index import initial_pairs, pairs, phones


def at(text: str) -> int:
    """A Korean wall-clock time as UNIX seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=KST).timestamp())


NOW = at("2026-08-21 14:05")


def open_shelf(path: Path) -> Database:
    db = connect(path, create=True)
    migrations.apply(db)
    return db


def order(**given: Any) -> dict[str, Any]:
    """A paid card order of 10,000 won, made at NOW; anything can be said otherwise.

    ``apply_num`` and ``card_number`` are searched but stand on no order row.
    """
    row = {
        "state": "paid",
        "tax_free": None,
        "sandbox": 0,
        "currency": "KRW",
        "amount": 10_000,
        "cancel_count": 0,
        "attempt_count": 1,
        "name": "햇사과 5kg",
        "buyer_name": "김하나",
        "buyer_tel": "010-1234-5678",
        "buyer_email": "hana@example.com",
        "pay_method": "card",
        "emb_pg_provider": "",
        "card_name": "신한카드",
        "card_quota": 0,
        "bank_name": "",
        "vbank_date": None,
        "escrow": 0,
        "fail_reason": "",
        "requested_at": NOW - 60,
        "apply_num": "",
        "card_number": "",
    } | given
    state, amount = row["state"], row["amount"]
    was_paid = state in ("paid", "partial", "cancelled", "check")
    gone = {"cancelled": amount, "partial": amount // 2}.get(state, 0)
    return {
        "created_at": row["requested_at"],
        "paid_at": row["requested_at"] + 30 if was_paid else None,
        "cancelled_at": row["requested_at"] + 90 if gone else None,
        "paid_amount": amount if was_paid else 0,
        "cancelled_amount": gone,
    } | row


def put(db: Database, *orders: dict[str, Any]) -> list[int]:
    """Insert orders; their numbers follow from their ids unless given. Answers the ids."""
    with write(db):
        return [_put(db, row) for row in orders]


def _put(db: Database, given: dict[str, Any]) -> int:
    row = dict(given)
    next_id = db.conn.execute("SELECT coalesce(max(id), 0) + 1 FROM orders").fetchone()[0]
    row.setdefault("id", next_id)
    row.setdefault("merchant_uid", f"20260821-{row['id']:05d}")
    row.setdefault("imp_uid", f"imp_{row['id']:012d}")
    searched = {
        "rowid": row["id"],
        "merchant_uid": pairs(row["merchant_uid"]),
        "imp_uid": pairs(row["imp_uid"]),
        "name": pairs(row["name"]),
        "buyer_name": pairs(row["buyer_name"]),
        "buyer_tel": pairs(*phones([row["buyer_tel"]])),
        "buyer_email": pairs(row["buyer_email"]),
        "apply_num": pairs(row.pop("apply_num")),
        "card_number": pairs(row.pop("card_number")),
        "name_initials": initial_pairs(pairs(row["name"])),
        "buyer_initials": initial_pairs(pairs(row["buyer_name"])),
    }
    for table, values in (("orders", row), ("order_search", searched)):
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        db.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*values.values()])
    return int(row["id"])
