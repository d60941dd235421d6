"""What a buyer may choose in a window, and what a choice tells about the payment.

Source: K20-K34, K40; portone-v1-api 3. The page shows :func:`of`; :func:`facts` believes nothing
the page did not offer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from dashboard.sandbox.channels import banks, cards
from dashboard.sandbox.envelope import Malformed
from dashboard.sandbox.window_facts import WALLETS, Params
from dashboard.sandbox.window_methods import card_codes, interest_free, months_for

SLIP_HOST = "https://slip.ksnet.example"
WALLET_NAMES = {
    "naverpay": "네이버페이",
    "kakaopay": "카카오페이",
    "payco": "페이코",
    "lpay": "L.PAY",
    "ssgpay": "SSG페이",
}
TELCOS = {"SKT": "SKT", "KTF": "KT", "LGT": "LG U+", "MVNO": "알뜰폰"}
_CARD_FAILURES = (
    "한도초과 카드입니다. 카드사로 문의해 주세요.",
    "잔액이 부족합니다.",
    "비밀번호 입력 오류 횟수를 초과하였습니다.",
    "유효기간 오류입니다.",
    "카드사 점검 중입니다. 잠시 후 다시 시도해 주세요.",
)
_BANK_FAILURES = (
    "잔액이 부족합니다.",
    "1일 이체한도를 초과하였습니다.",
    "계좌 비밀번호 오류입니다.",
    "은행 점검 시간입니다. 잠시 후 다시 시도해 주세요.",
)
_PHONE_FAILURES = (
    "소액결제 한도를 초과하였습니다.",
    "소액결제가 차단된 번호입니다.",
    "인증번호가 일치하지 않습니다.",
)
_FAILURES = {"trans": _BANK_FAILURES, "vbank": _BANK_FAILURES, "phone": _PHONE_FAILURES}
VBANK_BANKS = ("004", "088", "020", "081", "011", "003", "071")
BANKS = ("004", "088", "020", "081", "011", "003", "090", "092", "089", "071", "045", "007")
_ORDER = (
    "366", "381", "365", "367", "368", "361", "371", "374", "041", "090", "089", "370",
    "369", "364", "372", "373", "045", "048", "071", "002",
)  # fmt: skip
_ABROAD = ("10005", "10004", "10003", "10006", "10001", "10002")


def of(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the page offers for these parameters, which were found right."""
    method = params["pay_method"]
    offered: dict[str, Any] = {"fail_reasons": fail_reasons(method)}
    if method in {"card", *WALLETS}:
        offered["cards"] = _cards(params)
        offered["sources"] = _sources(params)
        offered["wallet"] = WALLET_NAMES.get(method)
    if method == "card" and Params(params).find("bypass.ksnet.sndQpayType") == "1":
        offered["wallets"] = WALLET_NAMES
    if method in {"trans", "vbank"}:
        codes = BANKS if method == "trans" else VBANK_BANKS
        offered["banks"] = [(code, banks()[code]) for code in codes]
    if method == "phone":
        offered["telcos"] = TELCOS
    return offered


def fail_reasons(method: str) -> tuple[str, ...]:
    """Why a payment of this method may fail, in the gateway's words."""
    return _FAILURES.get(method, _CARD_FAILURES)


def _cards(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    abroad = (params.get("currency") or "KRW") != "KRW"  # K17
    return [
        {
            "code": code,
            "name": cards()[code],
            "months": months_for(params, code),
            "free": interest_free(params, code),
        }
        for code in card_codes(params, list(_ABROAD if abroad else _ORDER))
    ]


def _sources(params: Mapping[str, Any]) -> list[str]:
    """What a wallet pays with: ``card``, ``money``. K28, K29, K30, K32."""
    method, found = params["pay_method"], Params(params)
    limit = found.find("bypass.ksnet.sndKakaopayType") if method == "kakaopay" else None
    if limit:
        return [str(limit).lower()]
    direct = found.find("bypass.ksnet.easyPayDirect") is True
    if method in {"card", "lpay"} or (method == "naverpay" and direct):
        return ["card"]
    return ["card", "money"]


def facts(params: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the payment learns from a choice that leads to an approval.

    :raise Malformed: something that was not offered
    """
    method, offered = params["pay_method"], of(params)
    found: dict[str, Any] = {"pg_tid": f"1{secrets.randbelow(10**11):011d}"}
    if method == "phone":
        _one(chosen, "telco", list(TELCOS))
    elif method in {"trans", "vbank"}:
        code = _one(chosen, "bank_code", [code for code, _name in offered["banks"]])
        if method == "trans":
            found |= {"bank_code": code, "bank_name": banks()[code]}
    else:
        found |= _by_card(params, offered, chosen)
        found["receipt_url"] = f"{SLIP_HOST}/card/{found['pg_tid']}"  # K48
        found["apply_num"] = f"{secrets.randbelow(10**8):08d}"
    return found


def _by_card(
    params: Mapping[str, Any], offered: Mapping[str, Any], chosen: Mapping[str, Any]
) -> dict[str, Any]:
    wallet = params["pay_method"] if offered["wallet"] else ""
    if offered.get("wallets") and chosen.get("wallet"):
        # Chosen inside the card window. Which field then names it is not documented.
        wallet = _one(chosen, "wallet", list(WALLET_NAMES))
    found: dict[str, Any] = {"emb_pg_provider": wallet} if wallet else {}
    if _one(chosen, "source", offered["sources"], offered["sources"][0]) == "money":
        return found
    by_code = {card["code"]: card for card in offered["cards"]}
    card = by_code[_one(chosen, "card_code", list(by_code))]
    quota = chosen.get("quota") or 0
    if quota not in card["months"]:
        raise Malformed("quota: 선택할 수 없는 할부 개월입니다.")
    found["card_quota"] = quota
    if wallet in {"kakaopay", "payco"}:  # K34
        return found
    for name in ("card", "card_issuer", "card_publisher"):
        found |= {f"{name}_code": card["code"], f"{name}_name": card["name"]}
    number = f"{secrets.randbelow(10**5):05d}******{secrets.randbelow(10**4):04d}"
    abroad = card["code"] in _ABROAD
    return found | {"card_number": f"4{number}", "card_type": None if abroad else 0}


def account(params: Mapping[str, Any], chosen: Mapping[str, Any], holder: str) -> dict[str, Any]:
    """A virtual account at the chosen bank; its holder is always the merchant (K37).

    :raise Malformed: a bank that was not offered
    """
    code = _one(chosen, "bank_code", list(VBANK_BANKS))
    return {
        "vbank_code": code,
        "vbank_name": banks()[code],
        "vbank_num": f"{secrets.randbelow(10**14):014d}",
        "vbank_holder": holder,
    }


def _one(chosen: Mapping[str, Any], name: str, allowed: list[str], default: str = "") -> str:
    value = chosen.get(name) or default
    if value not in allowed:
        raise Malformed(f"{name}: 선택할 수 없는 값입니다.")
    return str(value)
