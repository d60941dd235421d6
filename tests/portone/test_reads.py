"""Reading: repeats, waits, errors."""

from __future__ import annotations

import pytest

from dashboard.portone import Limits, PortOne, PortOneNotFound, PortOneOutcomeUnknown
from tests.portone.far_side import (
    IMP_UID,
    KEY,
    SECRET,
    FarSide,
    close,
    no,
    ok,
    payment_json,
    reset,
    text,
)

SHORT = Limits(connect_s=0.5, read_s=0.5, total_s=10)


def client(far: FarSide, pauses: list[float] | None = None, limits: Limits = SHORT) -> PortOne:
    sleep = (lambda _: None) if pauses is None else pauses.append
    return PortOne(far.url, KEY, SECRET, limits=limits, sleep=sleep)


def test_a_payment_is_read_with_one_token_and_one_get() -> None:
    with FarSide(ok(payment_json())) as far:
        payment = client(far).get_payment(IMP_UID, sandbox=False)
    assert payment.imp_uid == IMP_UID and payment.balance == 48000
    assert [seen.line for seen in far.seen] == [
        "POST /users/getToken HTTP/1.1",
        f"GET /payments/{IMP_UID} HTTP/1.1",
    ]


def test_include_sandbox_is_sent_exactly_for_test_channel_payments() -> None:
    with FarSide(ok(payment_json(sandbox=True))) as far:
        client(far).get_payment(IMP_UID, sandbox=True)
    assert far.calls()[0].target == f"/payments/{IMP_UID}?include_sandbox=true"


@pytest.mark.parametrize("fault", [close, reset, text(b""), no("x", status=502)])
def test_a_read_is_repeated_with_growing_pauses(fault: object) -> None:
    pauses: list[float] = []
    with FarSide(fault, fault, fault, ok(payment_json())) as far:  # type: ignore[arg-type]
        client(far, pauses).get_payment(IMP_UID, sandbox=False)
    assert len(far.calls()) == 4
    for pause, base in zip(pauses, (0.5, 1, 2), strict=True):
        assert base <= pause <= base * 1.25


def test_a_read_gives_up_after_three_repeats() -> None:
    with FarSide(close) as far, pytest.raises(PortOneOutcomeUnknown):
        client(far).get_payment(IMP_UID, sandbox=False)
    assert len(far.calls()) == 4


def test_a_missing_payment_is_not_found() -> None:
    with FarSide(no("없습니다", status=404)) as far, pytest.raises(PortOneNotFound) as caught:
        client(far).get_payment(IMP_UID, sandbox=False)
    assert caught.value.user_message == "없습니다"
