"""POST /payments/cancel, as portone-v1-api 5, refunds.md and K1-K7 say."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.clock import KST
from tests.sandbox.conftest import NOW

ACCOUNT = {"refund_holder": "홍길동", "refund_bank": "88", "refund_account": "110123456789"}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=KST).timestamp())


def test_refusals_come_inside_http_200(caller):
    assert caller.cancel(imp_uid="imp_000000000000", amount=1)["code"] == 1
    assert caller.cancel()["code"] != 0


def test_wrong_imp_uid_fails_even_with_the_right_order_number(caller, fixture):
    one = fixture["paid_card"][0]
    found = caller.cancel(imp_uid="imp_000000000000", merchant_uid=one["merchant_uid"])
    assert found["code"] == 1
    assert caller.ok(f"/payments/{one['imp_uid']}")["cancel_amount"] == 0


@pytest.mark.parametrize("body", [{}, {"amount": 0}, {"amount": None}, {"amount": ""}])
def test_missing_amount_means_everything(caller, fixture, body):
    one = fixture["paid_card"][0]
    found = caller.cancel(imp_uid=one["imp_uid"], **body)["response"]
    assert (found["status"], found["cancel_amount"]) == ("cancelled", one["amount"])
    assert found["cancel_history"][0]["cancellation_id"]


def test_checksum_is_compared_with_the_balance_before(caller, fixture):
    one = fixture["paid_card"][0]
    balance = one["amount"]
    body = {"imp_uid": one["imp_uid"], "amount": 1000, "checksum": balance, "tax_free": 0}
    assert caller.cancel(**body)["code"] == 0
    assert caller.cancel(**body)["code"] == 1  # the lost answer, pressed again
    assert caller.ok(f"/payments/{one['imp_uid']}")["cancel_amount"] == 1000


def test_partial_keeps_paid_unless_the_switch_says_otherwise(caller, fixture):
    first, second = fixture["paid_card"][:2]
    assert caller.cancel(imp_uid=first["imp_uid"], amount=100)["response"]["status"] == "paid"
    caller.control("POST", "/switches", {"partial_status": "cancelled"})
    found = caller.cancel(imp_uid=second["imp_uid"], amount=100)["response"]
    assert (found["status"], found["cancel_amount"]) == ("cancelled", 100)


def test_form_bodies_work_too(caller, fixture):
    one = fixture["paid_card"][0]
    found = caller.ask(
        "POST", "/payments/cancel", data={"imp_uid": one["imp_uid"], "amount": "500"}
    )
    assert found.json()["response"]["cancel_amount"] == 500


def test_tenth_partial_cancel_is_refused_but_the_last_whole_one_is_not(caller, fixture):
    one = fixture["paid_card"][0]
    for _ in range(9):
        assert caller.cancel(imp_uid=one["imp_uid"], amount=100)["code"] == 0
    assert caller.cancel(imp_uid=one["imp_uid"], amount=100)["code"] != 0  # K1
    assert caller.cancel(imp_uid=one["imp_uid"])["code"] == 0


def test_phone_only_whole_and_only_in_its_month(caller, server):
    paid = next(
        each
        for each in caller.ok("/payments/status/paid", limit=1000)["list"]
        if each["pay_method"] == "phone"
    )
    server.sandbox.clock.stop_at(paid["paid_at"] + 60)
    assert caller.cancel(imp_uid=paid["imp_uid"], amount=100)["code"] != 0  # K2
    server.sandbox.clock.stop_at(paid["paid_at"] + 32 * 86400)
    assert caller.cancel(imp_uid=paid["imp_uid"])["code"] != 0  # K3
    server.sandbox.clock.stop_at(paid["paid_at"] + 60)
    assert caller.cancel(imp_uid=paid["imp_uid"])["code"] == 0


def test_six_months(caller, fixture):
    assert caller.cancel(imp_uid=fixture["old_paid"][0]["imp_uid"])["code"] != 0  # K4


@pytest.mark.parametrize("left_out", ACCOUNT)
def test_virtual_account_needs_the_receiving_account(caller, fixture, left_out):
    one = fixture["paid_vbank"][0]
    account = {name: value for name, value in ACCOUNT.items() if name != left_out}
    assert caller.cancel(imp_uid=one["imp_uid"], **account)["code"] != 0  # K7
    assert caller.cancel(imp_uid=one["imp_uid"], **ACCOUNT)["code"] == 0


@pytest.mark.parametrize("bank", ["04", "088", "99"])
def test_every_bank_code_of_two_or_three_digits_is_taken(caller, fixture, bank):
    one = fixture["paid_vbank"][0]
    assert caller.cancel(imp_uid=one["imp_uid"], **ACCOUNT | {"refund_bank": bank})["code"] == 0


@pytest.mark.parametrize(
    ("moment", "open_"),
    [("22:59:59", True), ("23:00:00", False), ("05:59:59", False), ("06:00:00", True)],
)
def test_night_hours_only_when_switched_on(caller, server, fixture, moment, open_):
    server.sandbox.clock.stop_at(at(f"2026-08-21 {moment}"))
    one, two = fixture["paid_vbank"][:2]
    server.sandbox.switches.night = True
    assert (caller.cancel(imp_uid=one["imp_uid"], **ACCOUNT)["code"] == 0) is open_
    server.sandbox.switches.night = False
    assert caller.cancel(imp_uid=two["imp_uid"], **ACCOUNT)["code"] == 0


@pytest.mark.parametrize("kind", ["ready_vbank", "failed", "cancelled"])
def test_what_was_never_paid_or_is_gone_cannot_be_cancelled(caller, fixture, kind):
    assert caller.cancel(imp_uid=fixture[kind][0]["imp_uid"], **ACCOUNT)["code"] != 0


def test_same_checksum_at_once_pays_once(caller, fixture):
    one = fixture["paid_card"][0]
    body = {"imp_uid": one["imp_uid"], "amount": 100, "checksum": one["amount"]}
    threads = [threading.Thread(target=caller.cancel, kwargs=body) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caller.ok(f"/payments/{one['imp_uid']}")["cancel_amount"] == 100


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=st.lists(st.integers(1, 40_000), max_size=12))
def test_history_always_adds_up(caller, fixture, amounts):
    one = fixture["paid_trans"][0]
    for amount in amounts:
        caller.cancel(imp_uid=one["imp_uid"], amount=amount)
    found = caller.ok(f"/payments/{one['imp_uid']}")
    history = found["cancel_history"]
    assert sum(each["amount"] for each in history) == found["cancel_amount"] <= found["amount"]
    assert len({each["cancellation_id"] for each in history}) == len(history)
    assert (found["status"] == "cancelled") == (found["cancel_amount"] == found["amount"])


def test_console_cancel_and_deposit_are_what_others_do(caller, fixture):
    one = fixture["paid_card"][0]
    caller.control("POST", "/console-cancel", {"imp_uid": one["imp_uid"], "amount": 700})
    assert caller.ok(f"/payments/{one['imp_uid']}")["cancel_history"][0]["amount"] == 700
    two = fixture["ready_vbank"][0]
    caller.control("POST", "/deposit", {"imp_uid": two["imp_uid"]})
    assert caller.ok(f"/payments/{two['imp_uid']}")["paid_at"] == NOW
