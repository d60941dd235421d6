"""A shop over a real PortOne on loopback, a refund in a line, and what must always hold."""

from __future__ import annotations

import json
import random
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from dashboard import create_app, events, settings
from dashboard.config import Config
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Limits, Payment, PortOne
from dashboard.refunds import service, store
from dashboard.refunds.signing import read_balance, sign_balance
from dashboard.runtime import Runtime
from dashboard.sandbox import born, world
from dashboard.sandbox.shapes import find_row, shape
from tests.conftest import Browser

CANCEL = "/payments/cancel"
SHORT = Limits(connect_s=1.4, read_s=0.6, total_s=1.5, resend_within_s=0.5)


def point_at(runtime: Runtime, sandbox, *, sleep=lambda seconds: None) -> None:
    """Let this application talk to the sandbox, without sleeping between repeats."""
    clients = {}

    def portone(limits=None) -> PortOne:
        limits = runtime.config.limits
        if limits not in clients:
            clients[limits] = PortOne(
                sandbox.url,
                sandbox.key,
                sandbox.secret,
                clock=runtime.clock,
                sleep=sleep,
                limits=limits,
            )
        return clients[limits]

    runtime.portone = portone


@dataclass
class Shop:
    """One process of the shop, and the PortOne it talks to."""

    app: object
    runtime: Runtime
    db: object
    sandbox: object
    clock: object
    person_id: int

    # -- doing ----------------------------------------------------------------------------

    def learn(self, imp_uid: str) -> Payment:
        """What the sandbox says of a payment, written into the ledger."""
        payment = self.payment(imp_uid)
        with write(self.db):
            apply_payment(self.db, payment, source="sync", now=self.runtime.now())
        return payment

    def payment(self, imp_uid: str) -> Payment:
        """What stands at the sandbox, read without HTTP: faults and journal stay untouched."""
        with closing(self.sandbox.sandbox.store.connect()) as db:
            with self.sandbox.app.app_context():
                found = shape(find_row(db, imp_uid))
        return Payment.from_json(json.loads(json.dumps(found)))

    def form(self, imp_uid: str, *, person_id: int | None = None):
        """The signed balance of a form shown now, from what the ledger knows."""
        person_id = person_id or self.person_id
        with self.app.app_context():
            row = store.find_payment(self.db, imp_uid)
            if row is None:
                row = {"raw": json.dumps(self.learn(imp_uid).raw)}
            token = sign_balance(row, person_id, self.runtime.now())
            return read_balance(token, person_id, imp_uid, self.runtime.now())

    def ask(self, imp_uid: str, amount: int | None = None, *, form=None, **given) -> str:
        """A refund as a person asks for it: all of it without an amount."""
        form = form or self.form(imp_uid)
        person_id = given.pop("person_id", self.person_id)
        kind = "whole" if amount is None or amount == form.balance else "part"
        wish = service.Wish(
            **{
                "kind": kind,
                "amount": form.balance if amount is None else amount,
                "tax_free": 0,
                "reason": "단순변심",
            }
            | given
        )
        return service.request_refund(
            self.runtime, self.db, balance=form, wish=wish, person_id=person_id
        )

    def work(self, *, seconds: float = 0) -> None:
        """Let time pass, then let the worker look once."""
        self.clock.now += seconds
        service.work(self.runtime, self.db)

    def settle(self, *, hours: float = 1) -> None:
        """Let the worker look as often as it wants to for a while."""
        until = self.clock.now + hours * 3600
        while True:
            service.work(self.runtime, self.db)
            due = [
                row["next_check_at"]
                for row in store.open_refunds(self.db)
                if row["next_check_at"] is not None
            ]
            if not due or min(due) > until:
                break
            self.clock.now = max(self.clock.now + 1, min(due))

    # -- seeing ---------------------------------------------------------------------------

    def row(self, refund_id: str) -> dict:
        return dict(store.find(self.db, refund_id))

    def state(self, refund_id: str) -> str:
        return self.row(refund_id)["state"]

    def has_cancelled(self, imp_uid: str, amount: int, *, within_s: float = 5) -> bool:
        """Whether that much is cancelled at the sandbox now or in a moment of real time."""
        until = time.monotonic() + within_s
        while self.payment(imp_uid).cancel_amount != amount:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def console(self, imp_uid: str, amount: int) -> None:
        """Somebody cancels in PortOne's console."""
        answer = requests.post(
            f"{self.sandbox.url}/_control/console-cancel",
            json={"imp_uid": imp_uid, "amount": amount},
            headers={"X-Control-Token": self.sandbox.control_token},
            timeout=10,
        )
        assert answer.status_code == 200

    def pay(self, method: str, *, started_at: int | None = None, amount: int = 0, **changes) -> str:
        """A payment of its own, paid a minute after ``started_at``; answers its number."""
        started_at = started_at or int(self.clock.now) - 3600
        rng = random.Random(3)
        draft = born.make(rng, method, started_at, **changes)
        draft.amount = amount or max(draft.amount, 20_000)
        if method == "vbank":
            born.issue_account(rng, draft)
        born.pay(rng, draft, started_at + 60)
        imp_uid = world.add(self.sandbox.sandbox.store, [draft])[0]["imp_uid"]
        self.learn(imp_uid)
        return imp_uid

    def settings(self, **values) -> None:
        with write(self.db):
            for key, value in values.items():
                settings.put(self.db, key, value)

    def posts(self, imp_uid: str | None = None) -> list:
        """The cancels that arrived at the sandbox, byte for byte."""
        found = self.sandbox.sandbox.journal.entries("POST", CANCEL)
        return [entry for entry in found if imp_uid is None or imp_uid.encode() in entry.body]

    def fault(self, **script) -> None:
        """What goes wrong with the next cancel, unless another path is named."""
        self.sandbox.sandbox.faults.script(**{"path": CANCEL, "method": "POST"} | script)


