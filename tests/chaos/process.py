"""One app process: plain waitress on ``create_app()`` with its worker on, and no lock.

Beside the pages it has a counter where the test's staff is served without a browser: the same
service functions the pages call, as JSON over HTTP.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import waitress
from flask import Flask
from werkzeug.wrappers import Request, Response

from dashboard import create_app, machine, worker
from dashboard.config import Config
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import PortOneError, ReceiptFor, RefundAccount
from dashboard.receipts import service as receipts
from dashboard.refunds import service, signing, tasks
from dashboard.sync.service import request_sync
from dashboard.sync.store import find_run
from tests.chaos import failpoints
from tests.chaos.fast_clock import FastClock

BUYER = ReceiptFor(
    identifier="01012345678",
    identifier_type="phone",
    type="person",
    product_type="real",
    buyer_name="김하나",
)
ACCOUNT = RefundAccount(holder="김하나", bank="004", account="12345678901234")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a process is told at its start."""

    instance: Path
    portone_url: str
    key: str
    secret: str
    clock: FastClock
    log: Path
    die_at: str | None = None  # a name of failpoints.POINTS
    look_every_s: float = 0.05  # on the wall's clock


def serve(setup: Setup, pipe: Connection) -> None:
    """Serve until killed; says its port through ``pipe``, and ends when the other end is gone."""
    log = os.open(setup.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    failpoints.arm(setup.die_at)
    worker.LOOK_EVERY_S = setup.look_every_s
    worker.AFTER_A_STUMBLE_S = 0.5
    sock = machine.listen("127.0.0.1", 0)
    app = create_app(
        Config(
            instance=setup.instance,
            port=sock.getsockname()[1],
            mode="live",
            imp_key=setup.key,
            imp_secret=setup.secret,
            portone_url=setup.portone_url,
            clock=setup.clock,
        )
    )
    app.extensions["jangbu"].make_ready()
    server = waitress.create_server(Counter(app), sockets=[sock], threads=32, ident=None)
    worker.Worker(app).start()
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    pipe.send(sock.getsockname()[1])
    server.run()


def _end_with(pipe: Connection) -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os._exit(0)


class Counter:
    """``POST /counter/<what>`` with JSON; everything else is Jangbu itself."""

    def __init__(self, app: Flask) -> None:
        self._app, self._runtime = app, app.extensions["jangbu"]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if not request.path.startswith("/counter/"):
            return self._app(environ, start_response)
        deed = getattr(self, request.path.rpartition("/")[2])
        with (
            self._app.test_request_context(),
            closing(connect(self._runtime.database_path)) as db,
        ):
            try:
                said = deed(db, **json.loads(request.get_data()))
            except Exception as error:
                name = getattr(error, "refund_id", None)
                said = {"error": type(error).__name__, "text": repr(error), "refund_id": name}
        return Response(json.dumps(said))(environ, start_response)

    def form(self, db: Any, *, imp_uid: str, person_id: int, live: bool) -> dict[str, Any]:
        """What the page with the refund form holds: the signed balance, and earlier refunds."""
        now = self._runtime.now()
        if live:
            try:
                seen = self._runtime.portone().get_payment(imp_uid, sandbox=False)
            except PortOneError:
                pass  # the page shows what is known
            else:
                with write(db):
                    apply_payment(db, seen, source="live", now=now)
        db.conn.execute("BEGIN")  # one picture of both
        row = db.conn.execute("SELECT * FROM payments WHERE imp_uid = ?", (imp_uid,)).fetchone()
        refunds = db.conn.execute(
            "SELECT id, state, reason FROM refunds WHERE imp_uid = ?", (imp_uid,)
        ).fetchall()
        db.conn.rollback()
        return {
            "token": signing.sign_balance(row, person_id, now),
            "balance": row["amount"] - row["cancel_amount"],
            "refunds": [dict(refund) for refund in refunds],
        }

    def refund(
        self,
        db: Any,
        *,
        token: str,
        imp_uid: str,
        person_id: int,
        kind: str,
        amount: int,
        reason: str,
        vbank: bool,
    ) -> dict[str, Any]:
        """The form is sent."""
        balance = signing.read_balance(token, person_id, imp_uid, self._runtime.now())
        wish = service.Wish(
            kind=kind,
            amount=amount,
            tax_free=0,
            reason=reason,
            account=ACCOUNT if vbank else None,
        )
        ask = partial(
            service.request_refund, self._runtime, db, balance=balance, person_id=person_id
        )
        try:
            return {"refund_id": ask(wish=wish)}
        except service.NeedsOverrule as warned:
            if "P2a" in {one.rule for one in warned.objections}:
                raise  # "it may have come late": a sensible owner looks first
        return {"refund_id": ask(wish=replace(wish, overrule="보고도 계속합니다"))}

    def look(self, db: Any, *, refund_id: str) -> dict[str, Any]:
        """What the refund's page shows."""
        row = db.conn.execute("SELECT * FROM refunds WHERE id = ?", (refund_id,)).fetchone()
        return dict(row) if row else {"error": "gone"}

    def check(self, db: Any, *, refund_id: str) -> dict[str, Any]:
        """지금 확인."""
        service.check_now(self._runtime, db, refund_id, self._runtime.now())
        return {}

    def receipt(self, db: Any, *, imp_uid: str, person_id: int) -> dict[str, Any]:
        """What is to be done about a payment's receipt now: issue, cancel, or both in a row."""
        offer = receipts.offer(db, imp_uid)
        assert offer is not None
        owed = tasks.open_kinds(db, imp_uid)
        if "receipt_cancel" in owed and "receipt_reissue" not in owed and offer.live is not None:
            receipts.request_cancel(
                self._runtime, db, offer.live["id"], person_id=person_id, reason="환불"
            )
            return {}
        if offer.against is not None or (offer.live is not None and not owed):
            return {}
        made = receipts.request_receipt(
            self._runtime,
            db,
            imp_uid=imp_uid,
            form_token=str(uuid.uuid4()),
            receipt_for=BUYER,
            tax_free=0,
            shown_amount=offer.amount,
            person_id=person_id,
            replace=offer.live["id"] if offer.live is not None else None,
        )
        return {"receipt_id": made}

    def sync(self, db: Any, *, run_id: int | None) -> dict[str, Any]:
        """Ask for a run, or look how it goes."""
        if run_id is None:
            run_id = request_sync(db, "daily", None, self._runtime.now())
        row = find_run(db, run_id)
        return {"run_id": run_id, "kind": row["kind"], "state": row["state"]}
