"""What cards and wallets ask of a window, and the instalments they then offer.

Written from ksnet-rules.md K17-K33. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dashboard.sandbox.window_facts import (
    HYUNDAI,
    HYUNDAI_FROM,
    INSTALMENTS_FROM,
    WALLETS,
    Known,
    Params,
    is_number,
)

KB = "381"
CARRIER_CARDS = frozenset({"361", "369", "372", "364", "090"})  # K23: BC 수협 전북 광주 카카오뱅크
SITE_CARDS = frozenset({"041", "374", "371", "365", "367", "368", "366", "370"})  # K25, K26
SHOP_CARDS = SITE_CARDS | {KB}  # K24
INTEREST_FREE = frozenset({"361", KB, "374", "365", "366", "367", "368", "371"})  # K21
DIRECT_WALLETS = ("naverpay", "kakaopay", "payco", "lpay")  # K28
OWN_MONTHS = ("payco", "ssgpay")  # K33: always 1 to 12 months from 50,000 won
MOST_MONTHS = 36

_DIGITS = re.compile(r"[0-9]+\Z")
_SHOP = ("businessName", "businessRegistrationNumber", "ceoFullName", "address", "phoneNumber")


def check(params: Params, known: Known, method: str) -> None:
    """Write down what is wrong with ``display``, ``card``, ``storeDetails`` and ``bypass``."""
    params.flag("appCard")
    _shop(params)
    _bypass(params)
    _quota(params, method)
    _card(params, known, method)
    _wallet(params, method)


def direct_card(given: Mapping[str, Any]) -> str:
    """The card company whose window opens at once, or ""."""
    found = Params(given).find("card.direct.code")
    return found if isinstance(found, str) else ""


def months_for(given: Mapping[str, Any], card_code: str) -> list[int]:
    """The instalment months of one card company for parameters that were found right."""
    params, amount, method = Params(given), given["amount"], given["pay_method"]
    least = HYUNDAI_FROM if card_code == HYUNDAI else INSTALMENTS_FROM
    if given.get("currency", "KRW") != "KRW" or amount < least:
        return [0]
    if method in OWN_MONTHS:
        return [0, *range(2, 13)]
    if direct_card(given):
        return [params.find("card.direct.quota") or 0]
    listed = params.find("display.card_quota")
    if listed is None:
        return [0, *range(2, 13)]
    if card_code == KB and params.find("card.useInstallment") is not True:  # K20
        return [0]
    return sorted(set(listed) | {0})


def interest_free(given: Mapping[str, Any], card_code: str) -> int:
    """Up to how many months the shop pays the interest; 0: not at all."""
    if given.get("useFreeInterestFromMall") is not True:
        return 0
    for one in Params(given).find("card.detail") or []:
        if one.get("card_code") == card_code and one.get("enabled") is not False:
            return int(one.get("max_month") or 0)
    return 0


def card_codes(given: Mapping[str, Any], codes: list[str]) -> list[str]:
    """Which of ``codes`` the window shows: ``card.detail`` hides and shows, ``*`` means all."""
    if direct := direct_card(given):
        return [direct]
    shown = dict.fromkeys(codes, True)
    detail = Params(given).find("card.detail") or []
    for one in sorted(detail, key=lambda one: one.get("card_code") != "*"):
        if isinstance(enabled := one.get("enabled"), bool):
            named = codes if one["card_code"] == "*" else [one["card_code"]]
            shown |= {code: enabled for code in named if code in shown}
    return [code for code in codes if shown[code]]


def _shop(params: Params) -> None:
    params.group("storeDetails")
    for name in _SHOP:
        params.text(f"storeDetails.{name}", longest=200)
    number = params.find("storeDetails.businessRegistrationNumber")
    if isinstance(number, str) and number and not _DIGITS.match(number):
        params.object_to(
            "storeDetails.businessRegistrationNumber",
            "숫자만 적어야 합니다. (K24)",
            "Digits only (K24).",
        )


def _bypass(params: Params) -> None:
    params.group("bypass")
    params.group("bypass.ksnet")
    params.choice("bypass.ksnet.sndQpayType", ("0", "1"))
    params.flag("bypass.ksnet.easyPayDirect")
    params.choice("bypass.ksnet.sndKakaopayType", ("CARD", "MONEY"))
    params.choice("bypass.ksnet.tcode", ("lgt", "ktf", "skt"))
    params.text("bypass.ksnet.url", longest=1000)


def _quota(params: Params, method: str) -> None:
    params.group("display")
    listed = params.find("display.card_quota")
    if listed is None:
        return
    path = "display.card_quota"
    if not isinstance(listed, list) or not all(type(one) is int for one in listed):
        params.object_to(path, "숫자의 목록이어야 합니다.", "Must be a list of numbers.")
        return
    if 0 not in listed:
        params.object_to(
            path,
            "빈 목록은 쓸 수 없으며, 일시불 0을 적어야 합니다. (K19)",
            "Must not be empty and must list 0 for lump sum (K19).",
        )
    if any(one != 0 and not 2 <= one <= MOST_MONTHS for one in listed):
        params.object_to(path, "0 또는 2~36개월이어야 합니다.", "Must be 0 or 2 to 36 months.")
    if method in OWN_MONTHS:
        params.object_to(
            path,
            "페이코와 SSG페이는 할부 개월을 지정할 수 없습니다. (K33)",
            "PAYCO and SSGPAY take no list of months (K33).",
        )
    if any(listed) and _won(params) < INSTALMENTS_FROM:
        params.object_to(
            path,
            "5만원 미만은 일시불([0])만 됩니다. (K18)",
            "Under KRW 50,000 only lump sum, [0] (K18).",
        )


def _won(params: Params) -> float:
    amount = params.find("amount")
    return amount if is_number(amount) else float("inf")


def _card(params: Params, known: Known, method: str) -> None:
    params.group("card")
    params.flag("card.useInstallment")
    _detail(params, known)
    if params.flag("useFreeInterestFromMall"):
        if method in WALLETS:
            params.object_to(
                "useFreeInterestFromMall",
                "상점 부담 무이자는 간편결제에 쓸 수 없습니다. (K21)",
                "Merchant-funded interest-free is not for easy pay (K21).",
            )
        elif not params.find("card.detail"):
            params.missing("card.detail", "K21")
    if params.group("card.direct"):
        _direct(params, known, method)


def _detail(params: Params, known: Known) -> None:
    detail = params.find("card.detail")
    if detail is None:
        return
    if not isinstance(detail, list) or not all(isinstance(one, Mapping) for one in detail):
        params.object_to("card.detail", "객체의 목록이어야 합니다.", "Must be a list of objects.")
        return
    free = params.find("useFreeInterestFromMall") is True
    for place, one in enumerate(detail):
        path, code, months = f"card.detail[{place}]", one.get("card_code"), one.get("max_month")
        if not isinstance(code, str) or (code != "*" and code not in known.cards):
            params.object_to(f"{path}.card_code", "모르는 카드사 코드입니다.", "Unknown code.")
        if one.get("enabled") is not None and not isinstance(one["enabled"], bool):
            params.object_to(f"{path}.enabled", "true 또는 false여야 합니다.", "Must be a boolean.")
        if months is None:
            continue
        if type(months) is not int or not 0 <= months <= MOST_MONTHS:
            params.object_to(f"{path}.max_month", "개월 수여야 합니다.", "Must be months.")
        elif free and months and code not in INTEREST_FREE:
            params.object_to(
                f"{path}.card_code",
                "상점 부담 무이자를 쓸 수 없는 카드사입니다. (K21)",
                "No merchant-funded interest-free with this company (K21).",
            )


def _direct(params: Params, known: Known, method: str) -> None:
    code = params.text("card.direct.code", why="K22")
    if method != "card":
        params.object_to(
            "card.direct", "카드 결제에서만 쓸 수 있습니다.", "Only with pay_method card."
        )
    if code and code not in known.cards:
        params.object_to("card.direct.code", "모르는 카드사 코드입니다.", "Unknown code.")
    if params.find("currency") not in (None, "", "KRW"):
        params.object_to(
            "currency", "카드사 바로 호출은 KRW만 됩니다. (K17)", "A direct call is KRW only (K17)."
        )
    _direct_quota(params, code)
    if known.mobile and code in CARRIER_CARDS:
        _needed(params, "K23", "buyer_tel", "bypass.ksnet.tcode")
    if code in SHOP_CARDS:
        names = ("businessName", "businessRegistrationNumber")
        _needed(params, "K24", *(f"storeDetails.{name}" for name in names))
    if code in SITE_CARDS:
        _needed(params, "K25", "bypass.ksnet.url")
        if params.find("display.card_quota") is not None:
            params.object_to(
                "display.card_quota",
                "이 카드사는 바로 호출할 때 할부 목록을 쓸 수 없습니다. (K26)",
                "No list of months in a direct call of this company (K26).",
            )


def _direct_quota(params: Params, code: str) -> None:
    quota, path = params.find("card.direct.quota"), "card.direct.quota"
    if quota is None:
        return
    if type(quota) is not int or not (quota == 0 or 2 <= quota <= MOST_MONTHS):
        params.object_to(path, "0 또는 2~36개월이어야 합니다.", "Must be 0 or 2 to 36 months.")
    elif quota and _won(params) < (HYUNDAI_FROM if code == HYUNDAI else INSTALMENTS_FROM):
        params.object_to(path, "이 금액은 일시불(0)만 됩니다. (K18)", "Lump sum (0) only (K18).")


def _wallet(params: Params, method: str) -> None:
    if params.find("bypass.ksnet.easyPayDirect") is not True:
        return
    if method not in DIRECT_WALLETS:
        params.object_to(
            "bypass.ksnet.easyPayDirect",
            "이 결제수단은 바로 호출할 수 없습니다. (K28)",
            "This method has no direct call (K28).",
        )
    shop = {
        "naverpay": ("K29", "businessName"),
        "kakaopay": ("K30", "ceoFullName", "address", "phoneNumber"),
        "payco": ("K31", "businessName", "businessRegistrationNumber"),
    }.get(method)
    if shop:
        rule, *names = shop
        _needed(params, rule, *(f"storeDetails.{name}" for name in names))
        if method != "naverpay":
            _needed(params, rule, "buyer_email", "buyer_tel")


def _needed(params: Params, rule: str, *paths: str) -> None:
    for path in paths:
        if params.find(path) in (None, ""):
            params.missing(path, rule)
