"""The sandbox's own SQLite file: schema, connections, one write helper.

Amounts are kept in the currency's smallest unit (won, cents), times in UNIX seconds. The columns
of ``payments`` are what changes or is asked for; everything a payment was born with is ``facts``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import current_app, g, request

VERSION = 2

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    imp_uid TEXT NOT NULL UNIQUE,
    merchant_uid TEXT NOT NULL,
    status TEXT NOT NULL,
    pay_method TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    cancel_amount INTEGER NOT NULL DEFAULT 0 CHECK (cancel_amount >= 0),
    currency TEXT NOT NULL,
    sandbox INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    paid_at INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER NOT NULL DEFAULT 0,
    cancelled_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL, -- last status change
    final_at INTEGER NOT NULL, -- the time that belongs to the status
    fail_reason TEXT,
    cancel_reason TEXT,
    cancel_history TEXT NOT NULL DEFAULT '[]',
    facts TEXT NOT NULL
) STRICT;
CREATE INDEX payments_merchant ON payments (merchant_uid);
-- Covers the counting and the six sortings of a 90-day window.
CREATE INDEX payments_final ON payments (final_at, status, started_at, paid_at, updated_at);
CREATE TABLE versions (
    imp_uid TEXT NOT NULL,
    until REAL NOT NULL, -- the payment looked like this before that moment
    shape TEXT NOT NULL
) STRICT;
CREATE INDEX versions_payment ON versions (imp_uid, until);
CREATE TABLE tokens (
    access_token TEXT PRIMARY KEY, imp_key TEXT NOT NULL, expired_at INTEGER NOT NULL
) STRICT;
CREATE TABLE prepared (
    merchant_uid TEXT PRIMARY KEY, amount TEXT NOT NULL, currency TEXT
) STRICT;
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    route TEXT NOT NULL CHECK (route IN ('payment', 'external')),
    uid TEXT NOT NULL, -- imp_uid or merchant_uid
    cancelled_at INTEGER NOT NULL DEFAULT 0,
    shape TEXT NOT NULL,
    sent TEXT NOT NULL -- what was asked for, for tests
) STRICT;
CREATE INDEX receipts_uid ON receipts (route, uid, id);
CREATE TABLE logis (
    imp_uid TEXT PRIMARY KEY, company TEXT NOT NULL, invoice TEXT NOT NULL,
    sent_at INTEGER NOT NULL, applied_at INTEGER NOT NULL
) STRICT;
CREATE TABLE channels (
    channel_key TEXT PRIMARY KEY, pg_provider TEXT NOT NULL, pg_id TEXT NOT NULL,
    sandbox INTEGER NOT NULL, type TEXT NOT NULL, channel_name TEXT NOT NULL
) STRICT;
"""

# Version 2: payment windows. Added to files of version 1, too.
_WINDOWS = """
CREATE TABLE IF NOT EXISTS windows (
    id TEXT PRIMARY KEY, -- not to be guessed: whoever has it may pay
    imp_uid TEXT, -- NULL: it never opened
    merchant_uid TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('pc', 'mobile')),
    origin TEXT NOT NULL, -- the page that asked
    opened_at INTEGER NOT NULL,
    code TEXT NOT NULL, -- of IMP.init
    params TEXT NOT NULL, -- as received
    objections TEXT NOT NULL,
    ended TEXT, -- paid, failed, closed, account; NULL while open
    result TEXT -- what the caller gets
) STRICT;
CREATE INDEX IF NOT EXISTS windows_payment ON windows (imp_uid);
CREATE INDEX IF NOT EXISTS windows_merchant ON windows (merchant_uid);
CREATE TABLE IF NOT EXISTS notice_urls (
    imp_uid TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (imp_uid, url)
) STRICT;
"""


class Store:
    """The state file at ``path``; made with its tables when missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(self.connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version < VERSION:
                _run(db, _WINDOWS if version else _SCHEMA + _WINDOWS)
                db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("COMMIT")
        if version > VERSION:
            raise ValueError(f"{path} was written by another version of the sandbox ({version})")

    def connect(self) -> sqlite3.Connection:
        """A new connection; the caller closes it."""
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        return db


def _run(db: sqlite3.Connection, script: str) -> None:
    """Run each statement inside the caller's transaction, which ``executescript`` would end."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


def get_db() -> sqlite3.Connection:
    """The request's own connection."""
    if "sandbox_db" not in g:
        g.sandbox_db = current_app.extensions["sandbox"].store.connect()
    db: sqlite3.Connection = g.sandbox_db
    return db


def close_db(_error: BaseException | None = None) -> None:
    db = g.pop("sandbox_db", None)
    if db is not None:
        db.close()


@contextmanager
def write(db: sqlite3.Connection) -> Iterator[None]:
    """One write transaction, rolled back when the request is only played (see ``faults``)."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    played = request and request.environ.get("sandbox.play")
    db.execute("ROLLBACK" if played else "COMMIT")


def get_meta(db: sqlite3.Connection, key: str, default: str = "") -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row["value"]) if row else default


def put_meta(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def load(written: str) -> Any:
    return json.loads(written)


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
