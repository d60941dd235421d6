"""Runs: what they read, what they leave, and how they go on after whatever stopped them."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from dashboard.database import connect, write
from dashboard.migrations import migrations
from dashboard.portone import (
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneRateLimited,
    Unreadable,
    Why,
)
from dashboard.runtime import NoKeys
from dashboard.sync import plan, service, store
from dashboard.sync.plan import DAY_S, Cursor
from dashboard.sync.run import Run
from tests.conftest import FakeClock
from tests.orders.payments import NOON, cancel
from tests.sync.portone import Away, Shelf

NOW = NOON + 600


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def db(path: Path):
    db = connect(path, create=True)
    migrations.apply(db)
    yield db
    db.close()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Ten payments to a page and five to a batch walk the same ways with less to read."""
    for module in ("plan", "run"):
        monkeypatch.setattr(f"dashboard.sync.{module}.PAGE_SIZE", 10)
    for module in ("run", "store"):
        monkeypatch.setattr(f"dashboard.sync.{module}.BATCH_SIZE", 5)


def sync(db: Database, shelf, *, at=NOW, kind=None, owner="worker:a", **given) -> dict:
    run_id = service.request_sync(db, kind, None, at)
    service.run_open(db, lambda: shelf, owner=owner, clock=FakeClock(at), **given)
    return dict(store.find_run(db, run_id))


def uids(db: Database) -> set[str]:
    return {row[0] for row in db.conn.execute("SELECT imp_uid FROM payments")}


# -- what is read -------------------------------------------------------------------------------


def test_the_first_run_reads_three_years(db: Database):
    shelf = Shelf(40, every_s=25 * DAY_S)
    shelf.add(900, started_at=NOW - 4 * 365 * DAY_S)
    run = sync(db, shelf)
    assert (run["kind"], run["state"], run["error"]) == ("first", "done", None)
    assert (run["total"], run["seen"], run["new"], run["changed"]) == (40, 40, 40, 0)
    assert uids(db) == set(shelf.payments) - {"imp_000000000900"}
    assert db.table("events").count == 0


def test_totals_are_asked_before_the_first_page(db: Database):
    shelf = Shelf(40, every_s=25 * DAY_S)
    told = []
    sync(db, shelf, told=lambda cursor: told.append((cursor.total, cursor.seen)))
    windows = len(plan.windows(NOW - plan.FIRST_RUN_S, NOW))
    assert [call[4] for call in shelf.calls[: windows + 1]] == [1] * windows + [10]
    assert (40, 0) in told
    assert told[-1] == (40, 40)
    assert [seen for _total, seen in told] == sorted(seen for _total, seen in told)


def test_a_later_run_takes_what_is_new_or_finished(db: Database):
    shelf = Shelf(25)
    waiting = shelf.add(100, status="ready", pay_method="vbank", vbank_num="110-1")
    sync(db, shelf)
    shelf.add(101, started_at=NOW + 100)
    waiting |= {"status": "paid", "paid_at": NOW + 120}
    run = sync(db, shelf, at=NOW + 200)
    assert (run["kind"], run["state"], run["new"], run["changed"]) == ("regular", "done", 1, 1)
    listed = [call for call in shelf.calls if call[0] == "list"]
    assert listed[-1][1:3] == (NOW - plan.OVERLAP_S, NOW + 200)


def test_a_partial_cancel_that_leaves_no_trace_is_found_within_a_week(db: Database):
    shelf = Shelf()
    week = shelf.add(1, started_at=NOW - 6 * DAY_S)
    old = shelf.add(2, started_at=NOW - 100 * DAY_S)
    sync(db, shelf)
    for made in (week, old):  # neither status nor any time changes
        made |= {"cancel_amount": 3_000, "cancel_history": [cancel(3_000)]}
    assert sync(db, shelf, at=NOW + 180)["changed"] == 1
    assert sync(db, shelf, at=NOW + 360)["changed"] == 0
    run = sync(db, shelf, at=NOW + DAY_S)
    assert (run["kind"], run["changed"]) == ("daily", 1)


def test_payments_are_read_again_in_batches(db: Database):
    shelf = Shelf(12, until=NOW - DAY_S)
    sync(db, shelf)
    shelf.calls.clear()
    run = sync(db, shelf, at=NOW + 180)
    assert [len(call) - 1 for call in shelf.calls if call[0] == "get"] == [5, 5, 2]
    assert (run["total"], run["seen"]) == (12, 12)  # nothing new, twelve read again


