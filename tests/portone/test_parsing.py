"""Reading answers: strict where money is, tolerant elsewhere (refund-safety 1.8, F20, F87)."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.portone import Payment, PaymentPage, Receipt
from dashboard.portone.answers import BrokenAnswer, decode, envelope, plain
from dashboard.portone.models import read_payments
from dashboard.portone.records import Balance, Channel, Code, Delivery, Prepared
from tests.portone.far_side import payment_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
RECORDS = (
    Payment.from_json,
    PaymentPage.from_json,
    Receipt.from_json,
    Prepared.from_json,
    Delivery.from_json,
    Channel.from_json,
    Code.from_json,
    Balance.from_json,
    read_payments,
)


# -- JSON -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"{", b"<html>", b"NaN", b"[Infinity]", b"-Infinity", b'{"a":1,"a":1}'),
        *(b"\xff", b"\xef\xbb\xbf{}", b'"\n"', b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000),
        *(b"{} {}", "{}".encode("utf-16"), b"1" * 1_000_000),
    ],
)
def test_what_is_no_json_is_broken(body):
    with pytest.raises(BrokenAnswer):
        decode(body)


@given(st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode()))
@settings(max_examples=500)
def test_any_bytes_are_an_envelope_or_broken(body):
    try:
        found = envelope(body)
    except BrokenAnswer:
        return
    assert type(found.code) is int and type(found.message) is str


@given(JSON)
@settings(max_examples=300)
def test_what_was_decoded_can_be_stored(value):
    try:
        decoded = decode(json.dumps(value).encode())
    except BrokenAnswer:
        return  # NaN
    assert json.dumps(plain(decoded), ensure_ascii=False).encode()


def test_half_characters_and_nul_can_be_stored():
    assert decode(rb'{"\ud800": "a\u0000\udfff\ud83d\ude00"}') == {"\ufffd": "a\ufffd\ufffd😀"}


def test_numbers_with_a_point_stay_exact():
    assert decode(b"[0.1, 1e309, 10]") == [Decimal("0.1"), Decimal("1e309"), 10]
    assert plain(decode(b"[0.1, 1e309, 10]")) == [0.1, "1E+309", 10]


def test_a_whole_megabyte_of_brackets_takes_little_memory():
    body = b"[" + b"[]," * 349_000 + b"[]]"
    tracemalloc.start()
    decode(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


@given(JSON)
@settings(max_examples=400)
def test_any_value_is_a_record_or_broken(value):
    for read in RECORDS:
        try:
            read(value)
        except BrokenAnswer:
            pass


@given(st.sampled_from([field.name for field in dataclasses.fields(Payment)]), JSON)
@settings(max_examples=500)
def test_any_field_may_hold_anything(name, value):
    try:
        payment = Payment.from_json(payment_json(**{name: value}))
    except BrokenAnswer:
        return
    for field in dataclasses.fields(Payment):
        found = getattr(payment, field.name)
        assert isinstance(found, str | int | tuple | dict | None)
    assert type(payment.amount) is type(payment.cancel_amount) is int
    assert payment.amount >= 0 and payment.cancel_amount >= 0


# -- money ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "won"),
    [(b"48000", 48000), (b"48000.0", 48000), (b"4.8e4", 48000), (b"0", 0), (b"0e999999999", 0)],
)
def test_whole_won(text, won):
    assert Payment.from_json(payment_json(amount=decode(text))).amount == won


@pytest.mark.parametrize(
    "text",
    [
        *(b"10.5", b"0.1", b"1e-9", b"-1", b"true", b"false", b"null", b'"48000"', b"[]", b"{}"),
        *(b"1e15", b"1e309", b"1e999999999", b"9223372036854775808"),
        *(b"1e-99999999", b"100." + b"0" * 40 + b"1"),
    ],
)
@pytest.mark.parametrize("name", ["amount", "cancel_amount"])
def test_other_won_are_refused(text, name):
    with pytest.raises(ValueError):
        Payment.from_json(payment_json(**{name: decode(text)}))


@pytest.mark.parametrize("value", [10.5, float("nan"), float("inf")])
def test_a_float_is_no_way_around(value):
    with pytest.raises(ValueError):
        Payment.from_json(payment_json(amount=value))


@given(st.integers(0, 10**12))
def test_dollars_are_cents(cents):
    text = f"{cents // 100}.{cents % 100:02}".encode()
    payment = Payment.from_json(payment_json(amount=decode(text), currency="USD"))
    assert payment.amount == cents


def test_a_tenth_of_a_cent_is_refused():
    with pytest.raises(ValueError):
        Payment.from_json(payment_json(amount=decode(b"1.005"), currency="USD"))


@pytest.mark.parametrize(
    "history",
    [[{"amount": 0.5}], [{}], [None], [5], {}, "x", [{"amount": True}], [{"amount": "7000"}]],
)
def test_a_cancel_without_a_whole_amount_is_no_payment(history):
    with pytest.raises(ValueError):
        Payment.from_json(payment_json(cancel_history=history))


# -- payments -------------------------------------------------------------------------------


def test_only_what_makes_it_a_payment_is_needed():
    payment = Payment.from_json(
        {
            "imp_uid": "imp_1",
            "merchant_uid": "1",
            "amount": 100,
            "cancel_amount": 30,
            "currency": "KRW",
            "status": "paid",
        }
    )
    assert payment.balance == 70 and payment.sandbox is False
    assert payment.buyer_name == "" and payment.paid_at is None and payment.receipt_url is None
    assert payment.cancel_history == () and payment.card_quota is None


@pytest.mark.parametrize(
    "name", ["imp_uid", "merchant_uid", "status", "currency", "amount", "cancel_amount"]
)
def test_without_one_of_these_it_is_none(name):
    for missing in (payment_json(**{name: None}), payment_json(**{name: ""})):
        with pytest.raises(ValueError):
            Payment.from_json(missing)


def test_times_of_zero_did_not_happen():
    payment = Payment.from_json(payment_json(failed_at=0, cancelled_at=None, paid_at=1787280060))
    assert (payment.failed_at, payment.cancelled_at, payment.paid_at) == (None, None, 1787280060)


def test_new_words_and_fields_are_taken_as_they_come():
    payment = Payment.from_json(payment_json(status="partial", pay_method="moonpay", moon={"a": 1}))
    assert (payment.status, payment.pay_method) == ("partial", "moonpay")
    assert payment.raw["moon"] == {"a": 1}


def test_a_number_where_text_was_promised_is_written_out():
    assert Payment.from_json(payment_json(apply_num=30012345)).apply_num == "30012345"
    assert Payment.from_json(payment_json(custom_data={"메모": 1})).custom_data == '{"메모": 1}'
    assert Payment.from_json(payment_json(apply_num=True)).apply_num == ""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (True, True),
        (1, True),
        ("true", True),
        (False, False),
        (0, False),
        (None, False),
        ("false", False),
    ],
)
def test_sandbox(said, meant):
    assert Payment.from_json(payment_json(sandbox=said)).sandbox is meant


def test_a_link_is_a_web_address():
    payment = Payment.from_json(
        payment_json(
            receipt_url="javascript:alert(1)",
            cancel_receipt_urls=["https://a.example/1", "javascript:x", None],
        )
    )
    assert payment.receipt_url is None
    assert payment.cancel_receipt_urls == ("https://a.example/1",)


def test_a_payment_names_no_buyer_in_logs():
    text = repr(Payment.from_json(payment_json()))
    assert text == "<Payment imp_123456789012 paid 48000-0 KRW>"


def test_payments_compare_by_their_fields():
    one, other = Payment.from_json(payment_json()), Payment.from_json(payment_json(new_field=1))
    assert one == other and hash(one) == hash(other)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.amount = 0  # type: ignore[misc]


# -- pages ----------------------------------------------------------------------------------


def test_one_bad_entry_neither_stops_nor_vanishes():
    page = PaymentPage.from_json(
        {
            "total": 3,
            "previous": 0,
            "next": 2,
            "list": [payment_json(), payment_json(amount=0.5), "x", None],
        }
    )
    assert (page.total, page.next, len(page.payments)) == (3, 2, 1)
    assert [entry.imp_uid for entry in page.unreadable] == ["imp_123456789012", ""]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"total": 1},
        {"total": 1, "next": -1},
        {"total": True, "next": 0},
        [],
        {"total": 1, "next": 0, "list": {}},
    ],
)
def test_what_has_no_pages_is_no_page(page):
    with pytest.raises(ValueError):
        PaymentPage.from_json(page)


def test_vat_becomes_vat_amount():
    receipt = Receipt.from_json(
        {
            "imp_uid": "imp_1",
            "amount": 11000,
            "vat": 1000,
            "type": "person",
            "apply_num": "G1",
            "applied_at": 1787280000,
            "cancelled_at": 0,
        }
    )
    assert receipt.vat_amount == 1000 and receipt.cancelled_at is None
    assert Receipt.from_json({"amount": 1}).vat_amount is None
