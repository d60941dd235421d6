"""A shop that asks for payments at a sandbox of its own, and what buyers do there."""

from __future__ import annotations

import random
import uuid

import pytest
import requests

from dashboard import settings
from dashboard.checkout import inbox, service, verifying
from dashboard.checkout.public import create_public_app
from dashboard.checkout.service import Line
from dashboard.database import write
from dashboard.ksnet import WindowWish
from dashboard.sandbox import born, world
from tests.refunds.conftest import Shop, point_at

DAY_S = 24 * 60 * 60


class Counter:
    """Asks for payments in a line, and lets buyers answer."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.db, self.runtime, self.clock = shop.db, shop.runtime, shop.clock

    def ask(self, amount: int = 12_000, *, lines: list[Line] | None = None, **wish) -> dict:
        """A request made now; open, unless PortOne does not answer."""
        lines = lines or [Line(name="사과 한 상자", unit_price=amount, quantity=1, tax_free=False)]
        given = {
            "pay_method": "card",
            "tax_free": 0,
            "name": "사과 한 상자",
            "buyer_name": "홍길동",
        }
        given |= {"amount": sum(line.total for line in lines)} | wish
        return service.create(
            self.runtime,
            self.db,
            form_token=str(uuid.uuid4()),
            wish=WindowWish(**given),
            lines=lines,
            expires_at=self.runtime.now() + DAY_S,
            person_id=self.shop.person_id,
        )

    def pay(self, row: dict, *, how: str = "card", **changes) -> str:
        """A buyer pays at PortOne, as asked for or otherwise; answers the payment's imp_uid."""
        draft = self._draft(row, how, changes)
        born.pay(random.Random(3), draft, int(self.clock.now))
        return self._add(draft, changes)

    def issue(self, row: dict, **changes) -> str:
        """A virtual account is issued, nothing is paid in."""
        draft = self._draft(row, "vbank", changes)
        born.issue_account(random.Random(4), draft)
        return self._add(draft, changes)

    def open_window(self, row: dict) -> str:
        """A window is opened and nothing else happens."""
        return self._add(self._draft(row, "card", {}), {})

    def fail(self, row: dict, reason: str = "한도초과") -> str:
        """The card company says no."""
        draft = self._draft(row, "card", {})
        draft.status, draft.failed_at, draft.fail_reason = "failed", int(self.clock.now), reason
        return self._add(draft, {})

    def deposit(self, imp_uid: str) -> None:
        """The buyer pays into the account."""
        answer = requests.post(
            f"{self.shop.sandbox.url}/_control/deposit",
            json={"imp_uid": imp_uid},
            headers={"X-Control-Token": self.shop.sandbox.control_token},
            timeout=10,
        )
        assert answer.status_code == 200

    def look(self, row: dict, **more) -> dict:
        return service.look(self.runtime, self.db, row["id"], **more)

    def work(self, *, seconds: float = 0) -> None:
        """Let time pass, then let the worker look once."""
        self.clock.now += seconds
        inbox.work(self.runtime, self.db)
        verifying.work(self.runtime, self.db)

    def row(self, row: dict) -> dict:
        return service.find(self.db, row["id"])

    def calls(self, method: str = "GET") -> list[str]:
        return [entry.path for entry in self.shop.sandbox.sandbox.journal.entries(method)]

    def _draft(self, row: dict, how: str, changes: dict):
        draft = born.make(random.Random(2), how, int(self.clock.now))
        draft.merchant_uid, draft.amount = row["merchant_uid"], row["amount"]
        for name in ("amount", "currency", "sandbox", "merchant_uid", "started_at"):
            if name in changes:
                setattr(draft, name, changes[name])
        return draft

    def _add(self, draft, changes: dict) -> str:
        draft.facts |= {
            name: changes[name] for name in ("escrow", "pg_id", "pg_provider") if name in changes
        }
        return world.add(self.shop.sandbox.sandbox.store, [draft])[0]["imp_uid"]


@pytest.fixture
def counter(app, db, sandbox, clock, person) -> Counter:
    """The shop's counter, in practice mode over a sandbox on the test's clock."""
    runtime = app.extensions["jangbu"]
    point_at(runtime, sandbox)
    runtime.public_port = 5999
    with write(db):
        for name, value in {
            "merchant_code": world.MERCHANT_CODE,
            "channel_key": world.CHANNEL_KEY,
            "pg_mid": born.LIVE_MID,
            "shop_name": "산들상회",
        }.items():
            settings.put(db, name, value)
    shop = Shop(app, runtime, db, sandbox, clock, person("owner").id)
    with app.app_context():
        yield Counter(shop)


@pytest.fixture
def buyer(app, counter):
    """A browser at the buyers' port."""
    public = create_public_app(app)
    client = public.test_client()

    def send(method: str, path: str, **kwargs):
        kwargs.setdefault("base_url", "http://127.0.0.1:5999")
        return client.open(path, method=method, **kwargs)

    return send
