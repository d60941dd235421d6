"""A cancel at a sandbox that misbehaves: the right error, one POST, done or not as it was scripted.

What the error says never depends on whether the money moved: that is what the read-back is for.
"""

from __future__ import annotations

import json
import time

import pytest

from dashboard.portone import (
    Limits,
    PortOne,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    PortOneRejected,
    ReceiptFor,
    Why,
)
from tests.portone.conftest import NOW

CANCEL = "/payments/cancel"
NO_TOKEN = json.dumps({"code": -1, "message": "Unauthorized", "response": None})
HTML = "<!DOCTYPE html><html><body>공유기 로그인</body></html>"

SILENCE = {
    "closed": {"answer": "close"},
    "reset": {"answer": "rst"},
    "hanging": {"answer": "hang"},
    "one byte": {"answer": "trunc", "part": "head", "keep_bytes": 1},
    "a head alone": {"answer": "trunc", "keep_bytes": 0},
    "half a body": {"answer": "trunc"},
    "half a chunked body": {"answer": "trunc", "chunked": True},
    "a byte in five seconds": {"answer": "slow"},
    "a head byte by byte": {"answer": "slow", "part": "head"},
}
ANSWERS = {
    # http.client takes the end of the stream for the end of the head.
    "half a head": ({"answer": "trunc", "part": "head"}, Why.BROKEN_ANSWER),
    "500": ({"answer": "status", "status": 500}, Why.SERVER_ERROR),
    "502": ({"answer": "status", "status": 502, "body": HTML}, Why.SERVER_ERROR),
    "503": (
        {"answer": "status", "status": 503, "headers": {"Retry-After": "1"}},
        Why.SERVER_ERROR,
    ),
    "429": ({"answer": "status", "status": 429, "headers": {"Retry-After": "1"}}, Why.TOO_MANY),
    "302": ({"answer": "status", "status": 302, "headers": {"Location": CANCEL}}, Why.REDIRECT),
    "307": ({"answer": "status", "status": 307, "headers": {"Location": CANCEL}}, Why.REDIRECT),
    "308": (
        {"answer": "status", "status": 308, "headers": {"Location": "http://127.0.0.1:9/"}},
        Why.REDIRECT,
    ),
    "HTML": (
        {"answer": "body", "body": HTML, "headers": {"Content-Type": "text/html"}},
        Why.LOGIN_PAGE,
    ),
    "a list": ({"answer": "body", "body": "[]"}, Why.BROKEN_ANSWER),
    "NaN": ({"answer": "body", "body": "NaN"}, Why.BROKEN_ANSWER),
    "nothing": ({"answer": "body", "body": ""}, Why.BROKEN_ANSWER),
    "half a JSON": ({"answer": "body", "body": '{"code": 0, "resp'}, Why.BROKEN_ANSWER),
    "null": ({"answer": "body", "body": '{"code": 0, "response": null}'}, Why.BROKEN_ANSWER),
}


def with_a_token(portone, pauses, one) -> None:
    """What is paused for after this, the call itself paused for: a slow token is not its matter."""
    portone.get_payment(one["imp_uid"], sandbox=False)
    pauses.clear()


def cancel(portone, one, **changes):
    asked = {"amount": 1000, "tax_free": 0, "checksum": one["amount"], "reason": "변심 [R7K2M9QX]"}
    return portone.cancel_part(one["imp_uid"], **asked | changes)


def posts(server) -> list:
    return server.sandbox.journal.entries("POST", CANCEL)


def cancelled(portone, one) -> int:
    return portone.get_payment(one["imp_uid"], sandbox=False).cancel_amount


def becomes(portone, one, amount: int) -> bool:
    until = time.monotonic() + 5
    while cancelled(portone, one) != amount and time.monotonic() < until:
        time.sleep(0.02)
    return cancelled(portone, one) == amount


@pytest.mark.parametrize(("execute", "done"), [("before", 1000), ("never", 0)])
@pytest.mark.parametrize("name", SILENCE)
def test_silence_is_unknown_and_asked_once(server, portone, pauses, fixture, name, execute, done):
    one = fixture["paid_card"][0]
    with_a_token(portone, pauses, one)
    server.sandbox.faults.script(method="POST", path=CANCEL, execute=execute, **SILENCE[name])
    with pytest.raises(PortOneOutcomeUnknown) as lost:
        cancel(portone, one)
    assert (lost.value.why, lost.value.http_status) == (Why.NO_ANSWER, None)
    assert len(posts(server)) == 1 and pauses == []
    assert cancelled(portone, one) == done


@pytest.mark.parametrize(("execute", "done"), [("before", 1000), ("never", 0)])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_answer_is_unknown_and_asked_once(
    server, portone, pauses, fixture, name, execute, done
):
    one = fixture["paid_card"][0]
    script, why = ANSWERS[name]
    with_a_token(portone, pauses, one)
    server.sandbox.faults.script(method="POST", path=CANCEL, execute=execute, **script)
    with pytest.raises(PortOneOutcomeUnknown) as wrong:
        cancel(portone, one)
    assert wrong.value.why is why
    assert len(posts(server)) == 1 and pauses == []
    assert cancelled(portone, one) == done


@pytest.mark.parametrize("word", ["close", "rst"])
def test_a_connection_that_ends_before_the_body_was_read_is_unknown(server, portone, fixture, word):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path=CANCEL, answer=word, before_read=True)
    with pytest.raises(PortOneOutcomeUnknown):
        cancel(portone, one)
    assert len(posts(server)) == 1
    assert cancelled(portone, one) == 0


