"""The whole way: a sandbox over HTTP into the ledger, and what is changed behind its back."""

import time
from pathlib import Path

import pytest

from dashboard.database import connect
from dashboard.migrations import migrations
from dashboard.orders.states import STATES, payment_state
from dashboard.portone import PortOne
from dashboard.sandbox import SandboxServer, fill
from dashboard.sync import service, store
from dashboard.sync.plan import FIRST_RUN_S, Cursor, windows
from tests.bench import import_orders

KEYS = {"key": "1234567890123456", "secret": "s" * 40}


@pytest.fixture(scope="module")
def portone(tmp_path_factory):
    path = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    fill(path, seed=7, orders=150, each=2, now=int(time.time()))
    server = SandboxServer(path, **KEYS)
    server.start()
    yield PortOne(server.url, KEYS["key"], KEYS["secret"])
    server.stop()


@pytest.fixture
def db(tmp_path: Path):
    db = connect(tmp_path / "shop.db", create=True)
    migrations.apply(db)
    yield db
    db.close()


def sync(db, portone, kind=None) -> dict:
    run_id = service.request_sync(db, kind, None, int(time.time()))
    service.run_open(db, lambda: portone, owner="command:test", clock=time.time)
    run = dict(store.find_run(db, run_id))
    assert run["error"] is None
    return run


def test_everything_portone_has_stands_in_the_ledger(db, portone):
    run = sync(db, portone)
    theirs = {}
    for from_at, to_at in windows(run["to_at"] - FIRST_RUN_S, run["to_at"]):
        page = portone.list_payments(from_at=from_at, to_at=to_at, limit=1000)
        theirs |= {payment.imp_uid: payment for payment in page.payments}
    ours = {row["imp_uid"]: row for row in db.query("SELECT * FROM payments")}
    assert set(ours) == set(theirs)
    assert (run["new"], run["seen"], run["total"]) == (len(theirs),) * 3
    for imp_uid, payment in theirs.items():
        assert ours[imp_uid]["state"] == payment_state(payment)
        assert ours[imp_uid]["cancel_amount"] == payment.cancel_amount
    orders = {row["merchant_uid"]: row for row in db.query("SELECT * FROM orders")}
    assert set(orders) == {payment.merchant_uid for payment in theirs.values()}
    assert {row["state"] for row in orders.values()} >= set(STATES) - {"check"}
    assert db.table("events").count == 0


def test_a_second_look_changes_nothing(db, portone):
    sync(db, portone)
    again = sync(db, portone, "daily")
    cursor = Cursor.load(again["cursor"])
    assert (again["new"], again["changed"]) == (0, 0)
    assert (cursor.older, cursor.missing, cursor.unreadable) == ([], [], [])


def test_a_cancel_made_elsewhere_is_found_and_told(db, portone):
    sync(db, portone)
    [paid] = db.query(
        "SELECT * FROM payments WHERE state = 'paid' AND pay_method = 'card' AND currency = 'KRW'"
        " AND sandbox = 0 AND escrow = 0 AND amount > 1000 ORDER BY paid_at DESC LIMIT 1"
    )
    portone.cancel_part(
        paid["imp_uid"], amount=700, tax_free=0, checksum=paid["amount"], reason="콘솔에서"
    )
    run = sync(db, portone, "daily")
    assert run["changed"] == 1
    [change] = store.changes_of(db, Cursor.load(run["cursor"]), limit=5)
    assert change["imp_uid"] == paid["imp_uid"]
    assert db.table("payments").get(paid["imp_uid"])["state"] == "partial"


def test_the_bench_runs(capsys):
    [measured] = import_orders.main(["--orders", "40"])
    assert measured.payments >= 40
    assert "imported in" in capsys.readouterr().out
