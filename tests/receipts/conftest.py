"""A shop over a real PortOne on loopback, and a cash receipt in a line."""

from __future__ import annotations

import json
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import pytest

from dashboard import events
from dashboard.portone import ReceiptFor, RefundAccount
from dashboard.receipts import known, sending, service, store
from dashboard.refunds import tasks
from tests.refunds import conftest as of_refunds
from tests.refunds.conftest import Shop

config, limits, paid = of_refunds.config, of_refunds.limits, of_refunds.paid
restarted = of_refunds.restarted
shop = of_refunds.shop

SOMEBODY = ReceiptFor(
    identifier="01012345678",
    identifier_type="phone",
    type="person",
    product_type="real",
    buyer_name="오세진",
)


@dataclass
class Till:
    """The shop, doing and seeing receipts."""

    shop: Shop

    def ask(self, imp_uid: str, *, tax_free: int = 0, **given) -> str:
        """A receipt of what is left of a payment, as a person asks for it."""
        shop = self.shop
        shown = given.pop("shown_amount", None)
        if given.get("replace") is True:
            live = store.live_of(shop.db, imp_uid)
            given["replace"] = live["id"] if live else None
        if shown is None:
            shown = service.offer(shop.db, imp_uid).amount
        return service.request_receipt(
            shop.runtime,
            shop.db,
            imp_uid=imp_uid,
            form_token=given.pop("form_token", str(uuid.uuid4())),
            receipt_for=given.pop("receipt_for", SOMEBODY),
            tax_free=tax_free,
            shown_amount=shown,
            person_id=shop.person_id,
            **given,
        )

    def sell(self, merchant_uid: str, amount: int = 11_000, **given) -> str:
        """A receipt of a sale outside PortOne."""
        shop = self.shop
        return service.request_external(
            shop.runtime,
            shop.db,
            merchant_uid=merchant_uid,
            form_token=given.pop("form_token", str(uuid.uuid4())),
            receipt_for=SOMEBODY,
            name="사과 한 상자",
            amount=amount,
            tax_free=given.pop("tax_free", 0),
            sold_on=date(2026, 8, 21),
            person_id=shop.person_id,
            **given,
        )

    def cancel(self, receipt_id: str, reason: str = "환불") -> None:
        shop = self.shop
        service.request_cancel(
            shop.runtime, shop.db, receipt_id, person_id=shop.person_id, reason=reason
        )

    def refund(self, imp_uid: str, amount: int | None = None) -> None:
        """Refund all or part of it, to the end."""
        given = {}
        if self.shop.payment(imp_uid).pay_method == "vbank":
            given["account"] = RefundAccount(holder="오세진", bank="088", account="110492374821")
        self.shop.ask(imp_uid, amount, **given)
        self.shop.work()
        self.shop.work(seconds=5)

    def work(self, *, seconds: float = 0) -> None:
        """Let time pass, then let the worker look once."""
        self.shop.clock.now += seconds
        sending.work(self.shop.runtime, self.shop.db)

    def settle(self, *, hours: float = 1) -> None:
        """Let the worker look as often as it wants to for a while."""
        until = self.shop.clock.now + hours * 3600
        while self.shop.clock.now < until:
            self.work()
            busy = store.search(self.shop.db, states=("unknown", "cancel_unknown", "intent"))
            if not busy:
                return
            due = [row["next_check_at"] for row in busy if row["next_check_at"]]
            self.shop.clock.now = max(self.shop.clock.now + 1, min(due, default=0))

    def row(self, receipt_id: str) -> dict:
        return dict(store.find(self.shop.db, receipt_id))

    def state(self, receipt_id: str) -> str:
        return self.row(receipt_id)["state"]

    def owed(self, imp_uid: str) -> tuple[str, ...]:
        return tasks.open_kinds(self.shop.db, imp_uid)

    def standing(self, imp_uid: str) -> str:
        return known.standing(known.latest_of(self.shop.db, imp_uid), self.owed(imp_uid))

    def sent(self, method: str) -> list:
        """The receipts, or cancels of them, that arrived at PortOne."""
        entries = self.shop.sandbox.sandbox.journal.entries(method)
        return [entry for entry in entries if entry.path.startswith("/receipts/")]

    def there(self, uid: str) -> list[dict]:
        """The receipts PortOne has of a payment or a sale, oldest first."""
        with closing(self.shop.sandbox.sandbox.store.connect()) as db:
            rows = db.execute("SELECT * FROM receipts WHERE uid = ? ORDER BY id", [uid]).fetchall()
        return [json.loads(row["shape"]) | {"cancelled_at": row["cancelled_at"]} for row in rows]

    def fault(self, method: str, uid: str, **script) -> None:
        """What goes wrong with the next call about this receipt."""
        path = f"/receipts/{uid}"
        self.shop.sandbox.sandbox.faults.script(**{"path": path, "method": method} | script)

    def check(self) -> None:
        """What must always hold: at most one lives, each was sent at most once, the chain holds."""
        db = self.shop.db
        for row in store.search(db, limit=None):
            uid = row["imp_uid"] or row["merchant_uid"]
            assert sum(not one["cancelled_at"] for one in self.there(uid)) <= 1
            assert row["attempt"] <= 1
        assert events.broken_at(db) is None
        assert db.execute("PRAGMA quick_check").fetchone()[0] == "ok"


@pytest.fixture
def till(shop):
    till = Till(shop)
    yield till
    till.check()


@pytest.fixture
def transfer(shop):
    """A paid bank transfer without a receipt; answers its imp_uid."""
    return shop.pay("trans", amount=66_000)


# -- outside sales, as forms send them ----------------------------------------------------------

EXTERNAL = "/receipts/external/"

FORM = {
    "form_token": "7f0f2f62-0d0b-4a8e-9d5c-2b8f6f4f0a11",
    "merchant_uid": "SHOP-1",
    "name": "배 선물세트",
    "amount": "33,000",
    "tax_free": "11,000",
    "sold_on": "2026-08-20",
    "type": "person",
    "identifier": "010-1234-5678",
    "product_type": "real",
    "buyer_name": "홍길동",
    "channel_key": "",
}


@pytest.fixture
def posts(shop):
    """The external receipts that arrived at the sandbox, as their bodies say."""

    def found() -> list[dict]:
        entries = shop.sandbox.sandbox.journal.entries("POST")
        return [json.loads(one.body) for one in entries if one.path.startswith(EXTERNAL)]

    return found


@pytest.fixture
def work(shop):
    """Let the worker look as often as it wants to for a while."""

    def run(of=shop) -> None:
        for _ in range(6):
            sending.work(of.runtime, of.db)
            of.clock.now += 30

    return run


def create(client, **typed):
    return client.send("/receipts/external", FORM | typed, page="/me")