@pytest.fixture
def limits() -> Limits:
    return SHORT


@pytest.fixture
def config(config: Config, limits: Limits) -> Config:
    return replace(config, limits=limits)


@pytest.fixture
def shop(app, db, sandbox, clock, person) -> Shop:
    """The shop's first process, with the owner at it."""
    runtime = app.extensions["jangbu"]
    point_at(runtime, sandbox)
    with write(db):
        settings.put(db, "contract_vbank_refund", "yes")
        settings.put(db, "sells_tax_free", "no")
    return Shop(app, runtime, db, sandbox, clock, person("owner").id)


@pytest.fixture
def paid(shop, sandbox_payments):
    """A payment of this kind in the ledger: ``paid("paid_card")``; answers it."""
    return lambda kind="paid_card", at=0: shop.learn(sandbox_payments[kind][at]["imp_uid"])


@pytest.fixture
def restarted(config: Config, sandbox, clock):
    """``restarted(shop)``: the same folder in a new process; the old one is dead."""
    opened = []

    def start(shop: Shop) -> Shop:
        app = create_app(config)
        app.test_client_class = Browser
        runtime = app.extensions["jangbu"]
        point_at(runtime, sandbox)
        db = connect(Path(runtime.database_path))
        opened.append((app, db))
        return Shop(app, runtime, db, sandbox, clock, shop.person_id)

    yield start
    for app, db in opened:
        db.close()
        app.extensions["jangbu"].close()


def check_invariants(shop: Shop) -> None:
    """I1 to I7 of refund-safety, 2, as far as one payment's cancels tell."""
    rows = shop.db.execute("SELECT * FROM refunds").fetchall()
    payments = {row["imp_uid"] for row in rows}
    for imp_uid in payments:
        there = shop.payment(imp_uid)
        assert there.cancel_amount <= there.amount  # I2
        shop.learn(imp_uid)
        ours = shop.db.execute(
            "SELECT cancellation_id FROM cancellations WHERE imp_uid = ?", [imp_uid]
        ).fetchall()
        theirs = {entry.cancellation_id for entry in there.cancel_history}
        assert {row[0] for row in ours} == theirs  # I3
        for row in [row for row in rows if row["imp_uid"] == imp_uid]:
            mark = f"[{row['nonce']}]"
            assert sum(mark in entry.reason for entry in there.cancel_history) <= 1  # I1
            if row["state"] == "succeeded":
                assert row["cancellation_id"] in theirs  # I4
    assert shop.db.execute("PRAGMA quick_check").fetchone()[0] == "ok"  # I6
    assert events.broken_at(shop.db) is None
    per_nonce: dict[str, list] = {}
    for entry in shop.posts():
        if not entry.body:
            continue  # the connection ended before it was read
        per_nonce.setdefault(json.loads(entry.body)["reason"], []).append(entry)
    for sent in per_nonce.values():  # I7: twice only after a 401, and then the very same bytes
        assert len({entry.body for entry in sent}) == 1
        assert all(entry.status in (401, None) or entry is sent[-1] for entry in sent)
        assert len(sent) <= 2
