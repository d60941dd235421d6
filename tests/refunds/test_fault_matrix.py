"""The fault matrix of refund-safety, 2, as far as refunds go: one test per row, against a PortOne
over real HTTP, with the invariants after each.

Elsewhere: F50 (two starts) and F60-F62 in tests/start, F52 in tests/test_migrations.py, F63 in
``test_lock.py``, F51 in ``test_crash_points.py``, F47 with real processes in tests/chaos. F53 needs
a file system that loses writes; asserted here is what it would show: FULL syncs, and the row on
disk before the POST.
"""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard import create_app, events
from dashboard.database import connect
from dashboard.portone import (
    Limits,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    RefundAccount,
    Why,
)
from dashboard.portone.errors import SENTENCES
from dashboard.refunds import resolving, sending, service, store
from dashboard.refunds.signing import OldForm, read_balance, sign_balance
from dashboard.worker import Worker
from tests.conftest import START
from tests.refunds.conftest import CANCEL, SHORT, Shop, check_invariants, point_at

ACCOUNT = RefundAccount(holder="홍길동", bank="088", account="110123456789")
HTML = "<!DOCTYPE html><html><body>로그인</body></html>"
NO_TOKEN = json.dumps({"code": -1, "message": "Unauthorized", "response": None})
LOOK = {"method": "GET", "path": "/payments/imp_*"}
CALL_S = int(SHORT.total_s) + 1
SOON_S = 30  # far from the 300 s PortOne hangs here, and enough for a busy PC
SETTLE_S = 120
DAY_S = 86_400


@pytest.fixture(autouse=True)
def no_trace(shop, caplog):
    """I5: nothing of ours broke, and no secret or bank account reached the log."""
    caplog.set_level(logging.DEBUG, logger="dashboard")
    yield
    assert [record for record in caplog.records if record.exc_info] == []
    assert "Traceback" not in caplog.text
    for secret in (shop.sandbox.key, shop.sandbox.secret, ACCOUNT.account, ACCOUNT.holder):
        assert secret not in caplog.text


@pytest.fixture
def card(sandbox_payments) -> str:
    return sandbox_payments["paid_card"][0]["imp_uid"]


def says(code: int, message: str = "", response=None) -> str:
    return json.dumps({"code": code, "message": message, "response": response})


def no(message: str, **script) -> dict:
    """A plain refusal in PortOne's envelope; nothing is carried out."""
    return {"execute": "never", "answer": "body", "body": says(1, message)} | script


def looks(shop: Shop, imp_uid: str) -> list:
    return shop.sandbox.sandbox.journal.entries("GET", f"/payments/{imp_uid}")


def not_executed_in_time(shop: Shop, refund: str) -> None:
    """Nothing is believed before the call is over, the settle time and two equal looks."""
    assert shop.state(refund) == "unknown"
    shop.work(seconds=CALL_S + SETTLE_S - 2)
    assert shop.state(refund) == "unknown"
    shop.settle()
    assert shop.state(refund) in ("not_executed", "rejected")
    assert shop.row(refund)["ended_at"] >= START + CALL_S + SETTLE_S + 30


# -- nothing went out ---------------------------------------------------------------------------


def dead_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def unresolvable(*_args, **_kwargs):
    raise socket.gaierror("no such name")


def test_f01_refused(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    shop.sandbox.stop()
    connects = []
    real = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda self, where: (connects.append(where), real(self, where))
    )
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["answer"], row["attempt"]) == ("rejected", "unsent", 1)
    assert row["api_message"] == SENTENCES[Why.NO_CONNECTION]
    assert 1 <= len(connects) <= 3
    assert shop.posts() == [] and row["next_check_at"] is None
    check_invariants(shop)