def test_a_summary_tells_what_changed(db: Database):
    shelf = Shelf(3)
    sync(db, shelf)
    shelf.payments["imp_000000000001"] |= {
        "cancel_amount": 3_000,
        "cancel_history": [cancel(3_000)],
    }
    first = sync(db, shelf, at=NOW + 180)
    again = sync(db, shelf, at=NOW + 360)
    [change] = store.changes_of(db, Cursor.load(first["cursor"]), limit=9)
    assert change["merchant_uid"] == "order-000001"
    assert store.changes_of(db, Cursor.load(again["cursor"]), limit=9) == []


def test_after_a_long_absence_nothing_is_left_out(db: Database):
    shelf = Shelf(5)
    sync(db, shelf)
    for number in range(100, 120):
        shelf.add(number, started_at=NOW + (number - 99) * 15 * DAY_S)
    run = sync(db, shelf, at=NOW + 301 * DAY_S)
    assert (run["state"], run["new"]) == ("done", 20)


def test_what_a_person_should_look_at_stays_until_it_is_settled(db: Database):
    """The next run comes in three minutes: nobody would have seen it."""
    shelf = Shelf(2)
    gone = shelf.payments["imp_000000000001"]
    shelf.broken = [Unreadable(imp_uid="imp_000000000099", raw={}), Unreadable(imp_uid="", raw={})]
    sync(db, shelf)
    del shelf.payments["imp_000000000001"]
    shelf.broken = []
    sync(db, shelf, at=NOW + 200)
    found = Cursor.load(sync(db, shelf, at=NOW + 400)["cursor"])
    assert found.unreadable == ["imp_000000000099"]
    assert found.missing == ["imp_000000000001"]
    shelf.payments["imp_000000000001"] = gone
    shelf.add(99, started_at=NOW)
    found = Cursor.load(sync(db, shelf, at=NOW + 600)["cursor"])
    assert found.oddities == ([], [], [])


def test_old_runs_are_forgotten_but_not_how_far_they_read(db: Database):
    shelf = Shelf(1)
    first = sync(db, shelf)
    for number in range(1, 4):
        sync(db, shelf, at=NOW + number * 600, kind="regular")
    late = NOW + 90 * DAY_S
    shelf.add(91, started_at=NOW + 2000)
    run = sync(db, shelf, at=late, kind="regular")
    kept = [row["id"] for row in db.table("sync_runs").rows]
    assert kept == [first["id"], run["id"] - 1, run["id"]]
    assert run["from_at"] == NOW + 1800 - plan.OVERLAP_S and run["new"] == 1


@pytest.mark.parametrize("skew_s", [9 * 3600, -9 * 3600, 400 * DAY_S, -400 * DAY_S])
@pytest.mark.parametrize("kind", ["regular", "daily"])
def test_a_wrong_clock_hides_no_payment(db: Database, skew_s: int, kind):
    """A PC in the wrong time zone, or with an empty battery: PortOne's time counts."""
    shelf = Shelf(3)
    shelf.clock_skew = skew_s
    run = sync(db, shelf, at=NOW + skew_s)
    assert (run["state"], run["to_at"], len(uids(db))) == ("done", NOW, 3)
    assert run["from_at"] <= NOW - plan.FIRST_RUN_S
    shelf.add(90, started_at=NOW + 60)
    run = sync(db, shelf, at=NOW + 600 + skew_s, kind=kind)
    assert (run["new"], run["to_at"]) == (1, NOW + 600)
    shelf.clock_skew = 0.0  # set right at last
    shelf.add(91, started_at=NOW + 660)
    assert sync(db, shelf, at=NOW + 1200, kind=kind)["new"] == 1


def test_a_clock_a_little_off_changes_nothing(db: Database):
    shelf = Shelf(3)
    shelf.clock_skew = 119.0
    assert sync(db, shelf)["to_at"] == NOW
    assert len([call for call in shelf.calls if call[0] == "list" and call[4] == 1]) == 13


def test_oddities_do_not_stop_a_run_and_do_not_vanish(db: Database):
    shelf = Shelf(4)
    sync(db, shelf)
    shelf.broken = [Unreadable(imp_uid="imp_9", raw={})]
    del shelf.payments["imp_000000000002"]
    with write(db):
        db.conn.execute(
            "UPDATE payments SET version = '9' || substr(version, 2) WHERE imp_uid = ?",
            ["imp_000000000003"],
        )  # as if more had been cancelled once
    shelf.add(50, started_at=NOW + 5)
    run = sync(db, shelf, at=NOW + 180)
    cursor = Cursor.load(run["cursor"])
    assert run["state"] == "done"
    assert cursor.unreadable == ["imp_9"]
    assert cursor.missing == ["imp_000000000002"]
    assert cursor.older == ["imp_000000000003"]


