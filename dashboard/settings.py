"""The shop's own facts and switches: JSON values by name, in the shop's database."""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Database

SHOP_FACTS = ("shop_name", "business_number", "sells_tax_free", "contract_vbank_refund")
"""Facts of the shop itself: they hold for practice and for the real business alike."""


def get(db: Database, key: str, default: Any = None) -> Any:
    """The value of one setting, or ``default`` when it was never set."""
    row = db.conn.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return default if row is None else json.loads(row[0])


def put(db: Database, key: str, value: Any) -> None:
    """Set one setting, inside the caller's ``write(db)``; None forgets it."""
    if value is None:
        db.conn.execute("DELETE FROM settings WHERE key = ?", (key,))
        return
    db.conn.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value, ensure_ascii=False)),
    )
