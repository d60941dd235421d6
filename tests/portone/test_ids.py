"""Ids in paths: the outgoing path has exactly the expected segments (SEC-48)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.portone import PortOne, PortOneError
from dashboard.portone.ids import check_code, check_imp_uid, check_merchant_uid, is_imp_uid, path
from tests.portone.far_side import KEY, SECRET, FarSide, ok, payment_json

NASTY = st.sampled_from(
    list("/\\?#%.;:@&=+ ~'\"<>[]{}|^`$!*(),") + ["..", "%2e", "%2F", "가", "한"]
)
MERCHANT_UID = st.lists(NASTY | st.text(min_size=1, max_size=3), min_size=1, max_size=8).map(
    "".join
)


def valid(merchant_uid: str) -> bool:
    try:
        check_merchant_uid(merchant_uid)
    except ValueError:
        return False
    return True


@given(MERCHANT_UID.filter(valid))
@settings(max_examples=500)
def test_an_order_number_stays_one_segment(merchant_uid):
    whole = path("receipts", "external", merchant_uid)
    assert [unquote(part) for part in whole.split("/")] == [
        "",
        "receipts",
        "external",
        merchant_uid,
    ]
    assert whole.isascii() and not set(whole) & set("?#;\\ %") - {"%"}


@given(st.lists(MERCHANT_UID.filter(valid), min_size=1, max_size=12))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_on_the_wire_too(merchant_uids):
    with FarSide(ok(payment_json())) as far:
        portone = PortOne(far.url, KEY, SECRET)
        for merchant_uid in merchant_uids:
            try:
                portone.find_payment(merchant_uid, "paid")
            except PortOneError:
                pass  # the answer is of another order; only the way there matters
    targets = [seen.target.partition("?")[0] for seen in far.calls()]
    assert [[unquote(part) for part in target.split("/")] for target in targets] == [
        ["", "payments", "find", merchant_uid, "paid"] for merchant_uid in merchant_uids
    ]


@pytest.mark.parametrize("imp_uid", ["imp_123456789012", "imps_123456789012", "imp_abc"])
def test_portones_ids_pass(imp_uid):
    assert check_imp_uid(imp_uid) == imp_uid and is_imp_uid(imp_uid)


@pytest.mark.parametrize(
    "imp_uid",
    [
        *(
            "",
            "imp_",
            "cancel",
            "prepare",
            "status",
            "find",
            "imp_1/2",
            "imp_..",
            "imp_1?a",
            "imp_1#",
        ),
        *("imp_%2e", "imp_1\n", "IMP_1", "imp_" + "1" * 30, "imp_١", "imp_가", None, 5, " imp_1"),
    ],
)
def test_other_ids_do_not(imp_uid):
    with pytest.raises(ValueError):
        check_imp_uid(imp_uid)
    assert not is_imp_uid(imp_uid)


@pytest.mark.parametrize(
    "merchant_uid", ["20260821-0001", "주문 1", "a/b", "a?b#c", "%2e%2e", "a.."]
)
def test_order_numbers_pass(merchant_uid):
    assert check_merchant_uid(merchant_uid) == merchant_uid


@pytest.mark.parametrize(
    "merchant_uid",
    [
        "",
        ".",
        "..",
        "...",
        "a" * 41,
        "a\n",
        "a\0",
        " a",
        "a ",
        "a\u2028b",
        "a\u00a0b",
        "\u202ea",
        "a\ud800",
        None,
        5,
        b"a",
    ],
)
def test_what_cannot_be_seen_does_not(merchant_uid):
    with pytest.raises(ValueError):
        check_merchant_uid(merchant_uid)


@pytest.mark.parametrize("code", ["", "0/1", "..", "1" * 11, None])
def test_codes_are_letters_and_digits(code):
    with pytest.raises(ValueError):
        check_code(code)
