"""What KSNET has against one payment window: K15-K52, said before it opens.

As with cancels, stops cannot be overruled, warnings can be by the owner, notes hold nobody up.
What KSNET has no place for and would pass over (K18, K26, K33) is left out of the parameters and
told as a note; what another method would need is neither sent nor told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.ksnet import window_limit_texts as limit_texts
from dashboard.ksnet import window_method_texts as method_texts
from dashboard.ksnet import window_texts as texts
from dashboard.ksnet.cards import card_companies, find_card_company
from dashboard.ksnet.facts import SEVERITY_ORDER
from dashboard.ksnet.window_facts import WINDOW_METHODS, WindowObjection, WindowShop, WindowWish
from dashboard.ksnet.window_limits import limit_objections
from dashboard.ksnet.window_options import (
    MOST_MONTHS,
    TCODES,
    WALLETS,
    business_digits,
    direct_company,
    fitting,
    has_instalments,
    instalments_from,
)

_MILLISECONDS = 10**10  # K36: eleven digits and more are no UNIX seconds of our times
_DETAILS = {
    "business_name": ("상호명", "business name"),
    "business_number": ("사업자등록번호", "business registration number"),
    "ceo_name": ("대표자명", "owner's name"),
    "address": ("주소", "address"),
    "phone": ("전화번호", "phone number"),
}


def window_objections(
    wish: WindowWish, shop: WindowShop, now: float
) -> tuple[WindowObjection, ...]:
    """Everything that speaks against opening this window at ``now`` (UNIX seconds), gravest first.

    Sources: K15-K52; payment-window, 2
    """
    if wish.pay_method not in WINDOW_METHODS:
        return (limit_texts.METHOD,)
    fit = fitting(wish)
    found = [
        *_gateway(shop),
        *limit_objections(fit),
        *_buyer_name(fit),
        *_money(fit),
        *_months(fit, shop),
        *_interest_free(wish, shop),
        *_direct_card(fit, shop),
        *_wallet(wish, shop),
        *_vbank(fit, shop, now),
        *_other_methods(fit, shop),
        *_escrow(fit, shop),
        *_test_channel(fit, shop),
    ]
    return tuple(sorted(found, key=lambda objection: SEVERITY_ORDER[objection.severity]))


def _gateway(shop: WindowShop) -> Iterator[WindowObjection]:
    """K15 of the contract, and whether there is a channel at all."""
    if not shop.merchant_code or not (shop.channel_key or shop.pg_mid):
        yield limit_texts.GATEWAY
    yield from _contract(shop, "contract_mixed_tax", "")


def _contract(shop: WindowShop, contract: str, field: str) -> Iterator[WindowObjection]:
    """K52. In practice nobody has a contract, and only a "no" counts."""
    said = shop.contracts.get(contract)
    if said == "no":
        yield texts.no_contract(contract, field)
    elif said != "yes" and not shop.practice:
        yield texts.unknown_contract(contract, field)


def _buyer_name(wish: WindowWish) -> Iterator[WindowObjection]:
    """KSNET wants it always; K22 and K28 say so once more."""
    if not wish.buyer_name.strip():
        rule = "K22" if wish.direct_card else "K28" if wish.easy_pay_direct else limit_texts.RULE
        yield limit_texts.missing("buyer_name", rule)


def _money(wish: WindowWish) -> Iterator[WindowObjection]:
    """K16, K17."""
    if wish.pay_method == "vbank" and wish.tax_free > 0:
        yield texts.K16
    if wish.currency != "USD":
        return
    if wish.pay_method == "card":
        yield texts.K17_NOTE
    else:
        yield texts.K17_METHOD
    if wish.direct_card:
        yield texts.K17_DIRECT
    if wish.tax_free:
        yield texts.K17_TAX


def _months(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K18, K19, K26 and the contract of instalments."""
    listed, direct = wish.card_quota or (), wish.direct_quota or 0
    if not all(_is_quota(months) for months in listed):
        yield texts.K19
    if not _is_quota(direct):
        yield texts.K19_DIRECT
    company = direct_company(wish)
    list_dropped = company is not None and not company.takes_list
    if list_dropped and any(listed):
        yield texts.K26
    if list_dropped and direct and has_instalments(wish):
        yield texts.K26_QUOTA
    wanted = {
        "card_quota": any(listed) and not list_dropped,
        "direct_quota": bool(direct),
        "interest_free": bool(wish.interest_free),
    }
    field = next((name for name, asked in wanted.items() if asked), None)
    if field is None:
        return
    if has_instalments(wish):
        yield from _contract(shop, "contract_installments", field)
    elif wish.currency == "USD":
        yield texts.K18_USD
    else:
        yield texts.k18(instalments_from(wish), field)


def _is_quota(months: int) -> bool:
    return months == 0 or 2 <= months <= MOST_MONTHS


