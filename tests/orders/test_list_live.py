"""Asking about the rows of a page, over HTTP against a sandbox."""

import time

import pytest

from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from dashboard.orders.live import QUICK, ask_about
from dashboard.portone import PortOne, Why
from dashboard.sandbox import SandboxServer, fill
from tests.orders.shelf import open_shelf

KEY, SECRET = "1234567890123456", "s" * 40


def now() -> int:
    return int(time.time())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    fill(path, seed=3, orders=90, each=1, now=now())
    server = SandboxServer(path, key=KEY, secret=SECRET)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def portone(server) -> PortOne:
    return PortOne(server.url, KEY, SECRET, limits=QUICK)


@pytest.fixture
def db(tmp_path, portone):
    db = open_shelf(tmp_path / "shop.db")
    page = portone.list_payments(from_at=now() - 89 * 86_400, to_at=now(), limit=100)
    with write(db):
        for payment in page.payments:
            apply_payment(db, payment, source="sync", now=now())
    yield db
    db.close()


def ids(db) -> list[int]:
    found = db.conn.execute("SELECT id FROM orders ORDER BY requested_at DESC LIMIT 50")
    return [row["id"] for row in found]


def test_everything_agrees_test_payments_included(db, portone):
    answer = ask_about(db, ids(db), lambda: portone, now=now)
    assert not answer.unasked
    assert (answer.same, answer.changed, answer.doubtful) == (set(ids(db)), set(), set())
    assert db.table("events").count == 0


def test_a_cancel_made_elsewhere_shows_at_once(db, portone):
    paid = db.conn.execute(
        "SELECT * FROM orders WHERE state = 'paid' AND method = 'card' AND currency = 'KRW'"
        " AND sandbox = 0 AND escrow = 0 AND amount > 1000 AND attempt_count = 1"
        " ORDER BY requested_at DESC LIMIT 1"
    ).fetchone()
    portone.cancel_part(
        paid["imp_uid"], amount=700, tax_free=0, checksum=paid["amount"], reason="콘솔에서"
    )
    answer = ask_about(db, [paid["id"]], lambda: portone, now=now)
    assert answer.changed == {paid["id"]}
    assert db.table("orders").get(paid["id"])["state"] == "partial"
    assert ask_about(db, [paid["id"]], lambda: portone, now=now).same == {paid["id"]}


def test_a_wrong_secret_is_told_from_no_connection(db, server):
    wrong = PortOne(server.url, KEY, "x" * 40, limits=QUICK)
    assert ask_about(db, ids(db), lambda: wrong, now=now).failed is Why.KEY
    nobody = PortOne("http://127.0.0.1:9", KEY, SECRET, limits=QUICK, sleep=lambda _s: None)
    assert ask_about(db, ids(db), lambda: nobody, now=now).failed is Why.NO_CONNECTION


def test_orders_without_payments_ask_nobody(db):
    def never() -> PortOne:
        raise AssertionError

    assert not ask_about(db, [], never, now=now).unasked
    assert ask_about(db, [10**9], never, now=now).same == set()
