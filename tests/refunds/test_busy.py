"""A file that another program holds, from the form to the worker (F58)."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing, contextmanager

import pytest

from dashboard import database
from dashboard.refunds import store
from dashboard.worker import Worker
from tests.refunds.conftest import check_invariants
from tests.refunds.pages import check, form_of, send, text


@pytest.fixture
def card(shop, sandbox_payments, monkeypatch) -> str:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    imp_uid = sandbox_payments["paid_card"][0]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


@contextmanager
def held(shop, *, alone: bool = False):
    """Another program writes to the file, or has it for itself alone."""
    with closing(sqlite3.connect(shop.runtime.database_path)) as other:
        if alone:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_refund_that_could_not_be_written_down_was_not_sent(shop, card, client):
    data = form_of(client, card)
    with held(shop):
        answer = send(client, card, data)
    assert answer.status_code == 503
    assert "장부 파일이 바쁩니다" in text(answer) and "저장하지 않았습니다" in text(answer)
    shop.work()
    assert store.refunds_of(shop.db, 1) == [] and shop.posts() == []
    again = send(client, card, data)  # the same form, a moment later
    assert again.status_code == 303
    shop.work()
    assert "환불 완료" in text(client.get(again.location)) and len(shop.posts()) == 1
    check_invariants(shop)


@pytest.mark.parametrize("alone", [False, True], ids=["writes", "has it for itself"])
def test_the_worker_waits_its_turn_and_goes_on(shop, card, caplog, alone):
    refund = shop.ask(card, 100)
    shop.db.close()
    worker = Worker(shop.app)
    with caplog.at_level(logging.WARNING, logger="dashboard.worker"):
        with held(shop, alone=alone):
            worker.look()
        assert "could not use the database" in caplog.text
        assert [record for record in caplog.records if record.exc_info] == []
    assert shop.posts() == []
    worker.look()
    with closing(database.connect(shop.runtime.database_path)) as db:
        assert store.find(db, refund)["state"] == "succeeded"
    assert len(shop.posts()) == 1


@pytest.fixture
def meddler(shop, monkeypatch):
    """Another program writes just before each transaction of ours begins; answers how often.

    Behind a read that is still open such a transaction would fail at once, however long it would
    have waited: its sight of the file is an old one by then (SQLITE_BUSY_SNAPSHOT).
    """
    began: list[int] = []
    real = database.connect
    other = real(shop.runtime.database_path)

    def meddle(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            began.append(1)
            other.conn.execute("REPLACE INTO meta VALUES ('meddler', hex(randomblob(8)))")
            other.conn.commit()

    def watched(*args, **given):
        db = real(*args, **given)
        db.conn.set_trace_callback(meddle)
        return db

    for place in ("dashboard.database.connect", "dashboard.worker.connect"):
        monkeypatch.setattr(place, watched)
    yield began
    other.close()


def test_a_transaction_behind_an_open_read_would_fail_at_once(shop, meddler):
    with closing(database.connect(shop.runtime.database_path)) as db:
        reading = db.conn.execute("SELECT * FROM meta")
        reading.fetchone()
        with pytest.raises(sqlite3.OperationalError, match="locked"), database.write(db):
            pass
        assert len(meddler) == 1


def test_no_transaction_begins_behind_a_read_that_is_still_open(shop, card, client, meddler):
    """Form, last look, sending, a lost answer, the looks, 지금 확인, a sync in between."""
    one = form_of(client, card, kind="part", amount="1000")
    assert check(client, card, one).status_code == 200
    shop.fault(answer="close")
    shop.fault(method="GET", path="/payments/imp_*", answer="status", status=500, skip=1, count=4)
    shown = send(client, card, one).location
    worker = Worker(shop.app)
    worker.look()
    assert "결과를 확인하고 있습니다" in text(client.get(shown))
    shop.clock.now += 6
    client.send(f"{shown}/check")
    worker.look()
    assert "환불 완료" in text(client.get(shown))
    assert len(meddler) > 8
    check_invariants(shop)
