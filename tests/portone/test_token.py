"""The token: PortOne's clock, one for all threads, renewed in time (F32-F34, F64)."""

from __future__ import annotations

import threading
import time
import traceback

import pytest

from dashboard.portone import (
    Limits,
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    Why,
)
from dashboard.portone.limits import Deadline
from dashboard.portone.token import Moment, Token
from tests.portone.far_side import (
    IMP_UID,
    KEY,
    SECRET,
    TOKEN,
    close,
    hang,
    no,
    ok,
    payment_json,
    token_response,
)

GOOD = ok(payment_json())


def get(portone):
    return portone.get_payment(IMP_UID, sandbox=False)


def issue(life_s: int, value: str = TOKEN, now: int | None = None):
    return ok(token_response(life_s, value, now))


def test_a_token_is_used_again(far, client):
    server = far(GOOD)
    portone = client(server)
    for _ in range(3):
        get(portone)
    assert len(server.token_calls) == 1
    assert server.token_calls[0].json == {"imp_key": KEY, "imp_secret": SECRET}


@pytest.mark.parametrize("off_s", [-86400, 9 * 3600, 86400])
def test_a_wrong_pc_clock_neither_ages_nor_loops(far, client, off_s):
    server = far(GOOD)
    portone = client(server, clock=lambda: time.time() + off_s)
    for _ in range(3):
        get(portone)
    assert len(server.token_calls) == 1


def test_the_life_is_counted_by_portones_clock(far, client):
    long_ago = int(time.time()) - 10**6
    server = far(GOOD, tokens=(issue(1800, now=long_ago),))
    portone = client(server)
    get(portone)
    get(portone)
    assert len(server.token_calls) == 1


def test_a_token_with_under_a_minute_left_is_renewed(far, client):
    server = far(GOOD, tokens=(issue(50), issue(300, "token-canary-2")))
    portone = client(server)
    get(portone)
    get(portone)
    get(portone)
    assert [seen.headers["authorization"][-1] for seen in server.calls()] == ["1", "2", "2"]
    assert len(server.token_calls) == 2


def test_a_write_wants_two_minutes_and_takes_what_there_is(far, client):
    history = [{"amount": 1, "cancellation_id": "c"}]
    server = far(ok(payment_json(cancel_amount=1, cancel_history=history)), tokens=(issue(100),))
    portone = client(server)
    get(portone)
    get(portone)  # 100 seconds are plenty for a read
    assert len(server.token_calls) == 1
    portone.cancel_part(IMP_UID, amount=1, tax_free=0, checksum=48000, reason="x")
    assert len(server.token_calls) == 2
    assert server.calls("/payments/cancel")[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_while_the_pc_slept_the_token_grew_old(far, client):
    now = [1000.0]
    server = far(GOOD)
    portone = client(server, clock=lambda: now[0])
    get(portone)
    now[0] += 8 * 3600
    get(portone)
    assert len(server.token_calls) == 2


def test_a_life_is_the_shorter_of_two_clocks():
    token = Token("x", 100, Moment(time.monotonic() - 30, 1000))
    assert 69 < token.left(1000) <= 70
    assert token.left(1060) == 40
    assert 69 < token.left(0) <= 70


@pytest.mark.parametrize(
    "response",
    [
        None,
        {},
        {"access_token": "x"},
        token_response(0),
        token_response(-5),
        token_response(value="a b"),
        token_response(value="a\r\nX-Evil: 1"),
        token_response(value="토큰"),
        {"access_token": 5, "now": 1, "expired_at": 2},
        {"access_token": "x", "now": 0, "expired_at": 2},
    ],
)
def test_what_is_no_token_is_not_used(far, client, response):
    server = far(GOOD, tokens=(ok(response),))
    with pytest.raises(PortOneOutcomeUnknown):
        get(client(server))
    assert server.calls() == [] and len(server.token_calls) == 3


@pytest.mark.parametrize("passing", [close, no("x", status=500), no("x", status=429)])
def test_a_token_is_asked_for_up_to_three_times(far, client, pauses, passing):
    server = far(GOOD, tokens=(passing, passing, issue(1800)))
    get(client(server))
    assert len(server.token_calls) == 3 and len(pauses) == 2


def test_too_many_questions_for_a_token(far, client):
    with pytest.raises(PortOneRateLimited):
        get(client(far(GOOD, tokens=(no("x", status=429),))))


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (no("인증 실패", status=401), Why.KEY),
        (no("키가 없습니다", code=-1), Why.KEY),
        (no("잘못된 요청", status=400), Why.KEY),
        (no("허용되지 않은 IP", status=403), Why.IP),
    ],
)
def test_a_refused_key_is_asked_once(far, client, step, why):
    server = far(GOOD, tokens=(step,))
    with pytest.raises(PortOneNotAuthorised) as caught:
        client(server).check_keys()
    assert caught.value.why is why and len(server.token_calls) == 1


def test_checking_keys_always_asks(far, client):
    server = far(GOOD)
    portone = client(server)
    get(portone)
    portone.check_keys()
    assert len(server.token_calls) == 2


def test_after_one_401_a_read_goes_on_with_a_new_token(far, client):
    server = far(
        no("Unauthorized", status=401), GOOD, tokens=(issue(1800), issue(1800, "token-canary-2"))
    )
    get(client(server))
    assert [seen.headers["authorization"][-1] for seen in server.calls()] == ["1", "2"]


def test_after_two_401_the_key_is_named(far, client):
    server = far(no("Unauthorized", status=401))
    with pytest.raises(PortOneNotAuthorised) as caught:
        get(client(server))
    assert "API 키 확인" in caught.value.user_message
    assert len(server.calls()) == 2 and len(server.token_calls) == 2


def test_a_dropped_token_that_was_replaced_stays(far, client):
    server = far(GOOD)
    keeper = client(server)._tokens
    old = keeper.get(Deadline(5), left_s=0)
    keeper.renew(Deadline(5))
    keeper.drop(old)
    keeper.get(Deadline(5), left_s=0)
    assert len(server.token_calls) == 2


def test_threads_share_one_token(far, client):
    server = far(GOOD)
    portone = client(server)
    threads = [threading.Thread(target=get, args=(portone,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.token_calls) == 1 and len(server.calls()) == 12


def test_nobody_waits_for_another_threads_token_beyond_the_deadline(far, client):
    server = far(GOOD, tokens=(hang,))
    portone = client(server, limits=Limits(connect_s=0.3, read_s=1.5, total_s=1.6))
    impatient = client(server, limits=Limits(connect_s=0.3, read_s=0.3, total_s=0.3))
    impatient._tokens._lock = portone._tokens._lock
    first = threading.Thread(target=lambda: pytest.raises(PortOneError, get, portone))
    first.start()
    while not server.token_calls:
        time.sleep(0.01)
    with pytest.raises(PortOneNotSent) as caught:
        get(impatient)
    assert caught.value.why is Why.NO_TIME
    first.join()


def test_no_secret_hangs_on_an_error(far, client):
    """Neither in its text nor anywhere its chain leads (SEC-49)."""
    for step in (close, no(f"{SECRET} {TOKEN}"), no("x", status=401), hang):
        portone = client(far(step))
        with pytest.raises(PortOneError) as caught:
            get(portone)
        error = caught.value
        shown = "".join(traceback.format_exception(error)) + repr(vars(error)) + repr(portone)
        for canary in (KEY, SECRET, TOKEN):
            assert canary not in shown
        assert error.__cause__ is None
        assert error.__context__ is None or isinstance(error.__context__, PortOneError)
