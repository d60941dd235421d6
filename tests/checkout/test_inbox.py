"""Webhooks: stored, answered, looked into; never believed (F80 to F84, SEC-32, SEC-33)."""

from __future__ import annotations

import json
import sqlite3

import pytest

from dashboard.checkout import inbox
from dashboard.runtime import NoKeys

NOTICE = "/portone/webhook"


@pytest.fixture
def knock(buyer):
    """``knock({...})``: a webhook arrives as JSON; ``as_form`` as a form."""

    def send(told=None, *, as_form: bool = False, raw: bytes | None = None, **kwargs):
        if raw is not None:
            kwargs.setdefault("content_type", "application/json")
            return buyer("POST", NOTICE, data=raw, **kwargs)
        if as_form:
            return buyer("POST", NOTICE, data=told, **kwargs)
        return buyer("POST", NOTICE, json=told, **kwargs)

    return send


def told(row: dict, imp_uid: str, status: str = "paid", **more) -> dict:
    return {"imp_uid": imp_uid, "merchant_uid": row["merchant_uid"], "status": status} | more


def newest(counter) -> dict:
    return inbox.newest(counter.db)


def asked(counter) -> int:
    return len([path for path in counter.calls() if path.startswith("/payments/")])


@pytest.mark.parametrize("as_form", [False, True])
def test_a_webhook_makes_a_request_paid(counter, knock, as_form):
    row = counter.ask()
    imp_uid = counter.pay(row)
    assert knock(told(row, imp_uid), as_form=as_form).status_code == 200
    assert counter.row(row)["state"] == "open"  # answered before anybody was asked
    counter.work()
    assert counter.row(row)["state"] == "paid"
    assert newest(counter)["verdict"] == "changed"
    story = counter.db.conn.execute("SELECT actor FROM events WHERE kind = 'payment.changed'")
    assert {one["actor"] for one in story} <= {"webhook"}


