"""The schema, step by step. A step that has shipped is never edited; a new one is added."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("jangbu")


def _run(db: Database, script: str) -> None:
    """Run statements one by one: ``executescript`` would commit the migration's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";;"):
            db.conn.execute(statement.rstrip().removesuffix(";"))
            statement = ""
    if statement.strip():
        raise ValueError(f"statement without ;; at its end: {statement}")


@migrations()
def m001_people(db: Database) -> None:
    """People, sign-in attempts, settings."""
    _run(
        db,
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;;
        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;;
        CREATE TABLE people (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'staff', 'viewer')),
            password_hash TEXT NOT NULL,
            session_version INTEGER NOT NULL DEFAULT 1,
            language TEXT NOT NULL DEFAULT 'ko' CHECK (language IN ('ko', 'en')),
            theme TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
            disabled_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT;;
        CREATE TABLE sign_in_attempts (
            id INTEGER PRIMARY KEY,
            name_key TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;;
        CREATE INDEX sign_in_attempts_name ON sign_in_attempts (name_key, at);;
        CREATE INDEX sign_in_attempts_at ON sign_in_attempts (at);;
        """,
    )


@migrations()
def m002_events(db: Database) -> None:
    """The append-only, hash-chained log."""
    _run(
        db,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            order_id INTEGER,
            imp_uid TEXT,
            person_id INTEGER,
            actor TEXT NOT NULL,
            detail TEXT NOT NULL,
            prev_hash TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE
        ) STRICT;;
        CREATE INDEX events_order ON events (order_id, id) WHERE order_id IS NOT NULL;;
        CREATE TRIGGER events_no_update BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;;
        CREATE TRIGGER events_no_delete BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;;
        """,
    )


