"""The schema, step by step. A step that has shipped is never edited; a new one is added."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from dashboard.orders.search_index import initial_pairs

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


@migrations()
def m007_files(db: Database) -> None:
    """Evidence somebody handed in: what each file under ``instance/files/`` is."""
    _run(
        db,
        """
        CREATE TABLE files (
            id TEXT PRIMARY KEY, -- uuid4, also the file's name on disk
            kind TEXT NOT NULL CHECK (kind IN ('png', 'jpeg', 'webp', 'pdf')),
            name TEXT NOT NULL, -- as it was called where it came from, for people to read only
            size INTEGER NOT NULL CHECK (size > 0), -- bytes
            sha256 TEXT NOT NULL,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL
        ) STRICT;;
        CREATE TRIGGER files_no_update BEFORE UPDATE ON files
        BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END;;
        CREATE TRIGGER files_no_delete BEFORE DELETE ON files
        BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;;
        """,
    )


@migrations()
def m008_refund_requests(db: Database) -> None:
    """Wishes that wait: for somebody to approve them, or for the morning (K5)."""
    _run(
        db,
        """
        CREATE TABLE refund_requests (
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
            reason TEXT NOT NULL, -- as typed
            bank TEXT, -- of the receiving account
            account_last4 TEXT,
            account BLOB, -- holder, bank and number, encrypted, while it waits (SEC-56)
            overruled TEXT NOT NULL DEFAULT '[]', -- JSON: rules overruled, and why
            overrule TEXT, -- the owner's reason to go on in spite of warnings
            why TEXT NOT NULL, -- JSON list: what it waits for: approval, limit, day_limit, night
            needs_owner INTEGER NOT NULL CHECK (needs_owner IN (0, 1)), -- only an owner approves
            state TEXT NOT NULL CHECK (state IN
                ('requested', 'scheduled', 'sent', 'declined', 'withdrawn', 'expired')),
            send_at INTEGER, -- not before this moment, UNIX seconds
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL,
            decided_by INTEGER REFERENCES people (id), -- who approved, declined or withdrew it
            decided_at INTEGER,
            decision TEXT, -- the words of a decline, or why it expired
            ended_at INTEGER,
            CHECK (account IS NULL OR state IN ('requested', 'scheduled')),
            CHECK ((ended_at IS NULL) = (state IN ('requested', 'scheduled'))),
            CHECK (state <> 'scheduled' OR send_at IS NOT NULL)
        ) STRICT;;
        CREATE UNIQUE INDEX refund_requests_one_open ON refund_requests (imp_uid)
            WHERE state IN ('requested', 'scheduled');;
        CREATE INDEX refund_requests_order ON refund_requests (order_id, created_at);;
        CREATE INDEX refund_requests_state ON refund_requests (state, created_at);;
        CREATE TRIGGER refund_requests_money_is_frozen BEFORE UPDATE ON refund_requests
        WHEN NEW.id IS NOT OLD.id OR NEW.form_token IS NOT OLD.form_token
            OR NEW.order_id IS NOT OLD.order_id OR NEW.imp_uid IS NOT OLD.imp_uid
            OR NEW.kind IS NOT OLD.kind OR NEW.amount IS NOT OLD.amount
            OR NEW.tax_free IS NOT OLD.tax_free OR NEW.checksum IS NOT OLD.checksum
            OR NEW.base_cancelled IS NOT OLD.base_cancelled
            OR NEW.known_cancel_ids IS NOT OLD.known_cancel_ids
            OR NEW.reason IS NOT OLD.reason OR NEW.bank IS NOT OLD.bank
            OR NEW.account_last4 IS NOT OLD.account_last4
            OR NEW.needs_owner IS NOT OLD.needs_owner
            OR NEW.person_id IS NOT OLD.person_id OR NEW.created_at IS NOT OLD.created_at
            OR (NEW.account IS NOT OLD.account AND NEW.account IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'what a request asks for never changes'); END;;
        CREATE TRIGGER refund_requests_stay_ended BEFORE UPDATE ON refund_requests
        WHEN OLD.ended_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a request that ended stays so'); END;;
        CREATE TRIGGER refund_requests_no_delete BEFORE DELETE ON refund_requests
        BEGIN SELECT RAISE(ABORT, 'requests are never deleted'); END;;

        ALTER TABLE refunds ADD COLUMN request_id TEXT REFERENCES refund_requests (id);;
        CREATE UNIQUE INDEX refunds_request ON refunds (request_id)
            WHERE request_id IS NOT NULL;;
        CREATE INDEX refunds_person ON refunds (person_id, created_at);;
        """,
    )


@migrations()
def m009_by_hand(db: Database) -> None:
    """Refunds by bank transfer, cancels made at KSNET itself, and what both do to an order."""
    _run(
        db,
        """
        CREATE TABLE manual_refunds (
            id TEXT PRIMARY KEY, -- uuid4
            form_token TEXT NOT NULL UNIQUE,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            amount INTEGER NOT NULL CHECK (amount > 0), -- won
            tax_free INTEGER NOT NULL CHECK (tax_free BETWEEN 0 AND amount), -- won of amount
            ground TEXT NOT NULL, -- why the API cannot: K1 ... K6, refused, other
            reason TEXT NOT NULL,
            bank TEXT NOT NULL,
            account_last4 TEXT NOT NULL,
            account BLOB, -- holder and number, encrypted, while somebody must transfer (SEC-56)
            file_id TEXT REFERENCES files (id), -- what speaks for it
            needs_owner INTEGER NOT NULL CHECK (needs_owner IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN
                ('requested', 'approved', 'done', 'declined', 'withdrawn')),
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL,
            decided_by INTEGER REFERENCES people (id),
            decided_at INTEGER,
            decision TEXT,
            transferred_on TEXT, -- the Korean day of the transfer, YYYY-MM-DD
            bank_reference TEXT,
            done_by INTEGER REFERENCES people (id),
            done_file_id TEXT REFERENCES files (id), -- the bank's confirmation
            ended_at INTEGER,
            CHECK (account IS NULL OR state IN ('requested', 'approved')),
            CHECK ((ended_at IS NULL) = (state IN ('requested', 'approved'))),
            CHECK ((state = 'done') = (transferred_on IS NOT NULL))
        ) STRICT;;
        CREATE UNIQUE INDEX manual_refunds_one_open ON manual_refunds (imp_uid)
            WHERE state IN ('requested', 'approved');;
        CREATE INDEX manual_refunds_order ON manual_refunds (order_id, created_at);;
        CREATE INDEX manual_refunds_payment ON manual_refunds (imp_uid);;
        CREATE INDEX manual_refunds_state ON manual_refunds (state, created_at);;
        CREATE INDEX manual_refunds_day ON manual_refunds (transferred_on)
            WHERE transferred_on IS NOT NULL;;
        CREATE TRIGGER manual_refunds_money_is_frozen BEFORE UPDATE ON manual_refunds
        WHEN NEW.id IS NOT OLD.id OR NEW.form_token IS NOT OLD.form_token
            OR NEW.order_id IS NOT OLD.order_id OR NEW.imp_uid IS NOT OLD.imp_uid
            OR NEW.amount IS NOT OLD.amount OR NEW.tax_free IS NOT OLD.tax_free
            OR NEW.ground IS NOT OLD.ground OR NEW.reason IS NOT OLD.reason
            OR NEW.bank IS NOT OLD.bank OR NEW.account_last4 IS NOT OLD.account_last4
            OR NEW.needs_owner IS NOT OLD.needs_owner
            OR NEW.person_id IS NOT OLD.person_id OR NEW.created_at IS NOT OLD.created_at
            OR (NEW.account IS NOT OLD.account AND NEW.account IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'what a refund by hand asks for never changes'); END;;
        CREATE TRIGGER manual_refunds_stay_ended BEFORE UPDATE ON manual_refunds
        WHEN OLD.ended_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a refund by hand that ended stays so'); END;;
        CREATE TRIGGER manual_refunds_no_delete BEFORE DELETE ON manual_refunds
        BEGIN SELECT RAISE(ABORT, 'refunds by hand are never deleted'); END;;

        CREATE TABLE outside_cancels ( -- made in KSNET's admin site: PortOne does not know (K9)
            id INTEGER PRIMARY KEY,
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            amount INTEGER NOT NULL CHECK (amount > 0), -- won
            cancelled_on TEXT NOT NULL, -- the Korean day, YYYY-MM-DD
            evidence TEXT NOT NULL, -- where it was seen, in words
            file_id TEXT REFERENCES files (id),
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL,
            cleared_by INTEGER REFERENCES people (id),
            cleared_at INTEGER,
            cleared_why TEXT,
            CHECK ((cleared_at IS NULL) = (cleared_by IS NULL))
        ) STRICT;;
        CREATE INDEX outside_cancels_payment ON outside_cancels (imp_uid);;
        CREATE INDEX outside_cancels_order ON outside_cancels (order_id);;
        CREATE TRIGGER outside_cancels_are_frozen BEFORE UPDATE ON outside_cancels
        WHEN OLD.cleared_at IS NOT NULL OR NEW.amount IS NOT OLD.amount
            OR NEW.imp_uid IS NOT OLD.imp_uid OR NEW.order_id IS NOT OLD.order_id
            OR NEW.person_id IS NOT OLD.person_id OR NEW.created_at IS NOT OLD.created_at
            OR NEW.evidence IS NOT OLD.evidence OR NEW.file_id IS NOT OLD.file_id
        BEGIN SELECT RAISE(ABORT, 'a mark is only ever cleared'); END;;
        CREATE TRIGGER outside_cancels_no_delete BEFORE DELETE ON outside_cancels
        BEGIN SELECT RAISE(ABORT, 'marks are never deleted'); END;;

        -- Won sent back by hand; kept by the service that ends such a refund. Never in a checksum.
        ALTER TABLE orders ADD COLUMN manual_refunded INTEGER NOT NULL DEFAULT 0
            CHECK (manual_refunded >= 0);;
        DROP INDEX orders_sums;;
        CREATE INDEX orders_sums ON orders (state, sandbox, currency, requested_at, paid_amount,
            cancelled_amount, manual_refunded);;
        """,
    )


@migrations()
def m010_bulk_refunds(db: Database) -> None:
    """Many payments cancelled one after the other with one confirmation."""
    _run(
        db,
        """
        CREATE TABLE bulk_refunds (
            id TEXT PRIMARY KEY, -- uuid4
            form_token TEXT NOT NULL UNIQUE,
            reason TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 50),
            amount INTEGER NOT NULL CHECK (amount > 0), -- won, of all its items
            state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            stopped_by INTEGER REFERENCES people (id),
            -- why it stopped by itself
            note TEXT CHECK (note IN ('unreachable', 'stale', 'not_allowed')),
            CHECK ((ended_at IS NULL) = (state = 'running'))
        ) STRICT;;
        CREATE UNIQUE INDEX bulk_refunds_one_running ON bulk_refunds ((1))
            WHERE state = 'running';;
        CREATE TABLE bulk_refund_items (
            bulk_id TEXT NOT NULL REFERENCES bulk_refunds (id),
            position INTEGER NOT NULL, -- from 1
            form_token TEXT NOT NULL UNIQUE, -- the one its refund will have
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            amount INTEGER NOT NULL CHECK (amount > 0), -- won: all that was left when it was shown
            tax_free INTEGER NOT NULL CHECK (tax_free BETWEEN 0 AND amount),
            paid_amount INTEGER NOT NULL, -- the balance shown, frozen: of this amount ...
            base_cancelled INTEGER NOT NULL, -- ... so much was cancelled ...
            known_cancel_ids TEXT NOT NULL, -- ... by these cancels, JSON list
            shown_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'refused', 'stopped')),
            refund_id TEXT REFERENCES refunds (id),
            problem TEXT, -- why it was not asked for
            ended_at INTEGER,
            PRIMARY KEY (bulk_id, position),
            CHECK (amount = paid_amount - base_cancelled),
            CHECK ((state = 'asked') = (refund_id IS NOT NULL))
        ) STRICT, WITHOUT ROWID;;
        CREATE UNIQUE INDEX bulk_refund_items_once ON bulk_refund_items (bulk_id, imp_uid);;
        CREATE INDEX bulk_refund_items_refund ON bulk_refund_items (refund_id)
            WHERE refund_id IS NOT NULL;;
        CREATE TRIGGER bulk_refund_items_are_frozen BEFORE UPDATE ON bulk_refund_items
        WHEN OLD.state <> 'waiting' OR NEW.imp_uid IS NOT OLD.imp_uid
            OR NEW.amount IS NOT OLD.amount OR NEW.tax_free IS NOT OLD.tax_free
            OR NEW.form_token IS NOT OLD.form_token OR NEW.paid_amount IS NOT OLD.paid_amount
            OR NEW.base_cancelled IS NOT OLD.base_cancelled
            OR NEW.known_cancel_ids IS NOT OLD.known_cancel_ids
        BEGIN SELECT RAISE(ABORT, 'what a row of a bulk refund asks for never changes'); END;;
        CREATE TRIGGER bulk_refund_items_no_delete BEFORE DELETE ON bulk_refund_items
        BEGIN SELECT RAISE(ABORT, 'rows of a bulk refund are never deleted'); END;;
        """,
    )


@migrations()
def m011_more_tasks(db: Database) -> None:
    """More kinds of tasks: a queued refund that could not be sent, a receipt that is missing."""
    _run(
        db,
        """
        CREATE TABLE tasks_wider (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('receipt_cancel', 'receipt_reissue',
                'receipt_missing', 'refund_reminder', 'refund_not_sent')),
            order_id INTEGER NOT NULL REFERENCES orders (id),
            imp_uid TEXT NOT NULL REFERENCES payments (imp_uid),
            refund_id TEXT REFERENCES refunds (id),
            manual_refund_id TEXT REFERENCES manual_refunds (id),
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
        INSERT INTO tasks_wider (id, kind, order_id, imp_uid, refund_id, due_at, state, created_at,
            created_by, done_at, done_by, reason, detail)
            SELECT id, kind, order_id, imp_uid, refund_id, due_at, state, created_at, created_by,
                done_at, done_by, reason, detail FROM tasks;;
        DROP TABLE tasks;;
        ALTER TABLE tasks_wider RENAME TO tasks;;
        CREATE UNIQUE INDEX tasks_one_open ON tasks (imp_uid, kind) WHERE state = 'open';;
        CREATE INDEX tasks_open ON tasks (state, due_at);;
        CREATE INDEX tasks_order ON tasks (order_id);;
        CREATE TRIGGER tasks_no_delete BEFORE DELETE ON tasks
        BEGIN SELECT RAISE(ABORT, 'tasks are never deleted'); END;;
        """,
    )


@migrations()
def m012_receipts(db: Database) -> None:
    """Cash receipts, each with its cancel one row; when missing ones were looked for."""
    _run(
        db,
        """
        CREATE TABLE receipts (
            id TEXT PRIMARY KEY, -- uuid4
            form_token TEXT NOT NULL UNIQUE,
            order_id INTEGER REFERENCES orders (id), -- of a payment
            imp_uid TEXT REFERENCES payments (imp_uid), -- of a payment
            merchant_uid TEXT, -- of an outside sale
            name TEXT NOT NULL, -- what was sold
            sold_on TEXT, -- Korean day of an outside sale, YYYY-MM-DD
            amount INTEGER NOT NULL CHECK (amount > 0), -- won, as asked for
            tax_free INTEGER CHECK (tax_free BETWEEN 0 AND amount), -- won; NULL: found at PortOne
            type TEXT NOT NULL CHECK (type IN ('person', 'company', '')), -- '': found at PortOne
            identifier_type TEXT CHECK (identifier_type IN ('phone', 'business', 'taxcard')),
            last4 TEXT CHECK (length(last4) = 4), -- the identifier itself is never kept (SEC-55)
            fingerprint TEXT, -- keyed, tells whether another identifier is the same
            product_type TEXT CHECK (product_type IN ('real', 'digital')),
            buyer_name TEXT NOT NULL,
            channel_key TEXT,
            pg TEXT,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'intent', 'sending', 'unknown',
                'issued', 'rejected', 'not_issued', 'cancel_intent', 'cancel_sending',
                'cancel_unknown', 'cancelled')),
            adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)), -- issued elsewhere
            replaces TEXT REFERENCES receipts (id), -- waits until this one is cancelled
            batch_id TEXT, -- many from one file
            owner TEXT, -- the process that holds the identifier
            base_tid TEXT, -- receipt_tid PortOne showed before this one was sent
            attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt BETWEEN 0 AND 1),
            sent_at INTEGER,
            cancel_sent_at INTEGER,
            cancel_reason TEXT,
            answer TEXT CHECK (answer IN ('yes', 'no', 'doubtful', 'unsent')),
            http_status INTEGER,
            api_code INTEGER,
            api_message TEXT,
            checks INTEGER NOT NULL DEFAULT 0,
            last_checked_at INTEGER,
            next_check_at INTEGER,
            check_error TEXT,
            settle_from INTEGER,
            sight TEXT,
            sight_at INTEGER,
            alarm TEXT CHECK (alarm IN ('amount', 'type')),
            receipt_tid TEXT,
            apply_num TEXT,
            issued_amount INTEGER, -- won, as PortOne answered
            vat_amount INTEGER, -- won, as PortOne answered
            receipt_url TEXT,
            applied_at INTEGER,
            cancelled_at INTEGER,
            person_id INTEGER NOT NULL REFERENCES people (id),
            cancelled_by INTEGER REFERENCES people (id),
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            CHECK ((imp_uid IS NULL) <> (merchant_uid IS NULL)),
            CHECK ((imp_uid IS NULL) = (order_id IS NULL)),
            CHECK (state NOT IN ('issued', 'cancelled') OR receipt_tid IS NOT NULL)
        ) STRICT;;
        -- At most one that lives, or may live, per payment and per outside sale.
        CREATE UNIQUE INDEX receipts_one_live ON receipts (imp_uid) WHERE imp_uid IS NOT NULL
            AND state IN ('intent', 'sending', 'unknown', 'issued', 'cancel_intent',
                'cancel_sending', 'cancel_unknown');;
        CREATE UNIQUE INDEX receipts_one_waits ON receipts (imp_uid) WHERE state = 'waiting';;
        CREATE UNIQUE INDEX receipts_one_live_outside ON receipts (merchant_uid)
            WHERE merchant_uid IS NOT NULL AND state IN ('intent', 'sending', 'unknown', 'issued',
                'cancel_intent', 'cancel_sending', 'cancel_unknown');;
        CREATE INDEX receipts_payment ON receipts (imp_uid, created_at);;
        CREATE INDEX receipts_order ON receipts (order_id);;
        CREATE INDEX receipts_newest ON receipts (created_at);;
        CREATE INDEX receipts_busy ON receipts (state) WHERE state NOT IN
            ('issued', 'cancelled', 'rejected', 'not_issued');;
        CREATE INDEX receipts_batch ON receipts (batch_id) WHERE batch_id IS NOT NULL;;
        CREATE TRIGGER receipts_are_frozen BEFORE UPDATE ON receipts
        WHEN NEW.id IS NOT OLD.id OR NEW.imp_uid IS NOT OLD.imp_uid
            OR NEW.merchant_uid IS NOT OLD.merchant_uid OR NEW.amount IS NOT OLD.amount
            OR NEW.tax_free IS NOT OLD.tax_free OR NEW.order_id IS NOT OLD.order_id
            OR NEW.form_token IS NOT OLD.form_token OR NEW.person_id IS NOT OLD.person_id
            OR NEW.created_at IS NOT OLD.created_at
        BEGIN SELECT RAISE(ABORT, 'what a receipt was asked for never changes'); END;;
        CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
        BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END;;

        CREATE TABLE receipt_looks ( -- paid in cash, no receipt of ours: what PortOne knew
            imp_uid TEXT PRIMARY KEY REFERENCES payments (imp_uid),
            looked_at INTEGER NOT NULL,
            found INTEGER NOT NULL CHECK (found IN (0, 1))
        ) STRICT, WITHOUT ROWID;;

        ALTER TABLE tasks ADD COLUMN file_id TEXT REFERENCES files (id);;
        """,
    )


@migrations()
def m013_payment_requests(db: Database) -> None:
    """What the shop asks buyers to pay, what it sells, what is held back, what PortOne knocked."""
    _run(
        db,
        """
        CREATE TABLE products (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            unit_price INTEGER NOT NULL CHECK (unit_price > 0), -- won, VAT included
            tax_free INTEGER NOT NULL CHECK (tax_free IN (0, 1)),
            stock INTEGER CHECK (stock >= 0), -- pieces not sold yet, held ones included; NULL: any
            hidden_at INTEGER, -- not offered any more
            created_at INTEGER NOT NULL
        ) STRICT;;
        CREATE UNIQUE INDEX products_name ON products (name) WHERE hidden_at IS NULL;;

        CREATE TABLE payment_requests (
            id TEXT PRIMARY KEY, -- uuid4
            form_token TEXT NOT NULL UNIQUE,
            merchant_uid TEXT NOT NULL UNIQUE CHECK (length(merchant_uid) BETWEEN 1 AND 40),
            name TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0), -- won, or cents where currency is USD
            tax_free INTEGER NOT NULL CHECK (tax_free BETWEEN 0 AND amount),
            currency TEXT NOT NULL CHECK (currency IN ('KRW', 'USD')),
            pay_method TEXT NOT NULL,
            escrow INTEGER NOT NULL CHECK (escrow IN (0, 1)),
            wish TEXT NOT NULL, -- JSON: everything the window is opened with (ksnet.WindowWish)
            channel_key TEXT NOT NULL,
            pg_mid TEXT NOT NULL,
            sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)), -- asked for in a test channel
            overruled TEXT NOT NULL DEFAULT '[]', -- JSON: warnings the owner overruled
            state TEXT NOT NULL CHECK (state IN ('preparing', 'open', 'waiting', 'failed', 'paid',
                'mismatch', 'expired', 'cancelled')),
            expires_at INTEGER NOT NULL, -- of the link
            prepared_at INTEGER, -- PortOne blocks another amount from then on
            opened_at INTEGER, -- a window was first about to open
            imp_uid TEXT, -- the payment that fits, or the one that alarms
            fail_reason TEXT, -- in the gateway's words
            alarm TEXT CHECK (alarm IN ('amount', 'currency', 'sandbox', 'channel', 'escrow',
                'paid_twice', 'late', 'stock')),
            alarm_about TEXT, -- the payments whose money it is about
            alarm_closed TEXT, -- the alarm somebody has seen to, with what it was about
            refused_at INTEGER, -- PortOne's question was last answered with a no, and noted
            forged_at INTEGER, -- a browser named a payment of another order
            checks INTEGER NOT NULL DEFAULT 0, -- looks since something last changed
            last_checked_at INTEGER,
            next_check_at INTEGER,
            check_error TEXT, -- why the last look failed
            paid_at INTEGER,
            ended_at INTEGER,
            ended_by INTEGER REFERENCES people (id),
            copied_from TEXT REFERENCES payment_requests (id),
            person_id INTEGER NOT NULL REFERENCES people (id),
            created_at INTEGER NOT NULL
        ) STRICT;;
        CREATE INDEX payment_requests_newest ON payment_requests (created_at DESC);;
        CREATE INDEX payment_requests_state ON payment_requests (state, created_at DESC);;
        CREATE INDEX payment_requests_alarms ON payment_requests (alarm) WHERE alarm IS NOT NULL;;
        -- Whoever brings news of a payment (synchronisation, live look, webhook): its request is
        -- looked at next.
        CREATE TRIGGER payments_new_for_requests AFTER INSERT ON payments
        BEGIN UPDATE payment_requests SET next_check_at = NEW.first_seen_at
            WHERE merchant_uid = NEW.merchant_uid; END;;
        CREATE TRIGGER payments_news_for_requests AFTER UPDATE OF version ON payments
        WHEN NEW.version IS NOT OLD.version
        BEGIN UPDATE payment_requests SET next_check_at = NEW.changed_at
            WHERE merchant_uid = NEW.merchant_uid; END;;
        CREATE INDEX payment_requests_due ON payment_requests (next_check_at)
            WHERE next_check_at IS NOT NULL;;
        CREATE TRIGGER payment_requests_are_frozen BEFORE UPDATE ON payment_requests
        WHEN NEW.id IS NOT OLD.id OR NEW.form_token IS NOT OLD.form_token
            OR NEW.merchant_uid IS NOT OLD.merchant_uid OR NEW.name IS NOT OLD.name
            OR NEW.amount IS NOT OLD.amount OR NEW.tax_free IS NOT OLD.tax_free
            OR NEW.currency IS NOT OLD.currency OR NEW.pay_method IS NOT OLD.pay_method
            OR NEW.escrow IS NOT OLD.escrow OR NEW.sandbox IS NOT OLD.sandbox
            OR NEW.person_id IS NOT OLD.person_id OR NEW.created_at IS NOT OLD.created_at
        BEGIN SELECT RAISE(ABORT, 'what a request asks for never changes'); END;;
        CREATE TRIGGER payment_requests_stay_paid BEFORE UPDATE ON payment_requests
        WHEN OLD.state = 'paid' AND NEW.state <> 'paid'
        BEGIN SELECT RAISE(ABORT, 'a request that was paid stays so'); END;;
        CREATE TRIGGER payment_requests_no_delete BEFORE DELETE ON payment_requests
        BEGIN SELECT RAISE(ABORT, 'payment requests are never deleted'); END;;

        CREATE TABLE payment_request_lines (
            request_id TEXT NOT NULL REFERENCES payment_requests (id),
            position INTEGER NOT NULL, -- from 1
            product_id INTEGER REFERENCES products (id),
            name TEXT NOT NULL,
            unit_price INTEGER NOT NULL CHECK (unit_price > 0), -- as the request's amount
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            tax_free INTEGER NOT NULL CHECK (tax_free IN (0, 1)),
            PRIMARY KEY (request_id, position)
        ) STRICT, WITHOUT ROWID;;

        CREATE TABLE stock_holds (
            request_id TEXT NOT NULL REFERENCES payment_requests (id),
            product_id INTEGER NOT NULL REFERENCES products (id),
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            state TEXT NOT NULL CHECK (state IN ('held', 'sold', 'released')),
            held_at INTEGER NOT NULL,
            until INTEGER, -- NULL: for as long as the request waits for a deposit
            PRIMARY KEY (request_id, product_id)
        ) STRICT, WITHOUT ROWID;;
        CREATE INDEX stock_holds_held ON stock_holds (product_id) WHERE state = 'held';;

        CREATE TABLE webhook_inbox (
            id INTEGER PRIMARY KEY,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            count INTEGER NOT NULL DEFAULT 1, -- the same again within a minute is one row
            content_type TEXT NOT NULL,
            remote_addr TEXT NOT NULL,
            body TEXT NOT NULL, -- as received, 8 KB at most, resident numbers masked
            imp_uid TEXT NOT NULL, -- '': the body names none
            merchant_uid TEXT NOT NULL,
            status TEXT NOT NULL, -- what it claims; never believed
            cancellation_id TEXT NOT NULL,
            verdict TEXT NOT NULL CHECK (verdict IN ('waiting', 'changed', 'known', 'contradicted',
                'unknown', 'unreadable')),
            detail TEXT NOT NULL DEFAULT '', -- what PortOne said instead, or why it cannot be asked
            checks INTEGER NOT NULL DEFAULT 0,
            next_check_at INTEGER,
            asked_at INTEGER, -- PortOne was last asked about it
            done_at INTEGER,
            CHECK ((verdict = 'waiting') = (next_check_at IS NOT NULL))
        ) STRICT;;
        CREATE INDEX webhook_inbox_newest ON webhook_inbox (last_at DESC);;
        CREATE INDEX webhook_inbox_payment ON webhook_inbox (imp_uid, last_at);;
        CREATE INDEX webhook_inbox_due ON webhook_inbox (next_check_at)
            WHERE next_check_at IS NOT NULL;;
        """,
    )


@migrations()
def m014_deliveries(db: Database) -> None:
    """Delivery data of escrow payments: what PortOne has, and what it was asked for last.

    Who sends and who receives is not kept: it stands in the settings and in the payment.
    """
    _run(
        db,
        """
        CREATE TABLE deliveries (
            imp_uid TEXT PRIMARY KEY REFERENCES payments (imp_uid),
            state TEXT NOT NULL CHECK (state IN ('sending', 'registered', 'unknown', 'refused')),
            company TEXT, -- courier code; this and the next three: as PortOne has it registered
            invoice TEXT,
            sent_at INTEGER,
            applied_at INTEGER, -- PortOne's word, else when we learnt of it (K46)
            asked_company TEXT, -- what the last call asked for, until it is known to be registered
            asked_invoice TEXT,
            asked_sent_at INTEGER,
            asked_at INTEGER,
            api_message TEXT, -- why the last call did nothing
            looks INTEGER NOT NULL DEFAULT 0, -- failed ones since the last call
            looked_at INTEGER,
            next_look_at INTEGER, -- while its fate is open
            person_id INTEGER REFERENCES people (id), -- who asked last; NULL: found at PortOne
            created_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            CHECK ((company IS NULL) = (invoice IS NULL)),
            CHECK (state <> 'registered' OR invoice IS NOT NULL),
            CHECK (state <> 'refused' OR invoice IS NULL),
            CHECK (state NOT IN ('sending', 'unknown') OR asked_invoice IS NOT NULL),
            CHECK ((state IN ('sending', 'unknown')) = (next_look_at IS NOT NULL))
        ) STRICT;;
        CREATE INDEX deliveries_due ON deliveries (next_look_at) WHERE next_look_at IS NOT NULL;;
        """,
    )


@migrations()
def m015_initials(db: Database) -> None:
    """Korean initials of goods and buyers beside their letters; FTS5 cannot add a column.

    They follow from the tokens already there, so no payment has to be read again.
    """
    db.conn.create_function(
        "initial_pairs", 1, lambda tokens: initial_pairs(tokens or ""), deterministic=True
    )
    _run(
        db,
        """
        ALTER TABLE order_search RENAME TO order_search_before;;
        CREATE VIRTUAL TABLE order_search USING fts5 (
            merchant_uid, imp_uid, name, buyer_name, buyer_tel, buyer_email, apply_num, card_number,
            name_initials, buyer_initials,
            tokenize = "unicode61 remove_diacritics 0"
        );;
        INSERT INTO order_search (rowid, merchant_uid, imp_uid, name, buyer_name, buyer_tel,
            buyer_email, apply_num, card_number, name_initials, buyer_initials)
        SELECT rowid, merchant_uid, imp_uid, name, buyer_name, buyer_tel, buyer_email, apply_num,
            card_number, initial_pairs(name), initial_pairs(buyer_name) FROM order_search_before;;
        DROP TABLE order_search_before;;
        """,
    )


@migrations()
def m016_order_days(db: Database) -> None:
    """Counts and sums by day, kept by every change of an order; indexes for rare questions."""
    _run(
        db,
        """
        CREATE TABLE order_days (
            base TEXT NOT NULL CHECK (base IN ('requested', 'paid', 'cancelled')),
            day INTEGER NOT NULL, -- Korean days since 1970 of that moment
            state TEXT NOT NULL, -- and the rest: as in orders
            method TEXT NOT NULL,
            sandbox INTEGER NOT NULL,
            currency TEXT NOT NULL,
            count INTEGER NOT NULL, -- orders; a day that lost them all stays with 0
            paid INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            by_hand INTEGER NOT NULL,
            first_id INTEGER NOT NULL, -- no order that ever counted here has an id outside of these
            last_id INTEGER NOT NULL,
            PRIMARY KEY (base, day, state, method, sandbox, currency)
        ) STRICT, WITHOUT ROWID;;
        CREATE TRIGGER orders_new_for_days AFTER INSERT ON orders
        BEGIN
            INSERT INTO order_days SELECT base, (at + 32400) / 86400, NEW.state, NEW.method,
                NEW.sandbox, NEW.currency, 1, NEW.paid_amount, NEW.cancelled_amount,
                NEW.manual_refunded, NEW.id, NEW.id
            FROM (SELECT 'requested' AS base, NEW.requested_at AS at UNION ALL
                SELECT 'paid', NEW.paid_at UNION ALL SELECT 'cancelled', NEW.cancelled_at)
            WHERE at IS NOT NULL
            ON CONFLICT DO UPDATE SET count = count + excluded.count, paid = paid + excluded.paid,
                cancelled = cancelled + excluded.cancelled, by_hand = by_hand + excluded.by_hand,
                first_id = min(first_id, excluded.first_id),
                last_id = max(last_id, excluded.last_id);
        END;;
        CREATE TRIGGER orders_change_for_days AFTER UPDATE ON orders
        WHEN (OLD.state, OLD.method, OLD.sandbox, OLD.currency, OLD.paid_amount,
            OLD.cancelled_amount, OLD.manual_refunded, OLD.requested_at, OLD.paid_at,
            OLD.cancelled_at) IS NOT (NEW.state, NEW.method, NEW.sandbox, NEW.currency,
            NEW.paid_amount, NEW.cancelled_amount, NEW.manual_refunded, NEW.requested_at,
            NEW.paid_at, NEW.cancelled_at)
        BEGIN
            INSERT INTO order_days SELECT base, (at + 32400) / 86400, OLD.state, OLD.method,
                OLD.sandbox, OLD.currency, -1, -OLD.paid_amount, -OLD.cancelled_amount,
                -OLD.manual_refunded, OLD.id, OLD.id
            FROM (SELECT 'requested' AS base, OLD.requested_at AS at UNION ALL
                SELECT 'paid', OLD.paid_at UNION ALL SELECT 'cancelled', OLD.cancelled_at)
            WHERE at IS NOT NULL
            ON CONFLICT DO UPDATE SET count = count + excluded.count, paid = paid + excluded.paid,
                cancelled = cancelled + excluded.cancelled, by_hand = by_hand + excluded.by_hand,
                first_id = min(first_id, excluded.first_id),
                last_id = max(last_id, excluded.last_id);
            INSERT INTO order_days SELECT base, (at + 32400) / 86400, NEW.state, NEW.method,
                NEW.sandbox, NEW.currency, 1, NEW.paid_amount, NEW.cancelled_amount,
                NEW.manual_refunded, NEW.id, NEW.id
            FROM (SELECT 'requested' AS base, NEW.requested_at AS at UNION ALL
                SELECT 'paid', NEW.paid_at UNION ALL SELECT 'cancelled', NEW.cancelled_at)
            WHERE at IS NOT NULL
            ON CONFLICT DO UPDATE SET count = count + excluded.count, paid = paid + excluded.paid,
                cancelled = cancelled + excluded.cancelled, by_hand = by_hand + excluded.by_hand,
                first_id = min(first_id, excluded.first_id),
                last_id = max(last_id, excluded.last_id);
        END;;
        CREATE TRIGGER orders_gone_for_days AFTER DELETE ON orders
        BEGIN
            INSERT INTO order_days SELECT base, (at + 32400) / 86400, OLD.state, OLD.method,
                OLD.sandbox, OLD.currency, -1, -OLD.paid_amount, -OLD.cancelled_amount,
                -OLD.manual_refunded, OLD.id, OLD.id
            FROM (SELECT 'requested' AS base, OLD.requested_at AS at UNION ALL
                SELECT 'paid', OLD.paid_at UNION ALL SELECT 'cancelled', OLD.cancelled_at)
            WHERE at IS NOT NULL
            ON CONFLICT DO UPDATE SET count = count + excluded.count, paid = paid + excluded.paid,
                cancelled = cancelled + excluded.cancelled, by_hand = by_hand + excluded.by_hand,
                first_id = min(first_id, excluded.first_id),
                last_id = max(last_id, excluded.last_id);
        END;;
        INSERT INTO order_days
        SELECT base, (at + 32400) / 86400, state, method, sandbox, currency, count(*),
            sum(paid_amount), sum(cancelled_amount), sum(manual_refunded), min(id), max(id)
        FROM (
            SELECT 'requested' AS base, requested_at AS at, * FROM orders UNION ALL
            SELECT 'paid', paid_at, * FROM orders WHERE paid_at IS NOT NULL UNION ALL
            SELECT 'cancelled', cancelled_at, * FROM orders WHERE cancelled_at IS NOT NULL
        ) GROUP BY 1, 2, 3, 4, 5, 6;;
        DROP INDEX orders_sums;;
        CREATE INDEX orders_state_method ON orders
            (state, method, requested_at DESC, id DESC);;
        CREATE INDEX orders_tests ON orders (requested_at DESC, id DESC) WHERE sandbox = 1;;
        CREATE INDEX orders_other_methods ON orders (requested_at DESC, id DESC) WHERE method NOT IN
            ('card', 'vbank', 'trans', 'phone', 'kakaopay', 'naverpay', 'payco', 'lpay', 'ssgpay');;
        """,
    )


@migrations()
def m017_preferences(db: Database) -> None:
    """How a person has the list laid out, and questions kept under a name."""
    _run(
        db,
        """
        CREATE TABLE preferences (
            person_id INTEGER PRIMARY KEY REFERENCES people (id),
            list_columns TEXT NOT NULL -- names in order, see orders/columns.py; '-' hides one
        ) STRICT;;

        CREATE TABLE saved_views (
            id INTEGER PRIMARY KEY,
            person_id INTEGER NOT NULL REFERENCES people (id), -- who made it
            name TEXT NOT NULL,
            name_key TEXT NOT NULL, -- folded: what counts as the same name
            question TEXT NOT NULL, -- URL arguments without the place in the pages
            shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
            created_at INTEGER NOT NULL,
            UNIQUE (person_id, name_key)
        ) STRICT;;
        CREATE INDEX saved_views_shared ON saved_views (name_key) WHERE shared = 1;;
        """,
    )