def test_f02_unknown_name(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    monkeypatch.setattr(socket, "getaddrinfo", unresolvable)
    shop.work()
    assert (shop.state(refund), shop.row(refund)["answer"]) == ("rejected", "unsent")
    assert shop.posts() == []
    check_invariants(shop)


def test_f03_connect_timeout(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    waited = []

    def slow(self, where):
        waited.append(self.gettimeout())
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", slow)
    shop.work()
    # With the real limits that is 3 x 5 s: no more than 20 s.
    assert 1 <= len(waited) <= 3 and max(waited) <= SHORT.connect_s
    assert (shop.state(refund), shop.row(refund)["answer"]) == ("rejected", "unsent")
    monkeypatch.undo()
    assert shop.posts() == []
    check_invariants(shop)


def test_f04_no_secure_connection(shop, card, monkeypatch):
    """The handshake itself fails in tests/portone; here: what the refund makes of it."""
    refund = shop.ask(card, 100)
    monkeypatch.setattr(
        shop.runtime.portone(), "cancel_part", failing(PortOneNotSent(why=Why.NOT_SECURE))
    )
    shop.work()
    row = shop.row(refund)
    assert row["state"] == "rejected"
    assert "시계" in row["api_message"] and "백신" in row["api_message"]
    assert shop.posts() == []
    check_invariants(shop)


def failing(error: Exception):
    def call(*_args, **_kwargs):
        raise error

    return call


def test_a_wrong_key_at_the_token_sends_nothing(shop, card):
    refund = shop.ask(card, 100)
    shop.runtime.portone()._tokens._token = None
    shop.fault(path="/users/getToken", answer="status", status=401, body=NO_TOKEN, count=None)
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["answer"]) == ("rejected", "unsent")
    assert row["api_message"] == SENTENCES[Why.KEY]
    assert shop.posts() == []
    check_invariants(shop)


# -- the wire -----------------------------------------------------------------------------------

SILENCES = {
    "F07-close": {"answer": "close"},
    "F08-rst": {"answer": "rst"},
    "F09-hang": {"answer": "hang"},
    "F13-slow-head": {"answer": "slow", "part": "head", "step_s": 0.3},
    "F15-truncated": {"answer": "trunc"},
    "F16-truncated-chunks": {"answer": "trunc", "chunked": True},
}
ANSWERS = {
    "F17-half-json": {"answer": "body", "body": '{"code": 0, "resp'},
    "F18-empty": {"answer": "body", "body": ""},
    "F19-login-page": {"answer": "body", "body": HTML, "headers": {"Content-Type": "text/html"}},
    "F20-array": {"answer": "body", "body": "[]"},
    "F20-string": {"answer": "body", "body": '"0"'},
    "F20-number": {"answer": "body", "body": "0"},
    "F20-null": {"answer": "body", "body": "null"},
    "F20-nan": {"answer": "body", "body": "NaN"},
    "F20-1e309": {"answer": "body", "body": '{"code": 1e309}'},
    "F20-twice": {"answer": "body", "body": '{"code": 0, "code": 0, "response": {}}'},
    "F20-5mb": {"answer": "body", "body": '{"code": 0, "message": "' + "a" * 3_000_000 + '"}'},
    "F20-deep": {"answer": "body", "body": "[" * 10_000 + "]" * 10_000},
    "F21-no-code": {"answer": "body", "body": '{"message": "ok", "response": {}}'},
    "F21-text": {"answer": "body", "body": '{"code": "0", "response": {}}'},
    "F21-true": {"answer": "body", "body": '{"code": true, "response": {}}'},
    "F22-null": {"answer": "body", "body": says(0)},
    "F29-500": {"answer": "status", "status": 500},
    "F30-502": {"answer": "status", "status": 502, "body": HTML},
    "F30-503": {"answer": "status", "status": 503, "body": HTML},
    "F30-504": {"answer": "status", "status": 504, "body": HTML},
    "F31-5": {"answer": "status", "status": 429, "headers": {"Retry-After": "5"}},
    "F31-99999": {"answer": "status", "status": 429, "headers": {"Retry-After": "99999"}},
    "F31-abc": {"answer": "status", "status": 429, "headers": {"Retry-After": "abc"}},
    "F36-301": {"answer": "status", "status": 301, "headers": {"Location": "/payments/cancel"}},
    "F36-302": {"answer": "status", "status": 302, "headers": {"Location": "/payments/cancel"}},
    "F36-307": {"answer": "status", "status": 307, "headers": {"Location": "/payments/cancel"}},
    "F36-308": {"answer": "status", "status": 308, "headers": {"Location": "/payments/cancel"}},
}
BAD = SILENCES | ANSWERS


@pytest.mark.parametrize("row", BAD)
def test_carried_out_and_the_answer_lost(shop, card, row):
    """F07-F09, F13, F15-F22, F29-F31, F36: the look finds it, whatever was answered."""
    refund = shop.ask(card, 100)
    shop.fault(**BAD[row])
    began = time.monotonic()
    shop.work()
    assert time.monotonic() - began < SOON_S  # F09: the worker comes back
    assert (shop.state(refund), shop.row(refund)["match"]) == ("succeeded", "nonce")
    assert len(shop.posts()) == 1
    check_invariants(shop)


@pytest.mark.parametrize("row", BAD)
def test_not_carried_out_and_the_answer_lost(shop, card, row):
    """F10 and the other halves: unknown until it is certain, and never sent again by itself."""
    refund = shop.ask(card, 100)
    shop.fault(execute="never", **BAD[row])
    shop.work()
    not_executed_in_time(shop, refund)
    assert shop.state(refund) == "not_executed"
    assert len(shop.posts()) == 1
    check_invariants(shop)


@pytest.mark.parametrize("word", ["close", "rst"])
def test_f05_f06_gone_before_the_body_was_read(shop, card, word):
    refund = shop.ask(card, 100)
    shop.fault(answer=word, before_read=True)
    shop.work()
    not_executed_in_time(shop, refund)
    assert shop.state(refund) == "not_executed"
    entries = shop.sandbox.sandbox.journal.entries("POST", CANCEL)
    assert len(entries) == 1
    check_invariants(shop)


def test_f09_pages_stay_quick_while_portone_is_silent(shop, card, client, monkeypatch):
    refund = shop.ask(card, 100)
    portone = shop.runtime.portone()
    real, asked, speaks = portone.cancel_part, threading.Event(), threading.Event()

    def silent(*args, **kwargs):
        asked.set()
        assert speaks.wait(60)
        return real(*args, **kwargs)

    monkeypatch.setattr(portone, "cancel_part", silent)
    thread = threading.Thread(target=other_worker, args=(shop,))
    thread.start()
    assert asked.wait(60)
    for path in ("/orders", f"/refunds/{refund}", "/refunds", "/tasks"):
        assert client.get(path).status_code == 200
    assert shop.state(refund) == "sending"  # nobody waited for PortOne
    speaks.set()
    thread.join()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def other_worker(shop: Shop) -> None:
    with closing(connect(shop.runtime.database_path)) as db:
        service.work(shop.runtime, db)


def test_f11_carried_out_after_we_gave_up(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute=f"late({CALL_S + 90})", answer="close")
    shop.work()
    shop.work(seconds=CALL_S + 89)
    assert shop.state(refund) == "unknown"
    shop.clock.now += 2
    assert shop.has_cancelled(card, 100)
    shop.settle()
    assert (shop.state(refund), shop.row(refund)["match"]) == ("succeeded", "nonce")
    assert len(shop.posts()) == 1
    check_invariants(shop)


def given_up(shop: Shop, card: str, *, late_s: int = 600) -> str:
    refund = shop.ask(card, 100)
    shop.fault(execute=f"late({late_s})", answer="close")
    shop.work()
    shop.settle()
    assert shop.state(refund) == "not_executed"
    return refund


def test_f12_late_one_first_is_found_before_a_retry(shop, card):
    refund = given_up(shop, card)
    shop.clock.now = START + 601
    assert shop.has_cancelled(card, 100)
    with pytest.raises(service.LateArrival) as late:
        shop.ask(card, 100)
    assert late.value.refund_id == refund and shop.state(refund) == "succeeded"
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_f12_late_one_first_and_the_form_already_shows_it(shop, card):
    refund = given_up(shop, card)
    shop.clock.now = START + 601
    assert shop.has_cancelled(card, 100)
    shop.learn(card)
    with pytest.raises(service.LateArrival):
        shop.ask(card, 100)
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_f12_retry_first_and_the_late_one_is_refused(shop, card):
    first = given_up(shop, card)
    second = shop.ask(card, 100)
    shop.work()
    shop.clock.now = START + 601
    time.sleep(0.2)  # the late one is refused in this moment
    assert shop.payment(card).cancel_amount == 100
    shop.settle()
    assert (shop.state(first), shop.state(second)) == ("not_executed", "succeeded")
    assert len(shop.posts()) == 2  # two wishes of a person, one payout
    check_invariants(shop)


def test_f12_late_one_between_the_retrys_look_and_its_post(shop, card):
    first = given_up(shop, card)
    shop.clock.now = START + 595
    second = shop.ask(card, 100)
    shop.clock.now = START + 601
    assert shop.has_cancelled(card, 100)
    shop.work()
    assert shop.state(first) == "succeeded"  # found in the ledger at the next turn at the latest
    shop.settle()
    assert shop.state(second) == "not_executed"
    assert shop.payment(card).cancel_amount == 100
    check_invariants(shop)


def test_f12_a_gateway_that_compares_first_pays_once_or_says_so(shop, card):
    """A fake whose check is not atomic: the single flight keeps it from mattering."""
    shop.sandbox.sandbox.switches.atomic_checksum = False
    first = given_up(shop, card)
    second = shop.ask(card, 100)
    shop.work()
    shop.clock.now = START + 601
    time.sleep(0.3)
    shop.settle()
    assert (shop.state(first), shop.state(second)) == ("not_executed", "succeeded")
    assert shop.payment(card).cancel_amount == 100
    check_invariants(shop)


def test_f14_a_look_that_drips(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="slow", step_s=0.2, count=None)
    began = time.monotonic()
    shop.work()
    assert time.monotonic() - began < SOON_S
    row = shop.row(refund)
    assert (row["state"], row["check_error"]) == ("unknown", "no_answer")
    check_invariants(shop)


def test_f19_a_login_page_everywhere_loses_nothing(shop, card):
    refund = shop.ask(card, 100)
    page = {"answer": "body", "body": HTML, "headers": {"Content-Type": "text/html"}}
    shop.fault(method="*", path="*", execute="never", count=None, **page)
    other = shop.pay("card")
    with pytest.raises(service.CannotAsk) as away:
        shop.ask(other, 100)
    assert away.value.error.why is Why.LOGIN_PAGE
    shop.work()
    assert shop.state(refund) in ("unknown", "rejected")
    shop.work(seconds=3600)
    shop.sandbox.sandbox.faults.clear()
    shop.settle()
    assert shop.state(refund) in ("not_executed", "rejected")
    assert len(shop.posts(card)) <= 1 and shop.posts(other) == []
    check_invariants(shop)


def test_f20_a_look_that_brings_nonsense_decides_nothing(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=4)
    shop.work()
    shop.sandbox.sandbox.faults.clear()
    for name in ("F20-array", "F20-nan", "F20-1e309", "F20-twice", "F20-5mb", "F20-deep"):
        shop.fault(**LOOK, count=4, **ANSWERS[name])
        shop.work(seconds=3600)
        assert (shop.state(refund), shop.row(refund)["seen_at"]) == ("unknown", None)
        shop.sandbox.sandbox.faults.clear()
    check_invariants(shop)


# -- what PortOne says --------------------------------------------------------------------------


def test_f23_a_yes_about_another_payment(shop, card, sandbox_payments, caplog):
    other = shop.payment(sandbox_payments["paid_card"][1]["imp_uid"]).raw
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="body", body=says(0, response=other))
    shop.work()
    assert shop.state(refund) == "unknown"
    alarms = shop.db.execute("SELECT detail FROM events WHERE kind = 'refund.alarm'").fetchall()
    assert json.loads(alarms[0][0])["alarm"] == "other_payment"
    assert "another payment" in caplog.text
    not_executed_in_time(shop, refund)
    check_invariants(shop)


