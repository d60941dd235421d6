"""Which event of a payment sends a webhook where. Source: payment-window.md 6.

Sent: approved, account issued, deposited, cancelled in the console, cancelled by API when
``enable_webhook`` was asked for. A failed payment sends nothing.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import request

from dashboard.sandbox.core import sandbox
from dashboard.sandbox.store import load


def remember_urls(db: sqlite3.Connection, imp_uid: str, urls: list[str]) -> None:
    """Keep a payment's own addresses: the console's gets nothing of it then."""
    db.executemany(
        "INSERT OR IGNORE INTO notice_urls VALUES (?, ?)", [(imp_uid, url) for url in urls]
    )


def announce(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Tell the shop that a payment was approved, issued or deposited; after the commit."""
    _tell(db, row, {"status": row["status"]})


def announce_cancel(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Tell the shop of the latest cancel, also of a part; after the commit."""
    last = load(row["cancel_history"])[-1]
    _tell(db, row, {"status": "cancelled", "cancellation_id": last["cancellation_id"]})


def _tell(db: sqlite3.Connection, row: sqlite3.Row, what: dict[str, Any]) -> None:
    if request and request.environ.get("sandbox.play"):
        return
    box = sandbox()
    switches = box.switches
    body = {"imp_uid": row["imp_uid"], "merchant_uid": row["merchant_uid"], **what}
    found = db.execute("SELECT url FROM notice_urls WHERE imp_uid = ?", (row["imp_uid"],))
    urls = [one["url"] for one in found] or [switches.notice_url]
    for url in filter(None, urls):
        box.notices.send(
            url,
            body,
            dropped=switches.notice_dropped,
            form=switches.notice_form,
            copies=switches.notice_copies,
            late_s=switches.notice_late_s,
            retries=switches.notice_retries,
            pause_s=switches.notice_pause_s,
        )
