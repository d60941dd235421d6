"""The single guards of refund-safety, each with the accident it prevents.

``python -m tests.chaos.mutants`` takes each guard away and expects these to notice.
"""

from __future__ import annotations

import json
import sqlite3
import time

import pytest

from dashboard import database
from dashboard.database import open_to_read, path_of
from dashboard.portone.cancels import CancelCalls
from dashboard.refunds import sending, service, store
from tests.refunds.conftest import check_invariants

HOUR_S = 3600


@pytest.fixture
def one(shop, sandbox_payments) -> dict:
    """A card payment the ledger knows."""
    shop.learn(sandbox_payments["paid_card"][0]["imp_uid"])
    return sandbox_payments["paid_card"][0]


def console_cancel(shop, imp_uid: str, amount: int) -> None:
    """Somebody cancels at PortOne's console."""
    shop.sandbox.app.test_client().post(
        "/_control/console-cancel",
        json={"imp_uid": imp_uid, "amount": amount},
        headers={"X-Control-Token": shop.sandbox.control_token},
    )


def test_the_checksum_is_the_balance_that_was_shown(shop, one):
    """M1, F44: what changes between the look and the sending makes PortOne refuse."""
    refund = shop.ask(one["imp_uid"], 700)
    console_cancel(shop, one["imp_uid"], 300)
    shop.settle()
    [post] = shop.posts()
    assert json.loads(post.body)["checksum"] == one["amount"]
    assert shop.state(refund) == "not_executed"
    assert shop.row(refund)["foreign_cancelled"] == 300
    assert [entry.amount for entry in shop.payment(one["imp_uid"]).cancel_history] == [300]
    check_invariants(shop)


@pytest.mark.parametrize("amount", [700, None])
def test_the_amount_is_always_sent(shop, one, amount):
    """M2: without it PortOne would cancel everything."""
    shop.ask(one["imp_uid"], amount)
    shop.work()
    [post] = shop.posts()
    assert json.loads(post.body)["amount"] == (amount or one["amount"])


def test_a_no_with_status_200_is_a_no(shop, one):
    """M3."""
    shop.fault(
        execute="never",
        answer="body",
        body='{"code": 1, "message": "카드사 거절", "response": null}',
    )
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["api_message"]) == ("rejected", "카드사 거절")


def test_silence_is_not_a_no(shop, one):
    """M4: the money had gone."""
    shop.fault(execute="before", answer="close")
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    assert shop.state(refund) == "succeeded"
    assert len(shop.posts()) == 1


def test_it_stands_in_the_file_before_anything_leaves(shop, one, monkeypatch):
    """M5: whoever dies while sending has left word."""
    seen = []
    cancel = CancelCalls._cancel

    def look(*args):
        db = open_to_read(path_of(shop.db))
        seen.extend(tuple(row) for row in db.conn.execute("SELECT state, attempt FROM refunds"))
        db.close()
        return cancel(*args)

    monkeypatch.setattr(CancelCalls, "_cancel", look)
    shop.ask(one["imp_uid"], 700)
    shop.work()
    assert seen == [("sending", 1)]


def test_a_payment_has_one_open_refund_whatever_the_code_does(shop, one):
    """M6: the file itself refuses a second one."""
    first = shop.row(shop.ask(one["imp_uid"], 700))
    columns = [row[1] for row in shop.db.execute("PRAGMA table_info(refunds)")]
    again = {name: first[name] for name in columns}
    again |= {"id": "another", "form_token": "another", "nonce": "ANOTHERX"}
    with pytest.raises(sqlite3.IntegrityError), database.write(shop.db):
        store.add(shop.db, again, now=shop.runtime.now())


def test_one_request_leaves_whatever_happens_to_the_answer(shop, one):
    """M7."""
    shop.fault(execute="never", answer="rst", count=None)
    refund = shop.ask(one["imp_uid"], 700)
    shop.settle()
    assert shop.state(refund) == "not_executed"
    assert len(shop.posts()) == 1


@pytest.mark.parametrize("status", [302, 307, 308])
def test_nobody_is_followed(shop, one, status):
    """M8: a 307 would send the same cancel once more."""
    elsewhere = {"Location": f"{shop.sandbox.url}/payments/cancel"}
    shop.fault(execute="never", answer="status", status=status, headers=elsewhere)
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    assert shop.state(refund) == "unknown"
    assert len(shop.posts()) == 1
    assert shop.payment(one["imp_uid"]).cancel_amount == 0


