"""KSNET's rules as tables of cases."""

import calendar
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import KST, kst
from dashboard.ksnet import (
    CancelFacts,
    Cancellability,
    cancellability,
    last_cancel_day,
    vbank_refunds_open,
)


def at(text: str) -> int:
    """A Korean wall-clock time as UNIX seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=KST).timestamp())


NOW = at("2026-08-21 14:05")


def ask(now: int = NOW, **facts: object) -> Cancellability:
    given = {
        "state": "paid",
        "pay_method": "card",
        "amount": 129_000,
        "paid_at": at("2026-08-20 10:00"),
        "vbank_refund_contract": "yes",
    }
    return cancellability(CancelFacts(**(given | facts)), now)  # type: ignore[arg-type]


def rules(answer: Cancellability) -> list[str]:
    return [objection.rule for objection in answer.objections]


def test_fresh_card_payment_is_possible():
    answer = ask(paid_at=at("2026-03-13 09:36"), cancelled=87_000, cancel_count=3, state="partial")
    assert (answer.kind, answer.days_left, answer.count, answer.max_count, answer.balance) == (
        "possible",
        23,
        3,
        9,
        42_000,
    )
    assert answer.can and not answer.soon and not answer.objections


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"state": "ready", "paid_at": None}, "not_paid"),
        ({"state": "failed", "paid_at": None}, "not_paid"),
        ({"state": "waiting", "pay_method": "vbank", "paid_at": None}, "waiting"),
        ({"state": "check"}, "check"),
        ({"state": "partial", "cancelled": 200_000}, "check"),
        ({"state": "partial", "cancelled": -1}, "check"),
        ({"state": "paid", "paid_at": None}, "check"),
        ({"state": "cancelled", "cancelled": 129_000}, "nothing_left"),
        ({"state": "cancelled", "cancelled": 129_000, "paid_at": None}, "nothing_left"),
        ({"currency": "USD"}, "usd"),
        ({"currency": "USD", "state": "ready"}, "not_paid"),
        ({"sandbox": True}, "test"),
        ({"sandbox": True, "state": "failed"}, "not_paid"),
        ({"sandbox": True, "paid_at": at("2026-02-20 23:59")}, "impossible"),
        ({"escrow": True}, "warned"),
        ({"pay_method": "phone"}, "whole_only"),
        ({"pay_method": "phone", "paid_at": at("2026-07-31 23:59")}, "impossible"),
        ({"pay_method": "vbank"}, "possible"),
        ({"pay_method": "vbank", "vbank_refund_contract": None}, "warned"),
        ({"pay_method": "vbank", "vbank_refund_contract": "no"}, "impossible"),
        ({"pay_method": "kakaopay", "cancel_count": 6}, "possible"),
        ({"pay_method": "kakaopay", "cancel_count": 7}, "warned"),
        ({"pay_method": "kakaopay", "cancel_count": 8}, "warned"),
        ({"pay_method": "kakaopay", "cancel_count": 9}, "whole_only"),
        ({"pay_method": "somethingnew"}, "possible"),
        ({"paid_at": at("2026-02-21 00:00")}, "warned"),
        ({"paid_at": at("2026-02-20 23:59")}, "impossible"),
    ],
)
def test_kind(facts: dict, kind: str):
    answer = ask(**facts)
    assert answer.kind == kind
    assert answer.can == (kind in {"possible", "whole_only", "warned", "test"})


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"pay_method": "phone"}, ["K2"]),
        ({"pay_method": "phone", "paid_at": at("2026-07-31 23:59")}, ["K3", "K2"]),
        ({"paid_at": at("2026-02-20 12:00")}, ["K4"]),
        ({"pay_method": "vbank", "vbank_refund_contract": "no"}, ["K6"]),
        ({"cancel_count": 9, "escrow": True}, ["K1", "K14"]),
        ({"currency": "USD"}, ["K17"]),
        ({"sandbox": True}, ["K51"]),
    ],
)
def test_objections_gravest_first(facts: dict, found: list[str]):
    assert rules(ask(**facts)) == found


@pytest.mark.parametrize(
    ("method", "paid", "last"),
    [
        ("card", "2026-03-02 16:48", date(2026, 9, 2)),
        ("card", "2026-08-31 12:00", date(2027, 2, 28)),  # no 31 February
        ("card", "2027-08-31 12:00", date(2028, 2, 29)),  # leap year
        ("card", "2027-08-29 12:00", date(2028, 2, 29)),
        ("trans", "2026-02-28 00:00", date(2026, 8, 28)),
        ("vbank", "2025-12-31 23:59", date(2026, 6, 30)),
        ("naverpay", "2026-07-15 08:00", date(2027, 1, 15)),  # over new year
        ("phone", "2026-01-31 23:59", date(2026, 1, 31)),
        ("phone", "2028-02-01 00:00", date(2028, 2, 29)),
        ("phone", "2026-12-01 00:00", date(2026, 12, 31)),
    ],
)
def test_last_day(method: str, paid: str, last: date):
    assert last_cancel_day(method, at(paid)) == last


def test_days_are_korean_days():
    """15:30 UTC is already the next day in Seoul."""
    paid = int(datetime.fromisoformat("2026-03-01T15:30:00+00:00").timestamp())
    assert last_cancel_day("card", paid) == date(2026, 9, 2)
    assert ask(at("2026-09-01 23:59"), paid_at=paid).days_left == 1
    assert ask(at("2026-09-02 00:00"), paid_at=paid).days_left == 0


@pytest.mark.parametrize(("days", "soon"), [(15, False), (14, True), (0, True), (-1, False)])
def test_amber_from_fourteen_days(days: int, soon: bool):
    now = at("2026-09-02 12:00") - days * 86_400
    answer = ask(now, paid_at=at("2026-03-02 16:48"))
    assert (answer.days_left, answer.soon) == (days, soon)


@pytest.mark.parametrize(
    ("clock", "is_open", "opens"),
    [
        ("2026-08-21 05:59:59", False, "2026-08-21 06:00"),
        ("2026-08-21 06:00:00", True, None),
        ("2026-08-21 22:54:59", True, None),
        ("2026-08-21 22:55:00", False, "2026-08-22 06:00"),
        ("2026-08-21 23:00:00", False, "2026-08-22 06:00"),
        ("2026-08-22 00:00:00", False, "2026-08-22 06:00"),
        ("2026-12-31 23:30:00", False, "2027-01-01 06:00"),
    ],
)
def test_vbank_hours(clock: str, is_open: bool, opens: str | None):
    now = at(clock)
    answer = ask(now, pay_method="vbank", paid_at=now - 7200)
    assert vbank_refunds_open(now) is is_open
    assert answer.kind == ("possible" if is_open else "warned")
    assert bool(answer.stops(part=False)) is not is_open
    assert answer.opens_at == (at(opens) if opens else None)


def test_night_does_not_concern_cards():
    assert ask(at("2026-08-21 23:30")).kind == "possible"


def test_tenth_partial_cancel_stops_but_the_whole_rest_may_be_tried():
    answer = ask(cancel_count=9)
    assert rules(answer) == ["K1"]
    assert answer.stops(part=True) and not answer.stops(part=False)
    assert answer.stop is None


def test_phone_has_no_partial_count():
    assert ask(pay_method="phone").max_count is None


METHODS = ["card", "vbank", "trans", "phone", "kakaopay", "naverpay", "payco", "lpay", "ssgpay"]
STATES = ["ready", "waiting", "paid", "partial", "cancelled", "failed", "check"]
FACTS = st.builds(
    CancelFacts,
    state=st.sampled_from(STATES),
    pay_method=st.sampled_from(METHODS),
    amount=st.integers(0, 10**9),
    cancelled=st.integers(0, 10**9),
    cancel_count=st.integers(0, 12),
    paid_at=st.none() | st.integers(0, 2**32),
    currency=st.sampled_from(["KRW", "USD"]),
    sandbox=st.booleans(),
    escrow=st.booleans(),
    vbank_refund_contract=st.sampled_from(["yes", "no", None]),
)


@given(FACTS, st.integers(0, 2**33))
def test_answer_is_consistent(facts: CancelFacts, now: int):
    answer = cancellability(facts, now)
    assert answer.balance >= 0
    assert answer.can == (
        answer.days_left is not None and answer.days_left >= 0 and answer.stop is None
    )
    if answer.can:
        assert answer.balance == facts.amount - facts.cancelled > 0
    if answer.kind == "possible":
        assert not answer.objections
    for objection in answer.objections:
        assert objection.ko.endswith("요.") or objection.ko.endswith("다.")
        assert objection.en.endswith(".")


@given(st.integers(0, 2**33), st.sampled_from(METHODS))
def test_deadline_lies_in_its_month(paid_at: int, method: str):
    paid, last = kst(paid_at).date(), last_cancel_day(method, paid_at)
    months = (last.year - paid.year) * 12 + last.month - paid.month
    assert months == (0 if method == "phone" else 6)
    assert paid <= last
    if method != "phone":
        assert last.day == min(paid.day, calendar.monthrange(last.year, last.month)[1])


@given(st.integers(0, 2**33), st.sampled_from(METHODS), st.integers(0, 400))
def test_a_day_later_is_a_day_less(paid_at: int, method: str, days: int):
    facts = CancelFacts(state="paid", pay_method=method, amount=1, paid_at=paid_at)
    now = paid_at + days * 86_400
    today, tomorrow = cancellability(facts, now), cancellability(facts, now + 86_400)
    assert today.days_left is not None and tomorrow.days_left == today.days_left - 1
    assert today.last_day == kst(now).date() + timedelta(days=today.days_left)