@pytest.mark.parametrize("execute", ["after", "late(30)"])
def test_a_cancel_that_happens_after_the_silence(server, portone, fixture, execute):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path=CANCEL, execute=execute, answer="close")
    with pytest.raises(PortOneOutcomeUnknown):
        cancel(portone, one)
    if execute != "after":
        assert cancelled(portone, one) == 0
        server.sandbox.clock.advance(31)
    assert becomes(portone, one, 1000)
    assert len(posts(server)) == 1


def test_a_yes_for_what_never_happened_is_found_by_reading(server, portone, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path=CANCEL, execute="never")
    assert cancel(portone, one).cancel_amount == 1000
    assert cancelled(portone, one) == 0


def test_a_refusal_that_lies_is_found_by_reading(server, portone, fixture):
    one = fixture["paid_card"][0]
    body = json.dumps({"code": -1, "message": "PG 통신 시간초과", "response": None})
    server.sandbox.faults.script(path=CANCEL, answer="body", body=body)
    with pytest.raises(PortOneRejected) as refused:
        cancel(portone, one)
    assert refused.value.user_message == "PG 통신 시간초과"
    assert cancelled(portone, one) == 1000
    assert len(posts(server)) == 1


def test_a_slow_answer_within_the_limits_is_an_answer(server, portone, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path=CANCEL, answer="slow", step_bytes=60, step_s=0.01)
    assert cancel(portone, one).cancel_amount == 1000


def test_a_byte_now_and_then_ends_at_the_deadline(server, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path=CANCEL, answer="slow", step_s=0.05)
    limits = Limits(connect_s=0.2, read_s=0.3, total_s=0.8)
    portone = PortOne(server.url, server.key, server.secret, clock=lambda: NOW, limits=limits)
    portone.check_keys()
    started = time.monotonic()
    with pytest.raises(PortOneOutcomeUnknown):
        cancel(portone, one)
    assert time.monotonic() - started < 2
    assert len(posts(server)) == 1
    assert cancelled(portone, one) == 1000


def test_after_one_401_the_same_bytes_go_once_more(server, portone, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(
        path=CANCEL, execute="never", answer="status", status=401, body=NO_TOKEN
    )
    assert cancel(portone, one).cancel_amount == 1000
    first, second = posts(server)
    assert first.body == second.body
    assert (first.status, second.status) == (401, 200)
    assert len(server.sandbox.journal.entries("POST", "/users/getToken")) == 2
    assert cancelled(portone, one) == 1000


@pytest.mark.parametrize(("execute", "done"), [("before", 1000), ("never", 0)])
def test_a_401_for_ever_is_unknown_after_two(server, portone, fixture, execute, done):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(
        path=CANCEL, count=None, execute=execute, answer="status", status=401, body=NO_TOKEN
    )
    with pytest.raises(PortOneOutcomeUnknown) as refused:
        cancel(portone, one)
    assert (refused.value.http_status, refused.value.why) == (401, Why.KEY)
    assert len({entry.body for entry in posts(server)}) == 1 and len(posts(server)) == 2
    assert cancelled(portone, one) == done  # twice the same checksum: at most once


def test_no_token_means_not_sent(server, portone, pauses, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path="/users/getToken", count=3, answer="status", status=502)
    with pytest.raises(PortOneNotSent):
        cancel(portone, one)
    assert posts(server) == [] and len(pauses) == 2
    server.sandbox.faults.script(path="/users/getToken", answer="status", status=401, body=NO_TOKEN)
    with pytest.raises(PortOneNotAuthorised):
        cancel(portone, one)
    assert posts(server) == []
    assert cancelled(portone, one) == 0


def test_nobody_there_means_not_sent(server, portone, fixture):
    one = fixture["paid_card"][0]
    portone.check_keys()
    server.stop()
    with pytest.raises(PortOneNotSent) as away:
        cancel(portone, one)
    assert away.value.why is Why.NO_CONNECTION


@pytest.mark.parametrize("name", [*SILENCE, "500", "502", "503", "429", "nothing"])
def test_a_read_is_asked_again(server, portone, pauses, fixture, name):
    one = fixture["paid_card"][0]
    script = SILENCE[name] if name in SILENCE else ANSWERS[name][0]
    server.sandbox.faults.script(path="/payments/imp_*", count=2, **script)
    assert cancelled(portone, one) == 0
    path = f"/payments/{one['imp_uid']}"
    assert len(server.sandbox.journal.entries("GET", path)) == 3 and len(pauses) == 2


def test_a_read_refused_for_asking_too_often(server, portone, fixture):
    server.sandbox.faults.script(path="/payments/imp_*", count=None, **ANSWERS["429"][0])
    with pytest.raises(PortOneRateLimited):
        cancelled(portone, fixture["paid_card"][0])


def test_a_receipt_is_revoked_by_one_delete(server, portone, fixture):
    imp_uid = fixture["paid_trans"][0]["imp_uid"]
    whom = ReceiptFor(
        identifier="01012345678",
        identifier_type="phone",
        type="person",
        product_type="real",
        buyer_name="홍길동",
    )
    portone.issue_receipt(imp_uid, whom, tax_free=0)
    server.sandbox.faults.script(method="DELETE", path="/receipts/*", answer="rst")
    with pytest.raises(PortOneOutcomeUnknown):
        portone.cancel_receipt(imp_uid)
    assert len(server.sandbox.journal.entries("DELETE", f"/receipts/{imp_uid}")) == 1
    assert portone.get_receipt(imp_uid).cancelled_at == NOW
