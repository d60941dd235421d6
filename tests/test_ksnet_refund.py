"""KSNET's rules against one wish to cancel: K1-K17 as tables of cases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.ksnet import (
    CancelFacts,
    CancelWish,
    Objection,
    refund_objections,
    stops,
    tax_texts,
    vbank_closes_at,
    vbank_opens_at,
    warnings,
)
from tests.test_ksnet import METHODS, NOW, STATES, at

PAID = at("2026-08-20 10:00")
ACCOUNT = {"holder": "오세진", "bank": "088", "account": "110492374821"}
WALLETS = ["lpay", "ssgpay", "kakaopay", "naverpay", "payco"]
METHODS_WITH_PARTS = ["card", "trans", "vbank", *WALLETS]


def facts_of(**given_: object) -> CancelFacts:
    usual = {
        "state": "paid",
        "pay_method": "card",
        "amount": 30_000,
        "paid_at": PAID,
        "vbank_refund_contract": "yes",
        "bank_codes_confirmed": True,
        "receipt": "none",
    }
    return CancelFacts(**(usual | given_))  # type: ignore[arg-type]


def wish_of(facts: CancelFacts, **given_: object) -> CancelWish:
    usual = {"amount": facts.balance, "tax_free": 0, "kind": "whole"}
    if facts.pay_method == "vbank":
        usual |= ACCOUNT
    return CancelWish(**(usual | given_))  # type: ignore[arg-type]


def ask(now: float = NOW, *, wish: dict | None = None, **given_: object) -> tuple[Objection, ...]:
    facts = facts_of(**given_)
    return refund_objections(facts, wish_of(facts, **(wish or {})), now)


def said(found: tuple[Objection, ...], *severities: str) -> list[str]:
    return [o.rule for o in found if o.severity in severities]


PART = {"kind": "part", "amount": 4_000}


def test_a_whole_card_cancel_only_says_where_to_cancel():
    assert ask() == (tax_texts.K9,)


@pytest.mark.parametrize("method", METHODS_WITH_PARTS)
@pytest.mark.parametrize("wish", [{}, PART])
def test_a_plain_refund_is_free_to_go(method: str, wish: dict):
    found = ask(pay_method=method, wish=wish)
    assert not stops(found) and not warnings(found)


@pytest.mark.parametrize(
    ("given_", "rule"),
    [
        ({"state": "ready", "paid_at": None}, "state"),
        ({"state": "waiting", "pay_method": "vbank", "paid_at": None}, "state"),
        ({"state": "failed", "paid_at": None}, "state"),
        ({"state": "check"}, "state"),
        ({"state": "something new"}, "state"),
        ({"state": "paid", "paid_at": None}, "state"),
        ({"state": "partial", "cancelled": -1}, "state"),
        ({"state": "partial", "cancelled": 30_001}, "state"),
        ({"state": "cancelled", "cancelled": 30_000}, "balance"),
        ({"state": "partial", "cancelled": 30_000}, "balance"),
        ({"currency": "USD"}, "K17"),
        ({"currency": "EUR", "state": "cancelled"}, "K17"),
    ],
)
def test_a_wrong_state_currency_or_empty_balance_says_only_that(given_: dict, rule: str):
    found = ask(**given_)
    assert [(o.rule, o.severity) for o in found] == [(rule, "stops")]


# -- K1, K2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS_WITH_PARTS)
@pytest.mark.parametrize(
    ("count", "wish", "stop", "warn", "note"),
    [
        (0, PART, [], [], False),
        (6, PART, [], [], False),
        (7, PART, [], [], True),
        (8, PART, [], [], True),
        (9, PART, ["K1"], [], False),
        (12, PART, ["K1"], [], False),
        (8, {}, [], [], False),
        (9, {}, [], ["K1"], False),
        (9, {"kind": "part"}, [], ["K1"], False),  # a part that is all the rest
    ],
)
def test_k1_nine_partial_cancels(method, count, wish, stop, warn, note):
    found = ask(pay_method=method, cancel_count=count, state="partial", wish=wish)
    assert said(found, "stops") == stop
    assert said(found, "warns") == warn
    assert ("K1" in said(found, "notes")) is note


def test_k1_counts_down():
    assert "2번" in ask(cancel_count=7, wish=PART)[0].ko
    assert "left: 1" in ask(cancel_count=8, wish=PART)[0].en


@pytest.mark.parametrize(("amount", "stop"), [(29_999, ["K2"]), (1, ["K2"]), (30_000, [])])
def test_k2_phone_payments_go_back_whole(amount: int, stop: list):
    found = ask(pay_method="phone", cancel_count=9, wish={"kind": "part", "amount": amount})
    assert said(found, "stops") == stop
    assert said(found, "warns") == []


# -- K3, K4 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "now", "stop"),
    [
        ("2026-01-31 23:59", "2026-01-31 23:59:59", []),
        ("2026-01-31 23:59", "2026-02-01 00:00:00", ["K3"]),
        ("2026-08-01 00:00", "2026-08-31 23:59:59", []),
        ("2025-08-01 00:00", "2026-08-01 00:00:00", ["K3"]),
        ("2026-12-31 12:00", "2027-01-01 00:00:00", ["K3"]),
    ],
)
def test_k3_phone_payments_go_back_in_their_month(paid: str, now: str, stop: list):
    found = ask(at(now), pay_method="phone", paid_at=at(paid))
    assert said(found, "stops") == stop
    assert ("K3" in said(found, "notes")) is not bool(stop)


@pytest.mark.parametrize("method", METHODS_WITH_PARTS)
@pytest.mark.parametrize(
    ("now", "warn", "note"),
    [
        ("2026-08-18 12:00", [], False),  # fifteen days left
        ("2026-08-19 12:00", [], True),
        ("2026-09-01 12:00", [], True),
        ("2026-09-02 12:00", ["K4"], False),  # the boundary day
        ("2026-09-03 12:00", ["K4"], False),
        ("2027-09-03 12:00", ["K4"], False),
    ],
)
def test_k4_six_months_warn_and_never_stop(method: str, now: str, warn: list, note: bool):
    found = ask(at(now), pay_method=method, paid_at=at("2026-03-02 16:48"))
    assert said(found, "stops") == []
    assert said(found, "warns") == warn
    assert ("K4" in said(found, "notes")) is note


def test_days_are_counted_in_the_text():
    note = ask(at("2026-09-01 12:00"), paid_at=at("2026-03-02 16:48"))[0]
    assert "2026-09-02" in note.ko and "D-1" in note.ko and "D-1" in note.en
    note = ask(at("2026-08-31 12:00"), pay_method="phone")[0]
    assert "2026-08-31" in note.ko and "D-day" in note.en


# -- K5-K8 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "warn", "note"),
    [
        ("2026-08-21 05:59:59", True, False),
        ("2026-08-21 06:00:00", False, False),
        ("2026-08-21 22:24:59", False, False),
        ("2026-08-21 22:25:00", False, True),
        ("2026-08-21 22:54:59", False, True),
        ("2026-08-21 22:55:00", True, False),
        ("2026-08-21 23:30:00", True, False),
        ("2026-08-22 00:00:00", True, False),
    ],
)
def test_k5_nights(clock: str, warn: bool, note: bool):
    now = at(clock)
    found = ask(now, pay_method="vbank")
    assert said(found, "stops") == []
    assert said(found, "warns") == (["K5"] if warn else [])
    assert ("K5" in said(found, "notes")) is note
    night = next((o for o in found if o.rule == "K5"), None)
    assert (night.passes_at if night else None) == (vbank_opens_at(now) if warn else None)
    assert (night.comes_at if night else None) == (vbank_closes_at(now) if note else None)


def test_k5_tells_the_minutes():
    note = next(o for o in ask(at("2026-08-21 22:41"), pay_method="vbank") if o.rule == "K5")
    assert note.ko.startswith("22:55까지 보내 주세요. 14분 남았습니다.")
    last = next(o for o in ask(at("2026-08-21 22:54:40"), pay_method="vbank") if o.rule == "K5")
    assert "1분" in last.ko


@pytest.mark.parametrize("method", [m for m in METHODS if m != "vbank"])
def test_nights_contracts_and_bank_codes_concern_virtual_accounts_only(method: str):
    found = ask(
        at("2026-08-21 23:30"),
        pay_method=method,
        vbank_refund_contract="no",
        bank_codes_confirmed=False,
    )
    assert not {"K5", "K6", "K7", "K8"} & {o.rule for o in found}


@pytest.mark.parametrize(
    ("contract", "stop", "warn"),
    [("yes", [], []), ("no", ["K6"], []), (None, [], ["K6"]), ("?", [], ["K6"])],
)
def test_k6_contract(contract: str | None, stop: list, warn: list):
    found = ask(pay_method="vbank", vbank_refund_contract=contract)
    assert (said(found, "stops"), said(found, "warns")) == (stop, warn)


@pytest.mark.parametrize(
    "typed",
    [
        {"holder": ""},
        {"holder": "   "},
        {"bank": ""},
        {"bank": "8"},
        {"bank": "0088"},
        {"bank": "신한"},
        {"bank": "０８８"},
        {"account": ""},
        {"account": "12345"},
        {"account": "110-492-374821"},
        {"account": "１１０４９２３７４８２１"},
        {"account": "1" * 21},
        {"account": "110492374821\n"},
    ],
)
def test_k7_needs_an_account(typed: dict):
    assert said(ask(pay_method="vbank", wish=typed), "stops") == ["K7"]
    assert said(ask(pay_method="trans", wish=ACCOUNT | typed), "stops") == []


@pytest.mark.parametrize("bank", ["088", "88", "209"])
def test_k7_takes_codes_of_two_and_three_digits(bank: str):
    assert not stops(ask(pay_method="vbank", wish={"bank": bank}))


def test_k8_until_the_codes_are_confirmed():
    assert said(ask(pay_method="vbank", bank_codes_confirmed=False), "warns") == ["K8"]


def test_bank_details_are_in_no_repr():
    text = repr(CancelWish(amount=1, tax_free=0, kind="whole", **ACCOUNT))
    assert not any(detail in text for detail in ACCOUNT.values())


# -- K10, balance ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["whole", "part"])
@pytest.mark.parametrize("amount", [None, 0, -1])
def test_k10_an_amount_is_a_positive_number(kind: str, amount: int | None):
    assert said(ask(wish={"kind": kind, "amount": amount}), "stops") == ["K10"]


@pytest.mark.parametrize(
    ("kind", "amount", "stop"),
    [
        ("part", 1, []),
        ("part", 29_999, []),
        ("part", 30_000, []),
        ("part", 30_001, ["balance"]),
        ("whole", 30_000, []),
        ("whole", 29_999, ["balance"]),
        ("whole", 30_001, ["balance"]),
    ],
)
def test_the_amount_fits_the_balance(kind: str, amount: int, stop: list):
    assert said(ask(wish={"kind": kind, "amount": amount}), "stops") == stop


# -- K11, K15, K16 -----------------------------------------------------------------------------

MIXED = {"tax_free_least": 12_000, "tax_free_most": 12_000}


@pytest.mark.parametrize(
    ("given_", "amount", "tax_free", "fits"),
    [
        (MIXED, 9_000, 4_000, True),
        (MIXED, 9_000, 0, True),
        (MIXED, 9_000, 9_000, True),
        (MIXED, 9_000, 9_001, False),
        (MIXED, 9_000, -1, False),
        (MIXED, 13_000, 12_001, False),
        (MIXED, 18_000, 0, True),
        (MIXED, 18_001, 0, False),
        (MIXED, 18_001, 1, True),
        (MIXED, 30_000, 12_000, True),
        (MIXED, 30_000, 11_999, False),
        (MIXED, 30_000, 0, False),
        ({}, 4_000, 0, True),
        ({}, 4_000, 1, False),
        ({"tax_free_least": 2_000, "tax_free_most": 6_000}, 30_000, 1_999, False),
        ({"tax_free_least": 2_000, "tax_free_most": 6_000}, 30_000, 2_000, True),
        ({"tax_free_least": 2_000, "tax_free_most": 6_000}, 30_000, 6_000, True),
        ({"tax_free_least": 2_000, "tax_free_most": 6_000}, 30_000, 6_001, False),
    ],
)
def test_k11_bounds(given_: dict, amount: int, tax_free: int, fits: bool):
    found = ask(**given_, wish={"kind": "part", "amount": amount, "tax_free": tax_free})
    assert said(found, "stops") == ([] if fits else ["K11"])


def test_k11_says_the_bounds():
    exact = stops(ask(**MIXED))[0]
    assert "12,000원이어야" in exact.ko and "₩12,000" in exact.en
    wide = stops(ask(**MIXED, wish={"kind": "part", "amount": 20_000, "tax_free": 0}))[0]
    assert "2,000원부터 12,000원까지" in wide.ko and "₩2,000 to ₩12,000" in wide.en


@pytest.mark.parametrize(
    ("given_", "wish", "expected"),
    [
        ({"tax_free_least": None, "tax_free_most": None}, {}, tax_texts.K11_UNKNOWN),
        ({"tax_free_least": 5, "tax_free_most": 4}, {}, tax_texts.K11_CONTRADICTED),
        ({}, {"tax_free": None}, tax_texts.K11_MISSING),
    ],
)
def test_k11_what_nobody_knows(given_: dict, wish: dict, expected: Objection):
    assert stops(ask(**given_, wish=wish)) == (expected,)


@pytest.mark.parametrize(
    ("given_", "tax_free", "expected"),
    [
        (MIXED, 0, tax_texts.K16_ZERO),
        (MIXED, 5_000, tax_texts.K16),
        ({}, 0, None),
        ({"tax_free_least": 20_000, "tax_free_most": 12_000}, 0, tax_texts.K16_ZERO),
    ],
)
def test_k16_virtual_accounts(given_: dict, tax_free: int, expected: Objection | None):
    found = ask(pay_method="vbank", **given_, wish={"tax_free": tax_free})
    assert not stops(found)
    assert [o for o in found if o.rule == "K16"] == ([expected] if expected else [])


def test_k16_keeps_the_upper_bound():
    assert said(ask(pay_method="vbank", **MIXED, wish={"tax_free": 12_001}), "stops") == ["K11"]


def test_k15_while_the_shop_has_not_said():
    assert "K15" in said(ask(sells_tax_free_said=False), "notes")


# -- K12-K14, escrow, K51 ----------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("receipt", ["issued", "none", "unknown"])
@pytest.mark.parametrize("wish", [{}, PART])
def test_k12_k13_cash_receipts(method: str, receipt: str, wish: dict):
    notes = said(ask(pay_method=method, receipt=receipt, wish=wish), "notes")
    owed = method in ("trans", "vbank") and receipt != "none"
    assert ("K12" in notes) is owed
    assert ("K13" in notes) is (owed and bool(wish))


@pytest.mark.parametrize(
    ("given_", "wish", "warn", "note"),
    [
        ({}, PART, [], True),
        ({}, {}, [], False),
        ({"pay_method": "trans"}, PART, [], False),
        ({"escrow": True}, PART, ["K14", "escrow"], True),
        ({"escrow": True}, {}, ["escrow"], False),
        ({"part_refused_before": True}, PART, ["K14"], False),
        ({"part_refused_before": True}, {}, [], False),
    ],
)
def test_k14_and_escrow(given_: dict, wish: dict, warn: list, note: bool):
    found = ask(**given_, wish=wish)
    assert not stops(found)
    assert said(found, "warns") == warn
    assert ("K14" in said(found, "notes")) is note


def test_k51_test_payments():
    assert "K51" in said(ask(sandbox=True), "notes")


# -- before anything is typed ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, {("K14", "notes")}),
        ({"pay_method": "phone"}, {("K2", "stops"), ("K3", "notes")}),
        ({"pay_method": "phone", "cancel_count": 9}, {("K2", "stops"), ("K3", "notes")}),
        ({"cancel_count": 9}, {("K1", "stops"), ("K1", "warns"), ("K14", "notes")}),
        ({"tax_free_least": None, "tax_free_most": None}, {("K11", "stops"), ("K14", "notes")}),
        ({"pay_method": "vbank"}, set()),
    ],
)
def test_what_can_be_said_without_a_wish(given_: dict, expected: set):
    found = refund_objections(facts_of(**given_), None, NOW)
    assert {(o.rule, o.severity) for o in found} == expected | {("K9", "notes")}


# -- properties --------------------------------------------------------------------------------

FACTS = st.builds(
    CancelFacts,
    state=st.sampled_from(STATES),
    pay_method=st.sampled_from(METHODS),
    amount=st.integers(0, 10**6),
    cancelled=st.integers(0, 10**6),
    cancel_count=st.integers(0, 12),
    paid_at=st.none() | st.integers(NOW - 400 * 86_400, NOW),
    currency=st.sampled_from(["KRW", "KRW", "KRW", "USD"]),
    sandbox=st.booleans(),
    escrow=st.booleans(),
    vbank_refund_contract=st.sampled_from(["yes", "no", None]),
    tax_free_least=st.none() | st.integers(0, 10**6),
    tax_free_most=st.none() | st.integers(0, 10**6),
    sells_tax_free_said=st.booleans(),
    bank_codes_confirmed=st.booleans(),
    part_refused_before=st.booleans(),
    receipt=st.sampled_from(["issued", "none", "unknown"]),
)
WISHES = st.builds(
    CancelWish,
    amount=st.none() | st.integers(-5, 10**6),
    tax_free=st.none() | st.integers(-5, 10**6),
    kind=st.sampled_from(["whole", "part"]),
    holder=st.sampled_from(["", "오세진"]),
    bank=st.sampled_from(["", "088", "88"]),
    account=st.sampled_from(["", "110492374821", "110-492"]),
)


@example(CancelFacts(state="paid", pay_method="phone", amount=1, paid_at=NOW), None, NOW)
@given(FACTS, st.none() | WISHES, st.integers(NOW - 86_400, NOW + 86_400))
def test_gravest_first_and_in_both_languages(facts, wish, now):
    found = refund_objections(facts, wish, now)
    grades = [("stops", "warns", "notes").index(o.severity) for o in found]
    assert grades == sorted(grades)
    assert len(set(found)) == len(found)
    assert set(stops(found)) | set(warnings(found)) == {o for o in found if o.severity != "notes"}
    for objection in found:
        said = objection.text("ko")
        whole = said.endswith(("요.", "다.")) or re.search(r"다\(D-(\d+|day)\)\.$", said)
        assert whole and objection.text("en").endswith(".")
        assert bool(objection.instead("ko")) == bool(objection.instead("en"))
        assert objection.severity != "warns" or objection.instead("ko")


@given(FACTS, WISHES, st.integers(NOW - 86_400, NOW + 86_400))
def test_what_no_rule_stops_can_be_sent_and_closes(facts, wish, now):
    """What passes is a positive amount within the balance, with parts that fit what is left."""
    if stops(refund_objections(facts, wish, now)):
        return
    assert facts.state in ("paid", "partial") and facts.currency == "KRW"
    assert wish.amount is not None and 0 < wish.amount <= facts.balance
    assert wish.kind == "part" or wish.amount == facts.balance
    assert wish.tax_free is not None and 0 <= wish.tax_free <= wish.amount
    assert facts.tax_free_most is not None and wish.tax_free <= facts.tax_free_most
    if facts.pay_method == "phone":
        assert wish.amount == facts.balance
    if facts.pay_method == "vbank":
        assert wish.holder and wish.bank and wish.account.isdigit()
        assert facts.vbank_refund_contract != "no"
    elif facts.tax_free_least is not None:
        assert wish.amount - wish.tax_free <= facts.balance - facts.tax_free_least


@given(FACTS, WISHES, st.integers(NOW - 86_400, NOW + 86_400))
def test_what_stands_without_a_wish_stands_with_one(facts, wish, now):
    """The page's first look never hides a stop of the payment itself."""
    early = {o for o in refund_objections(facts, None, now) if o.scope == "any"}
    late = set(refund_objections(facts, wish, now))
    assert {o for o in early if o.rule not in ("K1", "K11")} <= late


def test_facts_count_the_balance():
    assert replace(facts_of(), cancelled=1_000).balance == 29_000