def test_f24_a_yes_that_does_not_show_it(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="body", body=says(0, response=shop.payment(card).raw))
    shop.work()
    not_executed_in_time(shop, refund)
    check_invariants(shop)


def test_a_perfect_yes_is_believed_only_once_it_shows(shop, card):
    """The sandbox rehearses: a whole answer with our cancel in it, and nothing happened."""
    refund = shop.ask(card, 100)
    shop.fault(execute="never")
    shop.work()
    assert shop.row(refund)["answer"] == "yes"
    not_executed_in_time(shop, refund)
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


def test_f25_checksum_mismatch(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(**no("checksum 검증에 실패하였습니다."))
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["api_message"]) == ("rejected", "checksum 검증에 실패하였습니다.")
    assert row["ended_at"] == START  # a plain no needs no settle time
    assert len(looks(shop, card)) == 2  # before, and once after
    assert shop.ask(card) != refund
    check_invariants(shop)


def test_f26_already_cancelled_and_it_is_ours(shop, card):
    refund = shop.ask(card)
    shop.fault(answer="body", body=says(1, "이미 전액취소된 주문입니다."))
    shop.work()
    assert (shop.state(refund), shop.row(refund)["match"]) == ("succeeded", "nonce")
    check_invariants(shop)


def test_f27_a_no_that_lies(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(answer="body", body=says(-1, "취소할 수 없습니다."))
    shop.work()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_f27_a_no_that_was_carried_out_late(shop, card):
    """Rejected becomes succeeded: a legal late transition."""
    refund = shop.ask(card, 100)
    shop.fault(execute="late(600)", answer="body", body=says(-1, "취소할 수 없습니다."))
    shop.work()
    assert shop.state(refund) == "rejected"
    shop.clock.now += 601
    assert shop.has_cancelled(card, 100)
    shop.work(seconds=3600)
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_f28_the_gateway_speaks_of_a_timeout(shop, card, person):
    refund = shop.ask(card, 100)
    shop.fault(**no("PG 통신 시간초과"))
    shop.work()
    assert shop.state(refund) == "unknown"
    shop.work(seconds=CALL_S + 895)
    assert shop.state(refund) == "unknown"
    shop.settle()
    row = shop.row(refund)
    assert (row["state"], row["answer"]) == ("rejected", "slow_no")
    assert row["ended_at"] >= START + 900 + 30
    staff = person("staff").id
    for who, why in ((staff, None), (staff, "괜찮음"), (shop.person_id, None)):
        with pytest.raises(service.NeedsOverrule) as needs:
            shop.ask(card, 100, form=shop.form(card, person_id=who), person_id=who, overrule=why)
        assert [one.rule for one in needs.value.objections] == ["PG"]
    assert shop.state(shop.ask(card, 100, overrule="상점관리자에서 확인함")) == "intent"
    check_invariants(shop)


def test_f31_a_look_waits_as_long_as_it_is_asked_to_and_no_longer(shop, card):
    waits: list[float] = []
    point_at(shop.runtime, shop.sandbox, sleep=waits.append)
    shop.runtime.config = replace(shop.runtime.config, limits=Limits(total_s=75))
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    for said in ("5", "99999"):
        shop.fault(**LOOK, answer="status", status=429, headers={"Retry-After": said})
    shop.work()
    assert waits == [5.0]  # 5 s are waited; a day is not
    assert (shop.state(refund), shop.row(refund)["check_error"]) == ("unknown", "too_many")
    check_invariants(shop)


def test_f32_one_401(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="status", status=401, body=NO_TOKEN)
    shop.work()
    assert shop.state(refund) == "succeeded"
    first, second = shop.posts()
    assert first.body == second.body
    assert len(shop.sandbox.sandbox.journal.entries("POST", "/users/getToken")) == 2
    check_invariants(shop)


def test_f33_401_for_ever(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="status", status=401, body=NO_TOKEN, count=None)
    shop.work()
    assert shop.state(refund) == "unknown" and len(shop.posts()) == 2
    assert shop.row(refund)["api_message"] == SENTENCES[Why.KEY]
    shop.settle()
    assert shop.state(refund) == "rejected" and len(shop.posts()) == 2
    check_invariants(shop)


def test_f34_the_token_ends_on_the_way(shop, card):
    refund = shop.ask(card, 100)
    with closing(shop.sandbox.sandbox.store.connect()) as db, db:
        db.execute("DELETE FROM tokens")  # ended at PortOne, while ours still looks good
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 2
    check_invariants(shop)


def test_f35_this_address_is_not_on_the_list(shop, card):
    refund = shop.ask(card, 100)
    body = says(-1, "허용되지 않은 IP입니다.")
    shop.fault(execute="never", answer="status", status=403, body=body)
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["api_message"]) == ("rejected", SENTENCES[Why.IP])
    assert len(shop.posts()) == 1
    check_invariants(shop)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_f36_nobody_follows_to_another_host(shop, card, status):
    with closing(socket.create_server(("127.0.0.1", 0))) as foreign:
        foreign.settimeout(0.2)
        where = f"http://127.0.0.1:{foreign.getsockname()[1]}/payments/cancel"
        refund = shop.ask(card, 100)
        shop.fault(execute="never", answer="status", status=status, headers={"Location": where})
        shop.work()
        with pytest.raises(TimeoutError):
            foreign.accept()
    assert shop.state(refund) == "unknown" and len(shop.posts()) == 1
    shop.settle()
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


