"""Refunds are locked while the database may have forgotten some that were sent (C9, F63)."""

import re
import shutil

import pytest
import requests

from dashboard import events, high_water, settings
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from dashboard.refunds import bulk, bulk_store, lock, service, store
from dashboard.refunds.signing import seen_balance
from dashboard.sync import service as sync
from dashboard.worker import Worker
from tests.refunds.conftest import Shop, check_invariants

STRANGE = "AAAABBBB"
WEEK = 7 * 86_400


@pytest.fixture
def card(shop, sandbox_payments) -> str:
    imp_uid = sandbox_payments["paid_card"][0]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


@pytest.fixture
def other_card(shop, sandbox_payments) -> str:
    imp_uid = sandbox_payments["paid_card"][1]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


def console(shop: Shop, imp_uid: str, amount: int, reason: str) -> None:
    """A cancel that this database knows nothing of."""
    answer = requests.post(
        f"{shop.sandbox.url}/_control/console-cancel",
        json={"imp_uid": imp_uid, "amount": amount, "reason": reason},
        headers={"X-Control-Token": shop.sandbox.control_token},
        timeout=10,
    )
    assert answer.status_code == 200


def lock_it(shop: Shop, why: lock.Why = "older") -> None:
    with write(shop.db):
        lock.lock(shop.db, why, shop.runtime.now())


def look(shop: Shop) -> None:
    """What the background worker does in a second."""
    Worker(shop.app).look()


def run(shop: Shop, kind=None) -> dict:
    """One synchronisation, to its end."""
    run_id = sync.request_sync(shop.db, kind, None, shop.runtime.now())
    sync.run_open(shop.db, shop.runtime.portone, owner="worker:a", clock=shop.clock)
    return dict(shop.db.conn.execute("SELECT * FROM sync_runs WHERE id = ?", [run_id]).fetchone())


@pytest.fixture
def restored(shop, card, restarted, tmp_path):
    """A week ago somebody copied the database; since then a refund was sent; now it is back."""
    run(shop)
    path, backup = shop.runtime.database_path, tmp_path / "backup.db"
    shop.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, backup)
    shop.clock.now += WEEK
    lost = shop.row(shop.ask(card, 700))
    shop.work()
    assert shop.state(lost["id"]) == "succeeded"
    high_water.keep(shop.db)
    shop.db.close()
    shutil.copy(backup, path)
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    shop.runtime.make_ready()
    return restarted(shop)


# -- an old copy --------------------------------------------------------------------------------


def test_a_week_old_backup_sends_nothing_until_portone_was_read_again(restored, card):
    """F63."""
    sent = len(restored.posts())
    with pytest.raises(service.Locked):
        restored.ask(card, 300)
    assert len(restored.posts()) == sent
    look(restored)
    assert lock.locked(restored.db) is None
    imported = restored.db.conn.execute(
        "SELECT amount FROM cancellations WHERE imp_uid = ?", [card]
    )
    assert [row["amount"] for row in imported] == [700]
    refund = restored.ask(card, 300)  # of what is left, by a form that shows the lost one
    restored.work()
    assert restored.state(refund) == "succeeded"
    assert restored.payment(card).cancel_amount == 1_000
    check_invariants(restored)


def test_the_lock_and_its_end_are_events(restored):
    look(restored)
    told = restored.db.conn.execute(
        "SELECT kind, detail FROM events WHERE kind LIKE 'refunds.%' ORDER BY id"
    ).fetchall()
    assert [row["kind"] for row in told] == ["refunds.locked", "refunds.unlocked"]
    assert '"older"' in told[0]["detail"] and '"marks": 1' in told[1]["detail"]
    assert events.broken_at(restored.db) is None


def test_what_the_lost_refund_left_at_portone_locks_only_once(restored, card):
    look(restored)
    with write(restored.db):
        apply_payment(
            restored.db, restored.payment(card), source="live", now=restored.runtime.now()
        )
    console(restored, card, 100, "고객 변심")
    restored.learn(card)
    assert lock.locked(restored.db) is None


def test_a_new_start_finds_the_lock_again(restored, restarted):
    restored.runtime.make_ready()
    assert lock.locked(restored.db).why == "older"
    with pytest.raises(service.Locked):
        restarted(restored).ask(
            restored.db.conn.execute("SELECT imp_uid FROM payments").fetchone()[0]
        )


# -- a mark nobody here made --------------------------------------------------------------------


def test_a_strange_mark_seen_by_a_synchronisation_locks(shop, card):
    run(shop)
    console(shop, card, 500, f"변심 [{STRANGE}]")
    shop.clock.now += 300
    run(shop)
    assert lock.locked(shop.db).why == "unknown_mark"


