"""Cancels: what goes out, and that it goes out once (refund-safety 1.3, 1.6; F01-F36, F66)."""

from __future__ import annotations

import json
import socket
import time

import pytest

from dashboard.portone import (
    Limits,
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRejected,
    RefundAccount,
    Why,
)
from tests.portone.far_side import (
    IMP_UID,
    answer,
    close,
    dripping,
    hang,
    http,
    no,
    ok,
    payment_json,
    raw,
    reset,
    text,
    token_response,
)


def cancelled(amount: int = 7000, **changes):
    entry = {
        "pg_tid": "t1",
        "amount": amount,
        "cancelled_at": 1787290000,
        "reason": "단순변심 [R7K2M9QX]",
        "cancellation_id": "can_1",
    }
    return ok(payment_json(cancel_amount=amount, cancel_history=[entry], **changes))


def part(portone, **changes):
    asked = {"amount": 7000, "tax_free": 0, "checksum": 48000, "reason": "단순변심 [R7K2M9QX]"}
    return portone.cancel_part(IMP_UID, **asked | changes)


def test_a_part_goes_out_with_amount_checksum_and_tax_free(far, client):
    server = far(cancelled())
    payment = part(client(server), tax_free=2000)
    (call,) = server.calls()
    assert call.line == "POST /payments/cancel HTTP/1.1"
    assert call.json == {
        "imp_uid": IMP_UID,
        "amount": 7000,
        "tax_free": 2000,
        "checksum": 48000,
        "reason": "단순변심 [R7K2M9QX]",
    }
    assert call.headers["content-type"] == "application/json"
    assert call.headers["connection"] == "close"
    assert payment.balance == 41000
    assert payment.cancel_history[0].cancellation_id == "can_1"


def test_all_goes_out_as_the_balance_twice(far, client):
    server = far(cancelled(48000))
    client(server).cancel_all(IMP_UID, balance=48000, tax_free=0, reason="취소")
    body = server.calls()[0].json
    assert (body["amount"], body["checksum"]) == (48000, 48000)


def test_an_account_and_a_webhook_are_sent_when_given(far, client):
    server = far(cancelled())
    account = RefundAccount(holder="홍길동", bank="004", account="110-222", tel="01012345678")
    part(client(server), refund=account, enable_webhook=True)
    body = server.calls()[0].json
    assert body["refund_holder"] == "홍길동" and body["refund_bank"] == "004"
    assert body["refund_account"] == "110-222" and body["refund_tel"] == "01012345678"
    assert body["enable_webhook"] is True


def test_no_telephone_is_no_field(far, client):
    server = far(cancelled())
    part(client(server), refund=RefundAccount(holder="홍길동", bank="88", account="1102"))
    assert "refund_tel" not in server.calls()[0].json