def test_unknown_never_ends_by_itself(shop, one):
    """M10: not after a day, not after three, while nobody can be asked."""
    shop.fault(execute="before", answer="close")
    shop.fault(
        method="GET", path="/payments/imp_*", answer="status", status=500, count=None, skip=1
    )
    refund = shop.ask(one["imp_uid"], 700)
    shop.settle(hours=80)
    assert shop.state(refund) == "unknown"
    shop.sandbox.sandbox.faults.clear()
    shop.settle()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_a_yes_is_believed_only_once_the_payment_shows_it(shop, one):
    """M11: whoever says so, the answer itself or a message pushed to us; PortOne is asked."""
    shop.fault(execute="never")
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    assert shop.state(refund) == "unknown"
    shop.settle()
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


def test_what_comes_a_minute_and_a_half_later_is_waited_for(shop, one):
    """M12, F11."""
    shop.fault(execute="late", late_s=90, answer="close")
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    for _ in range(8):
        shop.work(seconds=11)
        assert shop.state(refund) == "unknown"
    shop.clock.now += 3
    arrive(shop, one)
    shop.settle()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


@pytest.mark.parametrize("hours", [0.5, 30])
def test_not_found_is_not_an_answer(shop, one, hours):
    """M13, F37: PortOne hides payments of a test channel from whoever does not ask for them."""
    shop.fault(execute="before", answer="close")
    shop.fault(
        method="GET",
        path="/payments/imp_*",
        answer="status",
        status=404,
        headers={"Content-Type": "application/json"},
        body='{"code": 1, "message": "존재하지 않는 결제정보입니다.", "response": null}',
        count=None,
        skip=1,
    )
    refund = shop.ask(one["imp_uid"], 700)
    shop.settle(hours=hours)
    assert shop.state(refund) == "unknown"


def test_who_read_it_earlier_does_not_send_it_again(shop, restarted, one):
    """M14: both have read it as not sent yet; the second to write finds that out."""
    refund = shop.ask(one["imp_uid"], 700)
    read_by_both = shop.row(refund)
    portone = shop.runtime.portone()
    assert sending.send(shop.runtime, shop.db, portone, read_by_both)
    assert not sending.send(shop.runtime, shop.db, portone, read_by_both)
    other = restarted(shop)
    assert not sending.send(other.runtime, other.db, other.runtime.portone(), read_by_both)
    assert len(shop.posts()) == 1


def test_who_read_it_before_it_was_given_up_does_not_send_it(shop, one):
    """M14 again, the other way round."""
    refund = shop.ask(one["imp_uid"], 700)
    read_before = shop.row(refund)
    sending.give_up(shop.runtime, shop.db, read_before, sending.NEVER_SENT)
    assert not sending.send(shop.runtime, shop.db, shop.runtime.portone(), read_before)
    assert (shop.state(refund), shop.posts()) == ("not_executed", [])


def test_what_was_given_up_and_came_is_found_before_the_next_is_sent(shop, one):
    """M15, F12."""
    shop.fault(execute="late", late_s=600, answer="close")
    refund = shop.ask(one["imp_uid"], 700)
    shop.settle(hours=0.1)
    assert shop.state(refund) == "not_executed"
    shop.clock.now += 600
    arrive(shop, one)
    shop.learn(one["imp_uid"])  # a sync has been there: the next form shows the new balance
    with pytest.raises(service.LateArrival) as late:
        shop.ask(one["imp_uid"], 700)
    assert late.value.refund_id == refund
    assert shop.state(refund) == "succeeded"
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_while_one_is_unknown_there_is_no_other(shop, one):
    """M16: a retry with a fresh balance would pay twice."""
    shop.fault(execute="late", late_s=90, answer="close")
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    shop.learn(one["imp_uid"])
    with pytest.raises(service.AlreadyAsked) as asked:
        shop.ask(one["imp_uid"], 700)
    assert asked.value.refund_id == refund
    shop.work()
    assert len(shop.posts()) == 1


def test_a_form_from_before_the_success_was_told_is_shown_again(shop, one):
    """Its balance is the new one already, but whoever saw it did not know that it was paid."""
    shop.fault(execute="before", answer="close")
    shop.fault(method="GET", path="/payments/imp_*", answer="close", count=None, skip=1)
    refund = shop.ask(one["imp_uid"], 700)
    shop.work()
    shop.learn(one["imp_uid"])  # a sync sees the cancel before the worker can
    form = shop.form(one["imp_uid"])
    shop.sandbox.sandbox.faults.clear()
    shop.settle()
    assert shop.state(refund) == "succeeded"
    with pytest.raises(service.BalanceChanged):
        shop.ask(one["imp_uid"], 700, form=form)
    again = shop.ask(one["imp_uid"], 700)  # from a new form it is a new wish
    shop.work()
    assert shop.state(again) == "succeeded"


def arrive(shop, one) -> None:
    """Wait until the sandbox has done what it still had to do; it looks every 20 ms."""
    end = time.monotonic() + 5
    while not shop.payment(one["imp_uid"]).cancel_amount and time.monotonic() < end:
        time.sleep(0.02)
