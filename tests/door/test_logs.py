"""SEC-51, SEC-52: log lines stay single lines and tell no secret."""

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.logs import OneLine, without_secrets

CANARIES = [
    "900101-1234567",
    "9001011234567",
    "900101 1234567",
    "4111-1111-1111-1111",
    "4111 1111 1111 1111",
    "4111111111111111",
    "4111-11**-****-1111",
    "010-1234-5678",
    "01012345678",
    "+82-10-1234-5678",
    "02-123-4567",
    "110-123-456789",
    "301-0123-4567-81",
    "3010123456781",
    "minji.kim@example.com",
    "scrypt:32768:8:1$abcdefgh$0123456789abcdef",
    ".eJwNy0sKwCAMBcC7vHUXJk3U5DKlBQs.aRk3Pw.o8dnQ0sJ3Q9c5t1Xy9a1bC2dE3f",
    "Bearer abc.def-123",
]
NAMED = [
    "password=hunter2-canary",
    "password: 'hunter2 canary'",
    '{"access_token": "hunter2-canary"}',
    '{"imp_secret":"hunter2 \\" canary"}',
    "imp_key=hunter2-canary&x=1",
    "csrf_token=hunter2-canary",
    "Cookie: jangbu_session_5000=hunter2-canary",
    "Authorization: Bearer hunter2-canary",
    "jangbu_session_5000=hunter2-canary;",
    "buyer_name='홍길동canary'",
    '"buyer_addr": "서울 canary"',
    "refund_holder=canary",
    "refund_account=canary",
]
KEPT = [
    "payment imp_123456789012 of order ORD20260821-0001 read",
    "GET /orders/12?state=paid 200 in 0.013 s",
    "2026-08-21 walked back 90 days, 100000 payments",
    "sync_runs 12 done, 1787288700",
]


def line(message, *args, exc_info=None):
    record = logging.LogRecord("jangbu", logging.INFO, "", 0, message, args, exc_info)
    record.created = 1_787_288_700.123
    return OneLine().format(record)


def test_line_has_time_level_and_name():
    assert line("read %d", 3) == "2026-08-21 14:05:00.123 INFO jangbu: read 3"


@pytest.mark.parametrize("canary", CANARIES)
def test_shape_of_a_secret_is_hidden(canary):
    assert canary not in line("buyer %s called", canary)
    assert canary not in line(f"({canary})")


@pytest.mark.parametrize("text", NAMED)
def test_value_after_a_telling_name_is_hidden(text):
    assert "canary" not in line("%s", text)


@pytest.mark.parametrize("text", KEPT)
def test_what_helps_is_kept(text):
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "evil",
    ["\n", "\r", "\r\n", "\x1b[2J", "\x00", "\x85", "\u2028", "\u2029", "\u202e", "\x0b\x0c"],
)
def test_injection_stays_on_one_line(evil):
    text = line("name %s end", f"a{evil}2026-08-21 00:00:00.000 INFO root: forged")
    assert len(text.splitlines()) == 1
    assert evil not in text


def test_traceback_stays_on_the_line_and_hides_its_secrets():
    try:
        raise ValueError("imp_secret=canary\n\u2028password='canary'")
    except ValueError:
        text = line("failed", exc_info=sys.exc_info())
    assert len(text.splitlines()) == 1
    assert "ValueError" in text
    assert "canary" not in text.split("ValueError")[-1]


def test_wrong_log_call_is_still_a_line():
    assert "%d" in line("read %d", "three")


@given(st.text())
def test_any_text_is_one_printable_line(text):
    formatted = line("%s", text)
    assert len(formatted.splitlines()) == 1
    assert "\x1b" not in formatted
