"""What a payment window refuses before it opens: types, lengths, money, times.

Written from payment-window.md 2 and ksnet-rules.md K15-K47; card companies and wallets are in
:mod:`dashboard.sandbox.window_methods`. Pure, and on purpose not the dashboard's own rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dashboard.sandbox import window_methods
from dashboard.sandbox.window_facts import METHODS, Known, Objection, Params, is_number

KST = ZoneInfo("Asia/Seoul")
CURRENCIES = ("KRW", "USD")  # K17
LONGEST = {
    "name": 40,
    "buyer_name": 16,
    "buyer_email": 64,
    "buyer_tel": 16,
    "buyer_addr": 128,
    "buyer_postcode": 8,
    "app_scheme": 200,
}
KNOWN_PARAMETERS = frozenset(
    {
        *LONGEST, "channelKey", "pg", "pay_method", "merchant_uid", "amount", "tax_free",
        "currency", "language", "escrow", "digital", "vbank_due", "m_redirect_url", "notice_url",
        "confirm_url", "custom_data", "period", "display", "card", "useFreeInterestFromMall",
        "appCard", "storeDetails", "bypass",
    }
)  # fmt: skip

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")
_MOST_URL = 1000


def objections(code: str, given: Mapping[str, Any], known: Known) -> list[Objection]:
    """All that is wrong; the window opens only when nothing is. ``code``: of ``IMP.init``."""
    params = Params(given)
    if code != known.merchant_code:
        params.object_to(
            "IMP.init",
            "고객사 식별코드가 이 상점의 것이 아닙니다.",
            "This is not the merchant code of the shop.",
            "INVALID_MERCHANT_CODE",
        )
    sandbox = _channel(params, known)
    method = _method(params, sandbox)
    _order_number(params, known)
    for name, longest in LONGEST.items():
        why = "KSNET" if name == "buyer_name" else ""
        params.text(name, longest=longest, why=why)
    _money(params, known, method)
    _email(params)
    params.choice("language", ("ko", "en", "zh"))
    params.flag("digital")
    if method == "phone" and params.find("digital") is None:
        params.missing("digital", "K42")
    for name in ("m_redirect_url", "confirm_url"):
        _url(params, name, params.find(name))
    for value in notice_urls(params.find("notice_url")):
        _url(params, "notice_url", value)
    _due(params, known, method)
    params.group("custom_data")
    _period(params)
    window_methods.check(params, known, method)
    return params.objections


def warnings(given: Mapping[str, Any], known: Known) -> list[tuple[str, str]]:
    """What is taken but will surprise: (Korean, English)."""
    found = []
    if known.mobile and not given.get("m_redirect_url"):
        found.append(
            (
                "m_redirect_url이 없어 결제 결과가 쇼핑몰로 돌아가지 않습니다.",
                "Without m_redirect_url the result is lost on a mobile screen.",
            )
        )
    if given.get("pay_method") == "vbank" and given.get("tax_free"):
        found.append(
            (
                "가상계좌는 면세금액을 지정할 수 없습니다. tax_free는 반영되지 않습니다. (K16)",
                "A virtual account carries no tax-free amount; tax_free has no effect.",
            )
        )
    if unknown := sorted(set(given) - KNOWN_PARAMETERS):
        words = ", ".join(unknown)
        found.append((f"KSNET이 모르는 파라미터: {words}", f"Not known to KSNET: {words}"))
    return found


def notice_urls(value: Any) -> list[Any]:
    """One URL, or a list of them as the API's own ``/vbanks`` types it."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def is_url(value: Any) -> bool:
    """Whether it is a whole web address."""
    if not isinstance(value, str) or len(value) > _MOST_URL:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def due_at(written: str) -> float | None:
    """``vbank_due`` in UNIX seconds; a bare day means its end. None: another form. Source: K36."""
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"):
        try:
            found = datetime.strptime(written, form)
        except ValueError:
            continue
        if found.strftime(form) != written:  # strptime also takes "2026-8-1"
            continue
        if "%H" not in form:
            found = found.replace(hour=23, minute=59, second=59)
        return found.replace(tzinfo=KST).timestamp()
    return None


def _channel(params: Params, known: Known) -> bool:
    """Check channelKey and pg; whether it is a test channel."""
    key, pg = params.text("channelKey"), params.text("pg")
    if not key and not pg:
        params.missing("channelKey")
        return False
    by_key = {channel[0]: channel for channel in known.channels}
    by_pg = {f"ksnet.{channel[1]}": channel for channel in known.channels}
    if key and key not in by_key:
        params.object_to("channelKey", "결제창 채널이 아닙니다.", "Not a channel of a window.")
    if pg and pg not in by_pg:
        params.object_to(
            "pg",
            "ksnet.{상점아이디} 형식의, 등록된 상점이어야 합니다.",
            "Must be ksnet.{MID} of a registered MID.",
        )
    found = by_key.get(key) if key else by_pg.get(pg)
    if key and pg and found and pg in by_pg and by_pg[pg][1] != found[1]:
        params.object_to("pg", "channelKey와 다른 상점입니다.", "Another MID than channelKey's.")
    return bool(found and found[2])


