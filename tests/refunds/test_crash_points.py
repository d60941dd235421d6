"""F51: SIGKILL at each of the crash points C1 to C8 of refund-safety, 1.5, and a start after it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from dashboard.config import ROOT
from dashboard.portone import RefundAccount
from dashboard.refunds import sending, service, store, tasks
from tests.refunds.conftest import Shop, check_invariants

ACCOUNT = RefundAccount(holder="홍길동", bank="088", account="110123456789")


def start(shop: Shop, point: str, imp_uid: str, amount: int | None = None, account=None):
    """Start a process of the same shop that will die at ``point``."""
    told = {
        "instance": str(shop.runtime.config.instance),
        "url": shop.sandbox.url,
        "key": shop.sandbox.key,
        "secret": shop.sandbox.secret,
        "person_id": shop.person_id,
        "imp_uid": imp_uid,
        "amount": amount,
        "now": shop.clock.now,
        "account": asdict(account) if account else None,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.refunds.one_refund", point], cwd=ROOT, stdin=subprocess.PIPE
    )
    process.stdin.write(json.dumps(told).encode())
    process.stdin.close()
    return process


def crash(shop: Shop, point: str, imp_uid: str, amount: int | None = None, account=None) -> None:
    assert start(shop, point, imp_uid, amount, account).wait(60) != 0
    shop.clock.now += 3  # it takes a moment to start again


@pytest.fixture
def card(shop, sandbox_payments) -> str:
    imp_uid = sandbox_payments["paid_card"][0]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


def the_one(shop: Shop) -> dict:
    [row] = shop.db.execute("SELECT id FROM refunds").fetchall()
    return shop.row(row["id"])


def test_c1_before_the_intention_is_on_disk(shop, card, restarted):
    crash(shop, "C1", card, 100)
    after = restarted(shop)
    after.work()
    assert store.of_payment(after.db, card) == []
    refund = after.ask(card, 100)  # nothing stands in the way of a second try
    after.work()
    assert after.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(after)


def test_c2_written_down_and_never_sent(shop, card, restarted):
    crash(shop, "C2", card, 100)
    assert the_one(shop)["state"] == "intent"
    after = restarted(shop)
    after.work()
    row = the_one(after)
    assert (row["state"], row["api_message"]) == ("not_executed", sending.NEVER_SENT)
    assert shop.posts() == []
    check_invariants(after)


def test_c2_a_receiving_account_does_not_survive(shop, restarted):
    imp_uid = shop.pay("vbank")
    crash(shop, "C2", imp_uid, account=ACCOUNT)
    after = restarted(shop)
    after.work()
    row = the_one(after)
    assert (row["state"], row["api_message"]) == ("not_executed", sending.ACCOUNT_GONE)
    assert ACCOUNT.account not in "\n".join(after.db.conn.iterdump())
    assert shop.posts() == []
    check_invariants(after)


def test_c3_on_its_way_and_not_a_byte_left(shop, card, restarted):
    crash(shop, "C3", card, 100)
    assert the_one(shop)["state"] == "sending" and shop.posts() == []
    after = restarted(shop)
    after.work()
    with pytest.raises(service.AlreadyAsked):
        after.ask(card, 100)  # not to be told from C4
    after.settle()
    assert the_one(after)["state"] == "not_executed"
    assert shop.posts() == []
    check_invariants(after)


@pytest.mark.parametrize(("execute", "state"), [("before", "succeeded"), ("never", "not_executed")])
def test_c4_sent_and_no_answer_yet(shop, card, restarted, execute, state):
    """F51."""
    shop.fault(execute=execute, answer="hang")
    process = start(shop, "C4", card, 100)
    until = time.monotonic() + 60
    while not shop.posts() and time.monotonic() < until:
        time.sleep(0.01)
    process.kill()
    process.wait()
    shop.sandbox.sandbox.faults.clear()
    assert the_one(shop)["state"] == "sending"
    shop.clock.now += 3
    after = restarted(shop)
    after.work()
    if execute == "never":
        assert the_one(after)["state"] == "unknown"
    after.settle()
    assert the_one(after)["state"] == state
    assert len(shop.posts()) == 1
    check_invariants(after)


@pytest.mark.parametrize(("point", "left"), [("C5", "sending"), ("C6", "unknown")])
def test_c5_c6_carried_out_and_not_noted(shop, card, restarted, point, left):
    crash(shop, point, card, 100)
    assert the_one(shop)["state"] == left
    assert shop.payment(card).cancel_amount == 100
    after = restarted(shop)
    after.work()
    row = the_one(after)
    assert (row["state"], row["match"]) == ("succeeded", "nonce")
    assert len(shop.posts()) == 1
    check_invariants(after)


@pytest.mark.parametrize("point", ["C7", "C8"])
def test_c7_c8_noted_with_what_it_owes_or_not_at_all(shop, sandbox_payments, restarted, point):
    imp_uid = sandbox_payments["paid_trans"][0]["imp_uid"]
    shop.learn(imp_uid)
    shop.fault(method="GET", path="/receipts/*", answer="status", status=500, count=None)
    crash(shop, point, imp_uid)
    before = the_one(shop)["state"]
    assert (before, len(tasks.open_tasks(shop.db))) == (
        ("succeeded", 1) if point == "C7" else ("unknown", 0)
    )
    after = restarted(shop)
    after.work()
    assert the_one(after)["state"] == "succeeded"
    assert [task["kind"] for task in tasks.open_tasks(after.db)] == ["receipt_cancel"]
    assert len(shop.posts()) == 1
    check_invariants(after)
