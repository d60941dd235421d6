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


@migrations()
def m005_refunds(db: Database) -> None:
    """Refunds: each row is one attempt at PortOne, written down before anything is sent."""
    _run(
        db,
        """
        CREATE TABLE refunds (
            id TEXT PRIMARY KEY, -- uuid4
            form_token TEXT NOT NULL UNIQUE, -- made when the form was shown
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            kind TEXT NOT NULL CHECK (kind IN ('whole', 'part')),
            amount INTEGER NOT NULL CHECK (amount > 0), -- won
            tax_free INTEGER NOT NULL CHECK (tax_free BETWEEN 0 AND amount), -- won of amount
            checksum INTEGER NOT NULL CHECK (checksum >= amount), -- the balance shown, frozen
            base_cancelled INTEGER NOT NULL CHECK (base_cancelled >= 0), -- cancelled before
            known_cancel_ids TEXT NOT NULL, -- JSON list: the cancels there were before
            nonce TEXT NOT NULL UNIQUE, -- travels inside reason, tells our cancel from others
            reason TEXT NOT NULL, -- as sent
            enable_webhook INTEGER NOT NULL CHECK (enable_webhook IN (0, 1)),
            request_sha256 TEXT NOT NULL, -- of the request without the receiving account
            bank TEXT, -- of the receiving account; its number is never stored (SEC-56)
            account_last4 TEXT,
            overruled TEXT NOT NULL DEFAULT '[]', -- JSON: rules the owner overruled, and why
            state TEXT NOT NULL CHECK (state IN ('intent', 'sending', 'unknown', 'succeeded',
                'rejected', 'not_executed', 'settled_by_owner')),
            attempt INTEGER NOT NULL DEFAULT 0, -- 1 once it may have left
            owner TEXT NOT NULL, -- the process that wrote it down; only that one sends it
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL,
            sent_at INTEGER, -- this PC's clock
            -- What was answered, and what the looks afterwards saw.
            http_status INTEGER,
            api_code INTEGER,
            api_message TEXT, -- PortOne's words, or our sentence
            answer TEXT CHECK (answer IN ('yes', 'no', 'slow_no', 'doubtful', 'unsent')),
            settle_from INTEGER, -- PortOne's clock, like seen_at
            seen_at INTEGER, -- the last look that succeeded
            sight TEXT, -- what the cancel history was at sight_at, once the wait is over
            sight_at INTEGER,
            checks INTEGER NOT NULL DEFAULT 0, -- looks so far, failed ones included
            last_checked_at INTEGER,
            next_check_at INTEGER,
            check_error TEXT, -- why the last look failed
            alarm TEXT, -- something impossible was seen, a person must look
            foreign_cancelled INTEGER, -- won cancelled elsewhere meanwhile
            cancellation_id TEXT,
            match TEXT CHECK (match IN ('nonce', 'amount')), -- how it was recognised
            cancelled_at INTEGER, -- PortOne's clock
            pg_tid TEXT,
            ended_at INTEGER,
            settled_by INTEGER REFERENCES people (id),
            evidence TEXT, -- the owner's words with settled_by_owner
            CHECK ((state = 'succeeded') = (cancellation_id IS NOT NULL))
        ) STRICT;;
        CREATE UNIQUE INDEX refunds_one_open ON refunds (imp_uid)
            WHERE state IN ('intent', 'sending', 'unknown');;
        CREATE UNIQUE INDEX refunds_cancellation ON refunds (imp_uid, cancellation_id)
            WHERE cancellation_id IS NOT NULL;;
        CREATE INDEX refunds_payment ON refunds (imp_uid, created_at);;
        CREATE INDEX refunds_order ON refunds (order_id, created_at);;
        CREATE INDEX refunds_state ON refunds (state, created_at);;
        CREATE INDEX refunds_due ON refunds (next_check_at) WHERE next_check_at IS NOT NULL;;
        CREATE TRIGGER refunds_money_is_frozen BEFORE UPDATE ON refunds
        WHEN NEW.id IS NOT OLD.id OR NEW.form_token IS NOT OLD.form_token
            OR NEW.order_id IS NOT OLD.order_id OR NEW.imp_uid IS NOT OLD.imp_uid
            OR NEW.kind IS NOT OLD.kind OR NEW.amount IS NOT OLD.amount
            OR NEW.tax_free IS NOT OLD.tax_free OR NEW.checksum IS NOT OLD.checksum
            OR NEW.base_cancelled IS NOT OLD.base_cancelled
            OR NEW.known_cancel_ids IS NOT OLD.known_cancel_ids OR NEW.nonce IS NOT OLD.nonce
            OR NEW.reason IS NOT OLD.reason OR NEW.enable_webhook IS NOT OLD.enable_webhook
            OR NEW.request_sha256 IS NOT OLD.request_sha256
            OR NEW.person_id IS NOT OLD.person_id OR NEW.created_at IS NOT OLD.created_at
        BEGIN SELECT RAISE(ABORT, 'what a refund asks for never changes'); END;;
        CREATE TRIGGER refunds_stay_succeeded BEFORE UPDATE ON refunds
        WHEN OLD.state = 'succeeded' AND (NEW.state IS NOT 'succeeded'
            OR NEW.cancellation_id IS NOT OLD.cancellation_id)
        BEGIN SELECT RAISE(ABORT, 'a refund that succeeded stays so'); END;;
        CREATE TRIGGER refunds_no_delete BEFORE DELETE ON refunds
        BEGIN SELECT RAISE(ABORT, 'refunds are never deleted'); END;;
        """,
    )


@migrations()
def m006_tasks(db: Database) -> None:
    """Tasks: what is owed by hand or later."""
    _run(
        db,
        """
        CREATE TABLE tasks (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN
                ('receipt_cancel', 'receipt_reissue', 'refund_reminder')),
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            refund_id TEXT REFERENCES refunds (id),
            due_at INTEGER,
            state TEXT NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'done', 'dismissed', 'superseded')),
            created_at INTEGER NOT NULL,
            created_by INTEGER REFERENCES people (id),
            done_at INTEGER,
            done_by INTEGER REFERENCES people (id),
            reason TEXT,
            detail TEXT NOT NULL DEFAULT '{}' -- JSON
        ) STRICT;;
        CREATE UNIQUE INDEX tasks_one_open ON tasks (imp_uid, kind) WHERE state = 'open';;
        CREATE INDEX tasks_open ON tasks (state, due_at);;
        CREATE INDEX tasks_order ON tasks (order_id);;
        CREATE TRIGGER tasks_no_delete BEFORE DELETE ON tasks
        BEGIN SELECT RAISE(ABORT, 'tasks are never deleted'); END;;
        """,
    )