BAD = {
    "nothing": {"amount": 0},
    "none": {"amount": None},
    "less than nothing": {"amount": -1},
    "true": {"amount": True},
    "a float": {"amount": 7000.0},
    "text": {"amount": "7000"},
    "more than the balance": {"amount": 48001},
    "no checksum": {"checksum": None},
    "checksum 0": {"checksum": 0},
    "checksum true": {"amount": 1, "checksum": True},
    "tax-free above the amount": {"tax_free": 7001},
    "tax-free below 0": {"tax_free": -1},
    "tax-free unknown": {"tax_free": None},
    "tax-free false": {"tax_free": False},
    "no reason": {"reason": " "},
    "half a character": {"reason": "\ud800"},
    "a novel": {"reason": "가" * 257},
    "no holder": {"refund": RefundAccount(holder="", bank="004", account="1")},
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_opens_no_connection(far, client, name):
    server = far(cancelled())
    with pytest.raises(ValueError):
        part(client(server), **BAD[name])
    assert server.connections == 0


@pytest.mark.parametrize("balance", [0, None, -1, True, 1.5])
def test_all_of_nothing_opens_no_connection(far, client, balance):
    server = far(cancelled())
    with pytest.raises(ValueError):
        client(server).cancel_all(IMP_UID, balance=balance, tax_free=0, reason="취소")
    assert server.connections == 0


UNKNOWN = {
    "closed": (close, Why.NO_ANSWER),
    "reset": (reset, Why.NO_ANSWER),
    "silent": (hang, Why.NO_ANSWER),
    "half status line": (raw(b"HTTP/1.1 2"), Why.NO_ANSWER),
    "no HTTP": (raw(b"\0\1\2\r\n\r\n"), Why.NO_ANSWER),
    "cut off": (raw(http(200, b'{"code": 0', length=500)), Why.NO_ANSWER),
    "cut off in a chunk": (
        raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"code"'),
        Why.NO_ANSWER,
    ),
    "compressed": (text(b"\x1f\x8b", 200, "Content-Encoding: gzip"), Why.BROKEN_ANSWER),
    "no JSON": (text(b'{"code": 0,'), Why.BROKEN_ANSWER),
    "empty": (text(b""), Why.BROKEN_ANSWER),
    "login page": (text(b"<html>login</html>"), Why.LOGIN_PAGE),
    "a list": (answer([1]), Why.BROKEN_ANSWER),
    "NaN": (text(b"NaN"), Why.BROKEN_ANSWER),
    "1e309": (text(b'{"code": 0, "response": {"amount": 1e309}}'), Why.BROKEN_ANSWER),
    "a name twice": (text(b'{"code": 0, "code": 1}'), Why.BROKEN_ANSWER),
    "5 MB": (text(b"x" * 5_000_000), Why.TOO_LARGE),
    "deep": (text(b"[" * 10_000), Why.BROKEN_ANSWER),
    "code missing": (answer({"response": payment_json()}), Why.BROKEN_ANSWER),
    "code as text": (answer({"code": "0", "response": payment_json()}), Why.BROKEN_ANSWER),
    "code true": (answer({"code": True, "response": payment_json()}), Why.BROKEN_ANSWER),
    "no response": (ok(None), Why.BROKEN_ANSWER),
    "another payment": (cancelled(imp_uid="imp_2"), Why.OTHER_PAYMENT),
    "without this cancel": (ok(payment_json()), Why.BROKEN_ANSWER),
    "another amount": (cancelled(6999), Why.BROKEN_ANSWER),
    "201": (answer({"code": 0, "response": payment_json()}, 201), Why.BROKEN_ANSWER),
    "207": (answer({"code": 1, "message": "?"}, 207), Why.SAID_NO),
    "301": (text(b"", 301, "Location: /x"), Why.REDIRECT),
    "302": (text(b"", 302, "Location: /x"), Why.REDIRECT),
    "307": (text(b"", 307, "Location: /x"), Why.REDIRECT),
    "308": (text(b"", 308, "Location: /x"), Why.REDIRECT),
    "400 of a stranger": (text(b"<html>Bad Request</html>", 400), Why.BROKEN_ANSWER),
    "404 of a stranger": (text(b"", 404), Why.BROKEN_ANSWER),
    "408": (no("x", status=408), Why.SAID_NO),
    "429": (no("x", 1, 429, "Retry-After: 1"), Why.TOO_MANY),
    "500 with words": (no("PG 통신 시간초과", status=500), Why.SERVER_ERROR),
    "501": (no("x", status=501), Why.SERVER_ERROR),
    "502": (text(b"<html>", 502), Why.SERVER_ERROR),
    "503": (no("x", 1, 503, "Retry-After: 1"), Why.SERVER_ERROR),
    "504": (text(b"<html>", 504), Why.SERVER_ERROR),
    "code 0 in a 500": (answer({"code": 0, "response": payment_json()}, 500), Why.SERVER_ERROR),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_no_clear_answer_is_unknown_and_never_repeated(far, client, pauses, name):
    step, why = UNKNOWN[name]
    server = far(step)
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        part(client(server))
    assert caught.value.why is why
    assert len(server.calls()) == 1 and pauses == []


def test_slow_headers_end_at_the_deadline(far, client):
    server = far(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000))
    started = time.monotonic()
    with pytest.raises(PortOneOutcomeUnknown):
        part(client(server, limits=Limits(connect_s=0.2, read_s=0.3, total_s=0.8)))
    assert time.monotonic() - started < 1.6
    assert len(server.calls()) == 1


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (no("취소가능잔액이 맞지 않습니다"), PortOneRejected, "취소가능잔액이 맞지 않습니다"),
        (no("이미 취소", code=-1), PortOneRejected, "이미 취소"),
        (no("잘못된 요청", status=400), PortOneRejected, "잘못된 요청"),
        (no("없습니다", status=404), PortOneNotFound, "없습니다"),
        (no("허용되지 않은 IP", status=403), PortOneNotAuthorised, "허용되지 않은 IP"),
    ],
)
def test_a_clear_no_brings_portones_words(far, client, step, kind, words):
    server = far(step)
    with pytest.raises(kind) as caught:
        part(client(server))
    assert caught.value.user_message == words
    assert len(server.calls()) == 1


def test_a_403_of_a_page_says_what_to_do(far, client):
    with pytest.raises(PortOneNotAuthorised) as caught:
        part(client(far(text(b"<html>", 403))))
    assert caught.value.why is Why.IP and "IP 보안설정" in caught.value.user_message


# -- 401 ------------------------------------------------------------------------------------


def test_after_one_401_the_same_bytes_go_out_with_a_new_token(far, client):
    server = far(
        no("Unauthorized", status=401),
        cancelled(),
        tokens=(ok(token_response()), ok(token_response(value="token-canary-2"))),
    )
    part(client(server))
    first, second = server.calls()
    assert first.body == second.body
    assert first.headers["authorization"] == "Bearer token-canary-1"
    assert second.headers["authorization"] == "Bearer token-canary-2"
    assert len(server.token_calls) == 2


