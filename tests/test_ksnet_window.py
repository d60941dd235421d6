"""KSNET's rules against one payment window: K15-K52 as tables of cases."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings

from dashboard.ksnet import (
    WINDOW_METHODS,
    WindowObjection,
    WindowShop,
    WindowWish,
    card_companies,
    default_vbank_due,
    find_card_company,
    fitting,
    options_of,
    stops,
    warnings,
    window_objections,
)
from dashboard.ksnet import window_options as options
from tests.payment_windows import (
    BUYER,
    DUE,
    NOW,
    WHOLE_SHOP,
    shop_of,
    shops,
    wish_of,
    wishes,
)
from tests.test_ksnet import at

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
FIELDS = {field.name for field in fields(WindowWish)} | {""}
DETAILS = ("business_name", "business_number", "ceo_name", "address", "phone")
NO_DETAILS = dict.fromkeys(DETAILS, "")
CONTRACTS = (
    "contract_mixed_tax",
    "contract_easy_pay",
    "contract_installments",
    "contract_interest_free",
    "contract_vbank_deadline",
    "contract_delivery_escrow",
)

# Names as KSNET's guide has them, by KFTC code.
K21 = {"361", "381", "374", "365", "366", "367", "368", "371"}  # BC KB 하나 삼성 신한 현대 롯데 NH
K23 = {"361", "369", "372", "364", "090"}  # BC 수협 전북 광주 카카오뱅크
K25 = {
    "041",
    "374",
    "371",
    "365",
    "367",
    "368",
    "366",
    "370",
}  # 우리 하나 농협 삼성 현대 롯데 신한 씨티
K24 = K25 | {"381"}  # and 국민
HYUNDAI, SHINHAN, WOORI, KB, BC, KAKAOBANK = "367", "366", "041", "381", "361", "090"


def ask(shop: WindowShop = WHOLE_SHOP, now: float = NOW, **given_: object):
    return window_objections(wish_of(**given_), shop, now)


def said(found: tuple[WindowObjection, ...]) -> list[tuple[str, str, str]]:
    return [(o.rule, o.severity, o.field) for o in found]


def test_a_plain_wish_of_a_whole_shop_meets_nothing():
    assert ask() == ()
    for method in ("vbank", "phone", "lpay", "ssgpay", "kakaopay", "naverpay", "payco"):
        assert ask(pay_method=method) == (), method


# One thing wrong each: what is wished, and the only thing said about it.
WISHED = [
    ({"pay_method": "culture"}, ("window", "stops", "pay_method")),
    # lengths and forms of payment-window, 2
    ({"amount": 0, "tax_free": 0}, ("window", "stops", "amount")),
    ({"amount": -1, "tax_free": 0}, ("window", "stops", "amount")),
    ({"name": " "}, ("window", "stops", "name")),
    ({"name": "가" * 41}, ("window", "stops", "name")),
    ({"name": "배\n사과"}, ("window", "stops", "name")),
    ({"buyer_name": ""}, ("window", "stops", "buyer_name")),
    ({"buyer_name": "가" * 17}, ("window", "stops", "buyer_name")),
    ({"buyer_email": "a" * 57 + "@b.co.kr"}, ("window", "stops", "buyer_email")),
    ({"buyer_email": "buyer"}, ("window", "stops", "buyer_email")),
    ({"buyer_email": "a@b@c.kr"}, ("window", "stops", "buyer_email")),
    ({"buyer_tel": "010-1234-5678-901"}, ("window", "stops", "buyer_tel")),
    ({"buyer_tel": "전화 없음"}, ("window", "stops", "buyer_tel")),
    ({"buyer_tel": "112"}, ("window", "stops", "buyer_tel")),
    ({"buyer_addr": "가" * 129}, ("window", "stops", "buyer_addr")),
    ({"buyer_postcode": "123456789"}, ("window", "stops", "buyer_postcode")),
    ({"period": ("2026-09-01", "")}, ("window", "stops", "period")),
    ({"period": ("", "2026-09-01")}, ("window", "stops", "period")),
    ({"period": ("2026-02-30", "2026-09-01")}, ("window", "stops", "period")),
    ({"period": ("20260901", "2026-09-02")}, ("window", "stops", "period")),
    ({"period": ("2026-09-01", "2026-W53-4")}, ("window", "stops", "period")),
    ({"period": ("2026-09-02", "2026-09-01")}, ("window", "stops", "period")),
    ({"app_scheme": "https://shop.example"}, ("window", "stops", "app_scheme")),
    ({"app_scheme": "JavaScript://x"}, ("window", "stops", "app_scheme")),
    ({"app_scheme": "my shop://"}, ("window", "stops", "app_scheme")),
    ({"custom_data": {"note": "ㄱ" * 500}}, ("window", "stops", "custom_data")),
    ({"custom_data": {"who": "홍길동 "}}, ("window", "stops", "custom_data")),
    ({"custom_data": {"to": "문의 a.b@example.com"}}, ("window", "stops", "custom_data")),
    ({"custom_data": {"01012345678": "x"}}, ("window", "stops", "custom_data")),
    ({"custom_data": {"tel": "010-1234-5678"}}, ("window", "stops", "custom_data")),
    ({"custom_data": {"id": "900101-1234567"}}, ("window", "stops", "custom_data")),
    # tax and currency
    ({"tax_free": -1}, ("K15", "stops", "tax_free")),
    ({"tax_free": 109_001}, ("K15", "stops", "tax_free")),
    ({"pay_method": "vbank", "tax_free": 1}, ("K16", "warns", "pay_method")),
    ({"currency": "JPY"}, ("K17", "stops", "currency")),
    ({"currency": "USD", "tax_free": 0}, ("K17", "notes", "currency")),
    # instalments
    ({"amount": 49_999, "card_quota": (0, 3)}, ("K18", "notes", "card_quota")),
    (
        {"amount": 49_999, "direct_card": SHINHAN, "direct_quota": 3, "card_quota": (0, 3)},
        [("K26", "notes", "card_quota"), ("K18", "notes", "direct_quota")],
    ),
    (
        {"amount": 9_999, "direct_card": HYUNDAI, "direct_quota": 3},
        ("K18", "notes", "direct_quota"),
    ),
    ({"amount": 49_999, "interest_free": ((BC, 3),)}, ("K18", "notes", "interest_free")),
    ({"pay_method": "naverpay", "amount": 9, "tax_free": 0, "card_quota": (6,)},
     ("K18", "notes", "card_quota")),
    ({"card_quota": (0, 1)}, ("K19", "stops", "card_quota")),
    ({"card_quota": (0, -3)}, ("K19", "stops", "card_quota")),
    ({"card_quota": (0, 37)}, ("K19", "stops", "card_quota")),
    ({"direct_card": KB, "direct_quota": 1}, ("K19", "stops", "direct_quota")),
    # interest-free
    ({"interest_free": ((WOORI, 3),)}, ("K21", "stops", "interest_free")),
    ({"interest_free": ((BC, 3), ("*", 3))}, ("K21", "stops", "interest_free")),
    ({"interest_free": ((BC, 1),)}, ("K21", "stops", "interest_free")),
    ({"interest_free": ((BC, 0),)}, ("K21", "stops", "interest_free")),
    ({"interest_free": ((BC, 3), (BC, 6))}, ("K21", "stops", "interest_free")),
    ({"pay_method": "lpay", "interest_free": ((BC, 3),)}, ("K21", "stops", "interest_free")),
    # direct calls of card companies
    ({"direct_card": SHINHAN, "buyer_name": ""}, ("K22", "stops", "buyer_name")),
    ({"direct_card": BC}, ("K23", "stops", "buyer_tel")),
    ({"direct_card": KAKAOBANK}, ("K23", "stops", "buyer_tel")),
    ({"direct_card": BC, **BUYER, "tcode": "kt"}, ("K23", "stops", "tcode")),
    ({"direct_card": SHINHAN, "card_quota": (0, 3)}, ("K26", "notes", "card_quota")),
    ({"direct_card": SHINHAN, "direct_quota": 3}, ("K26", "notes", "direct_quota")),
    ({"direct_card": "999"}, ("window", "stops", "direct_card")),
    ({"snd_qpay_type": "2"}, ("window", "stops", "snd_qpay_type")),
    # wallets
    ({"pay_method": "lpay", "easy_pay_direct": True, "buyer_name": ""},
     [("K28", "stops", "buyer_name"), ("K32", "notes", "easy_pay_direct")]),
    ({"pay_method": "ssgpay", "easy_pay_direct": True}, ("K28", "stops", "easy_pay_direct")),
    ({"pay_method": "naverpay", "easy_pay_direct": True}, ("K29", "notes", "easy_pay_direct")),
    ({"pay_method": "kakaopay", "easy_pay_direct": True},
     [("K30", "stops", "buyer_email"), ("K30", "stops", "buyer_tel")]),
    ({"pay_method": "kakaopay", "kakaopay_type": "POINT"}, ("K30", "stops", "kakaopay_type")),
    ({"pay_method": "payco", "easy_pay_direct": True, "buyer_tel": "02-1670-5176"},
     ("K31", "stops", "buyer_email")),
    ({"pay_method": "payco", "easy_pay_direct": True, "buyer_email": "a@b.kr"},
     ("K31", "stops", "buyer_tel")),
    ({"pay_method": "lpay", "easy_pay_direct": True}, ("K32", "notes", "easy_pay_direct")),
    ({"pay_method": "payco", "card_quota": (0, 3)}, ("K33", "notes", "card_quota")),
    ({"pay_method": "ssgpay", "card_quota": (0, 3)}, ("K33", "notes", "card_quota")),
    # virtual accounts, transfer, escrow
    ({"pay_method": "vbank", "vbank_due": None}, ("K35", "stops", "vbank_due")),
    ({"pay_method": "vbank", "vbank_due": NOW}, ("K35", "stops", "vbank_due")),
    ({"pay_method": "vbank", "vbank_due": DUE * 1000}, ("K36", "stops", "vbank_due")),
    ({"pay_method": "trans"}, ("K40", "notes", "pay_method")),
    ({"escrow": True}, ("K44", "stops", "buyer_email")),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "expected"), WISHED)
def test_one_thing_about_the_wish(given_: dict, expected: tuple | list):
    assert said(ask(**given_)) == ([expected] if isinstance(expected, tuple) else expected)


@pytest.mark.parametrize(
    "given_",
    [
        {"amount": 1, "tax_free": 1},
        {"tax_free": 0},
        {"tax_free": 109_000},
        {"name": "가" * 40, "buyer_name": "가" * 16, "buyer_postcode": "12345678"},
        {"buyer_email": "a" * 56 + "@b.co.kr", "buyer_addr": "가" * 128},
        {"buyer_tel": "+82 10 1234 5678"},
        {"buyer_tel": "(02) 1670-5176"},
        {"buyer_tel": "1588-1234"},
        {"period": ("2026-09-01", "2026-09-01")},
        {"app_scheme": "portone://"},
        {"app_scheme": "myShop"},
        {"custom_data": {"table": "7", "order": "1667634130160"}},
        {"amount": 50_000, "card_quota": (0, 3)},
        {"amount": 49_999, "card_quota": (0,)},
        {"card_quota": ()},
        {"card_quota": (2, 36)},
        {"interest_free": tuple((code, 3) for code in sorted(K21))},
        {"direct_card": BC, "buyer_tel": "010-1234-5678", "tcode": "ktf"},
        {"direct_card": KB, "direct_quota": 6, "card_quota": (0, 6)},
        {"direct_card": SHINHAN, "direct_quota": 0, "card_quota": (0,)},
        {"snd_qpay_type": "0"},
        {"snd_qpay_type": "1", "app_card": True},
        {"pay_method": "kakaopay", "easy_pay_direct": True, "kakaopay_type": "MONEY", **BUYER},
        {"pay_method": "payco", "easy_pay_direct": True, **BUYER},
        {"pay_method": "payco", "card_quota": (0,)},
        {"pay_method": "vbank", "vbank_due": NOW + 1},
        {"escrow": True, "buyer_email": "buyer@example.com"},
    ],
)
def test_nothing_about_what_is_fine(given_: dict):
    assert ask(**given_) == ()


def test_k17_dollars_are_for_cards_and_for_cards_alone():
    found = ask(
        currency="USD", tax_free=1, direct_card=SHINHAN, interest_free=((BC, 3),), card_quota=(0, 3)
    )
    assert [o.field for o in stops(found)] == ["direct_card", "tax_free", "interest_free"]
    assert said(stops(ask(currency="USD", tax_free=0, pay_method="lpay"))) == [
        ("K17", "stops", "currency")
    ]
    assert said(ask(currency="USD", tax_free=0, card_quota=(0, 3))) == [
        ("K17", "notes", "currency"),
        ("K18", "notes", "card_quota"),
    ]
    assert "$0.01" in ask(currency="USD", amount=0, tax_free=0)[0].en


def test_k18_hyundai_from_ten_thousand():
    given_ = {"amount": 10_000, "direct_card": HYUNDAI, "direct_quota": 3}
    assert said(ask(**given_)) == [("K26", "notes", "direct_quota")]
    assert "10,000원" in ask(**given_ | {"amount": 9_999})[0].ko


# -- the shop ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given_",
    [{"merchant_code": ""}, {"channel_key": "", "pg_mid": ""}],
)
def test_without_a_channel_there_is_no_window(given_: dict):
    assert said(ask(shop_of(**given_))) == [("window", "stops", "")]


@pytest.mark.parametrize("given_", [{"channel_key": ""}, {"pg_mid": ""}])
def test_a_channel_key_or_a_mid_is_enough(given_: dict):
    assert ask(shop_of(**given_)) == ()


ASKS_FOR = {
    "contract_mixed_tax": ({}, "", "K15"),
    "contract_easy_pay": ({"pay_method": "lpay"}, "pay_method", "K52"),
    "contract_installments": ({"card_quota": (0, 3)}, "card_quota", "K52"),
    "contract_interest_free": ({"interest_free": ((BC, 3),)}, "interest_free", "K21"),
    "contract_vbank_deadline": ({"pay_method": "vbank"}, "vbank_due", "K35"),
    "contract_delivery_escrow": ({"escrow": True, **BUYER}, "escrow", "K43"),
}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_k52_no_contract_stops_unknown_warns_yes_is_silent(contract: str):
    wish, field, rule = ASKS_FOR[contract]
    assert ask(**wish) == ()
    assert said(ask(shop_of(contracts={contract: None}), **wish)) == [("K52", "warns", field)]
    assert said(ask(shop_of(contracts={contract: "no"}), **wish)) == [(rule, "stops", field)]


@pytest.mark.parametrize("contract", CONTRACTS[1:])
def test_k52_is_only_for_who_asks_for_it(contract: str):
    for said_ in ("no", None):
        assert ask(shop_of(contracts={contract: said_})) == ()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_in_practice_an_unknown_contract_is_no_worry(contract: str):
    wish, field, rule = ASKS_FOR[contract]
    assert ask(shop_of(practice=True, contracts={contract: None}), **wish) == ()
    no = shop_of(practice=True, contracts={contract: "no"})
    assert said(ask(no, **wish)) == [(rule, "stops", field)]


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"direct_card": KB, "direct_quota": 3}, "direct_quota"),
        ({"interest_free": ((BC, 3),)}, "interest_free"),
        ({"pay_method": "naverpay", "card_quota": (0, 3)}, "card_quota"),
    ],
)
def test_k52_instalments_however_they_are_asked_for(given_: dict, field: str):
    shop = shop_of(contracts={"contract_installments": None})
    assert said(ask(shop, **given_)) == [("K52", "warns", field)]


def test_k52_wallets_inside_the_card_window():
    shop = shop_of(contracts={"contract_easy_pay": "no"})
    assert said(ask(shop, snd_qpay_type="1")) == [("K52", "stops", "snd_qpay_type")]
    assert ask(shop, snd_qpay_type="0") == ()


@pytest.mark.parametrize(("product", "expected"), [("real", []), ("digital", []), (None, ["K42"])])
def test_k42_the_product_type_is_the_contracts(product: str | None, expected: list):
    shop = shop_of(contracts={"contract_phone_product": product})
    found = ask(shop, pay_method="phone")
    assert [o.rule for o in found] == expected
    assert warnings(found) == found
    assert ask(shop, pay_method="card") == ()
    assert ask(replace(shop, practice=True), pay_method="phone") == ()


@pytest.mark.parametrize(
    ("given_", "rule", "lacks"),
    [
        ({"direct_card": KB}, "K24", "business name, business registration number"),
        ({"direct_card": WOORI}, "K24", "business name, business registration number"),
        ({"pay_method": "naverpay", "easy_pay_direct": True}, "K29", "business name"),
        ({"pay_method": "kakaopay", "easy_pay_direct": True, **BUYER},
         "K30", "owner's name, address, phone number"),
        ({"pay_method": "payco", "easy_pay_direct": True, **BUYER},
         "K31", "business name, business registration number"),
    ],
)  # fmt: skip
def test_direct_calls_want_details_of_the_shop(given_: dict, rule: str, lacks: str):
    found = stops(ask(shop_of(**NO_DETAILS), **given_))
    assert said(found) == [(rule, "stops", "")]
    assert f"details: {lacks}." in found[0].en
    assert stops(ask(**given_)) == ()


def test_k24_a_business_number_of_nine_digits_is_none():
    found = ask(shop_of(business_number="117-81-7826"), direct_card=KB)
    assert "details: business registration number." in found[0].en


def test_k30_kakaopay_wants_them_even_when_not_called_directly():
    found = ask(shop_of(**NO_DETAILS), pay_method="kakaopay")
    assert said(found) == [("K30", "warns", "")]
    assert ask(shop_of(business_name="", business_number=""), pay_method="kakaopay") == ()


@pytest.mark.parametrize("given_", [{}, {"direct_card": BC, **BUYER}, {"pay_method": "lpay"}])
def test_other_windows_want_no_details(given_: dict):
    assert ask(shop_of(**NO_DETAILS), **given_) == ()


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, [("K51", "notes", "")]),
        ({"snd_qpay_type": "0"}, [("K51", "notes", "")]),
        ({"pay_method": "phone"}, [("K51", "notes", "")]),
        ({"pay_method": "payco"}, [("K51", "warns", "pay_method")]),
        ({"pay_method": "vbank"}, [("K38", "notes", "pay_method"), ("K51", "notes", "")]),
        ({"pay_method": "trans"}, [("K41", "stops", "pay_method"), ("K51", "notes", "")]),
    ],
)
def test_test_channels_k38_k41_k51(given_: dict, expected: list):
    assert said(ask(shop_of(sandbox=True), **given_)) == expected
    in_practice = said(ask(shop_of(sandbox=True, practice=True), **given_))
    assert in_practice == [each for each in expected if each[0] == "K41"]


def test_k51_wallets_may_be_hidden_in_the_card_window():
    shop = shop_of(sandbox=True)
    assert "wallet" in ask(shop)[0].en
    assert "wallet" not in ask(shop, snd_qpay_type="0")[0].en


def test_the_gravest_comes_first():
    shop = shop_of(sandbox=True, contracts={"contract_mixed_tax": None})
    found = ask(shop, name="", card_quota=(0, 3), amount=10)
    severities = [o.severity for o in found]
    assert severities == sorted(severities, key=["stops", "warns", "notes"].index)
    assert set(severities) == {"stops", "warns", "notes"}


# -- what a method can have ----------------------------------------------------------------------

CAN = {
    "card": {"card_quota", "direct_card", "tcode", "interest_free", "app_card", "snd_qpay_type",
             "usd"},
    "vbank": {"vbank_due"},
    "trans": set(),
    "phone": {"digital"},
    "lpay": {"card_quota", "easy_pay_direct"},
    "ssgpay": set(),
    "kakaopay": {"card_quota", "easy_pay_direct", "kakaopay_type"},
    "naverpay": {"card_quota", "easy_pay_direct"},
    "payco": {"easy_pay_direct"},
}  # fmt: skip


def test_every_method_offers_only_what_it_can():
    assert set(CAN) == set(WINDOW_METHODS)
    for method, can in CAN.items():
        assert options_of(method) == can | {"escrow"}, method
    assert options_of("culture") == frozenset()


EVERYTHING = {
    "card_quota": (0, 3),
    "direct_card": KB,
    "direct_quota": 3,
    "interest_free": ((BC, 3),),
    "app_card": True,
    "snd_qpay_type": "9",
    "tcode": "kt",
    "easy_pay_direct": True,
    "kakaopay_type": "POINT",
    "vbank_due": NOW - 1,
}


def test_a_fitting_wish_has_only_what_its_method_can_have():
    for method, can in CAN.items():
        wish = wish_of(pay_method=method, **EVERYTHING)
        kept = {name for name in EVERYTHING if getattr(fitting(wish), name) == EVERYTHING[name]}
        assert kept == (can | ({"direct_quota"} if method == "card" else set())) & set(EVERYTHING)
        assert fitting(fitting(wish)) == fitting(wish)
        assert fitting(wish).amount == wish.amount


def test_fields_of_other_methods_are_no_mistakes():
    for method in ("vbank", "phone"):
        given_ = EVERYTHING | ({"vbank_due": DUE} if method == "vbank" else {})
        assert ask(pay_method=method, **given_) == ()


def test_card_companies_want_what_the_guide_says():
    def those(attribute: str) -> set[str]:
        return {card.code for card in card_companies() if getattr(card, attribute)}

    assert len(card_companies()) == 20
    assert those("interest_free") == K21
    assert those("wants_phone") == K23
    assert those("wants_shop") == K24
    assert those("wants_site") == K25
    assert {card.code for card in card_companies()} - those("takes_list") == K25
    least = {card.code: card.instalments_from for card in card_companies()}
    assert least.pop(HYUNDAI) == 10_000
    assert set(least.values()) == {50_000}
    names = {card.code: card.ko for card in card_companies()}
    assert [names[code] for code in (HYUNDAI, SHINHAN, WOORI, KB, BC, KAKAOBANK)] == [
        "현대카드", "신한카드", "우리카드", "KB국민카드", "비씨카드", "카카오뱅크카드",
    ]  # fmt: skip
    assert find_card_company("369").name("en") == "Suhyup Card"
    assert find_card_company("369").name("ko") == "수협카드"
    assert find_card_company("10005") is None


def test_the_shops_details_go_along_where_any_of_them_is_wanted():
    def wants(**given_: object) -> bool:
        return options.wants_shop_details(wish_of(**given_))

    companies = {card.code for card in card_companies() if wants(direct_card=card.code)}
    assert companies == K24
    assert not wants()
    assert {m for m in WINDOW_METHODS if wants(pay_method=m)} == {"kakaopay"}
    direct = {m for m in WINDOW_METHODS if wants(pay_method=m, easy_pay_direct=True)}
    assert direct == {"kakaopay", "naverpay", "payco"}


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-08-21 00:00", "2026-08-24 23:59"),
        ("2026-08-21 23:59:59", "2026-08-24 23:59"),
        ("2026-12-30 12:00", "2027-01-02 23:59"),
    ],
)
def test_k35_the_usual_deadline_is_three_days_on(now: str, due: str):
    assert default_vbank_due(at(now)) == at(due)
    assert ask(now=at(now), pay_method="vbank", vbank_due=default_vbank_due(at(now))) == ()


# -- of every wish -------------------------------------------------------------------------------


@settings(max_examples=100)
@given(wishes(), shops())
def test_every_objection_can_be_shown(wish: WindowWish, shop: WindowShop):
    found = window_objections(wish, shop, NOW)
    for o in found:
        assert o.field in FIELDS
        assert re.fullmatch(r"K[1-5][0-9]|window", o.rule)
        assert HANGUL.search(o.text("ko"))
        assert o.text("en") and not HANGUL.search(o.text("en") + o.instead("en"))
        assert bool(o.instead("ko")) == bool(o.instead("en"))
        assert o.ko.endswith((".", "요."))
    severities = [o.severity for o in found]
    assert severities == sorted(severities, key=["stops", "warns", "notes"].index)
    assert len(found) == len(set(found))


@settings(max_examples=100)
@given(wishes())
def test_lump_sum_is_in_every_list(wish: WindowWish):
    quota = options.quota_of(wish)
    assert quota is None or (0 in quota and list(quota) == sorted(set(quota)))
    if not options.has_instalments(wish):
        assert quota in (None, (0,))
        assert options.direct_quota_of(wish) in (None, 0)
        assert options.interest_free_of(wish) == ()