# -- looking ------------------------------------------------------------------------------------


def test_f37_404_is_not_a_no(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="status", status=404, body=says(1, "존재하지 않습니다"), count=None)
    shop.settle(hours=48)
    row = shop.row(refund)
    assert (row["state"], row["check_error"]) == ("unknown", "not_found")
    shop.sandbox.sandbox.faults.clear()
    shop.settle(hours=3)
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


def test_f37_a_test_payment_is_asked_for_as_one(shop, sandbox_payments):
    one = sandbox_payments["test_channel"][0]["imp_uid"]
    refund = shop.ask(one, 100)
    shop.work()
    assert shop.state(refund) == "succeeded"
    assert {entry.target for entry in looks(shop, one)} == {f"/payments/{one}?include_sandbox=true"}
    check_invariants(shop)


def test_f38_looks_grow_rarer_exactly(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(answer="close")
    shop.fault(**LOOK, answer="status", status=503, count=None)
    shop.work()
    times = [START]
    while shop.clock.now < START + 4 * 3600:
        shop.clock.now = shop.row(refund)["next_check_at"] - 1
        seen = len(looks(shop, card))
        shop.work()
        assert len(looks(shop, card)) == seen  # not a second early
        shop.work(seconds=1)
        times.append(int(shop.clock.now))
    pauses = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert pauses[:8] == [5, 15, 60, 300, 900, 3600, 3600, 3600]
    shop.sandbox.sandbox.faults.clear()
    shop.settle()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_f39_a_look_from_a_cache_is_no_proof(shop, card):
    shop.sandbox.sandbox.switches.stale_reads_s = 60
    refund = shop.ask(card, 100)
    shop.fault(execute=f"late({CALL_S + SETTLE_S - 1})", answer="close")
    shop.work()
    shop.clock.now += CALL_S + SETTLE_S
    assert shop.has_cancelled(card, 100)
    shop.work()
    assert shop.state(refund) == "unknown"  # it shows an old copy, and that is not believed
    shop.clock.now += 61
    shop.settle()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_f40_less_is_cancelled_than_before(shop, card):
    shop.console(card, 300)
    shop.learn(card)
    refund = shop.ask(card, 100)
    before = shop.payment(card).raw | {"cancel_amount": 0, "cancel_history": []}
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="body", body=says(0, response=before), count=None)
    shop.settle(hours=3)
    row = shop.row(refund)
    assert (row["state"], row["alarm"]) == ("unknown", "less_cancelled")
    shop.sandbox.sandbox.faults.clear()
    shop.settle(hours=3)
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


def test_f41_the_gateway_loses_the_reason(shop, card):
    shop.sandbox.sandbox.switches.strip_reason = True
    refund = shop.ask(card, 100)
    shop.work()
    assert (shop.state(refund), shop.row(refund)["match"]) == ("succeeded", "amount")
    check_invariants(shop)


