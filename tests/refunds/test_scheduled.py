"""Refunds that wait for the morning (K5): by explicit wish, on that day only, never twice."""

from __future__ import annotations

import pytest

from dashboard.database import write
from dashboard.refunds import approvals, lock, objecting, request_store, service, store, tasks
from dashboard.worker import Worker
from tests.refunds.conftest import check_invariants
from tests.refunds.pages import ACCOUNT, check, form_of, hidden, part, send, text
from tests.refunds.test_fault_matrix import no
from tests.refunds.test_guards import arrive

HOUR = 3600


@pytest.fixture
def night(shop, clock):
    clock.now += 9.5 * HOUR  # 23:35
    return clock


@pytest.fixture
def owner(client_as, night):
    return client_as("owner")


@pytest.fixture
def queued(shop, owner, paid):
    """A refund of 1,000 won that waits for 06:00; answers its address."""
    one = paid("paid_vbank")
    data = part(owner, one.imp_uid, "1,000", **ACCOUNT, schedule="1")
    return send(owner, one.imp_uid, data).location


def row_of(shop, location):
    return request_store.find(shop.db, location.rpartition("/")[2])


def work(shop):
    approvals.work(shop.runtime, shop.db)
    service.work(shop.runtime, shop.db)


def test_it_is_offered_by_night_only(client, paid, clock, client_as, shop):
    one = paid("paid_vbank")
    page = f"/payments/{one.imp_uid}/refunds/new"
    assert "06시에 보내기 예약" not in text(client.get(page))
    clock.now += 9.5 * HOUR
    assert "06시에 보내기 예약" in text(client_as("owner").get(page))


def test_a_queued_refund_is_sent_in_the_morning_once(shop, owner, paid, night):
    one = paid("paid_vbank")
    data = part(owner, one.imp_uid, "1,000", **ACCOUNT, schedule="1")
    confirm = text(check(owner, one.imp_uid, data))
    assert "1,000원 환불 예약하기" in confirm and "2026-08-22 06:00에 보냅니다" in confirm
    location = send(owner, one.imp_uid, data).location
    shown = text(owner.get(location))
    assert "2026-08-22 06:00에 보내도록 예약했습니다" in shown and "owner" in shown
    work(shop)
    night.now += 6 * HOUR  # 05:35
    work(shop)
    assert shop.posts() == []
    night.now += HOUR
    work(shop)
    work(shop)
    assert len(shop.posts()) == 1
    assert shop.payment(one.imp_uid).cancel_amount == 1_000
    row = row_of(shop, location)
    assert (row["state"], row["account"], row["refund_state"]) == ("sent", None, "succeeded")
    check_invariants(shop)


def test_without_the_wish_nothing_is_queued(shop, owner, paid):
    """A warning at night is a warning: the owner goes on with a reason or not at all."""
    one = paid("paid_vbank")
    answer = send(owner, one.imp_uid, part(owner, one.imp_uid, "1,000", **ACCOUNT))
    assert answer.status_code == 422
    assert request_store.waiting(shop.db) == [] and store.open_refunds(shop.db) == []


def test_it_can_be_taken_back(shop, owner, queued, night):
    assert "예약 철회" in text(owner.get(queued))
    owner.send(f"{queued}/withdraw", page=queued)
    night.now += 7 * HOUR
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["state"] == "withdrawn"
    assert row_of(shop, queued)["account"] is None


def test_a_day_that_was_missed_is_not_made_up_for(shop, queued, night):
    """The PC was off: money does not move by surprise, a task tells."""
    night.now += 31 * HOUR  # the day after, 06:35
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["decision"] == approvals.TOO_LATE
    [task] = tasks.open_tasks(shop.db)
    assert (task["kind"], task["detail"]["amount"]) == ("refund_not_sent", 1_000)


def test_later_on_its_own_day_it_is_sent(shop, queued, night):
    night.now += 15 * HOUR  # 14:35
    work(shop)
    assert len(shop.posts()) == 1