def test_test_channel_payments_are_kept_apart(db: Database):
    shelf = Shelf()
    shelf.add(1, sandbox=True)
    sync(db, shelf)
    assert db.table("orders").get(1)["sandbox"] == 1


# -- pages that move --------------------------------------------------------------------------


@pytest.mark.parametrize("call", range(14, 19))
@pytest.mark.parametrize("leaving", [1, 7, 23])
def test_payments_that_leave_while_their_window_is_read_hide_no_other(
    db: Database, call: int, leaving: int
):
    shelf = Shelf(45, every_s=60)

    def cancel_some(number: int) -> None:
        if number == call:
            for made in list(shelf.payments.values())[:leaving]:
                made |= {
                    "status": "cancelled",
                    "cancel_amount": 10_000,
                    "cancelled_at": NOW + 60,
                    "cancel_history": [cancel(10_000)],
                }

    shelf.before = cancel_some
    sync(db, shelf)
    shelf.before = lambda number: None
    run = sync(db, shelf, at=NOW + 180)
    assert run["state"] == "done"
    assert uids(db) == set(shelf.payments)
    states = {row["imp_uid"]: row["state"] for row in db.query("SELECT * FROM payments")}
    assert list(states.values()).count("cancelled") == leaving


# -- stops ------------------------------------------------------------------------------------


class Killed(BaseException):
    """As far as Python goes when a process is killed."""


@pytest.mark.parametrize("call", range(1, 19))
def test_a_killed_first_run_goes_on_and_counts_nothing_twice(db: Database, call: int):
    shelf = Shelf(45)

    def kill(number: int) -> None:
        if number == call:
            raise Killed

    shelf.before = kill
    try:
        sync(db, shelf)
    except Killed:
        pass
    shelf.before = lambda number: None
    seen = dict(store.last_run(db))
    assert len(uids(db)) == seen["new"]
    run = sync(db, shelf, at=NOW + 100, owner="worker:b")  # no sign of life for 100 s
    assert (run["id"], run["state"]) == (seen["id"], "done")
    assert (run["new"], run["seen"], run["total"]) == (45, 45, 45)
    assert uids(db) == set(shelf.payments)


def test_a_failed_first_run_goes_on_where_it_was(db: Database):
    shelf = Shelf(45)

    def fail(number: int) -> None:
        if number == 16:
            raise PortOneNotSent(why=Why.NO_CONNECTION)

    shelf.before = fail
    failed = sync(db, shelf)
    assert (failed["state"], failed["error"]) == ("failed", "PortOneNotSent.no_connection")
    assert failed["new"] == 20
    shelf.before = lambda number: None
    calls = len(shelf.calls)
    run = sync(db, shelf, at=NOW + 180)
    assert (run["kind"], run["state"], run["new"], run["seen"]) == ("first", "done", 45, 45)
    assert len(shelf.calls) - calls == 3  # no total and no page twice
    assert run["to_at"] == NOW  # what came since then is the next run's


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (PortOneNotAuthorised(why=Why.KEY), "PortOneNotAuthorised.key"),
        (PortOneNotAuthorised(why=Why.IP), "PortOneNotAuthorised.ip"),
        (PortOneRateLimited(why=Why.TOO_MANY), "PortOneRateLimited.too_many"),
    ],
)
def test_an_error_of_portone_ends_the_run_with_its_name(db: Database, error, named):
    run = sync(db, Away(error))
    assert (run["state"], run["error"], run["finished_at"]) == ("failed", named, NOW)
    assert service.request_sync(db, None, None, NOW + 1) != run["id"]


def test_missing_keys_end_the_run(db: Database):
    def no_keys():
        raise NoKeys

    run_id = service.request_sync(db, None, None, NOW)
    service.run_open(db, no_keys, owner="worker:a", clock=FakeClock(NOW))
    assert store.find_run(db, run_id)["error"] == "NoKeys"


def test_a_stop_between_two_pages_gives_the_run_to_the_next_process(db: Database):
    shelf = Shelf(45)
    stops = iter([False] * 16 + [True] * 9)
    run = sync(db, shelf, stopped=lambda: next(stops))
    assert (run["state"], run["heartbeat_at"]) == ("running", 0)
    run = sync(db, shelf, at=NOW + 1, owner="worker:b")
    assert (run["state"], run["new"]) == ("done", 45)


# -- two processes ------------------------------------------------------------------------------


def test_there_is_one_open_run(db: Database):
    first = service.request_sync(db, None, None, NOW)
    assert service.request_sync(db, "daily", None, NOW + 1) == first
    with pytest.raises(sqlite3.IntegrityError), write(db):
        store.add_run(db, {"kind": "daily", "state": "queued", "created_at": NOW})