def test_f41_come_late_without_a_reason_is_asked_about(shop, card):
    """P2a in a world that loses the nonce: staff are stopped, the owner decides."""
    shop.sandbox.sandbox.switches.strip_reason = True
    given_up(shop, card)
    shop.clock.now = START + 601
    assert shop.has_cancelled(card, 100)
    shop.learn(card)
    with pytest.raises(service.NeedsOverrule) as needs:
        shop.ask(card, 100)
    assert [one.rule for one in needs.value.objections] == ["P2a"]
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_f42_the_console_cancels_the_same_sum_in_the_same_second(shop, card):
    refund = shop.ask(card, 100)
    shop.console(card, 100)
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["match"]) == ("succeeded", "amount")  # the page says it may be theirs
    assert shop.payment(card).cancel_amount == 100
    check_invariants(shop)


def test_f43_the_console_cancels_while_the_form_is_open(shop, card):
    form = shop.form(card)
    shop.console(card, 300)
    with pytest.raises(service.BalanceChanged) as changed:
        shop.ask(card, 100, form=form)
    assert changed.value.fresh.cancel_amount == 300
    assert shop.posts() == []
    assert store.find_payment(shop.db, card)["cancel_amount"] == 300
    check_invariants(shop)


def test_f44_the_console_cancels_between_our_look_and_our_post(shop, card):
    refund = shop.ask(card, 100)
    shop.console(card, 300)
    shop.work()
    assert shop.state(refund) == "unknown"
    shop.settle()
    row = shop.row(refund)
    assert (row["state"], row["foreign_cancelled"]) == ("not_executed", 300)
    assert shop.payment(card).cancel_amount == 300
    check_invariants(shop)


# -- several at once ----------------------------------------------------------------------------


