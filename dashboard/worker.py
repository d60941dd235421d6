"""The one background thread of a running Jangbu. Its jobs are rows, so a crash loses none."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import closing

from flask import Flask
from sqlite_utils import Database

from dashboard import high_water
from dashboard.checkout import delivery, inbox
from dashboard.checkout import verifying as checkout
from dashboard.config import Mode
from dashboard.database import connect
from dashboard.receipts import sending as receipts
from dashboard.refunds import approvals, bulk
from dashboard.refunds import service as refunds
from dashboard.runtime import NoKeys, Runtime
from dashboard.sync import service

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # for queued jobs; a look costs about a millisecond
FIRST_LOOK_AFTER_S = 0.5  # the page that the owner waits for comes first
AFTER_A_STUMBLE_S = 30.0
MARK_EVERY_S = 3.0  # at most; see high_water.py
STOP_WITHIN_S = 2.0
_KIN = "worker:"


class Worker:
    """Sends refunds and receipts and finds out what became of them, of requests and deliveries.

    Looks into webhooks; carries out queued runs in between, and queues a regular one every
    ``config.sync_every_s``. Keeps the database's high-water mark.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._runtime: Runtime = app.extensions["jangbu"]
        self._owner = service.new_owner(_KIN.removesuffix(":"))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._mark_at = 0.0  # by the monotonic clock
        # `app.py` holds the folder's lock, so a worker's run found at the start has no process
        # any more. Should that be wrong, the other one notices at its next page and stops.
        self._kin = _KIN

    def start(self) -> None:
        """Start the thread; it never keeps the process from ending."""
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """Ask the thread to end after the page it is at; whether it did within 2 s."""
        self._stop.set()
        self._runtime.wake.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S)
            return not self._thread.is_alive()
        return True

    def _work(self) -> None:
        self._runtime.wake.wait(FIRST_LOOK_AFTER_S)
        while not self._stop.is_set():
            pause_s = LOOK_EVERY_S
            try:
                with self._app.app_context():
                    self.look()
            except Exception:  # a worker that dies leaves a shop without news
                _log.exception("the background worker stumbled")
                pause_s = AFTER_A_STUMBLE_S
            self._runtime.wake.wait(pause_s)
            self._runtime.wake.clear()

    def look(self) -> None:
        """One look for something to do; does it."""
        runtime = self._runtime
        mode, path = runtime.chosen_mode, runtime.database_path
        if mode is None or not path.exists():
            return
        try:
            with closing(connect(path)) as db:
                try:
                    self._look_into(db, mode)
                finally:
                    self._keep_mark(db)
        except sqlite3.OperationalError as error:
            _log.warning("the background worker could not use the database: %s", error)

    def _look_into(self, db: Database, mode: Mode) -> None:
        """The same, in the open database of ``mode``."""
        runtime = self._runtime
        if not db.conn.execute("SELECT 1 FROM people LIMIT 1").fetchone():
            return  # the first run has not got that far

        def stopped() -> bool:
            """Asked before every step: the client of one shop never fills another's file."""
            return self._stop.is_set() or runtime.chosen_mode != mode

        approvals.work(runtime, db, stopped=stopped)
        refunds.work(runtime, db, stopped=stopped)
        bulk.work(runtime, db, stopped=stopped)
        receipts.work(runtime, db, stopped=stopped)

        def money_waits() -> bool:
            """Refunds and receipts go first: looks at requests may take their time."""
            return stopped() or refunds.has_work(runtime, db) or receipts.has_work(runtime, db)

        inbox.work(runtime, db, stopped=money_waits)
        checkout.work(runtime, db, stopped=money_waits)
        delivery.work(runtime, db, stopped=money_waits)
        if stopped():
            return
        if service.is_due(db, now=runtime.now(), every_s=runtime.config.sync_every_s):
            try:
                runtime.portone()
            except NoKeys:
                return
            service.request_sync(db, None, None, runtime.now())
        service.run_open(
            db,
            runtime.portone,
            owner=self._owner,
            clock=runtime.clock,
            kin=self._kin,
            stopped=lambda: (
                stopped()
                or refunds.has_work(runtime, db)
                or approvals.has_work(runtime, db)
                or receipts.has_work(runtime, db)
                or inbox.has_work(runtime, db)
                or checkout.has_work(runtime, db)
            ),
        )
        self._kin = ""

    def _keep_mark(self, db: Database) -> None:
        if time.monotonic() >= self._mark_at:
            high_water.keep(db)
            self._mark_at = time.monotonic() + MARK_EVERY_S