@migrations()
def m003_ledger(db: Database) -> None:
    """Orders (what the shop sold) and payments (what PortOne says), and how to find them."""
    _run(
        db,
        """
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY,
            merchant_uid TEXT NOT NULL UNIQUE,
            tax_free INTEGER CHECK (tax_free >= 0), -- won; NULL: unknown
            created_at INTEGER NOT NULL,
            -- Everything below is kept by the one function that applies a payment.
            imp_uid TEXT, -- the attempt the list shows
            state TEXT NOT NULL CHECK (state IN
                ('ready', 'waiting', 'paid', 'partial', 'cancelled', 'failed', 'check')),
            sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
            currency TEXT NOT NULL,
            amount INTEGER NOT NULL, -- asked for by that attempt
            paid_amount INTEGER NOT NULL, -- over all attempts that were ever paid, see summary.py
            cancelled_amount INTEGER NOT NULL, -- cancelled over the same attempts
            cancel_count INTEGER NOT NULL, -- of the shown attempt (K1 counts per payment)
            attempt_count INTEGER NOT NULL,
            name TEXT NOT NULL,
            buyer_name TEXT NOT NULL,
            buyer_tel TEXT NOT NULL, -- as PortOne has it
            buyer_email TEXT NOT NULL,
            pay_method TEXT NOT NULL,
            emb_pg_provider TEXT NOT NULL,
            method TEXT GENERATED ALWAYS AS ( -- what a person calls it: the wallet, not its gateway
                iif(emb_pg_provider IN ('kakaopay', 'naverpay', 'payco', 'lpay', 'ssgpay'),
                    emb_pg_provider, pay_method)) VIRTUAL,
            card_name TEXT NOT NULL,
            card_quota INTEGER,
            bank_name TEXT NOT NULL, -- of a transfer or a virtual account
            vbank_date INTEGER,
            escrow INTEGER NOT NULL CHECK (escrow IN (0, 1)),
            fail_reason TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            paid_at INTEGER,
            cancelled_at INTEGER
        ) STRICT;;
        CREATE INDEX orders_requested ON orders (requested_at DESC, id DESC);;
        CREATE INDEX orders_state_requested ON orders (state, requested_at DESC, id DESC);;
        CREATE INDEX orders_method_requested ON orders (method, requested_at DESC, id DESC);;
        CREATE INDEX orders_paid ON orders (paid_at DESC, id DESC) WHERE paid_at IS NOT NULL;;
        CREATE INDEX orders_cancelled ON orders (cancelled_at DESC, id DESC)
            WHERE cancelled_at IS NOT NULL;;
        CREATE INDEX orders_amount ON orders (amount);;
        CREATE INDEX orders_sums ON orders
            (state, sandbox, currency, requested_at, paid_amount, cancelled_amount);;

        CREATE TABLE payments ( -- with a rowid: so long rows would waste half of every page
            imp_uid TEXT PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            merchant_uid TEXT NOT NULL,
            status TEXT NOT NULL, -- PortOne's own word, unknown ones included
            state TEXT NOT NULL,
            amount INTEGER NOT NULL, -- won, or cents where currency is USD
            cancel_amount INTEGER NOT NULL,
            currency TEXT NOT NULL,
            sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
            pay_method TEXT NOT NULL,
            emb_pg_provider TEXT NOT NULL,
            escrow INTEGER NOT NULL CHECK (escrow IN (0, 1)),
            started_at INTEGER,
            paid_at INTEGER,
            failed_at INTEGER,
            cancelled_at INTEGER,
            version TEXT NOT NULL, -- orders two sights of one payment by content
            raw TEXT NOT NULL, -- PortOne's answer, JSON
            first_seen_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT;;
        CREATE INDEX payments_order ON payments (order_id);;
        CREATE INDEX payments_open ON payments (paid_at, imp_uid)
            WHERE state IN ('paid', 'partial');;
        CREATE INDEX payments_unsure ON payments (imp_uid) WHERE state IN ('waiting', 'check');;

        CREATE TABLE payment_checks ( -- apart: written every few minutes, for days on end
            imp_uid TEXT PRIMARY KEY REFERENCES payments (imp_uid),
            checked_at INTEGER NOT NULL -- PortOne last said so
        ) STRICT, WITHOUT ROWID;;

        CREATE TABLE cancellations (
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            position INTEGER NOT NULL, -- place in cancel_history, from 0
            cancellation_id TEXT,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            cancelled_at INTEGER,
            reason TEXT NOT NULL,
            pg_tid TEXT NOT NULL,
            receipt_url TEXT,
            PRIMARY KEY (imp_uid, position)
        ) STRICT, WITHOUT ROWID;;
        CREATE UNIQUE INDEX cancellations_id ON cancellations (imp_uid, cancellation_id)
            WHERE cancellation_id IS NOT NULL;;

        CREATE TABLE notes (
            id INTEGER PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            person_id INTEGER NOT NULL REFERENCES people (id),
            text TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;;
        CREATE INDEX notes_order ON notes (order_id, id);;

        CREATE VIRTUAL TABLE order_search USING fts5 (
            merchant_uid, imp_uid, name, buyer_name, buyer_tel, buyer_email, apply_num, card_number,
            tokenize = "unicode61 remove_diacritics 0"
        );;
        """,
    )


@migrations()
def m004_sync(db: Database) -> None:
    """Runs of the synchronisation: each one a row, so a crash loses none."""
    _run(
        db,
        """
        CREATE TABLE sync_runs (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('first', 'regular', 'daily')),
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
            asked_by INTEGER REFERENCES people (id),
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            owner TEXT, -- the process that runs it
            heartbeat_at INTEGER,
            from_at INTEGER,
            to_at INTEGER,
            cursor TEXT NOT NULL DEFAULT '{}', -- JSON: where to go on after a crash
            total INTEGER, -- payments to read, once known
            seen INTEGER NOT NULL DEFAULT 0,
            new INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            error TEXT -- name of the error's class; the page has the sentence
        ) STRICT;;
        CREATE UNIQUE INDEX sync_runs_one_open ON sync_runs ((1))
            WHERE state IN ('queued', 'running');;
        """,
    )