def test_what_moved_meanwhile_is_not_sent(shop, queued, night):
    row = row_of(shop, queued)
    shop.console(row["imp_uid"], 500)
    night.now += 7 * HOUR
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["decision"] == approvals.MOVED
    assert [task["kind"] for task in tasks.open_tasks(shop.db)] == ["refund_not_sent"]


def test_portone_silent_at_six_is_asked_again(shop, queued, night):
    night.now += 7 * HOUR
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=3)
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["state"] == "scheduled"
    shop.sandbox.sandbox.faults.clear()
    work(shop)
    assert shop.posts() == [] and not approvals.has_work(shop.runtime, shop.db)  # a minute later
    night.now += 61
    work(shop)
    assert len(shop.posts()) == 1


def test_a_lock_is_not_kept_alive_by_what_waits(shop, queued, night):
    """The synchronisation that ends the lock runs only while nothing else has work."""
    with write(shop.db):
        lock.lock(shop.db, "older", int(night.now))
    night.now += 7 * HOUR
    assert not approvals.has_work(shop.runtime, shop.db)
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["state"] == "scheduled"


def test_one_that_breaks_holds_up_nothing(shop, queued, night, sandbox_payments, monkeypatch):
    """Its key cannot be read; the card refund of somebody else goes on."""
    night.now += 7 * HOUR
    other = shop.ask(sandbox_payments["paid_card"][0]["imp_uid"], 100)
    monkeypatch.setattr(approvals, "unseal", lambda *_: (_ for _ in ()).throw(PermissionError))
    Worker(shop.app).look()
    assert shop.state(other) == "succeeded"
    assert row_of(shop, queued)["state"] == "scheduled"


def test_a_refusal_in_the_morning_leaves_a_task(shop, queued, night):
    shop.fault(**no("환불 특약이 없습니다"))
    night.now += 7 * HOUR
    work(shop)
    assert row_of(shop, queued)["refund_state"] == "rejected"
    assert [task["kind"] for task in tasks.open_tasks(shop.db)] == ["refund_not_sent"]


def test_a_line_that_is_dead_in_the_morning_leaves_a_task(shop, queued, night):
    """F01 for a queued one: proven not sent, and nobody is at the page."""
    night.now += 7 * HOUR
    approvals.work(shop.runtime, shop.db)
    shop.sandbox.stop()  # between the last look and the sending
    service.work(shop.runtime, shop.db)
    refund = shop.row(row_of(shop, queued)["refund_id"])
    assert (refund["state"], refund["answer"]) == ("rejected", "unsent")
    [task] = tasks.open_tasks(shop.db)
    assert (task["kind"], task["detail"]["why"]) == ("refund_not_sent", "rejected")
    assert shop.posts() == []


def test_one_that_comes_late_takes_its_task_back(shop, queued, night):
    """F12: the task said that no money left."""
    shop.fault(execute="late", late_s=600, answer="close")
    night.now += 7 * HOUR
    work(shop)
    shop.settle(hours=0.1)
    refund = row_of(shop, queued)["refund_id"]
    assert shop.state(refund) == "not_executed"
    assert [task["kind"] for task in tasks.open_tasks(shop.db)] == ["refund_not_sent"]
    night.now += 600
    imp_uid = row_of(shop, queued)["imp_uid"]
    arrive(shop, {"imp_uid": imp_uid})
    shop.learn(imp_uid)  # the synchronisation
    work(shop)
    assert shop.state(refund) == "succeeded"
    assert "refund_not_sent" not in [task["kind"] for task in tasks.open_tasks(shop.db)]


def test_somebody_who_left_at_night_sends_nothing_in_the_morning(shop, queued, night):
    with write(shop.db):
        shop.db.execute("UPDATE people SET disabled_at = 1 WHERE id = ?", [shop.person_id])
    night.now += 7 * HOUR
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["state"] == "expired"


