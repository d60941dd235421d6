"""The background worker: does what is queued, on its own, and stops when told."""

import time

import pytest

from dashboard import worker as worker_module
from dashboard.runtime import NoKeys
from dashboard.sync import service
from dashboard.worker import Worker
from tests.conftest import START
from tests.sync.portone import Shelf


@pytest.fixture
def shelf(app, monkeypatch):
    shelf = Shelf(30)
    monkeypatch.setattr(app.extensions["jangbu"], "portone", lambda: shelf)
    return shelf


@pytest.fixture
def worker(app, monkeypatch):
    monkeypatch.setattr(worker_module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(worker_module, "AFTER_A_STUMBLE_S", 0.02)
    worker = Worker(app)
    yield worker
    worker.stop()


def wait_for(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.01)


def test_it_brings_the_orders_in_and_comes_again(worker, shelf, db, clock):
    worker.start()
    wait_for(lambda: (service.last_run(db) or {"state": ""})["state"] == "done")
    assert db.table("payments").count == 30
    shelf.add(99, started_at=START + 100)
    clock.now = START + 180
    wait_for(lambda: db.table("payments").count == 31)
    assert worker.stop()


def test_it_takes_over_what_a_worker_before_it_left(worker, shelf, db):
    service.request_sync(db, None, None, START)
    stops = iter([False, True])
    service.run_open(
        db, lambda: shelf, owner="worker:gone", clock=lambda: START, stopped=lambda: next(stops)
    )
    db.conn.execute("UPDATE sync_runs SET heartbeat_at = ?", [START])  # a moment ago
    db.conn.commit()
    worker.look()
    assert service.last_run(db)["state"] == "done"


def test_it_stops_between_two_pages(worker, shelf, db):
    shelf.before = lambda number: time.sleep(0.05)
    worker.start()
    wait_for(lambda: len(shelf.calls) > 2)
    began = time.monotonic()
    assert worker.stop()
    assert time.monotonic() - began < 2
    assert service.last_run(db)["state"] == "running"


def test_a_stumble_does_not_end_it(worker, shelf, db, monkeypatch, caplog):
    good, calls = worker.look, []

    def stumble():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        good()

    monkeypatch.setattr(worker, "look", stumble)
    worker.start()
    wait_for(lambda: db.table("payments").count == 30)
    assert "stumbled" in caplog.text


def test_without_keys_nothing_is_queued(app, db, monkeypatch):
    def no_keys():
        raise NoKeys

    monkeypatch.setattr(app.extensions["jangbu"], "portone", no_keys)
    Worker(app).look()
    assert service.last_run(db) is None


def test_before_anybody_set_the_shop_up_nothing_happens(empty_app):
    Worker(empty_app).look()


def test_a_change_of_mode_mixes_no_two_shops(app, db, shelf, monkeypatch):
    runtime = app.extensions["jangbu"]

    def portone():
        runtime._forced = "live"  # the owner presses 실제로 시작하기 in this moment
        return shelf

    service.request_sync(db, None, None, START)
    monkeypatch.setattr(runtime, "portone", portone)
    Worker(app).look()
    assert shelf.calls == []
    run = service.last_run(db)
    assert (run["state"], run["error"]) == ("running", None)  # let go: it goes on some day


def test_a_run_lets_go_when_the_owner_opens_the_other_shop(app, db, shelf):
    """A long import of one shop must not keep the other one's first orders waiting."""
    runtime = app.extensions["jangbu"]

    def choose(number):
        if number == 3:
            runtime._forced = "live"

    shelf.before = choose
    worker = Worker(app)
    worker.look()
    assert len(shelf.calls) == 3
    assert service.last_run(db)["state"] == "running"
    runtime._forced = None
    worker.look()
    assert service.last_run(db)["state"] == "done"
    assert db.table("payments").count == 30
