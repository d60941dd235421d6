"""The verdict over every set of attempts: never paid without the money that was asked for."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from dashboard.checkout.rules import DEPOSIT_GRACE_S, Asked, against, judge
from dashboard.orders.states import payment_state, was_paid
from dashboard.portone import Payment

NOW = 1_787_288_700
ASKED = Asked(
    merchant_uid="20260821-K7R2M9QX",
    amount=12_000,
    currency="KRW",
    sandbox=False,
    pg_mid="2041700123",
    escrow=False,
)


def payment(**changes) -> Payment:
    raw = {
        "imp_uid": "imp_000000000001",
        "merchant_uid": ASKED.merchant_uid,
        "amount": 12_000,
        "cancel_amount": 0,
        "currency": "KRW",
        "status": "paid",
        "pay_method": "card",
        "pg_provider": "ksnet",
        "pg_id": ASKED.pg_mid,
        "started_at": NOW - 60,
        "paid_at": NOW - 30,
    } | changes
    if raw["status"] in ("ready", "failed"):
        raw["paid_at"] = 0
    cancelled = raw["cancel_amount"]
    raw["cancel_history"] = [{"amount": cancelled, "cancelled_at": NOW}] if cancelled else []
    return Payment.from_json(raw)


attempts = st.builds(
    lambda number, **changes: payment(imp_uid=f"imp_{number:012d}", **changes),
    number=st.integers(1, 10**6),
    merchant_uid=st.sampled_from([ASKED.merchant_uid] * 4 + ["another"]),
    amount=st.sampled_from([12_000, 12_000, 100, 120_000]),
    currency=st.sampled_from(["KRW", "KRW", "KRW", "USD"]),
    status=st.sampled_from(["ready", "paid", "paid", "failed", "cancelled", "new_word"]),
    cancel_amount=st.sampled_from([0, 0, 0, 100]),
    sandbox=st.sampled_from([False, False, False, True]),
    pg_provider=st.sampled_from(["ksnet", "ksnet", "ksnet", "payco"]),
    pg_id=st.sampled_from([ASKED.pg_mid, ASKED.pg_mid, "2999199999"]),
    escrow=st.booleans(),
    vbank_num=st.sampled_from(["", "123"]),
    vbank_date=st.sampled_from([0, NOW + 60, NOW - 2 * DEPOSIT_GRACE_S]),
    fail_reason=st.sampled_from(["", "한도초과"]),
)


@given(
    st.lists(attempts, max_size=5, unique_by=lambda one: one.imp_uid),
    st.booleans(),
    st.sampled_from([None, NOW - 3600, NOW + 3600]),
)
def test_only_money_that_fits_makes_a_request_paid(payments, escrow, given_up_at):
    asked = dataclasses.replace(ASKED, escrow=escrow, given_up_at=given_up_at)
    verdict = judge(asked, payments, NOW)
    ours = [one for one in payments if one.merchant_uid == asked.merchant_uid]
    fits = [one for one in ours if was_paid(one) and against(asked, one) is None]
    held = [one for one in ours if was_paid(one) and payment_state(one) != "cancelled"]
    assert (verdict.state == "paid") == bool(fits)
    if verdict.state == "paid":
        assert verdict.imp_uid in {one.imp_uid for one in fits}
        chosen_is_held = verdict.imp_uid in {one.imp_uid for one in held}
        twice = len(held) > 1 or (bool(held) and not chosen_is_held)
        assert (verdict.alarm == "paid_twice") == twice
    if held and not fits:  # money that nobody asked for is never silent
        assert verdict.state == "mismatch" and verdict.alarm is not None
    if verdict.imp_uid:
        assert verdict.imp_uid in {one.imp_uid for one in ours}
    assert judge(asked, list(reversed(payments)), NOW).state == verdict.state


@given(st.lists(attempts, max_size=4, unique_by=lambda one: one.imp_uid))
def test_payments_of_other_orders_change_nothing(payments):
    others = [one for one in payments if one.merchant_uid != ASKED.merchant_uid]
    assert judge(ASKED, others, NOW) == judge(ASKED, [], NOW)


def test_an_unknown_word_of_portone_is_not_judged():
    assert judge(ASKED, [payment(status="partial", paid_at=0)], NOW).state is None
