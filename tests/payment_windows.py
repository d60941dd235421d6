"""Wishes and shops for tests of the payment window: whole ones, and hypothesis's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st

from dashboard.clock import KST
from dashboard.ksnet import WALLETS, WINDOW_METHODS, WindowShop, WindowWish, card_companies

NOW = int(datetime(2026, 8, 21, 14, 5, tzinfo=KST).timestamp())
DUE = int(datetime(2026, 8, 24, 23, 59, tzinfo=KST).timestamp())
SIGNED = {
    "contract_vbank_refund": "yes",
    "contract_vbank_deadline": "yes",
    "contract_easy_pay": "yes",
    "contract_installments": "yes",
    "contract_interest_free": "yes",
    "contract_delivery_escrow": "yes",
    "contract_key_in": "yes",
    "contract_mixed_tax": "yes",
    "contract_phone_product": "real",
}
WHOLE_SHOP = WindowShop(
    merchant_code="imp12345678",
    channel_key="channel-key-1",
    pg_mid="1234500001",
    business_name="배나무집",
    business_number="117-81-78260",
    ceo_name="오세진",
    address="서울 성동구 성수이로 20길 16",
    phone="02-1670-5176",
    contracts=SIGNED,
)
BUYER = {
    "buyer_email": "buyer@example.com",
    "buyer_tel": "02-1670-5176",
    "buyer_addr": "성수이로 20길 16",
    "buyer_postcode": "04783",
}


def wish_of(**given: object) -> WindowWish:
    usual = {
        "pay_method": "card",
        "amount": 109_000,
        "tax_free": 3_000,
        "name": "나이키 와플 트레이너 2 SD",
        "buyer_name": "홍길동",
    }
    if given.get("pay_method") == "vbank":
        usual |= {"tax_free": 0, "vbank_due": DUE}
    return WindowWish(**(usual | given))  # type: ignore[arg-type]


def shop_of(*, contracts: dict | None = None, **given: object) -> WindowShop:
    return replace(WHOLE_SHOP, **given, contracts=SIGNED | (contracts or {}))


_CODES = [card.code for card in card_companies()]
_MONTHS = st.sampled_from([0, 2, 3, 6, 12, 36])
_DAYS = st.sampled_from(["2026-09-01", "2026-12-31"])


def _either(*values: object) -> st.SearchStrategy:
    return st.sampled_from(values)


@st.composite
def wishes(draw: st.DrawFn) -> WindowWish:
    """Mostly wishes a window can be opened with; now and then one with something wrong."""
    method = draw(st.sampled_from([*WINDOW_METHODS, "card", "card", "card"]))
    amount = draw(st.one_of(st.integers(1, 10**9), _either(9_999, 10_000, 49_999, 50_000)))
    usd = method == "card" and draw(st.integers(0, 9)) == 0
    direct = "" if usd else draw(st.one_of(st.just(""), st.sampled_from(_CODES)))
    able = [card.code for card in card_companies() if card.interest_free]
    free = st.lists(
        st.tuples(st.sampled_from(able), _either(2, 3, 12)), unique_by=lambda pair: pair[0]
    )
    wish = WindowWish(
        pay_method=method,
        amount=amount,
        tax_free=0 if usd else draw(st.one_of(st.just(0), st.integers(0, amount))),
        name=draw(_either("배 7.5kg", "Pears", "ㄱ" * 40)),
        buyer_name=draw(_either("홍길동", "Kim Hana")),
        currency="USD" if usd else "KRW",
        buyer_email=draw(_either("", "buyer@example.com", "buyer@example.com")),
        buyer_tel=draw(_either("", "010-1234-5678", "02-1670-5176")),
        buyer_addr=draw(_either("", "성수이로 20길 16")),
        buyer_postcode=draw(_either("", "04783")),
        escrow=draw(st.booleans()),
        vbank_due=draw(_either(None, DUE, DUE)),
        card_quota=draw(st.one_of(st.none(), st.lists(_MONTHS).map(tuple))),
        direct_card=direct,
        direct_quota=draw(st.one_of(st.none(), _MONTHS)),
        interest_free=() if usd or method in WALLETS else tuple(draw(free)),
        app_card=draw(st.booleans()),
        easy_pay_direct=method != "ssgpay" and draw(st.booleans()),
        kakaopay_type=draw(_either("", "CARD", "MONEY")),
        snd_qpay_type=draw(_either("", "0", "1")),
        tcode=draw(_either("", "skt", "ktf", "lgt")),
        period=draw(st.one_of(st.just(("", "")), st.tuples(_DAYS, _DAYS))),
        app_scheme=draw(_either("", "portone://", "myshop")),
        custom_data=draw(_either({}, {"table": "7"})),
    )
    if draw(st.integers(0, 4)):
        return wish
    wrong = draw(
        _either(
            {"amount": 0},
            {"tax_free": -1},
            {"name": ""},
            {"buyer_name": "가" * 17},
            {"currency": "EUR"},
            {"currency": "USD"},
            {"pay_method": "culture"},
            {"card_quota": (1, -2)},
            {"interest_free": (("041", 3), ("041", 3))},
            {"direct_card": "999"},
            {"buyer_email": "buyer"},
            {"period": ("2026-09-01", "")},
            {"vbank_due": NOW - 1},
        )
    )
    return replace(wish, **wrong)


def shops() -> st.SearchStrategy[WindowShop]:
    """Shops with a gateway, of every kind; their contracts and details may be missing."""
    said = st.sampled_from(["yes", "yes", "yes", "no", None])
    contracts = st.fixed_dictionaries(
        {name: said for name in SIGNED if name != "contract_phone_product"}
        | {"contract_phone_product": _either("real", "digital", None)}
    )
    return st.builds(
        replace,
        st.just(WHOLE_SHOP),
        channel_key=_either("", "channel-key-1"),
        sandbox=st.booleans(),
        practice=st.booleans(),
        business_number=_either("117-81-78260", "1178178260", "1178178260", ""),
        ceo_name=_either("오세진", "오세진", ""),
        contracts=st.one_of(st.just(SIGNED), contracts),
    )
