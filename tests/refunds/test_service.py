"""The corners of asking: what is found out in the very moment somebody asks."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard.database import write
from dashboard.portone import RefundAccount, Why
from dashboard.refunds import recovery, resolving, sending, service, store, tasks
from dashboard.runtime import NoKeys
from tests.conftest import START
from tests.refunds.conftest import check_invariants

sent_of = resolving.sent_of
LOOK = {"method": "GET", "path": "/payments/imp_*"}
ACCOUNT = RefundAccount(holder="홍길동", bank="088", account="110123456789")


@pytest.fixture
def card(shop, sandbox_payments) -> str:
    imp_uid = sandbox_payments["paid_card"][0]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


def test_a_payment_the_ledger_does_not_know(shop, card):
    form = replace(shop.form(card), imp_uid="imp_000000000000")
    with pytest.raises(service.CannotAsk) as away:
        shop.ask("imp_000000000000", 100, form=form)
    assert away.value.error.why is Why.NOT_FOUND


def test_a_payment_that_comes_back_under_another_order(shop, card, monkeypatch):
    other = replace(shop.payment(card), merchant_uid="another")
    monkeypatch.setattr(shop.runtime.portone(), "get_payment", lambda *_a, **_k: other)
    with pytest.raises(service.CannotAsk) as away:
        shop.ask(card, 100)
    assert away.value.error.why is Why.OTHER_PAYMENT
    assert store.open_refunds(shop.db) == []


def dead(shop, card: str) -> str:
    refund = shop.ask(card, 100)
    shop.fault(execute="late(600)", answer="close")
    shop.work()
    shop.settle()
    shop.clock.now = START + 601
    assert shop.has_cancelled(card, 100)
    return refund


def test_the_worker_finds_the_late_one_in_the_same_moment(shop, card, monkeypatch):
    refund = dead(shop, card)
    real = resolving.learn

    def learn(runtime, db, portone, row, payment):
        assert real(runtime, db, portone, row, payment)  # the worker was first
        return real(runtime, db, portone, row, payment)

    monkeypatch.setattr(resolving, "learn", learn)
    with pytest.raises(service.LateArrival) as late:
        shop.ask(card, 100)
    assert late.value.refund_id == refund
    check_invariants(shop)


def test_a_mark_that_does_not_fit_stops_everything(shop, card):
    refund = dead(shop, card)
    nonce = shop.row(refund)["nonce"]
    payment = shop.payment(card)
    twice = replace(payment.cancel_history[0], cancellation_id="c2", amount=50)
    odd = payment.raw | {
        "cancel_amount": 150,
        "cancel_history": [
            payment.raw["cancel_history"][0],
            payment.raw["cancel_history"][0] | {"cancellation_id": "c2", "amount": 50},
        ],
    }
    assert nonce in twice.reason
    shop.fault(**LOOK, answer="body", body=json.dumps({"code": 0, "response": odd}), count=2)
    with pytest.raises(service.Stopped) as stopped:
        shop.ask(card, 100)
    assert [one.rule for one in stopped.value.objections] == ["P2a"]
    assert shop.row(refund)["alarm"] == "nonce_twice"


def test_a_cancel_learned_of_between_the_look_and_the_writing(shop, card, monkeypatch):
    real = service._objections

    def meanwhile(*args):
        found = real(*args)
        shop.console(card, 300)
        shop.learn(card)
        return found

    monkeypatch.setattr(service, "_objections", meanwhile)
    with pytest.raises(service.BalanceChanged):
        shop.ask(card, 100)
    assert store.open_refunds(shop.db) == []
    check_invariants(shop)


def test_a_refund_written_down_between_the_look_and_the_writing(shop, monkeypatch):
    imp_uid = shop.pay("vbank")
    real, made = service._objections, []

    def meanwhile(*args):
        found = real(*args)
        if not made:
            made.append(None)
            made[0] = shop.ask(imp_uid, account=ACCOUNT)
        return found

    monkeypatch.setattr(service, "_objections", meanwhile)
    with pytest.raises(service.AlreadyAsked) as asked:
        shop.ask(imp_uid, account=ACCOUNT)
    assert asked.value.refund_id == made[0]
    assert list(shop.runtime.refund_accounts) == made
    check_invariants(shop)


def test_the_index_alone_keeps_a_second_one_out(shop, card, monkeypatch):
    """Were the look before the writing blind, the constraint would still hold (M6)."""
    first = shop.ask(card, 100)
    real, blind = service.never_twice, iter([True, True])

    def sometimes(*given):
        if not next(blind, False):
            real(*given)

    monkeypatch.setattr(service, "never_twice", sometimes)
    with pytest.raises(service.AlreadyAsked) as asked:
        shop.ask(card, 100)
    assert asked.value.refund_id == first
    monkeypatch.setattr(service, "never_twice", lambda *_given: None)
    with pytest.raises(sqlite3.IntegrityError):
        shop.ask(card, 100)


def test_without_keys_nothing_is_sent_and_nothing_is_lost(shop, card, monkeypatch):
    refund = shop.ask(card, 100)

    def no_keys(limits=None):
        raise NoKeys

    monkeypatch.setattr(shop.runtime, "portone", no_keys)
    shop.work()
    assert shop.state(refund) == "intent"
    with pytest.raises(NoKeys):
        shop.ask(shop.pay("card"), 100)
    shop.work(seconds=601)
    assert shop.state(refund) == "not_executed"  # too old to be sent without a new word


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_told_to_stop_it_stops_between_two_refunds(shop, sandbox_payments, steps):
    refunds = [shop.ask(one["imp_uid"], 100) for one in sandbox_payments["paid_card"][:2]]
    answers = iter([False] * steps)
    service.work(shop.runtime, shop.db, stopped=lambda: next(answers, True))
    states = [shop.state(refund) for refund in refunds]
    assert states == ["succeeded"] * steps + ["intent"] * (2 - steps)


def test_told_to_stop_before_a_look(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=4)
    shop.work()
    shop.clock.now += 5
    service.work(shop.runtime, shop.db, stopped=lambda: True)
    assert shop.state(refund) == "unknown"


def test_check_now_twice_asks_once(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.work()
    due = shop.row(refund)["next_check_at"]
    assert service.check_now(shop.runtime, shop.db, refund, int(shop.clock.now) + 1)
    assert shop.row(refund)["next_check_at"] == due  # a second ago it was looked at
    assert not service.check_now(shop.runtime, shop.db, "nothing", START)


def test_an_id_that_belongs_to_another_refund_is_an_alarm(shop, card, monkeypatch):
    first = shop.ask(card, 100)
    shop.work()
    taken = shop.row(first)["cancellation_id"]
    second = shop.ask(card, 100)
    nonce = shop.row(second)["nonce"]
    real = shop.runtime.portone().get_payment

    def odd(*args, **kwargs):
        payment = real(*args, **kwargs)
        entries = [
            replace(entry, cancellation_id=taken)
            if nonce in entry.reason
            else replace(entry, cancellation_id="other")
            for entry in payment.cancel_history
        ]
        return replace(payment, cancel_history=tuple(entries))

    row = shop.row(second)
    monkeypatch.setattr(shop.runtime.portone(), "get_payment", odd)
    monkeypatch.setattr(
        resolving, "sent_of", lambda row: replace(sent_of(row), known_cancel_ids=frozenset())
    )
    shop.work()
    assert (shop.state(second), shop.row(second)["alarm"]) == ("unknown", "id_taken")
    assert row["state"] == "intent"


def test_a_change_of_mode_in_the_moment_of_asking_sends_nothing(shop, card, monkeypatch):
    form = shop.form(card)
    monkeypatch.setattr(shop.runtime, "_forced", "live")
    with pytest.raises(service.CannotAsk):
        shop.ask(card, 100, form=form)
    assert store.open_refunds(shop.db) == []


@pytest.mark.parametrize(
    ("total", "sells", "console", "left"),
    [(300, "yes", 0, 200), (300, "yes", 50, None), (0, "yes", 50, 0), (None, None, 0, None)],
)
def test_a_task_tells_the_tax_free_rest_where_it_is_certain(shop, total, sells, console, left):
    imp_uid = shop.pay("trans")
    shop.settings(sells_tax_free=sells)
    shop.db.execute("UPDATE orders SET tax_free = ?", [total])
    shop.db.conn.commit()
    if console:
        shop.console(imp_uid, console)
        shop.learn(imp_uid)
    shop.fault(method="GET", path="/receipts/*", answer="status", status=500, count=None)
    shop.ask(imp_uid, 1000, tax_free=100 if total else 0, overrule="확인함")
    shop.work()
    assert {task["detail"]["tax_free_left"] for task in tasks.open_tasks(shop.db)} == {left}


def test_a_row_that_another_worker_takes_is_left_to_it(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    real = sending.request_hash

    def meanwhile(row):
        monkeypatch.setattr(sending, "request_hash", real)
        service.work(shop.runtime, shop.db)
        return real(row)

    monkeypatch.setattr(sending, "request_hash", meanwhile)
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_a_look_that_took_too_long_to_matter(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    shop.fault(answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=4)
    shop.work()
    portone = shop.runtime.portone()
    real = portone.get_payment

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(portone, "get_payment", real)
        service.work(shop.runtime, shop.db)  # another worker found it
        return real(*args, **kwargs)

    monkeypatch.setattr(portone, "get_payment", meanwhile)
    shop.work(seconds=5)
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_a_busy_database_is_no_broken_look(shop, card, monkeypatch):
    refund = shop.ask(card, 100)

    def busy(*_args):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(resolving, "learn", busy)
    with pytest.raises(sqlite3.OperationalError):
        shop.work()
    monkeypatch.undo()
    shop.work()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_what_came_late_waits_when_told_to_stop(shop, card):
    refund = dead(shop, card)
    shop.learn(card)
    service.work(shop.runtime, shop.db, stopped=lambda: True)
    assert shop.state(refund) == "not_executed"
    shop.work()
    assert shop.state(refund) == "succeeded"


def test_another_living_process_is_left_alone(shop, card, restarted):
    other = restarted(shop)
    other.work()
    refund = shop.ask(card, 100)
    with write(shop.db):
        store.move(
            shop.db, shop.row(refund), "sending", at=int(shop.clock.now), sent_at=shop.clock.now
        )
    shop.runtime.refunds_in_flight.add(refund)
    shop.work(seconds=1)
    other.work(seconds=1)
    assert shop.state(refund) == "sending"
    other.work(seconds=70)  # its call must be over by now
    assert shop.state(refund) == "unknown"


def test_a_busy_file_keeps_the_receiving_account_for_the_next_turn(shop):
    imp_uid = shop.pay("vbank")
    refund = shop.ask(imp_uid, account=ACCOUNT)
    shop.db.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(shop.runtime.database_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            shop.work()
    assert shop.state(refund) == "intent" and shop.posts() == []
    shop.work()
    assert shop.state(refund) == "succeeded" and shop.runtime.refund_accounts == {}
    check_invariants(shop)


def test_without_its_receiving_account_nothing_is_sent(shop):
    imp_uid = shop.pay("vbank")
    refund = shop.ask(imp_uid, account=ACCOUNT)
    shop.runtime.refund_accounts.clear()
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["api_message"]) == ("not_executed", sending.ACCOUNT_GONE)
    assert shop.posts() == []


def test_a_call_that_another_worker_has_taken_over_is_left_to_it(shop, card, restarted):
    """Both saw it being sent by a process that is gone; the second finds it looked at already."""
    refund = shop.ask(card, 100)
    with write(shop.db):
        row, now = shop.row(refund), int(shop.clock.now)
        assert store.move(shop.db, row, "sending", at=now, sent_at=now)
    stale = shop.row(refund)
    shop.clock.now += 5
    after = restarted(shop)
    after.work()
    assert after.state(refund) == "unknown"
    before = after.row(refund)
    recovery._sending(after.runtime, after.db, stale, first=True)
    assert after.row(refund) == before


@pytest.mark.parametrize("looked", [False, True], ids=["before the first look", "after it"])
def test_a_clock_that_goes_back_begins_the_wait_anew(shop, card, looked):
    """1.8: this PC's before PortOne could be asked, PortOne's own afterwards."""
    far = shop.sandbox.sandbox.clock
    far.stop_at(START)
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    if not looked:
        shop.fault(**LOOK, answer="status", status=500, count=4)
    shop.work()
    back, begins = (0, START) if not looked else (600, START - 600)
    far.stop_at(START - back)
    shop.clock.now -= 600
    shop.work()
    config = shop.runtime.config
    assert shop.row(refund)["settle_from"] == begins + int(config.limits.total_s) + 1
    for _ in range(6):
        far.advance(30)
        shop.work(seconds=30)
        assert shop.state(refund) == "unknown" or far() >= begins + config.t_settle_s + 30
    for _ in range(6):
        far.advance(30)
        shop.work(seconds=30)
    assert shop.state(refund) == "not_executed" and len(shop.posts()) == 1
    check_invariants(shop)
