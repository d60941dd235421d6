"""The one object ``IMP.request_pay`` is called with, as KSNET reads it. Pure.

Only what is documented for KSNET, and nothing without a value: what the SDK does with an empty
string is nobody's promise. ``language``, ``products``, ``biz_num``, ``customer_uid`` and
``vat_amount`` are not KSNET's and never sent.

Source: payment-window, 2
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dashboard.clock import kst
from dashboard.ksnet import cards
from dashboard.ksnet import window_options as options
from dashboard.ksnet.window_facts import WindowShop, WindowWish

MOST_MERCHANT_UID = 40  # characters


def window_params(
    wish: WindowWish,
    shop: WindowShop,
    *,
    merchant_uid: str,
    redirect_url: str,
    notice_url: str = "",
    confirm_url: str = "",
    site_url: str = "",
) -> dict[str, Any]:
    """The parameters of one window.

    Amounts are numbers, in won or (with cents) dollars. Lists of months, interest-free months and
    the carrier are what :mod:`dashboard.ksnet.window_options` makes of the wish.

    :param redirect_url: where mobile browsers come back to; there no callback runs
    :param notice_url: takes the place of the console's webhook address, for this payment
    :param site_url: of the page that asks (K25); where it is not given, the origin of
        ``redirect_url``
    :raise ValueError: ``merchant_uid`` is empty or too long, there is no ``redirect_url``, or the
        shop has neither channel nor MID
    """
    if not 1 <= len(merchant_uid) <= MOST_MERCHANT_UID:
        raise ValueError(f"merchant_uid of {len(merchant_uid)} characters")
    if not redirect_url:
        raise ValueError("without m_redirect_url the result of a mobile payment is lost")
    wish = options.fitting(wish)
    params = {
        **_channel(shop),
        "pay_method": wish.pay_method,
        "merchant_uid": merchant_uid,
        "name": wish.name,
        "amount": _money(wish.amount, wish.currency),
        "tax_free": 0 if wish.pay_method == "vbank" else _money(wish.tax_free, wish.currency),
        "currency": wish.currency,
        "escrow": wish.escrow,
        "buyer_name": wish.buyer_name,
        "buyer_email": wish.buyer_email,
        "buyer_tel": wish.buyer_tel,
        "buyer_addr": wish.buyer_addr,
        "buyer_postcode": wish.buyer_postcode,
        "digital": _digital(wish, shop),
        "vbank_due": _vbank_due(wish),
        "m_redirect_url": redirect_url,
        "notice_url": notice_url,
        "confirm_url": confirm_url,
        "app_scheme": wish.app_scheme,
        "period": _period(wish),
        "custom_data": dict(wish.custom_data),
        "display": _display(wish),
        "card": _card(wish),
        "useFreeInterestFromMall": bool(options.interest_free_of(wish)) or None,  # K21
        "appCard": wish.app_card or None,
        "storeDetails": _store_details(wish, shop),
        "bypass": _bypass(wish, site_url or _origin(redirect_url)),
    }
    return _filled(params)


def _filled(params: dict[str, Any]) -> dict[str, Any]:
    """Without what has no value; 0 and False are values."""
    return {key: value for key, value in params.items() if value not in (None, "", {})}


def _channel(shop: WindowShop) -> dict[str, str]:
    """The channel key, or ``pg`` in its place: to send both is not documented."""
    if shop.channel_key:
        return {"channelKey": shop.channel_key}
    if not shop.pg_mid:
        raise ValueError("the shop has neither a channel key nor a MID")
    return {"pg": f"ksnet.{shop.pg_mid}"}


def _money(amount: int, currency: str) -> int | float:
    """Won as they are; cents as dollars, whole where they are whole."""
    if currency != "USD":
        return amount
    dollars, cents = divmod(amount, 100)
    return amount / 100 if cents else dollars


def _digital(wish: WindowWish, shop: WindowShop) -> bool | None:
    """K42: what the contract says, not the order."""
    if wish.pay_method != "phone":
        return None
    return shop.contracts.get("contract_phone_product") == "digital"


def _vbank_due(wish: WindowWish) -> str | None:
    """K36: a window takes Korean wall-clock time, not the seconds of the API."""
    return None if wish.vbank_due is None else f"{kst(wish.vbank_due):%Y-%m-%d %H:%M:%S}"


def _period(wish: WindowWish) -> dict[str, str]:
    first, last = wish.period
    return {"from": first, "to": last} if first and last else {}


def _display(wish: WindowWish) -> dict[str, list[int]]:
    """K18, K19, K26, K33."""
    quota = options.quota_of(wish)
    return {} if quota is None else {"card_quota": list(quota)}


def _card(wish: WindowWish) -> dict[str, Any]:
    """Direct call, interest-free months (K21), and the switch KB's app wants (K20)."""
    if wish.pay_method != "card":
        return {}
    card: dict[str, Any] = {}
    quota = options.direct_quota_of(wish)
    if options.direct_company(wish):
        card["direct"] = _filled({"code": wish.direct_card, "quota": quota})
    if interest_free := options.interest_free_of(wish):
        card["detail"] = [
            {"card_code": code, "enabled": True, "max_month": months}
            for code, months in interest_free
        ]
    if options.quota_of(wish) is not None or (wish.direct_card == cards.KB and quota is not None):
        card["useInstallment"] = True
    return card


def _store_details(wish: WindowWish, shop: WindowShop) -> dict[str, str]:
    """Everything known of the shop, where anything of it is wanted (K24, K29-K31)."""
    if not options.wants_shop_details(wish):
        return {}
    return _filled(
        {
            "businessName": shop.business_name,
            "businessRegistrationNumber": options.business_digits(shop.business_number),
            "ceoFullName": shop.ceo_name,
            "address": shop.address,
            "phoneNumber": shop.phone,
        }
    )


def _bypass(wish: WindowWish, site_url: str) -> dict[str, Any]:
    company = options.direct_company(wish)
    tcode = wish.tcode or options.DEFAULT_TCODE
    ksnet = _filled(
        {
            "sndQpayType": wish.snd_qpay_type,
            "easyPayDirect": wish.easy_pay_direct or None,  # K28
            "sndKakaopayType": wish.kakaopay_type,  # K30
            "tcode": tcode if company and company.wants_phone else None,  # K23
            "url": site_url if company and company.wants_site else None,  # K25
        }
    )
    return {"ksnet": ksnet} if ksnet else {}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
