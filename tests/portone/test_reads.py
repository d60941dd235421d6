"""Reading: repeats, waits, deadlines, errors (refund-safety 1.6; F13-F20, F31, F36)."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from dashboard.portone import (
    Limits,
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    PortOneRejected,
    Why,
)
from tests.portone.far_side import (
    IMP_UID,
    FarSide,
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
)

GOOD = ok(payment_json())


def get(portone):
    return portone.get_payment(IMP_UID, sandbox=False)


def test_a_payment_is_read_with_one_token_and_one_get(far, client):
    server = far(GOOD)
    payment = get(client(server))
    assert payment.imp_uid == IMP_UID and payment.balance == 48000
    assert [seen.line for seen in server.seen] == [
        "POST /users/getToken HTTP/1.1",
        f"GET /payments/{IMP_UID} HTTP/1.1",
    ]


def test_every_request_is_plain_alone_and_authorised(far, client):
    server = far(GOOD)
    get(client(server))
    headers = server.calls()[0].headers
    assert headers["authorization"] == "Bearer token-canary-1"
    assert headers["accept-encoding"] == "identity"
    assert headers["connection"] == "close"
    assert server.connections == 2


PASSING = {
    "closed": close,
    "reset": reset,
    "silent": hang,
    "empty": text(b""),
    "half status line": raw(b"HTTP/1.1 2"),
    "cut off": raw(http(200, b'{"code": 0', length=500)),
    "cut off in a chunk": raw(
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"code"'
    ),
    "no JSON": text(b'{"code": 0,'),
    "not UTF-8": text(b'{"code": 0, "message": "\xff"}'),
    "compressed": text(b"\x1f\x8b\x08 broken", 200, "Content-Encoding: gzip"),
    "a list": answer([]),
    "a number": text(b"5"),
    "null": text(b"null"),
    "NaN": text(b"NaN"),
    "huge": text(b'{"code": 1e309}'),
    "a name twice": text(b'{"code": 0, "code": 0, "response": {}}'),
    "deep": text(b"[" * 10_000),
    "many digits": text(b'{"code": ' + b"9" * 5000 + b"}"),
    "code missing": answer({"response": payment_json()}),
    "code as text": answer({"code": "0", "response": payment_json()}),
    "code true": answer({"code": True, "response": payment_json()}),
    "code false": answer({"code": False, "response": payment_json()}),
    "no response": ok(None),
    "no payment": ok([]),
    "half a won": ok(payment_json(amount=0.5)),
    "500": no("x", status=500),
    "502 page": text(b"<html>Bad Gateway</html>", 502),
    "503": no("x", status=503),
    "408": text(b"", 408),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_read_is_repeated_when_it_may_go_better(far, client, pauses, name):
    server = far(PASSING[name], PASSING[name], PASSING[name], GOOD)
    assert get(client(server)).amount == 48000
    assert len(server.calls()) == 4
    for pause, base in zip(pauses, (0.5, 1, 2), strict=True):
        assert base <= pause <= base * 1.25


@pytest.mark.parametrize("name", PASSING)
def test_a_read_gives_up_after_three_repeats(far, client, name):
    server = far(PASSING[name])
    with pytest.raises(PortOneOutcomeUnknown):
        get(client(server))
    assert len(server.calls()) == 4


FINAL = {
    "a login page": (text(b"<html>", 200, "Content-Type: text/html"), Why.LOGIN_PAGE),
    "a login page without a type": (text(b"  <!doctype html>"), Why.LOGIN_PAGE),
    "a login page by its own status": (text(b"<html>", 511), Why.LOGIN_PAGE),
    "301": (text(b"", 301, "Location: /other"), Why.REDIRECT),
    "302": (text(b"", 302, "Location: http://127.0.0.1:1/"), Why.REDIRECT),
    "307": (text(b"", 307, "Location: /other"), Why.REDIRECT),
    "308": (text(b"", 308, "Location: /other"), Why.REDIRECT),
    "5 MB": (text(b'{"code": 0, "message": "' + b"x" * 5_000_000 + b'"}'), Why.TOO_LARGE),
    "another payment": (ok(payment_json(imp_uid="imp_2")), Why.OTHER_PAYMENT),
}


@pytest.mark.parametrize("name", FINAL)
def test_a_read_is_not_repeated_when_it_would_go_the_same(far, client, name):
    step, why = FINAL[name]
    server = far(step)
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        get(client(server))
    assert caught.value.why is why
    assert len(server.calls()) == 1


def test_no_byte_of_an_endless_answer_is_kept_beyond_the_limit(far, client):
    def endless(talk):
        talk.send(b"HTTP/1.1 200 OK\r\n")
        for _ in range(99):
            talk.send(b"X-Long: " + b"1" * 60_000 + b"\r\n")

    server = far(endless)
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        get(client(server))
    assert caught.value.why is Why.TOO_LARGE


@pytest.mark.parametrize(
    "step",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000),
        dripping(http(200, b" " * 1000)),
    ],
    ids=["headers", "body"],
)
def test_one_byte_now_and_then_does_not_keep_a_call_alive(far, client, step):
    server = far(step)
    started = time.monotonic()
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        get(client(server, limits=Limits(connect_s=0.3, read_s=0.3, total_s=0.7)))
    assert caught.value.why is Why.NO_ANSWER
    assert time.monotonic() - started < 1.5


def test_the_deadline_counts_all_repeats_together(far, client, pauses):
    server = far(hang)
    with pytest.raises(PortOneOutcomeUnknown):
        get(client(server, limits=Limits(connect_s=0.3, read_s=0.3, total_s=1.3), sleep=time.sleep))
    assert len(server.calls()) == 2  # 0.3 + 0.5 + 0.3, and no second left for the next pause


SAYING_NO = {
    "200": (no("조회 실패"), PortOneRejected),
    "400": (no("잘못된 요청", status=400), PortOneRejected),
    "405": (no("PAYCO 전용", status=405), PortOneRejected),
    "409": (no("등록 전", status=409), PortOneRejected),
    "403": (no("허용되지 않은 IP", status=403), PortOneNotAuthorised),
    "404": (no("없습니다", status=404), PortOneNotFound),
}


@pytest.mark.parametrize("name", SAYING_NO)
def test_a_no_is_not_asked_twice(far, client, name):
    step, kind = SAYING_NO[name]
    server = far(step)
    with pytest.raises(kind) as caught:
        get(client(server))
    error = caught.value
    assert len(server.calls()) == 1
    assert (error.code, error.http_status) == (1, int(name))
    assert error.user_message in (
        "조회 실패",
        "잘못된 요청",
        "PAYCO 전용",
        "등록 전",
        "허용되지 않은 IP",
        "없습니다",
    )


def test_a_404_without_a_word_is_not_found(far, client):
    with pytest.raises(PortOneNotFound):
        get(client(far(text(b"", 404))))


@pytest.mark.parametrize("head", [b"HTTP/1.1 404", b"HTTP/1.1 404 Not Found\r\nContent-Ty"])
def test_a_404_cut_off_in_its_head_says_nothing(far, client, pauses, head):
    server = far(*[raw(head)] * 4)
    with pytest.raises(PortOneOutcomeUnknown):
        client(server).get_payment(IMP_UID, sandbox=False)
    assert len(server.calls()) == 4 and len(pauses) == 3


@pytest.mark.parametrize("body", [b"<html>", b"404 page not found", b'{"code": 0}'])
def test_a_404_of_somebody_else_is_not_not_found(far, client, body):
    with pytest.raises(PortOneOutcomeUnknown):
        get(client(far(text(body, 404))))


def test_retry_after_is_honoured(far, client, pauses):
    server = far(no("x", 1, 429, "Retry-After: 5"), no("x", 1, 503, "Retry-After: 7"), GOOD)
    get(client(server, limits=Limits(read_s=1)))
    assert pauses == [5, 7]


def test_retry_after_as_a_date_is_honoured(far, client, pauses):
    date = f"Retry-After: {formatdate(time.time() + 20, usegmt=True)}"
    get(client(far(no("x", 1, 429, date), GOOD), limits=Limits()))
    assert 18 <= pauses[0] <= 21


@pytest.mark.parametrize("value", ["abc", "-5", "", "5.5", "٣", "Mon, 99 Foo"])
def test_a_senseless_retry_after_is_ignored(far, client, pauses, value):
    step = raw(
        http(429, b'{"code": 1}').replace(
            b"\r\n\r\n", f"\r\nRetry-After: {value}\r\n\r\n".encode(), 1
        )
    )
    get(client(far(step, GOOD)))
    assert 0.5 <= pauses[0] <= 0.625


def test_asked_to_wait_for_long_a_read_gives_up_at_once(far, client, pauses):
    server = far(no("x", 1, 429, "Retry-After: 99999"))
    with pytest.raises(PortOneRateLimited) as caught:
        get(client(server))
    assert caught.value.retry_after == 99999
    assert pauses == [] and len(server.calls()) == 1


def test_refused_for_asking_too_often_again_and_again(far, client):
    server = far(no("천천히", status=429))
    with pytest.raises(PortOneRateLimited) as caught:
        get(client(server))
    assert caught.value.user_message == "천천히" and len(server.calls()) == 4


def test_a_wait_that_the_deadline_cannot_hold_is_not_begun(far, client, pauses):
    server = far(no("x", 1, 429, "Retry-After: 20"))
    with pytest.raises(PortOneRateLimited):
        get(client(server))  # 8 seconds in all
    assert pauses == []


def test_a_redirect_leads_nowhere(far, client):
    elsewhere: FarSide = far(GOOD)
    server = far(text(b"", 302, f"Location: {elsewhere.url}/payments/{IMP_UID}"))
    with pytest.raises(PortOneError):
        get(client(server))
    assert elsewhere.connections == 0


def test_the_pc_clock_is_measured_against_the_far_side(far, client):
    ahead = time.time() + 3600
    portone = client(far(GOOD), clock=lambda: ahead)
    assert portone.clock_skew is None
    get(portone)
    assert 3595 < portone.clock_skew < 3605


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_a_senseless_date_measures_nothing(far, client, date):
    server = far(
        raw(http(200, b'{"code": 1}', f"Date: {date}")),
        tokens=(raw(http(200, b'{"code": 1}', f"Date: {date}")),),
    )
    portone = client(server)
    with pytest.raises(PortOneNotAuthorised):
        get(portone)
    assert portone.clock_skew is None