def test_a_warning_nobody_saw_at_night_is_not_overruled_by_an_old_reason(
    shop, owner, paid, night, monkeypatch
):
    shop.settings(contract_vbank_refund=None)  # K6 warns
    one = paid("paid_vbank")
    data = part(owner, one.imp_uid, "1,000", **ACCOUNT, schedule="1", overrule="전화로 확인함")
    location = send(owner, one.imp_uid, data).location
    night.now += 7 * HOUR
    real = objecting.objections
    monkeypatch.setattr(objecting, "objections", lambda *a, **k: [*real(*a, **k), objecting._CLOCK])
    work(shop)
    assert shop.posts() == [] and row_of(shop, location)["decision"] == approvals.REFUSED


def test_a_key_that_was_lost_over_night_is_said_at_approval(shop, client_as, paid, night):
    shop.settings(refund_approval="always")
    staff, manager, one = client_as("staff"), client_as("manager"), paid("paid_vbank")
    data = part(staff, one.imp_uid, "1,000", **ACCOUNT, schedule="1")
    location = send(staff, one.imp_uid, data).location
    (shop.runtime.instance.path / "account_key").write_bytes(b"half a key")
    page = manager.get(location).get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token"), "balance": hidden(page, "balance")}
    assert manager.post(f"{location}/approve", data=data).status_code == 303
    assert "환불받을 계좌를 더는 읽을 수 없습니다" in text(manager.get(location))


def test_a_rule_that_came_up_meanwhile_stops_it(shop, queued, night):
    shop.settings(contract_vbank_refund="no")
    night.now += 7 * HOUR
    work(shop)
    assert shop.posts() == [] and row_of(shop, queued)["decision"] == approvals.REFUSED


def test_a_crash_between_writing_and_sending_leaves_a_task(shop, queued, night, restarted):
    """C2 for a queued one: the account was in memory only, and nobody is at the page."""
    night.now += 7 * HOUR
    approvals.work(shop.runtime, shop.db)
    [refund] = store.open_refunds(shop.db)
    night.now += 5
    again = restarted(shop)
    service.work(again.runtime, again.db)
    assert again.state(refund["id"]) == "not_executed" and again.posts() == []
    assert [task["kind"] for task in tasks.open_tasks(again.db)] == ["refund_not_sent"]


def test_two_processes_at_six_send_one(shop, queued, night, restarted):
    other = restarted(shop)
    night.now += 7 * HOUR
    row = row_of(shop, queued)
    approvals._send(shop.runtime, shop.db, row)
    approvals._send(other.runtime, other.db, row)  # had read it before the first one wrote
    for one in (shop, other):
        service.work(one.runtime, one.db)
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_the_worker_carries_it_out(shop, queued, night):
    night.now += 7 * HOUR
    Worker(shop.app).look()
    assert len(shop.posts()) == 1


def test_approved_at_night_it_can_wait_for_the_morning(shop, client_as, paid, night):
    shop.settings(refund_approval="always")
    staff, manager, one = client_as("staff"), client_as("manager"), paid("paid_vbank")
    data = part(staff, one.imp_uid, "1,000", **ACCOUNT, schedule="1")
    location = send(staff, one.imp_uid, data).location
    page = manager.get(location).get_data(as_text=True)
    assert "승인하고 2026-08-22 06:00에 보내기" in page
    data = {"csrf_token": hidden(page, "csrf_token"), "balance": hidden(page, "balance")}
    assert manager.post(f"{location}/approve", data=data).location == location
    assert row_of(shop, location)["state"] == "scheduled"
    work(shop)
    assert shop.posts() == []
    night.now += 7 * HOUR
    work(shop)
    assert len(shop.posts()) == 1


def test_a_whole_one_too(shop, owner, paid, night):
    one = paid("paid_vbank")
    send(owner, one.imp_uid, form_of(owner, one.imp_uid, **ACCOUNT, schedule="1"))
    night.now += 7 * HOUR
    work(shop)
    assert shop.payment(one.imp_uid).balance == 0
