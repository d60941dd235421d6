"""What the sandbox can do wrong, seen from a bare socket. Source: refund-safety 3."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
import requests

from dashboard.sandbox import SandboxServer


def talk(server: SandboxServer, caller, body: dict) -> bytes | str:
    """Send a cancel over an own socket; all bytes of the answer, or how the connection ended."""
    written = json.dumps(body).encode()
    head = (
        f"POST /payments/cancel HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: {caller.token()['access_token']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(written)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head.encode() + written)
        received = b""
        try:
            while chunk := connection.recv(4096):
                received += chunk
        except ConnectionResetError:
            return "reset"
    return received


def cancelled(caller, one) -> int:
    return caller.ok(f"/payments/{one['imp_uid']}")["cancel_amount"]


@pytest.mark.parametrize(
    ("script", "ending"),
    [
        ({"answer": "close"}, lambda got: got == b""),
        ({"answer": "rst"}, lambda got: got == "reset"),
        ({"answer": "trunc"}, lambda got: b"\r\n\r\n" in got and not got.endswith(b"}")),
        ({"answer": "trunc", "part": "head"}, lambda got: b"\r\n\r\n" not in got),
        ({"answer": "trunc", "chunked": True}, lambda got: b"\r\n0\r\n" not in got),
        ({"answer": "status", "status": 502, "body": "<html>"}, lambda got: b" 502 " in got[:20]),
        ({"answer": "body", "body": "{"}, lambda got: got.endswith(b"\r\n\r\n{")),
    ],
)
@pytest.mark.parametrize(("execute", "effect"), [("before", 500), ("never", 0), ("after", 500)])
def test_answer_and_effect_are_independent(
    server, caller, fixture, script, ending, execute, effect
):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path="/payments/cancel", execute=execute, **script)
    got = talk(server, caller, {"imp_uid": one["imp_uid"], "amount": 500})
    assert ending(got), got
    deadline = time.monotonic() + 5
    while cancelled(caller, one) != effect and time.monotonic() < deadline:
        time.sleep(0.02)
    assert cancelled(caller, one) == effect
    assert len(server.sandbox.journal.entries("POST", "/payments/cancel")) == 1


def test_never_may_still_look_like_a_yes(server, caller, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path="/payments/cancel", execute="never")
    assert caller.cancel(imp_uid=one["imp_uid"], amount=500)["response"]["cancel_amount"] == 500
    assert cancelled(caller, one) == 0


def test_closing_before_the_body_is_read_executes_nothing(server, caller, fixture):
    one = fixture["paid_card"][0]
    for word in ("close", "rst"):
        server.sandbox.faults.script(path="/payments/cancel", answer=word, before_read=True)
        with contextlib.suppress(ConnectionError):
            talk(server, caller, {"imp_uid": one["imp_uid"], "amount": 500})
    assert cancelled(caller, one) == 0


def test_late_takes_effect_by_the_sandboxs_clock(server, caller, fixture):
    one = fixture["paid_card"][0]
    caller.control(
        "POST",
        "/faults",
        {"path": "/payments/cancel", "execute": "late(90)", "answer": "close"},
    )
    talk(server, caller, {"imp_uid": one["imp_uid"], "amount": 500})
    server.sandbox.clock.advance(89)
    time.sleep(0.1)
    assert cancelled(caller, one) == 0
    server.sandbox.clock.advance(2)
    deadline = time.monotonic() + 5
    while not cancelled(caller, one) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert cancelled(caller, one) == 500


def test_slow_answer_arrives_whole(server, caller, fixture):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(
        path="/payments/cancel", answer="slow", step_bytes=200, step_s=0.01
    )
    assert caller.cancel(imp_uid=one["imp_uid"], amount=500)["code"] == 0


def test_hanging_connection_ends_with_the_server(tmp_path):
    with SandboxServer(tmp_path / "s.db") as server:
        server.sandbox.faults.script(path="/hang", answer="hang")
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        connection.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
        while not server.sandbox.journal.entries("GET", "/hang"):
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert connection.recv(10) == b""
    connection.close()


def test_scripts_count_and_skip(server, caller):
    server.sandbox.faults.script(path="/banks", answer="status", status=503, skip=1, count=2)
    seen = [caller.get("/cards").status_code]

    def status() -> int:
        token = {"Authorization": caller.token()["access_token"]}
        return caller.session.get(f"{server.url}/banks", headers=token, timeout=5).status_code

    seen += [status() for _ in range(4)]
    assert seen == [200, 200, 503, 503, 200]


def test_scripts_come_in_their_order_whenever_they_strike(server, caller, fixture):
    one = fixture["paid_card"][0]
    for script in ({}, {"before_read": True, "answer": "close"}, {}):
        server.sandbox.faults.script(path="/payments/cancel", **script)
    body = {"imp_uid": one["imp_uid"], "amount": 500}
    answers = []
    for _ in range(3):
        try:
            answers.append(talk(server, caller, body)[9:12])
        except ConnectionError:
            answers.append(b"")
    assert [not answer for answer in answers] == [False, True, False]
    assert cancelled(caller, one) == 1000


def test_journal_has_the_exact_bytes(server, caller, fixture):
    one = fixture["paid_card"][0]
    caller.cancel(imp_uid=one["imp_uid"], amount=500, reason="고객 변심 [R7K2M9QX]")
    entry = caller.control("GET", "/journal")[-1]
    assert json.loads(entry["body"])["reason"] == "고객 변심 [R7K2M9QX]"
    assert entry["status"] == 200 and entry["target"] == "/payments/cancel"
    caller.control("DELETE", "/journal")
    assert caller.control("GET", "/journal") == []


def test_reason_stripped_and_stale_reads(server, caller, fixture):
    one = fixture["paid_card"][0]
    caller.control("POST", "/switches", {"strip_reason": True, "stale_reads_s": 60})
    caller.cancel(imp_uid=one["imp_uid"], amount=500, reason="[R7K2M9QX]")
    assert cancelled(caller, one) == 0
    server.sandbox.clock.advance(61)
    found = caller.ok(f"/payments/{one['imp_uid']}")
    assert (found["cancel_amount"], found["cancel_history"][0]["reason"]) == (500, "")


def test_control_needs_its_token(server):
    for headers in ({}, {"X-Control-Token": "wrong"}):
        found = requests.get(f"{server.url}/_control/journal", headers=headers, timeout=5)
        assert found.status_code == 403


@pytest.mark.parametrize("body", [{"answer": "explode"}, {"nonsense": 1}, {"execute": "late(x)"}])
def test_unknown_scripts_are_refused(server, body):
    found = requests.post(
        f"{server.url}/_control/faults",
        json=body,
        headers={"X-Control-Token": server.control_token},
        timeout=5,
    )
    assert found.status_code == 400


def test_new_orders_come_in(caller):
    before = caller.ok("/payments/status/all")["total"]
    made = caller.control("POST", "/orders", {"count": 3})
    assert len(made) == 3
    assert caller.ok("/payments/status/all")["total"] == before + 3


@pytest.mark.parametrize("execute", ["after", "late"])
def test_a_request_without_a_token_never_takes_effect(server, caller, fixture, execute):
    one = fixture["paid_card"][0]
    server.sandbox.faults.script(path="/payments/cancel", execute=execute, answer="close")
    with contextlib.suppress(requests.ConnectionError):
        requests.post(f"{server.url}/payments/cancel", json={"imp_uid": one["imp_uid"]}, timeout=5)
    time.sleep(0.1)
    assert cancelled(caller, one) == 0


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_refused_in_the_envelope(server, sent, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(sent)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.split(b" ")[1] == status
    assert set(json.loads(received.partition(b"\r\n\r\n")[2])) == {"code", "message", "response"}