def _interest_free(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K21."""
    if wish.interest_free and wish.pay_method in WALLETS:
        yield texts.K21_WALLET
    if not wish.interest_free or wish.pay_method != "card":
        return
    if wish.currency == "USD":
        yield texts.K21_USD
        return
    able = [card for card in card_companies() if card.interest_free]
    codes = [code for code, _months in wish.interest_free]
    if not set(codes) <= {card.code for card in able}:
        names = (", ".join(card.name(language) for card in able) for language in ("ko", "en"))
        yield texts.k21_company(*names)
    months = [months for _code, months in wish.interest_free]
    if len(set(codes)) < len(codes) or not all(each and _is_quota(each) for each in months):
        yield texts.K21_MONTHS
    yield from _contract(shop, "contract_interest_free", "interest_free")


def _direct_card(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K23, K24; K25 is filled in from the address of the page."""
    if not wish.direct_card:
        return
    company = find_card_company(wish.direct_card)
    if company is None:
        yield texts.DIRECT_CARD
        return
    if company.wants_phone and not wish.buyer_tel:
        yield limit_texts.missing("buyer_tel", "K23")
    if company.wants_phone and wish.tcode not in ("", *TCODES):
        yield texts.TCODE
    if company.wants_shop:
        yield from _shop_details(shop, "K24", ("business_name", "business_number"))


def _shop_details(
    shop: WindowShop, rule: str, wanted: Iterable[str], *, stops: bool = True
) -> Iterator[WindowObjection]:
    lacking = [_DETAILS[name] for name in wanted if not _has_detail(shop, name)]
    if lacking:
        ko, en = (", ".join(names) for names in zip(*lacking, strict=True))
        yield texts.shop_details(rule, ko, en, "stops" if stops else "warns")


def _has_detail(shop: WindowShop, name: str) -> bool:
    said = str(getattr(shop, name)).strip()
    return bool(business_digits(said) if name == "business_number" else said)


def _wallet(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K28-K33 and the contract of easy pay, wallets inside the card window included."""
    if wish.pay_method == "card":
        if wish.snd_qpay_type not in ("", "0", "1"):
            yield texts.QPAY
        if wish.snd_qpay_type == "1":
            yield from _contract(shop, "contract_easy_pay", "snd_qpay_type")
    if wish.pay_method not in WALLETS:
        return
    yield from _contract(shop, "contract_easy_pay", "pay_method")
    if wish.pay_method in ("payco", "ssgpay") and any(wish.card_quota or ()):
        yield method_texts.K33
    if wish.pay_method == "kakaopay":
        yield from _kakaopay(wish, shop)
    if wish.easy_pay_direct:
        yield from _direct_wallet(wish, shop)


def _kakaopay(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K30. For other calls than direct ones the documents differ on whether it must be sent."""
    details = ("ceo_name", "address", "phone")
    yield from _shop_details(shop, "K30", details, stops=wish.easy_pay_direct)
    if wish.kakaopay_type not in ("", "CARD", "MONEY"):
        yield method_texts.K30_TYPE


def _direct_wallet(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K28-K32."""
    if wish.pay_method == "ssgpay":
        yield method_texts.K28_SSGPAY
    elif wish.pay_method == "naverpay":
        yield from _shop_details(shop, "K29", ("business_name",))
        yield method_texts.K29_NOTE
    elif wish.pay_method == "lpay":
        yield method_texts.K32_NOTE
    else:
        rule = "K30" if wish.pay_method == "kakaopay" else "K31"
        if rule == "K31":
            yield from _shop_details(shop, "K31", ("business_name", "business_number"))
        for field in ("buyer_email", "buyer_tel"):
            if not getattr(wish, field):
                yield limit_texts.missing(field, rule)


def _vbank(wish: WindowWish, shop: WindowShop, now: float) -> Iterator[WindowObjection]:
    """K35, K36, K38. There is no field for the holder (K37)."""
    if wish.pay_method != "vbank":
        return
    if wish.vbank_due is None:
        yield method_texts.K35
    elif wish.vbank_due >= _MILLISECONDS:
        yield method_texts.K36
    elif wish.vbank_due <= now:
        yield method_texts.K35_PAST
    yield from _contract(shop, "contract_vbank_deadline", "vbank_due")
    if shop.sandbox and not shop.practice:
        yield method_texts.K38


def _other_methods(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K40, K41 of transfer; K42 of phone."""
    if wish.pay_method == "trans":
        yield method_texts.K41 if shop.sandbox else method_texts.K40
    product = shop.contracts.get("contract_phone_product")
    if wish.pay_method == "phone" and not product and not shop.practice:
        yield method_texts.K42


def _escrow(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K43, K44."""
    if not wish.escrow:
        return
    yield from _contract(shop, "contract_delivery_escrow", "escrow")
    if not wish.buyer_email:
        yield limit_texts.missing("buyer_email", "K44")


def _test_channel(wish: WindowWish, shop: WindowShop) -> Iterator[WindowObjection]:
    """K51. In practice no money moves, whatever the channel says."""
    if not shop.sandbox or shop.practice:
        return
    if wish.pay_method in WALLETS:
        yield method_texts.K51_WALLET
    elif wish.pay_method == "card" and wish.snd_qpay_type != "0":
        yield method_texts.K51_CARD
    else:
        yield method_texts.K51