def test_f80_a_webhook_before_our_own_answer_is_one_success(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    knock(told(row, imp_uid))
    counter.look(row, hint=imp_uid)  # the browser was faster
    counter.work()
    kinds = [one["kind"] for one in counter.db.query("SELECT kind FROM events")]
    assert counter.row(row)["state"] == "paid" and kinds.count("payment_request.paid") == 1
    assert newest(counter)["verdict"] == "known"


def test_f81_a_hundred_replays_are_few_questions_and_one_row_a_minute(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    before = asked(counter)
    for turn in range(100):
        assert knock(told(row, imp_uid)).status_code == 200
        counter.work(seconds=0.5)
        if turn % 10 == 0:
            knock(told(row, imp_uid, "ready"))
    assert asked(counter) - before <= 30  # in 50 s, the request's own looks included
    rows = inbox.listed(counter.db, limit=200, offset=0)
    assert sum(one["count"] for one in rows) == 110
    assert counter.row(row)["state"] == "paid"


def test_sec33_one_row_a_minute_whatever_is_claimed(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    for number in range(200):
        knock(told(row, imp_uid, f"status{number}"))
    assert counter.db["webhook_inbox"].count == 1 and newest(counter)["count"] == 200


def test_sec33_strangers_do_not_bury_what_is_ours(counter, knock, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_STRANGERS", 50)
    row = counter.ask()
    imp_uid = counter.pay(row)
    for number in range(200):
        knock({"imp_uid": f"imp_{number:012d}", "merchant_uid": "x", "status": "paid"})
    assert knock(told(row, imp_uid)).status_code == 200
    assert counter.db["webhook_inbox"].count == 51
    counter.work()
    assert counter.row(row)["state"] == "paid"
    assert all(len(one["body"]) <= 500 for one in counter.db["webhook_inbox"].rows)


def test_sec33_who_knows_one_order_number_is_a_stranger_soon(counter, knock, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_STRANGERS", 30)
    row = counter.ask()
    for number in range(100):
        knock(told(row, f"imp_{number:012d}"))
    assert counter.db["webhook_inbox"].count == 30


def test_sec33_knocking_again_and_again_asks_no_more_than_that(counter, knock):
    rows = [counter.ask() for _ in range(9)]
    paid = [(row, counter.pay(row)) for row in rows]
    counter.work(seconds=4000)
    before = asked(counter)
    for _ in range(60):
        for row, imp_uid in paid:
            knock(told(row, imp_uid))
        counter.work(seconds=1)
    assert asked(counter) - before <= 30


def test_a_knock_during_the_look_is_looked_into_again(counter, knock, monkeypatch):
    row = counter.ask()
    imp_uid = counter.pay(row)
    knock(told(row, imp_uid))
    real = inbox.apply_payment

    def meanwhile(db, payment, **more):
        monkeypatch.setattr(inbox, "apply_payment", real)
        applied = real(db, payment, **more)
        db.conn.execute("UPDATE webhook_inbox SET count = count + 1")  # it came again
        return applied

    monkeypatch.setattr(inbox, "apply_payment", meanwhile)
    counter.work()
    assert newest(counter)["verdict"] == "waiting"
    counter.work(seconds=20)
    assert newest(counter)["verdict"] == "known"


def test_sec33_a_thousand_knocks_ask_at_most_thirty_times_a_minute(counter, knock):
    row = counter.ask()
    counter.pay(row)
    before = asked(counter)
    for number in range(300):  # and of as many different payments
        knock({"imp_uid": f"imp_{number:012d}", "merchant_uid": "x", "status": "paid"})
    for _ in range(20):
        counter.work(seconds=2.9)
    assert 0 < asked(counter) - before <= 30


def test_f81_paid_after_cancelled_is_what_portone_says(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    counter.look(row)
    counter.shop.console(imp_uid, 12_000)
    knock(told(row, imp_uid, "cancelled", cancellation_id="c1"))
    counter.work(seconds=30)
    knock(told(row, imp_uid, "paid"))
    counter.work(seconds=30)
    states = counter.db.conn.execute("SELECT state FROM payments WHERE imp_uid = ?", (imp_uid,))
    assert states.fetchone()["state"] == "cancelled"
    assert newest(counter)["verdict"] == "known"  # it was paid once


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"imp_uid": 5}',
        b'{"imp_uid": "../../x"}',
        b'{"imp_uid": "imp_1\\nx"}',
        b"\xff\xfe\x00",
        b"[" * 5000,
        b'{"imp_uid": "imp_000000000000", "status": "\xed\xa0\x80"}',
    ],
)
def test_f82_whatever_the_body_is_the_answer_is_the_same(counter, knock, raw):
    before = asked(counter)
    answers = {(knock(raw=raw).status_code, knock(raw=raw).data) for _ in range(3)}
    assert answers == {(200, b"ok")}
    counter.work(seconds=20)
    assert asked(counter) - before <= 1
    assert counter.db["orders"].count == 0


def test_f82_an_unknown_payment_looks_like_a_known_one_from_outside(counter, knock):
    row = counter.ask()
    known = knock(told(row, counter.pay(row)))
    unknown = knock({"imp_uid": "imp_999999999999", "merchant_uid": "x", "status": "paid"})
    assert (known.status_code, known.data, dict(known.headers)) == (
        unknown.status_code,
        unknown.data,
        dict(unknown.headers),
    )
    counter.work()
    counter.work()
    verdicts = {
        one["imp_uid"]: one["verdict"] for one in inbox.listed(counter.db, limit=9, offset=0)
    }
    assert verdicts["imp_999999999999"] == "unknown"


def test_f82_a_megabyte_is_refused_unread(counter, knock):
    assert knock(raw=b"x" * 1_000_000).status_code == 413
    assert inbox.newest(counter.db) is None


@pytest.mark.parametrize(
    "lie",
    [
        {"status": "cancelled"},
        {"status": "failed"},
        {"merchant_uid": "another"},
        {"status": "paid", "amount": 1},
    ],
)
def test_f83_sec32_a_lie_changes_nothing_and_is_kept(counter, knock, lie):
    row = counter.ask()
    imp_uid = counter.pay(row)
    knock(told(row, imp_uid) | lie)
    counter.work()
    assert counter.row(row)["state"] == "paid"  # what PortOne says
    expected = "changed" if "amount" in lie else "contradicted"
    assert newest(counter)["verdict"] == expected


def test_f84_while_portone_is_down_the_row_waits(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    counter.shop.sandbox.sandbox.faults.script(count=50, answer="status", status=503)
    assert knock(told(row, imp_uid)).status_code == 200
    counter.work()
    assert newest(counter)["verdict"] == "waiting" and newest(counter)["detail"] == "server_error"
    counter.shop.sandbox.sandbox.faults.clear()
    counter.work(seconds=60)
    assert newest(counter)["verdict"] == "changed" and counter.row(row)["state"] == "paid"


def test_a_file_that_cannot_be_written_is_said_to_portone(counter, knock, monkeypatch):
    counter.db.conn.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("dashboard.database.BUSY_TIMEOUT_MS", 50)
    try:
        assert knock(told({"merchant_uid": "x"}, "imp_000000000001")).status_code == 503
    finally:
        counter.db.conn.rollback()


def test_a_webhook_can_be_looked_into_again(counter, knock):
    row = counter.ask()
    imp_uid = counter.pay(row)
    knock(told(row, imp_uid))
    counter.work()
    assert inbox.replay(counter.db, newest(counter)["id"], person_id=1, now=counter.clock.now)
    assert newest(counter)["verdict"] == "waiting"
    counter.work(seconds=20)
    assert newest(counter)["verdict"] == "known"


def test_resident_numbers_are_not_kept(counter, knock):
    knock(raw=json.dumps({"memo": "900101-1234567"}).encode())
    assert "1234567" not in newest(counter)["body"]


def test_strangers_do_not_fill_the_disk(counter, knock, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_ROWS", 5)
    for number in range(30):
        knock({"imp_uid": f"imp_{number:012d}", "status": "paid"})
        counter.work(seconds=61)
    assert counter.db["webhook_inbox"].count <= 8


def test_one_row_a_minute_of_what_nobody_can_read(counter, knock):
    for raw in (b"{", b"{}", b'{"status": "paid"}', b'{"status": "ready"}'):
        knock(raw=raw)
    assert counter.db["webhook_inbox"].count == 1
    assert newest(counter)["verdict"] == "unreadable"
    assert not inbox.replay(counter.db, newest(counter)["id"], person_id=1, now=counter.clock.now)
    counter.clock.now += 61
    knock(raw=b"{")
    assert counter.db["webhook_inbox"].count == 2


def test_the_worker_stops_when_told_and_asks_nobody_without_keys(counter, knock, monkeypatch):
    row = counter.ask()
    knock(told(row, counter.pay(row)))
    assert inbox.has_work(counter.runtime, counter.db)
    inbox.work(counter.runtime, counter.db, stopped=lambda: True)
    assert newest(counter)["verdict"] == "waiting"
    real = counter.runtime.portone

    def none(limits=None):
        raise NoKeys

    monkeypatch.setattr(counter.runtime, "portone", none)
    counter.work()
    assert newest(counter)["verdict"] == "waiting"
    monkeypatch.setattr(counter.runtime, "portone", real)
    other = counter.runtime.instance.database_path("live")
    monkeypatch.setattr(type(counter.runtime), "database_path", property(lambda self: other))
    inbox.work(counter.runtime, counter.db)
    assert newest(counter)["verdict"] == "waiting"


def test_a_fault_of_ours_keeps_no_other_webhook_waiting(counter, knock, monkeypatch):
    first, second = counter.ask(), counter.ask()
    one, other = counter.pay(first), counter.pay(second)
    knock(told(first, one))
    knock(told(second, other))
    real = inbox.apply_payment

    def broken(db, payment, **more):
        if payment.imp_uid == one:
            raise RuntimeError
        return real(db, payment, **more)

    monkeypatch.setattr(inbox, "apply_payment", broken)
    inbox.work(counter.runtime, counter.db)
    rows = {row["imp_uid"]: row for row in inbox.listed(counter.db, limit=9, offset=0)}
    assert (rows[one]["verdict"], rows[one]["detail"]) == ("waiting", "broken")
    assert rows[other]["verdict"] == "changed"

    def busy(*_args, **_more):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(inbox, "apply_payment", busy)
    counter.clock.now += 60
    with pytest.raises(sqlite3.OperationalError):
        inbox.work(counter.runtime, counter.db)


def test_f87_a_word_nobody_knows_is_kept_and_harmless(counter, knock):
    row = counter.ask()
    imp_uid = counter.issue(row)
    knock(told(row, imp_uid, "settled_somehow"))
    counter.work()
    assert newest(counter)["verdict"] == "contradicted"


def test_an_unreachable_portone_ends_the_round(counter, knock):
    for row in [counter.ask() for _ in range(3)]:
        knock(told(row, counter.pay(row)))
    counter.shop.sandbox.sandbox.faults.script(method="GET", answer="close", count=99)
    inbox.work(counter.runtime, counter.db)
    verdicts = [row["detail"] for row in inbox.listed(counter.db, limit=9, offset=0)]
    assert sorted(verdicts) == ["", "", "no_answer"]


def test_what_was_true_once_is_no_contradiction(counter, knock):
    row = counter.ask(pay_method="vbank", vbank_due=int(counter.clock.now) + 86_400)
    imp_uid = counter.issue(row)
    knock(told(row, imp_uid, "ready"))
    counter.deposit(imp_uid)  # before anybody looked
    counter.work()
    assert newest(counter)["verdict"] == "changed" and counter.row(row)["state"] == "paid"