def at_once(count: int, make) -> list:
    """Run ``make(number)`` in so many threads at the same moment; answers what each said."""
    barrier, said = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        call = make(number)
        barrier.wait()
        try:
            said[number] = call()
        except service.CannotRequest as error:
            said[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def asking(shop: Shop, forms: list, card: str):
    def make(number: int):
        form = forms[number % len(forms)]

        def call():
            with closing(connect(shop.runtime.database_path)) as db:
                wish = service.Wish(kind="part", amount=100, tax_free=0, reason="변심")
                return service.request_refund(
                    shop.runtime, db, balance=form, wish=wish, person_id=shop.person_id
                )

        return call

    return make


@pytest.mark.parametrize("tokens", [1, 2])
def test_f45_f46_two_clicks_at_once(shop, card, tokens):
    forms = [shop.form(card) for _ in range(tokens)]
    said = at_once(2, asking(shop, forms, card))
    made = [one for one in said if isinstance(one, str)]
    other = [one for one in said if isinstance(one, service.AlreadyAsked)]
    assert len(made) == len(other) == 1 and other[0].refund_id == made[0]
    shop.work()
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_f47_fifty_threads_over_two_applications(shop, card, restarted):
    """With two real processes: tests/chaos."""
    second = restarted(shop)
    forms = [shop.form(card) for _ in range(25)] + [second.form(card) for _ in range(25)]
    first_half, second_half = asking(shop, forms[:25], card), asking(second, forms[25:], card)
    said = at_once(50, lambda n: first_half(n) if n % 2 else second_half(n))
    [made] = [one for one in said if isinstance(one, str)]
    assert {one.refund_id for one in said if isinstance(one, service.AlreadyAsked)} <= {made}
    second.work()
    shop.work()
    second.work()
    assert shop.state(made) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_f48_sent_again_the_next_day(shop, card):
    with shop.app.app_context():
        shop.learn(card)
        token = sign_balance(store.find_payment(shop.db, card), shop.person_id, START)
        form = read_balance(token, shop.person_id, card, START)
        refund = shop.ask(card, 100, form=form)
        shop.work()
        with pytest.raises(service.AlreadyAsked) as asked:
            shop.ask(card, 100, form=form)
        assert asked.value.refund_id == refund
        with pytest.raises(OldForm) as old:
            read_balance(token, shop.person_id, card, START + DAY_S)
    assert service.find_by_form(shop.db, old.value.form_token) == refund
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_f49_a_second_tab_after_the_first_succeeded(shop, card):
    first, second = shop.form(card), shop.form(card)
    shop.ask(card, 100, form=first)
    shop.work()
    with pytest.raises(service.BalanceChanged):
        shop.ask(card, 100, form=second)
    assert len(shop.posts()) == 1
    check_invariants(shop)


def test_m14_only_one_sender_gets_past_the_line(shop, card):
    """Two workers read the same intention; the second comes when the first is done, or at it."""
    refund = shop.ask(card, 100)
    stale = shop.row(refund)
    portone = shop.runtime.portone()
    assert sending.send(shop.runtime, shop.db, portone, stale)
    assert not sending.send(shop.runtime, shop.db, portone, stale)
    shop.work()
    assert not sending.send(shop.runtime, shop.db, portone, stale)
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_m14_the_second_sender_comes_while_the_first_is_sending(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    stale, portone = shop.row(refund), shop.runtime.portone()
    real, sent = portone.cancel_part, []

    def cancel_part(*args, **kwargs):
        if not sent:
            sent.append(1)
            assert not sending.send(shop.runtime, shop.db, portone, stale)
        return real(*args, **kwargs)

    monkeypatch.setattr(portone, "cancel_part", cancel_part)
    assert sending.send(shop.runtime, shop.db, portone, stale)
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_m14_a_look_from_an_older_state_changes_nothing(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="status", status=503, count=None)
    shop.work()
    stale = shop.row(refund)
    shop.sandbox.sandbox.faults.clear()
    shop.settle()
    assert shop.state(refund) == "not_executed"
    resolving.learn(shop.runtime, shop.db, shop.runtime.portone(), stale, shop.payment(card))
    assert shop.state(refund) == "not_executed"
    check_invariants(shop)


# -- the machine --------------------------------------------------------------------------------


def test_f53_on_disk_before_a_byte_leaves(shop, card, monkeypatch):
    assert shop.db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert shop.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    refund = shop.ask(card, 100)
    portone = shop.runtime.portone()
    real, seen = portone.cancel_part, []

    def cancel_part(*args, **kwargs):
        assert not shop.db.conn.in_transaction
        with closing(connect(shop.runtime.database_path)) as other:
            seen.append(store.find(other, refund)["state"])
        return real(*args, **kwargs)

    monkeypatch.setattr(portone, "cancel_part", cancel_part)
    shop.work()
    assert seen == ["sending"] and shop.state(refund) == "succeeded"


def test_no_transaction_is_open_while_portone_is_asked(shop, sandbox_payments, monkeypatch):
    one = sandbox_payments["paid_trans"][0]["imp_uid"]
    portone, asked = shop.runtime.portone(), []

    def watched(name):
        real = getattr(portone, name)

        def call(*args, **kwargs):
            assert not shop.db.conn.in_transaction, name
            asked.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(portone, name, call)

    for name in ("get_payment", "cancel_all", "get_receipt"):
        watched(name)
    shop.ask(one)
    shop.work()
    assert set(asked) == {"get_payment", "cancel_all", "get_receipt"}


def test_f54_told_to_stop_in_the_middle_of_a_call(shop, card, restarted):
    shop.runtime.config = replace(shop.runtime.config, limits=Limits(read_s=15, total_s=75))
    refund = shop.ask(card, 100)
    shop.fault(answer="hang")
    worker = Worker(shop.app)
    worker.start()
    until = time.monotonic() + 10
    while not shop.posts() and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 5
    assert shop.state(refund) == "sending"
    shop.sandbox.sandbox.faults.clear()
    shop.clock.now += 5
    after = restarted(shop)
    after.work()
    assert after.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(after)


def test_f55_asleep_for_eight_hours_in_the_middle_of_a_call(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    portone = shop.runtime.portone()
    real = portone.cancel_part

    def cancel_part(*args, **kwargs):
        try:
            return real(*args, **kwargs)
        finally:
            shop.clock.now += 8 * 3600

    monkeypatch.setattr(portone, "cancel_part", cancel_part)
    shop.fault(execute="never", answer="close")
    shop.work()
    assert shop.state(refund) == "unknown"
    shop.settle()
    assert shop.state(refund) == "not_executed" and len(shop.posts()) == 1
    check_invariants(shop)


def full(*_args, **_kwargs):
    raise sqlite3.OperationalError("database or disk is full")


def test_f56_no_room_before_anything_is_sent(shop, monkeypatch):
    imp_uid = shop.pay("vbank")
    shop.console(imp_uid, 300)
    form = shop.form(imp_uid)
    with shop.app.app_context():
        token = sign_balance(shop.payment(imp_uid), shop.person_id, START)
        form = read_balance(token, shop.person_id, imp_uid, START)
    monkeypatch.setattr(store, "add", full)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        shop.ask(imp_uid, form=form, account=ACCOUNT)
    assert not shop.db.conn.in_transaction and shop.runtime.refund_accounts == {}
    assert store.find_payment(shop.db, imp_uid)["cancel_amount"] == 0  # all of it or nothing
    shop.work()
    assert shop.posts() == []
    check_invariants(shop)


def test_f57_no_room_after_it_was_sent(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    portone = shop.runtime.portone()
    real = portone.cancel_part

    def cancel_part(*args, **kwargs):
        monkeypatch.setattr(sending, "write", full)
        return real(*args, **kwargs)

    monkeypatch.setattr(portone, "cancel_part", cancel_part)
    with pytest.raises(sqlite3.OperationalError):
        shop.work()
    assert shop.state(refund) == "sending"
    monkeypatch.undo()
    shop.work(seconds=5)
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    check_invariants(shop)


def test_f58_another_program_holds_the_database(shop, card):
    form = shop.form(card)
    with closing(sqlite3.connect(shop.runtime.database_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert shop.db.execute("PRAGMA busy_timeout").fetchone()[0] <= 5000  # an answer within 6 s
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            shop.ask(card, 100, form=form)
        assert store.open_refunds(shop.db) == []  # reading goes on
    assert shop.posts() == []
    check_invariants(shop)


def test_f59_a_database_that_cannot_be_written(shop, card):
    form = shop.form(card)
    shop.db.execute("PRAGMA query_only = ON")  # root may write to read-only files
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        shop.ask(card, 100, form=form)
    shop.db.execute("PRAGMA query_only = OFF")
    shop.work()
    assert shop.posts() == []
    check_invariants(shop)


@pytest.mark.parametrize("jump_s", [-DAY_S, DAY_S, 9 * 3600, -3600, 3600])
def test_f64_the_clock_jumps(shop, card, jump_s):
    """Only this PC's clock: PortOne's goes on, and it is the one that is waited by."""
    far = shop.sandbox.sandbox.clock
    far.stop_at(START)
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.work()
    shop.clock.now += jump_s
    for _ in range(6):
        far.advance(10)
        shop.work(seconds=10)
    assert shop.state(refund) == "unknown"
    tokens = len(shop.sandbox.sandbox.journal.entries("POST", "/users/getToken"))
    assert tokens <= 3
    for _ in range(40):
        far.advance(30)
        shop.work(seconds=30)
    assert shop.state(refund) == "not_executed" and len(shop.posts()) == 1
    check_invariants(shop)


@pytest.mark.parametrize("jump_s", [-DAY_S, DAY_S])
def test_f64_a_jump_while_the_process_is_down(shop, card, restarted, jump_s):
    far = shop.sandbox.sandbox.clock
    far.stop_at(START)
    refund = shop.ask(card, 100)
    shop.fault(execute="late(100)", answer="close")
    shop.work()
    shop.clock.now += jump_s
    after = restarted(shop)
    after.work()
    assert after.state(refund) == "unknown"
    far.advance(101)
    shop.clock.now += 101
    assert shop.has_cancelled(card, 100)
    for _ in range(10):
        far.advance(60)
        after.work(seconds=60)
    assert after.state(refund) == "succeeded"
    check_invariants(after)


@pytest.mark.parametrize("skew_s", [3700, -3700])
def test_f64_a_clock_that_is_an_hour_off_wants_a_word(shop, card, person, skew_s):
    shop.sandbox.sandbox.clock.stop_at(START - skew_s)
    with pytest.raises(service.NeedsOverrule) as needs:
        shop.ask(card, 100)
    assert "CLOCK" in [one.rule for one in needs.value.objections]
    assert shop.posts() == []
    shop.ask(card, 100, overrule="시계를 맞출 수 없음")
    check_invariants(shop)


# -- amounts and rules --------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, -1, 2**63, None])
@pytest.mark.parametrize("kind", ["part", "whole"])
def test_f65_amounts_that_cannot_be_meant(shop, card, amount, kind):
    """What is typed is read in the forms' tests; this is the wall behind them."""
    form = shop.form(card)
    amount = form.balance + 1 if amount is None else amount
    with pytest.raises(service.Stopped):
        shop.ask(card, amount, form=form, kind=kind)
    assert shop.posts() == [] and store.open_refunds(shop.db) == []
    check_invariants(shop)


@pytest.mark.parametrize("amount", [1.5, "1000", True])
def test_f65_what_is_no_won_never_gets_here(shop, card, amount):
    with pytest.raises(service.Stopped):
        shop.ask(card, amount, kind="part")
    assert shop.posts() == [] and store.open_refunds(shop.db) == []


@pytest.mark.parametrize("tax_free", [-1, 101])
def test_f65_tax_free_parts_that_do_not_fit(shop, card, tax_free):
    with pytest.raises(service.Stopped):
        shop.ask(card, 100, tax_free=tax_free)
    assert shop.posts() == []


def test_f65_a_whole_cancel_is_the_whole(shop, card):
    with pytest.raises(service.Stopped):
        shop.ask(card, 100, kind="whole")
    assert shop.posts() == []


@pytest.mark.parametrize(
    "change", ["amount = 50", "checksum = 1", "nonce = 'x'", "tax_free = 1", "reason = 'x'"]
)
def test_what_was_asked_for_never_changes(shop, card, change):
    shop.ask(card, 100)
    with pytest.raises(sqlite3.IntegrityError, match="never changes"):
        shop.db.execute(f"UPDATE refunds SET {change}")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        shop.db.execute("DELETE FROM refunds")


def test_a_row_that_was_tampered_with_is_not_sent(shop, card):
    refund = shop.ask(card, 100)
    shop.db.execute("DROP TRIGGER refunds_money_is_frozen")
    shop.db.execute("UPDATE refunds SET amount = 5000")
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["api_message"]) == ("not_executed", sending.NOT_ASKED)
    assert shop.posts() == []


@pytest.mark.parametrize("amount", [None, 0, -5, 1.0, True])
def test_f66_the_client_refuses_before_the_socket(shop, card, amount):
    with pytest.raises(ValueError, match="amount"):
        shop.runtime.portone().cancel_part(
            card, amount=amount, tax_free=0, checksum=1000, reason="x"
        )
    assert shop.posts() == []


def test_f67_dollars_are_not_refunded_here(shop):
    imp_uid = shop.pay("card", currency="USD")
    with pytest.raises(service.Stopped) as stopped:
        shop.ask(imp_uid, 100)
    assert [one.rule for one in stopped.value.objections][0] == "K17"
    assert shop.posts() == []
    check_invariants(shop)


def test_f67_half_a_won_is_no_balance(shop, card):
    form = shop.form(card)
    broken = json.dumps({"code": 0, "response": shop.payment(card).raw | {"cancel_amount": 0.5}})
    shop.fault(**LOOK, answer="body", body=broken, count=4)
    with pytest.raises(service.CannotAsk):
        shop.ask(card, 100, form=form)
    assert shop.posts() == []


def test_f68_a_tenth_part_is_stopped_and_the_rest_may_be_tried(shop, card):
    for _ in range(9):
        shop.ask(card, 10)
        shop.work()
    with pytest.raises(service.Stopped) as stopped:
        shop.ask(card, 10)
    assert [one.rule for one in stopped.value.objections] == ["K1"]
    with pytest.raises(service.NeedsOverrule):
        shop.ask(card)
    refund = shop.ask(card, overrule="마지막 취소")
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 10
    check_invariants(shop)


def test_f68_after_six_months_ksnet_has_the_last_word(shop):
    imp_uid = shop.pay("card", started_at=START - 190 * DAY_S)
    with pytest.raises(service.NeedsOverrule) as needs:
        shop.ask(imp_uid)
    assert [one.rule for one in needs.value.objections] == ["K4"]
    refund = shop.ask(imp_uid, overrule="KSNET과 통화함")
    shop.work()
    row = shop.row(refund)
    assert row["state"] == "rejected" and "6개월" in row["api_message"]
    assert json.loads(row["overruled"]) == [{"rule": "K4", "reason": "KSNET과 통화함"}]
    check_invariants(shop)


def test_f68_part_of_a_phone_payment_is_stopped(shop):
    imp_uid = shop.pay("phone")
    with pytest.raises(service.Stopped) as stopped:
        shop.ask(imp_uid, 100)
    assert [one.rule for one in stopped.value.objections] == ["K2"]
    assert shop.posts() == []


def test_f68_a_virtual_account_at_half_past_eleven(shop):
    shop.sandbox.sandbox.switches.night = True
    imp_uid = shop.pay("vbank")
    shop.clock.now = START + 9 * 3600 + 25 * 60  # 23:30
    with pytest.raises(service.NeedsOverrule) as needs:
        shop.ask(imp_uid, account=ACCOUNT)
    assert [one.rule for one in needs.value.objections] == ["K5"]
    refund = shop.ask(imp_uid, account=ACCOUNT, overrule="한 번 해 봄")
    shop.work()
    row = shop.row(refund)
    assert row["state"] == "rejected" and "06:00" in row["api_message"]
    assert shop.runtime.refund_accounts == {}
    check_invariants(shop)


# -- alarms and the owner -----------------------------------------------------------------------


def entry(row: dict, amount: int, name: str) -> dict:
    return {
        "pg_tid": name,
        "amount": amount,
        "cancelled_at": START,
        "reason": f"변심 [{row['nonce']}]",
        "cancellation_id": name,
        "receipt_url": None,
    }


@pytest.mark.parametrize(
    ("amounts", "alarm"), [((100, 100), "nonce_twice"), ((99,), "nonce_amount")]
)
def test_b_c_what_must_not_be_stays_open_and_says_so(shop, card, amounts, alarm):
    refund = shop.ask(card, 100)
    row = shop.row(refund)
    history = [entry(row, amount, f"c{n}") for n, amount in enumerate(amounts)]
    shown = shop.payment(card).raw | {
        "cancel_amount": sum(amounts),
        "cancel_history": history,
    }
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="body", body=says(0, response=shown), count=None)
    shop.settle(hours=30)
    assert (shop.state(refund), shop.row(refund)["alarm"]) == ("unknown", alarm)
    assert [one["id"] for one in store.flagged(shop.db)] == [refund]
    with pytest.raises(service.AlreadyAsked):
        shop.ask(card, 50)


def test_m10_unknown_never_ends_by_itself_but_the_owner_may_decide(shop, card, person):
    refund = shop.ask(card, 100)
    shop.fault(execute="never", answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=None)
    shop.settle(hours=23)
    settle = service.settle_by_owner
    with pytest.raises(service.CannotSettle):
        settle(shop.db, refund, shop.person_id, "KSNET에서 확인", int(shop.clock.now))
    shop.settle(hours=24 * 4)
    now = int(shop.clock.now)
    assert shop.state(refund) == "unknown"
    for who, words in ((person("manager").id, "KSNET에서 확인"), (shop.person_id, " ")):
        with pytest.raises(service.CannotSettle):
            settle(shop.db, refund, who, words, now)
    settle(shop.db, refund, shop.person_id, "KSNET에서 취소되지 않은 것을 확인", now)
    row = shop.row(refund)
    assert (row["state"], row["settler"]) == ("settled_by_owner", "owner")
    assert events.broken_at(shop.db) is None


def test_a_click_on_check_now_wakes_the_worker(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=4)
    shop.work()
    shop.clock.now += 6
    assert service.check_now(shop.runtime, shop.db, refund, int(shop.clock.now))
    assert shop.runtime.wake.is_set()
    shop.work()
    assert shop.state(refund) == "succeeded"
    assert not service.check_now(shop.runtime, shop.db, refund, int(shop.clock.now))


def test_a_sync_that_finds_our_mark_brings_a_dead_refund_back(shop, card):
    refund = given_up(shop, card, late_s=30 * 3600)
    for _ in range(26):
        shop.work(seconds=3600)
    assert shop.row(refund)["next_check_at"] is None
    shop.clock.now = START + 30 * 3600 + 1
    assert shop.has_cancelled(card, 100)
    shop.work()
    assert shop.state(refund) == "not_executed"  # not looked at any more after a day
    shop.learn(card)
    shop.work()
    assert shop.state(refund) == "succeeded"
    check_invariants(shop)


def test_an_error_of_ours_is_unknown_too(shop, card, monkeypatch, caplog):
    refund = shop.ask(card, 100)
    monkeypatch.setattr(shop.runtime.portone(), "cancel_part", failing(RuntimeError("ours")))
    shop.work()
    assert shop.state(refund) == "unknown"
    assert [record.exc_info is not None for record in caplog.records].count(True) == 1
    caplog.clear()
    check_invariants(shop)


@pytest.mark.parametrize(
    "error",
    [
        PortOneOutcomeUnknown(why=Why.NO_ANSWER),
        PortOneNotAuthorised(None, 403, why=Why.IP),
    ],
)
def test_m3_m4_no_error_without_a_whole_no_is_a_no(shop, card, monkeypatch, error):
    refund = shop.ask(card, 100)
    monkeypatch.setattr(shop.runtime.portone(), "cancel_part", failing(error))
    shop.work()
    assert shop.state(refund) == "unknown"


def test_two_modes_are_never_mixed(shop, card, monkeypatch):
    refund = shop.ask(card, 100)
    monkeypatch.setattr(shop.runtime, "_forced", "live")
    shop.work()
    assert shop.state(refund) == "intent" and shop.posts() == []


def test_a_second_application_leaves_our_intention_alone(shop, card, config):
    app = create_app(config)
    runtime = app.extensions["jangbu"]
    point_at(runtime, shop.sandbox)
    with closing(connect(runtime.database_path)) as db:
        service.work(runtime, db)
        shop.clock.now += 1
        refund = shop.ask(card, 100)
        service.work(runtime, db)
    assert shop.state(refund) == "intent"
    shop.work()
    assert shop.state(refund) == "succeeded" and len(shop.posts()) == 1
    runtime.close()


def test_an_older_mark_typed_into_a_reason_is_left_out(shop, card):
    first = given_up(shop, card, late_s=10 * DAY_S)
    nonce = shop.row(first)["nonce"]
    second = shop.ask(card, 100, reason=f"변심\n [{nonce}] 다시")
    shop.work()
    assert shop.row(second)["reason"] == f"변심 다시 [{shop.row(second)['nonce']}]"
    shop.work(seconds=3600)
    assert (shop.state(first), shop.state(second)) == ("not_executed", "succeeded")
    check_invariants(shop)


def test_what_the_owner_settled_and_came_late_is_asked_about(shop, card):
    refund = shop.ask(card, 100)
    shop.fault(execute=f"late({3 * DAY_S})", answer="close")
    shop.fault(**LOOK, answer="status", status=500, count=None)
    shop.settle(hours=25)
    now = int(shop.clock.now)
    service.settle_by_owner(shop.db, refund, shop.person_id, "KSNET에 없음", now)
    shop.sandbox.sandbox.faults.clear()
    shop.clock.now = START + 3 * DAY_S + 1
    assert shop.has_cancelled(card, 100)
    shop.learn(card)
    with pytest.raises(service.NeedsOverrule) as needs:
        shop.ask(card, 100)
    assert [one.rule for one in needs.value.objections] == ["P2a"]


def test_a_look_that_breaks_keeps_nobody_waiting(shop, sandbox_payments, monkeypatch, caplog):
    first, second = (one["imp_uid"] for one in sandbox_payments["paid_card"][:2])
    one, other = shop.ask(first, 100), shop.ask(second, 100)
    real = resolving.learn

    def learn(runtime, db, portone, row, payment):
        if row["id"] == one:
            raise RuntimeError("ours")
        return real(runtime, db, portone, row, payment)

    monkeypatch.setattr(resolving, "learn", learn)
    shop.work()
    assert (shop.state(one), shop.state(other)) == ("unknown", "succeeded")
    monkeypatch.undo()
    shop.work(seconds=5)
    assert shop.state(one) == "succeeded" and len(shop.posts()) == 2
    caplog.clear()
    check_invariants(shop)
