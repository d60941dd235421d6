"""The practice page: orders, deposits, cancels and failures, made to happen here."""

import time

import pytest
import requests

from dashboard.portone import Limits, PortOneError, PortOneNotAuthorised
from dashboard.sync import service as sync
from tests.conftest import FakeClock
from tests.start.jangbu import flask

QUICK = Limits(connect_s=1.0, read_s=0.3, total_s=0.5)


@pytest.fixture
def clock():
    """Today: the practice shop's orders end now."""
    return FakeClock(now=time.time())


@pytest.fixture
def runtime(app):
    return app.extensions["jangbu"]


def bring_in(runtime):
    return sync.run_now(runtime, told=lambda _cursor: None)


def counts(db):
    return dict(db.conn.execute("SELECT state, count(*) FROM orders GROUP BY state").fetchall())


def test_the_practice_shop_fills_itself(runtime, db):
    row = bring_in(runtime)
    assert (row["state"], row["error"]) == ("done", None)
    assert row["new"] >= 300
    assert set(counts(db)) >= {"ready", "waiting", "paid", "partial", "cancelled", "failed"}


def test_the_practice_portone_is_on_this_pc_and_private(runtime):
    assert runtime.practice.url.startswith("http://127.0.0.1:")
    answer = requests.post(runtime.practice.url + "/_control/orders", json={"count": 1}, timeout=30)
    assert answer.status_code == 403
    for name in ("sandbox.db", "practice_keys.json"):
        assert (runtime.instance.path / name).stat().st_mode & 0o777 == 0o600


def test_its_keys_outlive_a_restart(runtime):
    before = (runtime.practice.key, runtime.practice.secret)
    runtime.close()
    assert (runtime.practice.key, runtime.practice.secret) == before


def test_new_orders_come_in(client, runtime, db):
    bring_in(runtime)
    before = sum(counts(db).values())
    page = client.send("/practice/new-orders", {"count": "4"}, page="/practice")
    assert page.location == "/practice"
    assert "4건" in client.get("/practice").text
    bring_in(runtime)
    assert sum(counts(db).values()) == before + 4


def test_a_deposit_is_noticed(client, runtime, db):
    bring_in(runtime)
    client.send("/practice/deposit", page="/practice")
    said = client.get("/practice").text
    bring_in(runtime)
    paid = db.conn.execute(
        "SELECT merchant_uid, state FROM orders WHERE pay_method = 'vbank' ORDER BY paid_at DESC"
    ).fetchone()
    assert paid["merchant_uid"] in said
    assert paid["state"] == "paid"


def test_a_cancel_at_the_console_is_noticed(client, runtime, db):
    bring_in(runtime)
    client.send("/practice/cancel-part", page="/practice")
    said = client.get("/practice").text
    bring_in(runtime)
    found = db.conn.execute(
        "SELECT merchant_uid FROM orders WHERE state = 'partial' ORDER BY cancelled_at DESC"
    ).fetchone()
    assert found["merchant_uid"] in said


def test_a_refused_key_looks_like_one(client, runtime):
    runtime.portone().check_keys()
    client.send("/practice/misbehave", {"kind": "key", "count": "5"}, page="/practice")
    assert "5번" in client.get("/practice").text
    with pytest.raises(PortOneNotAuthorised):
        runtime.portone().check_keys()


def test_silence_is_silence_until_it_is_taken_back(client, runtime):
    client.send("/practice/misbehave", {"kind": "silent", "count": "20"}, page="/practice")
    with pytest.raises(PortOneError):
        runtime.portone(QUICK).check_keys()
    client.send("/practice/behave", page="/practice")
    assert runtime.practice.waiting() == 0
    runtime.portone().check_keys()


@pytest.mark.parametrize("count", ["", "-1", "1e9", "９", "99999999999", "51"])
def test_odd_numbers_become_fair_ones(client, runtime, db, count):
    bring_in(runtime)
    before = sum(counts(db).values())
    client.send("/practice/new-orders", {"count": count}, page="/practice")
    bring_in(runtime)
    assert 1 <= sum(counts(db).values()) - before <= 50


def test_an_unknown_deed_is_none(client, runtime):
    assert client.send("/practice/explode", page="/practice").status_code == 404
    form = {"kind": "explode"}
    assert client.send("/practice/misbehave", form, page="/practice").status_code == 400


def test_a_real_shop_has_no_practice_page(client, runtime):
    runtime.choose("live")
    assert client.get("/practice").status_code == 404
    assert client.send("/practice/deposit", page="/settings").status_code == 404


def test_a_viewer_makes_nothing_happen(client_as, runtime):
    viewer = client_as("viewer")
    assert viewer.get("/practice").status_code == 403
    assert viewer.send("/practice/deposit").status_code == 403


def test_commands_seed_sync_and_check(tmp_path):
    instance = tmp_path / "instance"
    words = ["people", "add", "김선영", "--role", "owner", "--password-stdin"]
    assert flask(instance, *words, given="correct horse battery").returncode == 0
    first = flask(instance, "sync")
    assert first.returncode == 0, first.stderr
    assert flask(instance, "seed", "--orders", "7").returncode == 0
    assert "새 결제 7건" in flask(instance, "sync").stdout
    check = flask(instance, "check")
    assert check.returncode == 0, check.stdout + check.stderr
    assert check.stdout.count("[좋음]") >= 6