def _method(params: Params, sandbox: bool) -> str:
    if not params.text("pay_method"):
        if params.find("pay_method") in (None, ""):
            params.missing("pay_method")
        return ""
    method = params.choice("pay_method", METHODS)
    if method == "trans" and sandbox:
        params.object_to(
            "pay_method",
            "계좌이체는 테스트 채널에서 결제할 수 없습니다. (K41)",
            "Bank transfer cannot be tested on a test channel (K41).",
        )
    return method


def _order_number(params: Params, known: Known) -> None:
    merchant_uid = params.find("merchant_uid")
    if merchant_uid is None or merchant_uid == "":
        params.missing("merchant_uid")
    params.text("merchant_uid", longest=40)
    if known.approved:
        params.object_to(
            "merchant_uid",
            "이미 결제가 이뤄진 주문번호입니다.",
            "This order number was paid before.",
            "ALREADY_PAID",
        )


def _money(params: Params, known: Known, method: str) -> None:
    currency = params.choice("currency", CURRENCIES) or "KRW"
    if currency == "USD" and method and method != "card":
        params.object_to(
            "currency", "USD는 카드로만 결제할 수 있습니다. (K17)", "USD is for cards only (K17)."
        )
    amount = _amount(params, "amount", currency)
    if amount is not None and amount <= 0:
        params.object_to("amount", "0보다 커야 합니다.", "Must be more than 0.")
    # K16: what KSNET does with the tax-free part of a virtual account is not documented.
    if params.find("tax_free") is None and method == "vbank":
        tax_free = Decimal(0)
    else:
        tax_free = _amount(params, "tax_free", currency, "K15") or Decimal(0)
    if tax_free < 0 or (amount is not None and tax_free > amount):
        params.object_to(
            "tax_free", "0 이상, 결제금액 이하여야 합니다.", "Must be between 0 and the amount."
        )
    if known.announced is None or amount is None:
        return
    announced, in_currency = known.announced
    if announced != amount or (in_currency and in_currency != currency):
        params.object_to(
            "amount",
            f"사전 등록한 금액({announced:,} {in_currency or ''})과 다릅니다.".replace(" )", ")"),
            f"Differs from the announced amount ({announced:,}).",
            "PREPARE_MISMATCH",
        )


def _amount(params: Params, name: str, currency: str, why: str = "") -> Decimal | None:
    value = params.find(name)
    if value is None:
        params.missing(name, why)
        return None
    if not is_number(value):
        params.object_to(name, "숫자여야 합니다.", "Must be a number.")
        return None
    found = Decimal(repr(value))
    if abs(found) >= 10**12 or found != round(found, 0 if currency == "KRW" else 2):
        params.object_to(name, "통화에 맞지 않는 금액입니다.", "Not an amount of this currency.")
        return None
    return found


def _email(params: Params) -> None:
    email = params.find("buyer_email")
    escrow = params.flag("escrow")
    if escrow and not email:
        params.missing("buyer_email", "K44")
    if isinstance(email, str) and email and not _EMAIL.match(email):
        params.object_to("buyer_email", "이메일 형식이 올바르지 않습니다.", "Not an email address.")


def _url(params: Params, name: str, value: Any) -> None:
    if value not in (None, "") and not is_url(value):
        params.object_to(name, "http(s) 주소여야 합니다.", "Must be an http(s) address.")


def _due(params: Params, known: Known, method: str) -> None:
    written = params.text("vbank_due")
    if method != "vbank":
        return
    if not written:
        if params.find("vbank_due") in (None, ""):
            params.missing("vbank_due", "K35")
        return
    due = due_at(written)
    if due is None:
        params.object_to(
            "vbank_due",
            "YYYY-MM-DD, YYYYMMDD, YYYY-MM-DD HH:mm:ss, YYYYMMDDHHmmss 중 하나여야 합니다. (K36)",
            "Must be YYYY-MM-DD, YYYYMMDD, YYYY-MM-DD HH:mm:ss or YYYYMMDDHHmmss (K36).",
        )
    elif due <= known.now:
        params.object_to("vbank_due", "입금기한이 지났습니다.", "The deadline has passed.")


def _period(params: Params) -> None:
    if not params.group("period"):
        return
    days = []
    for name in ("period.from", "period.to"):
        written = params.text(name, why="period")
        try:
            day = date.fromisoformat(written)
        except ValueError:
            day = None
        if day is None or day.isoformat() != written:
            if written:
                params.object_to(name, "YYYY-MM-DD 형식이어야 합니다.", "Must be YYYY-MM-DD.")
        else:
            days.append(day)
    if len(days) == 2 and days[0] > days[1]:
        params.object_to("period.to", "시작일보다 빠릅니다.", "Before the first day.")