def test_a_strange_mark_seen_just_before_a_refund_locks_and_nothing_is_sent(shop, card):
    form = shop.form(card)
    console(shop, card, 500, f"변심 [{STRANGE}]")
    with pytest.raises(service.Locked):
        shop.ask(card, 300, form=form)
    assert lock.locked(shop.db).why == "unknown_mark"
    assert shop.posts() == [] and store.of_payment(shop.db, card) == []


def test_our_own_marks_and_other_brackets_do_not_lock(shop, card):
    shop.ask(card, 700, reason="[변심] [ab] [12345678]")
    shop.work()
    console(shop, card, 100, "[교환] [abcdefgh] [ABCDEFGHI]")
    shop.learn(card)
    assert lock.locked(shop.db) is None


def test_marks_are_known_once_everything_was_read(shop, card, other_card):
    run(shop)
    console(shop, card, 500, f"변심 [{STRANGE}]")
    shop.learn(card)
    assert lock.locked(shop.db)
    shop.clock.now += 300
    look(shop)
    assert lock.locked(shop.db) is None
    assert settings.get(shop.db, "refund_marks_known") == [STRANGE]
    refund = shop.ask(card, 300)
    shop.work()
    assert shop.state(refund) == "succeeded"
    console(shop, other_card, 500, "변심 [CCCCDDDD]")  # another one is another matter
    shop.learn(other_card)
    assert lock.locked(shop.db)


# -- what ends it -------------------------------------------------------------------------------


def test_the_worker_asks_for_a_thorough_run_at_once(shop):
    run(shop)
    assert run(shop)["kind"] == "regular"
    lock_it(shop)
    assert sync.is_due(shop.db, now=shop.runtime.now(), every_s=10_000)
    look(shop)
    assert sync.last_run(shop.db)["kind"] == "daily"
    assert lock.locked(shop.db) is None


def test_a_run_begun_before_does_not_unlock(shop):
    sync.request_sync(shop.db, None, None, shop.runtime.now())
    lock_it(shop)
    sync.run_open(shop.db, shop.runtime.portone, owner="worker:a", clock=shop.clock)
    assert sync.last_run(shop.db)["state"] == "done"
    assert lock.locked(shop.db)


def test_a_regular_run_does_not_unlock(shop):
    run(shop)
    lock_it(shop)
    assert run(shop, "regular")["state"] == "done"
    assert lock.locked(shop.db)


def test_a_failed_run_does_not_unlock_and_the_next_one_waits_its_time(shop):
    run(shop)
    lock_it(shop)
    shop.fault(path="/payments/status/all", method="GET", answer="status", status=500, count=20)
    assert run(shop)["state"] == "failed"
    assert lock.locked(shop.db)
    assert not sync.is_due(shop.db, now=shop.runtime.now() + 1, every_s=180)
    assert sync.is_due(shop.db, now=shop.runtime.now() + 180, every_s=180)


def test_a_first_run_that_failed_before_is_not_gone_on_with(shop):
    """What it had read may have been cancelled since."""
    run_id = sync.request_sync(shop.db, "first", None, shop.runtime.now() - WEEK)
    with write(shop.db):
        shop.db.conn.execute(
            "UPDATE sync_runs SET state = 'failed', finished_at = ?, seen = 99 WHERE id = ?",
            (shop.runtime.now() - WEEK, run_id),
        )
    lock_it(shop)
    fresh = sync.last_run(shop.db)["id"]
    sync.request_sync(shop.db, None, None, shop.runtime.now())
    row = sync.last_run(shop.db)
    assert (row["id"] > fresh, row["kind"], row["seen"]) == (True, "first", 0)
    assert row["to_at"] == shop.runtime.now()


def test_locking_again_asks_for_another_run(shop):
    run(shop)
    lock_it(shop)
    first = lock.locked(shop.db)
    sync.request_sync(shop.db, None, None, shop.runtime.now())
    lock_it(shop)
    assert lock.locked(shop.db).after_run > first.after_run
    sync.run_open(shop.db, shop.runtime.portone, owner="worker:a", clock=shop.clock)
    assert lock.locked(shop.db)


# -- the worker meanwhile -----------------------------------------------------------------------


def test_what_is_written_down_waits_and_goes_when_unlocked(shop, card):
    refund = shop.ask(card, 700)
    lock_it(shop)
    shop.work()
    assert (shop.state(refund), shop.posts()) == ("intent", [])
    look(shop)  # reads PortOne in spite of the refund that waits
    assert lock.locked(shop.db) is None
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1


def test_a_lock_between_the_look_and_the_sending_still_holds(shop, card, monkeypatch):
    refund = shop.ask(card, 700)
    lock_it(shop)
    monkeypatch.setattr(service, "_to_send", lambda runtime, db: store.to_send(db, runtime.run_id))
    shop.work()
    assert (shop.state(refund), shop.posts()) == ("intent", [])