def test_after_two_401_the_outcome_is_unknown_and_the_key_is_named(far, client):
    server = far(no("Unauthorized", status=401))
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        part(client(server))
    assert len(server.calls()) == 2
    assert caught.value.http_status == 401 and caught.value.why is Why.KEY
    assert "API 키 확인" in caught.value.user_message


@pytest.mark.parametrize(
    "second", [no("key", status=401), no("key"), close, no("x", status=500), text(b"", 404)]
)
def test_a_401_and_no_new_token_leave_the_outcome_unknown(far, client, second):
    server = far(no("Unauthorized", status=401), tokens=(ok(token_response()), second))
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        part(client(server))
    assert len(server.calls()) == 1 and caught.value.http_status == 401


def test_a_401_and_then_a_lost_answer_is_unknown(far, client):
    server = far(no("Unauthorized", status=401), close)
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        part(client(server))
    assert caught.value.why is Why.NO_ANSWER and len(server.calls()) == 2


def test_a_401_and_then_a_no_is_a_no(far, client):
    server = far(no("Unauthorized", status=401), no("이미 취소"))
    with pytest.raises(PortOneRejected):
        part(client(server))
    assert len(server.calls()) == 2


# -- proven not sent ------------------------------------------------------------------------


@pytest.fixture
def refused(monkeypatch):
    """``refused(n)``: the next n connections of this process are refused; answers a list that
    grows with each."""
    really = socket.socket.connect

    def refuse(times: int) -> list[object]:
        tried: list[object] = []

        def connect(sock, address):
            if len(tried) < times:
                tried.append(address)
                raise ConnectionRefusedError("refused")
            return really(sock, address)

        monkeypatch.setattr("dashboard.portone.connection.socket.socket.connect", connect)
        return tried

    return refuse


def test_refused_connections_are_tried_again_with_the_same_bytes(far, client, pauses, refused):
    server = far(cancelled())
    portone = client(server)
    portone.check_keys()
    refused(2)
    part(portone)
    assert len(server.calls()) == 1
    assert len(pauses) == 2 and 0.5 <= pauses[0] <= 0.625 and 1 <= pauses[1] <= 1.25


def test_after_three_refused_connections_nothing_was_sent(far, client, refused):
    server = far(cancelled())
    portone = client(server)
    portone.check_keys()
    tried = refused(100)
    with pytest.raises(PortOneNotSent) as caught:
        part(portone)
    assert len(tried) == 3 and server.calls() == []
    assert caught.value.why is Why.NO_CONNECTION


def test_it_is_not_tried_again_when_ten_seconds_are_over(far, client, refused):
    server = far(cancelled())
    portone = client(
        server, limits=Limits(connect_s=0.3, read_s=0.3, total_s=5, resend_within_s=0.1)
    )
    portone.check_keys()
    tried = refused(100)
    with pytest.raises(PortOneNotSent):
        part(portone)
    assert len(tried) == 1


def test_no_cancel_starts_when_its_answer_could_not_be_awaited(far, client):
    def slow_token(talk):
        time.sleep(0.5)
        ok(token_response())(talk)

    server = far(cancelled(), tokens=(slow_token,))
    with pytest.raises(PortOneNotSent) as caught:
        part(client(server, limits=Limits(connect_s=0.4, read_s=0.6, total_s=0.9)))
    assert server.calls() == [] and caught.value.why is Why.NO_TIME


@pytest.mark.parametrize(
    "token",
    [
        close,
        hang,
        no("x", status=503),
        text(b"<html>"),
        no("x", status=429),
        text(b"", 404),
        ok({"now": 1}),
    ],
)
def test_without_a_token_the_cancel_was_not_sent(far, client, token):
    server = far(cancelled(), tokens=(token,))
    with pytest.raises(PortOneNotSent):
        part(client(server))
    assert server.calls() == []


def test_with_a_wrong_key_the_cancel_is_not_sent(far, client):
    server = far(cancelled(), tokens=(no("키가 다릅니다", status=401),))
    with pytest.raises(PortOneNotAuthorised):
        part(client(server))
    assert server.calls() == [] and len(server.token_calls) == 1


def test_a_message_is_one_clean_line_without_secrets(far, client):
    said = (
        "거절\r\n\x1b[31m\u2028secret-canary-1 token-canary-1 key-canary-1 홍길동 110222  "
        + "가" * 900
    )
    account = RefundAccount(holder="홍길동", bank="004", account="110222")
    with pytest.raises(PortOneError) as caught:
        part(client(far(no(said))), refund=account)
    message = caught.value.user_message
    assert message.startswith("거절 [31m *** *** *** *** *** 가") and len(message) == 500
    assert json.dumps(message).count("\\n") == 0
