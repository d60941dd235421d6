"""Which parameters a window refuses. Source: payment-window.md 2, K15-K47."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.sandbox import window_choices, window_rules
from dashboard.sandbox.channels import cards
from dashboard.sandbox.window_facts import Known
from dashboard.sandbox.world import (
    API_CHANNEL_KEY,
    CHANNEL_KEY,
    MERCHANT_CODE,
    PAYCO_CHANNEL_KEY,
    TEST_CHANNEL_KEY,
)
from tests.sandbox.conftest import NOW
from tests.sandbox.windowing import FIRST, params

CHANNELS = ((CHANNEL_KEY, "2041700123", False), (TEST_CHANNEL_KEY, "2999199999", True))
SHOP = {
    "businessName": "산들청과",
    "businessRegistrationNumber": "1234567890",
    "ceoFullName": "홍길동",
    "address": "서울",
    "phoneNumber": "0212345678",
}
BUYER = {"buyer_email": "a@shop.example", "buyer_tel": "01012345678"}


def wrong(asked: dict, *, mobile: bool = False) -> set[str]:
    known = Known(
        merchant_code=MERCHANT_CODE,
        channels=CHANNELS,
        mobile=mobile,
        now=NOW,
        cards=frozenset(cards()),
    )
    return {one.parameter for one in window_rules.objections(MERCHANT_CODE, asked, known)}


def direct(code: str, **more) -> dict:
    return params(card={"direct": {"code": code, "quota": 0}}, **more)


def ksnet(**given) -> dict:
    return {"ksnet": given}


FULL = {
    "pg": "ksnet.2041700123",
    "currency": "KRW",
    "language": "ko",
    "escrow": False,
    "digital": False,
    "buyer_addr": "성수이로 20길 16",
    "buyer_postcode": "04783",
    "app_scheme": "portone://",
    "m_redirect_url": "https://shop.example/payments/result",
    "notice_url": "https://shop.example/payments/notice",
    "confirm_url": "https://shop.example/payments/confirm",
    "period": {"from": "2022-12-01", "to": "2023-01-01"},
    "custom_data": {"userId": 30930},
    "display": {"card_quota": [0, 6]},
    "storeDetails": SHOP,
    "bypass": ksnet(sndQpayType="0"),
    **BUYER,
}

RIGHT = [
    *(params(method) for method in FIRST),
    params(**FULL),
    params(channelKey=None, pg="ksnet.2999199999"),
    params("vbank", tax_free=None),
    params(display={"card_quota": [0]}, amount=1000, tax_free=0),
    params(currency="USD", amount=10.25, tax_free=0.5),
    params(notice_url=["https://shop.example/a", "https://shop.example/b"]),
    direct("361"),
    direct("381", storeDetails=SHOP, display={"card_quota": [0, 3]}),
    direct("366", storeDetails=SHOP, bypass=ksnet(url="https://shop.example")),
    params(card={"detail": [{"card_code": "*", "enabled": False}, {"card_code": "366"}]}),
    params(useFreeInterestFromMall=True, card={"detail": [{"card_code": "366", "max_month": 6}]}),
    params("lpay", bypass=ksnet(easyPayDirect=True)),
    params("naverpay", bypass=ksnet(easyPayDirect=True), storeDetails=SHOP),
    params("kakaopay", bypass=ksnet(easyPayDirect=True), storeDetails=SHOP, **BUYER),
    params("payco", bypass=ksnet(easyPayDirect=True), storeDetails=SHOP, **BUYER),
    *(
        params("vbank", vbank_due=due)
        for due in ("2026-08-21", "20260822", "2026-08-21 14:06:00", "20260821140600")
    ),
]


@pytest.mark.parametrize("asked", RIGHT)
def test_nothing_is_wrong_with(asked):
    assert wrong(asked) == set()


WRONG = [
    ("merchant_uid", params(merchant_uid=None)),
    ("merchant_uid", params(merchant_uid="x" * 41)),
    ("merchant_uid", params(merchant_uid=7)),
    ("name", params(name="x" * 41)),
    ("amount", params(amount=None)),
    ("amount", params(amount="109000")),
    ("amount", params(amount=0)),
    ("amount", params(amount=True)),
    ("amount", params(amount=1000.5)),
    ("amount", params(amount=float("1e400"))),
    ("tax_free", params(tax_free=None)),
    ("tax_free", params(tax_free="0")),
    ("tax_free", params(tax_free=58_001)),
    ("tax_free", params(tax_free=-1)),
    ("pay_method", params(pay_method=None)),
    ("pay_method", params(pay_method="bitcoin")),
    ("pay_method", params("trans", channelKey=TEST_CHANNEL_KEY)),
    ("channelKey", params(channelKey=None)),
    ("channelKey", params(channelKey="channel-key-nobody")),
    ("channelKey", params(channelKey=API_CHANNEL_KEY)),
    ("channelKey", params(channelKey=PAYCO_CHANNEL_KEY)),
    ("pg", params(channelKey=None, pg="ksnet")),
    ("pg", params(channelKey=None, pg="nice.2041700123")),
    ("pg", params(pg="ksnet.2999199999")),
    ("currency", params(currency="EUR")),
    ("currency", params("vbank", currency="USD")),
    ("currency", direct("361", currency="USD")),
    ("language", params(language="fr")),
    ("buyer_name", params(buyer_name=None)),
    ("buyer_name", params(buyer_name="x" * 17)),
    ("buyer_email", params(buyer_email="nobody")),
    ("buyer_email", params(escrow=True)),
    ("buyer_tel", params(buyer_tel="0" * 17)),
    ("buyer_addr", params(buyer_addr="x" * 129)),
    ("buyer_postcode", params(buyer_postcode="0" * 9)),
    ("escrow", params(escrow="true")),
    ("digital", params("phone", digital=None)),
    ("digital", params(digital=1)),
    ("vbank_due", params("vbank", vbank_due=None)),
    ("vbank_due", params("vbank", vbank_due="2026-08-20")),
    ("vbank_due", params("vbank", vbank_due="2026-8-24")),
    ("vbank_due", params("vbank", vbank_due=1_787_551_200)),
    ("m_redirect_url", params(m_redirect_url="javascript:alert(1)")),
    ("notice_url", params(notice_url="shop.example/hook")),
    ("confirm_url", params(confirm_url=5)),
    ("custom_data", params(custom_data="text")),
    ("period.to", params(period={"from": "2026-09-02", "to": "2026-09-01"})),
    ("period.from", params(period={"from": "20260902", "to": "2026-09-03"})),
    ("display.card_quota", params(display={"card_quota": []})),
    ("display.card_quota", params(display={"card_quota": [6]})),
    ("display.card_quota", params(display={"card_quota": [0, 1]})),
    ("display.card_quota", params(display={"card_quota": ["0"]})),
    ("display.card_quota", params(display={"card_quota": [0, 3]}, amount=49_999)),
    ("display.card_quota", params("payco", display={"card_quota": [0]})),
    ("display.card_quota", direct("366", storeDetails=SHOP, display={"card_quota": [0]})),
    ("card.direct.code", direct("999")),
    ("card.direct", params("naverpay", card={"direct": {"code": "361"}})),
    ("card.direct.quota", params(card={"direct": {"code": "361", "quota": "0"}})),
    ("card.direct.quota", params(card={"direct": {"code": "361", "quota": 3}}, amount=9_000)),
    ("storeDetails.businessName", direct("381")),
    ("bypass.ksnet.url", direct("366", storeDetails=SHOP)),
    ("storeDetails.businessRegistrationNumber",
     params(storeDetails=SHOP | {"businessRegistrationNumber": "123-45-67890"})),
    ("useFreeInterestFromMall", params("kakaopay", useFreeInterestFromMall=True)),
    ("card.detail", params(useFreeInterestFromMall=True)),
    ("card.detail[0].card_code", params(useFreeInterestFromMall=True,
                                        card={"detail": [{"card_code": "041", "max_month": 3}]})),
    ("card.detail[0].enabled", params(card={"detail": [{"card_code": "*", "enabled": "no"}]})),
    ("appCard", params(appCard="true")),
    ("bypass.ksnet.sndQpayType", params(bypass=ksnet(sndQpayType=0))),
    ("bypass.ksnet.sndKakaopayType", params(bypass=ksnet(sndKakaopayType="card"))),
    ("bypass.ksnet.easyPayDirect", params("ssgpay", bypass=ksnet(easyPayDirect=True))),
    ("storeDetails.businessName", params("naverpay", bypass=ksnet(easyPayDirect=True))),
    ("storeDetails.ceoFullName", params("kakaopay", bypass=ksnet(easyPayDirect=True), **BUYER)),
    ("buyer_tel", params("payco", bypass=ksnet(easyPayDirect=True), storeDetails=SHOP)),
]  # fmt: skip


@pytest.mark.parametrize(("parameter", "asked"), WRONG)
def test_names_the_wrong_parameter(parameter, asked):
    assert parameter in wrong(asked)


def test_direct_call_on_a_phone_needs_number_and_carrier():
    asked = direct("361")
    assert wrong(asked, mobile=True) == {"buyer_tel", "bypass.ksnet.tcode"}
    asked |= {"buyer_tel": "01012345678", "bypass": ksnet(tcode="skt")}
    assert wrong(asked, mobile=True) == set()


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_PATHS = ("code", "quota", "card_code", "direct", "detail", "card_quota", "ksnet", "from", "to")
_NESTED = _ANY | st.dictionaries(
    st.sampled_from(_PATHS), _ANY | st.dictionaries(st.sampled_from(_PATHS), _ANY)
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(window_rules.KNOWN_PARAMETERS)), _NESTED))
def test_nothing_makes_it_stumble_and_what_is_right_can_be_shown(changed):
    asked = params() | changed
    if not wrong(asked):
        window_choices.of(asked)
    known = Known(merchant_code="", announced=(Decimal(1), None), mobile=True)
    assert window_rules.objections("x", asked, known)
    window_rules.warnings(asked, known)


def test_months_offered():
    def months(code: str, **more) -> list[int]:
        return {one["code"]: one for one in window_choices.of(params(**more))["cards"]}[code][
            "months"
        ]

    assert months("366") == [0, *range(2, 13)]
    assert months("366", amount=49_999) == [0]
    assert months("367", amount=10_000) == [0, *range(2, 13)]  # K18: Hyundai
    assert months("366", display={"card_quota": [0, 3]}) == [0, 3]
    assert months("381", display={"card_quota": [0, 3]}) == [0]  # K20
    assert months("381", display={"card_quota": [0, 3]}, card={"useInstallment": True}) == [0, 3]
    assert months("366", method="payco") == [0, *range(2, 13)]
    detail = [{"card_code": "*", "enabled": False}, {"card_code": "366", "enabled": True}]
    offered = window_choices.of(params(card={"detail": detail}))["cards"]
    assert [one["code"] for one in offered] == ["366"]