def test_a_running_run_is_left_to_its_process(db: Database):
    run_id = service.request_sync(db, None, None, NOW)
    with write(db):
        assert store.claim(db, run_id, owner="worker:a", now=NOW)
    shelf = Shelf(3)
    claimed = service.run_open(
        db, lambda: shelf, owner="worker:b", clock=FakeClock(NOW + store.STALE_S)
    )
    assert not claimed
    assert shelf.calls == []


@pytest.mark.parametrize(
    ("late", "kin", "taken"),
    [
        (store.STALE_S, "", False),
        (store.STALE_S + 1, "", True),
        (1, "worker:", True),
        (1, "command:", False),
        (-store.STALE_S - 1, "", True),
    ],
)
def test_a_run_without_a_process_is_taken_over(db: Database, late, kin, taken):
    run_id = service.request_sync(db, None, None, NOW)
    with write(db):
        store.claim(db, run_id, owner="worker:a", now=NOW)
    with write(db):
        assert store.claim(db, run_id, owner="worker:b", now=NOW + late, kin=kin) is taken


def test_whoever_lost_a_run_writes_nothing_more(db: Database, path: Path):
    shelf = Shelf(45)

    def steal(number: int) -> None:
        if number == 16:
            other = connect(path)
            with write(other):
                assert store.claim(other, 1, owner="worker:b", now=NOW + store.STALE_S + 1)
            other.close()

    shelf.before = steal
    run = sync(db, shelf)
    assert (run["state"], run["owner"], run["new"]) == ("running", "worker:b", 20)
    assert len(uids(db)) == 20


def test_two_processes_at_once_end_in_one_whole_import(db: Database, path: Path):
    shelf = Shelf(45)

    def work(owner: str) -> None:
        own = connect(path)
        try:
            for _ in range(2):
                service.request_sync(own, None, None, NOW)
                service.run_open(own, lambda: shelf, owner=owner, clock=FakeClock(NOW))
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(f"worker:{name}",)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert uids(db) == set(shelf.payments)
    assert sum(row["new"] for row in db.query("SELECT new FROM sync_runs")) == 45
    assert {row["state"] for row in db.query("SELECT state FROM sync_runs")} == {"done"}


def test_no_transaction_is_open_while_portone_is_asked(db: Database, path: Path):
    shelf = Shelf(25)
    other = connect(path)

    def write_meanwhile(number: int) -> None:
        other.conn.execute("PRAGMA busy_timeout = 0")
        with write(other):
            other.conn.execute("REPLACE INTO meta VALUES ('call', ?)", [str(number)])

    shelf.before = write_meanwhile
    assert sync(db, shelf)["state"] == "done"
    other.close()


# -- when ---------------------------------------------------------------------------------------


def test_when_the_next_run_is_due(db: Database):
    assert service.is_due(db, now=NOW, every_s=180)
    run_id = service.request_sync(db, None, None, NOW)
    assert not service.is_due(db, now=NOW + 999, every_s=180)
    service.run_open(db, lambda: Shelf(1), owner="a", clock=FakeClock(NOW))
    assert store.find_run(db, run_id)["state"] == "done"
    assert not service.is_due(db, now=NOW + 179, every_s=180)
    assert service.is_due(db, now=NOW + 180, every_s=180)
    assert service.is_due(db, now=NOW - 10_000, every_s=180)  # the clock went back


def test_a_run_goes_on_from_its_stored_place_only(db: Database):
    """The place in memory dies with a transaction that did not commit."""
    shelf = Shelf(25)
    run_id = service.request_sync(db, None, None, NOW)
    with write(db):
        store.claim(db, run_id, owner="a", now=NOW)
    row = store.find_run(db, run_id)
    before = row["cursor"]
    run = Run(db, row, shelf, owner="someone else", clock=FakeClock(NOW))
    with pytest.raises(store.LostRun):
        run.go()
    assert store.find_run(db, run_id)["cursor"] == before


def test_what_to_read_again_is_found_by_an_index(db: Database):
    """A hundred thousand raw answers are not walked through every few minutes."""
    cursor = Cursor()
    seen: list[str] = []
    db.conn.set_trace_callback(seen.append)
    store.paid_after(db, NOW, cursor)
    store.open_after(db, NOW, cursor)
    store.count_to_recheck(db, NOW)
    db.conn.set_trace_callback(None)
    for statement in seen:
        plan_of = " ".join(row["detail"] for row in db.query("EXPLAIN QUERY PLAN " + statement))
        assert "payments_open" in plan_of or "payments_unsure" in plan_of
        assert "TEMP B-TREE" not in plan_of
