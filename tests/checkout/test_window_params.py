"""What IMP.request_pay is called with: every documented parameter, its type, when it is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given, settings

from dashboard.checkout.window import window_params
from dashboard.checkout.wishes import wish_from_json, wish_to_json
from dashboard.ksnet import WindowShop, WindowWish, stops, window_objections
from tests.payment_windows import BUYER, DUE, NOW, WHOLE_SHOP, shop_of, shops, wish_of, wishes

UID = "order_id_1667634130160"
REDIRECT = "https://shop.example/pay/token/result"
NOTICE, CONFIRM = "https://shop.example/portone/webhook", "https://shop.example/portone/confirm"
SITE = "https://shop.example"
HYUNDAI, SHINHAN, KB, BC, KAKAOBANK = "367", "366", "381", "361", "090"
DIRECT = {"easy_pay_direct": True, **BUYER}


def params_of(shop: WindowShop = WHOLE_SHOP, **given_: object) -> dict[str, Any]:
    return window_params(wish_of(**given_), shop, merchant_uid=UID, redirect_url=REDIRECT)


def at(params: dict[str, Any], path: str) -> Any:
    """The value at ``a.b``, "absent" where there is none."""
    found: Any = params
    for part in path.split("."):
        if part not in found:
            return "absent"
        found = found[part]
    return found


# Every row of the parameter table for KSNET: path, what is wished, value on the wire.
ROWS = [
    ("channelKey", {}, "channel-key-1"),
    ("pay_method", {}, "card"),
    ("merchant_uid", {}, UID),
    ("name", {}, "나이키 와플 트레이너 2 SD"),
    ("amount", {}, 109_000),
    ("tax_free", {}, 3_000),
    ("tax_free", {"tax_free": 0}, 0),
    ("tax_free", {"pay_method": "vbank", "tax_free": 3_000}, 0),  # K16: it carries none
    ("currency", {}, "KRW"),
    ("currency", {"currency": "USD", "amount": 1_050, "tax_free": 0}, "USD"),
    ("amount", {"currency": "USD", "amount": 1_050, "tax_free": 0}, 10.5),
    ("amount", {"currency": "USD", "amount": 1_099, "tax_free": 0}, 10.99),
    ("amount", {"currency": "USD", "amount": 1_000, "tax_free": 0}, 10),
    ("buyer_name", {}, "홍길동"),
    ("buyer_email", BUYER, "buyer@example.com"),
    ("buyer_tel", BUYER, "02-1670-5176"),
    ("buyer_addr", BUYER, "성수이로 20길 16"),
    ("buyer_postcode", BUYER, "04783"),
    ("escrow", {}, False),
    ("escrow", {"escrow": True}, True),
    ("digital", {"pay_method": "phone"}, False),
    ("vbank_due", {"pay_method": "vbank", "vbank_due": DUE}, "2026-08-24 23:59:00"),
    ("m_redirect_url", {}, REDIRECT),
    ("app_scheme", {"app_scheme": "portone://"}, "portone://"),
    ("custom_data", {"custom_data": {"table": "7"}}, {"table": "7"}),
    ("period", {"period": ("2026-09-01", "2026-10-01")},
     {"from": "2026-09-01", "to": "2026-10-01"}),
    ("display.card_quota", {"card_quota": (0, 6)}, [0, 6]),
    ("card.direct.code", {"direct_card": SHINHAN}, SHINHAN),
    ("card.direct.quota", {"direct_card": SHINHAN, "direct_quota": 3}, 3),
    ("card.direct.quota", {"direct_card": SHINHAN, "direct_quota": 0}, 0),
    ("card.detail", {"interest_free": ((BC, 3),)},
     [{"card_code": BC, "enabled": True, "max_month": 3}]),
    ("card.useInstallment", {"card_quota": (0, 6)}, True),
    ("useFreeInterestFromMall", {"interest_free": ((BC, 3),)}, True),
    ("appCard", {"app_card": True}, True),
    ("storeDetails.businessName", {"direct_card": KB}, "배나무집"),
    ("storeDetails.businessRegistrationNumber", {"direct_card": KB}, "1178178260"),
    ("storeDetails.ceoFullName", {"pay_method": "kakaopay"}, "오세진"),
    ("storeDetails.address", {"pay_method": "kakaopay"}, "서울 성동구 성수이로 20길 16"),
    ("storeDetails.phoneNumber", {"pay_method": "kakaopay"}, "02-1670-5176"),
    ("bypass.ksnet.sndQpayType", {"snd_qpay_type": "0"}, "0"),
    ("bypass.ksnet.sndQpayType", {"snd_qpay_type": "1"}, "1"),
    ("bypass.ksnet.easyPayDirect", {"pay_method": "payco", **DIRECT}, True),
    ("bypass.ksnet.sndKakaopayType", {"pay_method": "kakaopay", "kakaopay_type": "CARD"}, "CARD"),
    ("bypass.ksnet.tcode", {"direct_card": BC, **BUYER}, "skt"),
    ("bypass.ksnet.tcode", {"direct_card": BC, **BUYER, "tcode": "lgt"}, "lgt"),
    ("bypass.ksnet.url", {"direct_card": SHINHAN}, SITE),
]  # fmt: skip
NOT_ALWAYS = {
    "buyer_email", "buyer_tel", "buyer_addr", "buyer_postcode", "digital", "vbank_due",
    "app_scheme", "custom_data", "period", "display.card_quota", "card.direct.code",
    "card.direct.quota", "card.detail", "card.useInstallment", "useFreeInterestFromMall",
    "appCard", "storeDetails.businessName", "storeDetails.businessRegistrationNumber",
    "storeDetails.ceoFullName", "storeDetails.address", "storeDetails.phoneNumber",
    "bypass.ksnet.sndQpayType", "bypass.ksnet.easyPayDirect", "bypass.ksnet.sndKakaopayType",
    "bypass.ksnet.tcode", "bypass.ksnet.url",
}  # fmt: skip


@pytest.mark.parametrize(("path", "given_", "value"), ROWS)
def test_every_documented_parameter(path: str, given_: dict, value: Any):
    found = at(params_of(**given_), path)
    assert found == value
    assert type(found) is type(value)  # True is 1, and 10.0 is 10, for ==


def test_what_has_no_value_is_left_out():
    params = params_of()
    assert {path for path in NOT_ALWAYS if at(params, path) != "absent"} == set()
    assert {path for path, given_, _value in ROWS if given_} - NOT_ALWAYS == {
        "tax_free", "currency", "amount", "escrow",
    }  # fmt: skip
    assert set(params) == {
        "channelKey", "pay_method", "merchant_uid", "name", "amount", "tax_free", "currency",
        "escrow", "buyer_name", "m_redirect_url",
    }  # fmt: skip


def test_addresses_of_notice_and_confirm_only_when_there_are_any():
    given_ = {"merchant_uid": UID, "redirect_url": REDIRECT}
    params = window_params(wish_of(), WHOLE_SHOP, **given_, notice_url=NOTICE, confirm_url=CONFIRM)
    assert (params["notice_url"], params["confirm_url"]) == (NOTICE, CONFIRM)
    assert {"notice_url", "confirm_url"}.isdisjoint(params_of())


@pytest.mark.parametrize(
    ("shop", "sent"),
    [
        (shop_of(), {"channelKey": "channel-key-1"}),
        (shop_of(pg_mid=""), {"channelKey": "channel-key-1"}),
        (shop_of(channel_key="", pg_mid="2999199999"), {"pg": "ksnet.2999199999"}),
    ],
)
def test_a_channel_key_or_pg_never_both(shop: WindowShop, sent: dict):
    params = params_of(shop)
    assert {key: params[key] for key in ("channelKey", "pg") if key in params} == sent


@pytest.mark.parametrize(
    "wrong",
    [
        {"merchant_uid": ""},
        {"merchant_uid": "x" * 41},
        {"redirect_url": ""},
        {"shop": shop_of(channel_key="", pg_mid="")},
    ],
)
def test_what_would_lose_the_payment_is_an_error(wrong: dict):
    given_ = {"shop": WHOLE_SHOP, "merchant_uid": UID, "redirect_url": REDIRECT} | wrong
    with pytest.raises(ValueError):
        window_params(wish_of(), **given_)


def test_forty_characters_of_merchant_uid_fit():
    uid = "x" * 40
    params = window_params(wish_of(), WHOLE_SHOP, merchant_uid=uid, redirect_url=REDIRECT)
    assert params["merchant_uid"] == uid


def test_the_example_of_ksnets_older_guide():
    """All it sends, but for three things: amount is a number, as the SDK page insists (there it is
    "109000"); channelKey and pg are never sent together; ``digital`` goes with phone alone (K42).
    """
    wish = wish_of(
        **BUYER,
        app_scheme="portone://",
        period=("2022-12-01", "2023-01-01"),
        custom_data={"userId": "30930"},
        card_quota=(0, 6),
        snd_qpay_type="0",
    )
    mid = shop_of(channel_key="", pg_mid="2999199999")
    given_ = {"merchant_uid": UID, "redirect_url": REDIRECT}
    params = window_params(wish, mid, **given_, notice_url=NOTICE, confirm_url=CONFIRM)
    assert params == {
        "pg": "ksnet.2999199999",
        "pay_method": "card",
        "merchant_uid": UID,
        "name": "나이키 와플 트레이너 2 SD",
        "escrow": False,
        "amount": 109_000,
        "tax_free": 3_000,
        "buyer_name": "홍길동",
        "buyer_email": "buyer@example.com",
        "buyer_tel": "02-1670-5176",
        "buyer_addr": "성수이로 20길 16",
        "buyer_postcode": "04783",
        "app_scheme": "portone://",
        "m_redirect_url": REDIRECT,
        "notice_url": NOTICE,
        "confirm_url": CONFIRM,
        "currency": "KRW",
        "period": {"from": "2022-12-01", "to": "2023-01-01"},
        "custom_data": {"userId": "30930"},
        "display": {"card_quota": [0, 6]},
        "card": {"useInstallment": True},  # K20, younger than the example
        "bypass": {"ksnet": {"sndQpayType": "0"}},
    }
    phone = window_params(replace(wish, pay_method="phone"), mid, **given_)
    assert phone["digital"] is False


# -- instalments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "quota"),
    [
        ({"card_quota": None}, "absent"),
        ({"card_quota": ()}, [0]),  # the general SDK page reads [] as lump sum, KSNET [0]
        ({"card_quota": (0,)}, [0]),
        ({"card_quota": (0, 6)}, [0, 6]),  # KSNET's own example
        ({"card_quota": (6,)}, [0, 6]),  # one page includes lump sum in [6], one does not
        ({"card_quota": (2, 3, 4, 5, 6)}, [0, 2, 3, 4, 5, 6]),
        ({"card_quota": (3, 2, 3)}, [0, 2, 3]),
        ({"card_quota": (0, 3), "amount": 50_000}, [0, 3]),
        ({"card_quota": (0, 3), "amount": 49_999}, [0]),  # K18
        ({"card_quota": (0, 3), "amount": 49_999, "direct_card": KB}, [0]),
        ({"card_quota": (0, 3), "direct_card": KB}, [0, 3]),
        ({"card_quota": (0, 3), "direct_card": HYUNDAI}, "absent"),  # K26
        ({"card_quota": (0, 3), "direct_card": SHINHAN, "amount": 9_000}, "absent"),
        ({"card_quota": (0, 3), "currency": "USD", "tax_free": 0}, [0]),
        ({"card_quota": (0, 3), "pay_method": "kakaopay"}, [0, 3]),
        ({"card_quota": (0, 3), "pay_method": "naverpay"}, [0, 3]),
        ({"card_quota": (0, 3), "pay_method": "lpay"}, [0, 3]),
        ({"card_quota": (0, 3), "pay_method": "payco"}, "absent"),  # K33
        ({"card_quota": (0, 3), "pay_method": "ssgpay"}, "absent"),
        ({"card_quota": (0, 3), "pay_method": "vbank"}, "absent"),
        ({"card_quota": (0, 3), "pay_method": "phone"}, "absent"),
    ],
)
def test_card_quota(given_: dict, quota: Any):
    params = params_of(**given_)
    assert at(params, "display.card_quota") == quota
    with_list = quota != "absent" and given_.get("pay_method", "card") == "card"
    assert at(params, "card.useInstallment") == (True if with_list else "absent")  # K20


@pytest.mark.parametrize(
    ("card", "amount", "months", "sent"),
    [
        (SHINHAN, 50_000, 3, 3),
        (SHINHAN, 49_999, 3, 0),
        (HYUNDAI, 10_000, 3, 3),
        (HYUNDAI, 9_999, 3, 0),
        (SHINHAN, 50_000, None, "absent"),
        (SHINHAN, 49_999, None, "absent"),
    ],
)
def test_k18_months_of_a_direct_call(card: str, amount: int, months: int | None, sent: Any):
    params = params_of(direct_card=card, amount=amount, tax_free=0, direct_quota=months)
    assert at(params, "card.direct.quota") == sent


def test_k20_kbs_app_is_told_of_months_in_a_direct_call():
    assert params_of(direct_card=KB, direct_quota=3)["card"]["useInstallment"] is True
    assert "useInstallment" not in params_of(direct_card=KB)["card"]
    assert "useInstallment" not in params_of(direct_card=BC, direct_quota=3, **BUYER)["card"]


def test_k21_interest_free_only_where_there_are_instalments():
    params = params_of(interest_free=((BC, 3),), amount=49_999)
    assert "card" not in params and "useFreeInterestFromMall" not in params


# -- direct calls --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "tcode", "url", "store"),
    [
        ({}, False, False, False),
        ({"tcode": "lgt"}, False, False, False),
        ({"direct_card": KB}, False, False, True),
        ({"direct_card": SHINHAN}, False, True, True),
        ({"direct_card": KAKAOBANK, **BUYER}, True, False, False),
        ({"direct_card": "045"}, False, False, False),
        ({"pay_method": "naverpay"}, False, False, False),
        ({"pay_method": "naverpay", **DIRECT}, False, False, True),
        ({"pay_method": "kakaopay"}, False, False, True),
        ({"pay_method": "payco", **DIRECT}, False, False, True),
        ({"pay_method": "payco"}, False, False, False),
        ({"pay_method": "lpay", **DIRECT}, False, False, False),
    ],
)
def test_a_direct_call_carries_what_its_company_wants(
    given_: dict, tcode: bool, url: bool, store: bool
):
    params = params_of(**given_)
    assert (at(params, "bypass.ksnet.tcode") != "absent") is tcode
    assert (at(params, "bypass.ksnet.url") != "absent") is url
    assert ("storeDetails" in params) is store


def test_k25_the_site_that_was_named():
    params = window_params(
        wish_of(direct_card=SHINHAN),
        WHOLE_SHOP,
        merchant_uid=UID,
        redirect_url="http://127.0.0.1:8971/pay/t/result",
        site_url="https://other.example",
    )
    assert params["bypass"]["ksnet"]["url"] == "https://other.example"


def test_details_the_shop_has_not_given_are_left_out():
    nothing = shop_of(business_number="117", ceo_name="", address="", phone="")
    assert params_of(nothing, pay_method="kakaopay")["storeDetails"] == {"businessName": "배나무집"}
    assert "storeDetails" not in params_of(
        replace(nothing, business_name=""), pay_method="kakaopay"
    )


@pytest.mark.parametrize(
    ("product", "digital"), [("real", False), ("digital", True), (None, False)]
)
def test_k42_digital_is_the_contracts(product: str | None, digital: bool):
    shop = shop_of(contracts={"contract_phone_product": product})
    assert params_of(shop, pay_method="phone")["digital"] is digital
    assert "digital" not in params_of(shop)


def test_nothing_of_other_methods_is_sent():
    params = params_of(
        pay_method="trans",
        vbank_due=DUE,
        direct_card=SHINHAN,
        interest_free=((BC, 3),),
        app_card=True,
        snd_qpay_type="1",
        easy_pay_direct=True,
        kakaopay_type="CARD",
        period=("2026-09-01", ""),
    )
    assert set(params) == set(params_of())


# -- of every wish -------------------------------------------------------------------------------

KNOWN = {
    "": {"channelKey", "pg", "pay_method", "merchant_uid", "name", "amount", "tax_free",
         "currency", "escrow", "buyer_name", "buyer_email", "buyer_tel", "buyer_addr",
         "buyer_postcode", "digital", "vbank_due", "m_redirect_url", "notice_url", "confirm_url",
         "app_scheme", "custom_data", "period", "display", "card", "useFreeInterestFromMall",
         "appCard", "storeDetails", "bypass"},
    "period": {"from", "to"},
    "display": {"card_quota"},
    "card": {"direct", "detail", "useInstallment"},
    "card.direct": {"code", "quota"},
    "storeDetails": {"businessName", "businessRegistrationNumber", "ceoFullName", "address",
                     "phoneNumber"},
    "bypass": {"ksnet"},
    "bypass.ksnet": {"sndQpayType", "easyPayDirect", "sndKakaopayType", "tcode", "url"},
}  # fmt: skip


@settings(max_examples=150)
@given(wishes(), shops())
@example(wish_of(direct_card=SHINHAN, direct_quota=3, card_quota=()), WHOLE_SHOP)
def test_whatever_was_not_stopped_can_be_sent(wish: WindowWish, shop: WindowShop):
    assume(not stops(window_objections(wish, shop, NOW)))
    params = window_params(wish, shop, merchant_uid=UID, redirect_url=REDIRECT)
    assert json.loads(json.dumps(params, allow_nan=False)) == params
    for path, known in KNOWN.items():
        found = at(params, path) if path else params
        assert found == "absent" or (set(found) <= known and found)
    assert ("channelKey" in params) != ("pg" in params)
    assert params["amount"] > 0 and 0 <= params["tax_free"] <= params["amount"]
    assert len(params["merchant_uid"]) <= 40 and len(params["name"]) <= 40
    assert params["m_redirect_url"] and params["buyer_name"]
    quota = at(params, "display.card_quota")
    assert quota == "absent" or 0 in quota
    number = at(params, "storeDetails.businessRegistrationNumber")
    assert number == "absent" or (number.isascii() and number.isdigit() and len(number) == 10)
    assert ("vbank_due" in params) == (wish.pay_method == "vbank")
    assert ("digital" in params) == (wish.pay_method == "phone")


# -- kept as JSON --------------------------------------------------------------------------------


@settings(max_examples=100)
@given(wishes())
def test_a_wish_is_kept_whole(wish: WindowWish):
    assert wish_from_json(wish_to_json(wish)) == wish


def test_a_kept_wish_of_another_version():
    kept = json.loads(wish_to_json(wish_of())) | {"from_the_future": 1}
    for younger in ("card_quota", "interest_free", "period", "custom_data", "tcode"):
        del kept[younger]
    assert wish_from_json(json.dumps(kept)) == wish_of()
    with pytest.raises(TypeError):
        wish_from_json('{"pay_method": "card"}')
    with pytest.raises(ValueError):
        wish_from_json("{")