def test_what_is_unknown_is_still_resolved(shop, card):
    shop.fault(execute="before", answer="close")
    refund = shop.ask(card, 700)
    shop.fault(path=f"/payments/{card}", method="GET", answer="status", status=500, count=4)
    shop.work()
    assert shop.state(refund) == "unknown"
    lock_it(shop)
    shop.settle()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1


def test_an_intention_in_an_old_copy_is_not_said_to_be_unsent(shop, card, restarted):
    """The copy was made before it left: only PortOne knows."""
    refund = shop.ask(card, 700)
    row = shop.row(refund)
    console(shop, card, 700, row["reason"])  # carried out by the process the copy is not of
    lock_it(shop)
    shop.clock.now += 60
    after = restarted(shop)
    after.work()
    assert after.state(refund) == "intent"
    look(after)
    after.clock.now += after.runtime.config.intent_life_s + 120
    after.work()
    after.work()
    assert after.state(refund) == "succeeded"
    assert shop.posts() == []


# -- the mark beside the file -------------------------------------------------------------------


def test_an_intention_moves_the_high_water_mark(shop, card):
    shop.ask(card, 700)
    kept = shop.runtime.instance.load_json("practice.mark.json")
    assert kept == events.newest(shop.db)


def test_a_mark_that_cannot_be_written_keeps_no_refund_from_its_record(shop, card, monkeypatch):
    def full(*_args) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dashboard.instance.os.replace", full)
    refund = shop.ask(card, 700)
    assert shop.state(refund) == "intent"


# -- pages --------------------------------------------------------------------------------------

STRIP = "환불이 잠겼습니다"


@pytest.fixture
def browser(shop, client):
    return client


@pytest.mark.parametrize("path", ["/orders", "/refunds", "/tasks", "/sync", "/help", "/settings"])
@pytest.mark.parametrize(
    ("why", "says"), [("older", "예전 상태"), ("unknown_mark", "이 장부에 없는 환불")]
)
def test_every_page_says_so(shop, browser, path, why, says):
    assert STRIP not in browser.get(path).get_data(as_text=True)
    lock_it(shop, why)
    page = browser.get(path).get_data(as_text=True)
    assert STRIP in page and says in page
    assert re.search(r'<a href="/sync">', page)


def test_the_strip_goes_with_the_fragment_that_ends_the_run(shop, browser):
    lock_it(shop)
    fragment = {"X-Fragment": "1"}
    assert STRIP in browser.get("/sync", headers=fragment).get_data(as_text=True)
    look(shop)
    text = browser.get("/sync", headers=fragment).get_data(as_text=True)
    assert STRIP not in text and 'id="refunds-locked"' in text


def test_before_sign_in_nothing_is_said(shop, stranger):
    lock_it(shop)
    assert STRIP not in stranger.get("/sign-in").get_data(as_text=True)


def test_the_form_says_it_and_keeps_what_was_typed(shop, card, browser):
    path = f"/payments/{card}/refunds"
    page = browser.get(f"{path}/new").get_data(as_text=True)
    typed = {
        "balance": re.search(r'name="balance"[^>]* value="([^"]+)"', page)[1],
        "kind": "part",
        "amount": "700",
        "reason": "other",
        "other": "색이 달라서",
    }
    lock_it(shop)
    assert "환불이 잠겨 있습니다" in browser.get(f"{path}/new").get_data(as_text=True)
    for step in ("/check", ""):
        answer = browser.send(path + step, typed, page=f"{path}/new")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "환불이 잠겨 있습니다. 아무것도 보내지 않았습니다." in text
        assert 'value="700"' in text
    assert shop.posts() == [] and store.of_payment(shop.db, card) == []


def test_a_cancel_this_database_has_lost_is_named_on_the_order(shop, card, other_card, browser):
    """C9: external, but not somebody else's: the mark is one of ours."""
    words = "장부의 표시가 있으나 이 장부에 기록이 없는 취소"
    for imp_uid, reason, said in ((card, "단순변심", False), (other_card, f"[{STRANGE}]", True)):
        console(shop, imp_uid, 300, reason)
        shop.learn(imp_uid)
        order_id = store.find_payment(shop.db, imp_uid)["order_id"]
        assert (words in browser.get(f"/orders/{order_id}").get_data(as_text=True)) is said


def test_what_waits_goes_on_waiting_while_refunds_are_locked(shop, card):
    """Neither a queued refund nor a bulk refund ends because of it."""
    shop.learn(card)
    balance = seen_balance(shop.payment(card), shop.clock.now)
    made = bulk.begin(
        shop.runtime,
        shop.db,
        form_token="bulk",
        balances=[balance],
        reason="품절",
        person_id=shop.person_id,
    )
    lock_it(shop)
    bulk.work(shop.runtime, shop.db)
    assert bulk_store.items(shop.db, made)[0]["state"] == "waiting"
    assert bulk_store.running(shop.db) is not None and shop.posts() == []
