"""What each method's window has a place for, and what is sent of the months a shop lists.

The form offers by it, the objections look through it, the parameters are built with it: so what
was objected to and what is sent cannot differ.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from dashboard.clock import KST, kst
from dashboard.ksnet.cards import INSTALMENTS_FROM, CardCompany, find_card_company
from dashboard.ksnet.window_facts import WINDOW_METHODS, WindowWish

WALLETS = ("lpay", "ssgpay", "kakaopay", "naverpay", "payco")
TCODES = ("skt", "ktf", "lgt")  # K23
DEFAULT_TCODE = "skt"  # K23: any value is accepted where the carrier is not known
VBANK_DAYS = 3  # K35: how long a deposit is waited for unless the shop says otherwise
MOST_MONTHS = 36
"""Ours: the guide names no upper end. Card companies are not known to offer more."""

_ANY_METHOD = frozenset({"escrow"})  # K43 names no methods
_OPTIONS: dict[str, frozenset[str]] = {
    "card": frozenset(
        {"card_quota", "direct_card", "tcode", "interest_free", "app_card", "snd_qpay_type", "usd"}
    ),
    "vbank": frozenset({"vbank_due"}),
    "trans": frozenset(),
    "phone": frozenset({"digital"}),
    "lpay": frozenset({"card_quota", "easy_pay_direct"}),
    "ssgpay": frozenset(),
    "kakaopay": frozenset({"card_quota", "easy_pay_direct", "kakaopay_type"}),
    "naverpay": frozenset({"card_quota", "easy_pay_direct"}),
    "payco": frozenset({"easy_pay_direct"}),
}
_EMPTY: dict[str, dict[str, Any]] = {
    "card_quota": {"card_quota": None},
    "direct_card": {"direct_card": "", "direct_quota": None},
    "tcode": {"tcode": ""},
    "interest_free": {"interest_free": ()},
    "app_card": {"app_card": False},
    "snd_qpay_type": {"snd_qpay_type": ""},
    "vbank_due": {"vbank_due": None},
    "easy_pay_direct": {"easy_pay_direct": False},
    "kakaopay_type": {"kakaopay_type": ""},
}


def options_of(method: str) -> frozenset[str]:
    """What a window of this method can be asked for, none for an unknown method.

    Names of :class:`WindowWish`; besides, "usd": it can be in dollars (K17), and "digital": the
    product type of the shop's contract goes along (K42).

    Source: payment-window, 2; K17-K35
    """
    return _OPTIONS[method] | _ANY_METHOD if method in WINDOW_METHODS else frozenset()


def fitting(wish: WindowWish) -> WindowWish:
    """The wish without what a window of its method has no place for (K33, among others).

    A form without scripts shows the fields of all methods, so what another method would have is
    no mistake of the shop's.
    """
    options = options_of(wish.pay_method)
    nothing = {
        name: value
        for option, fields in _EMPTY.items()
        if option not in options
        for name, value in fields.items()
    }
    return replace(wish, **nothing)


def direct_company(wish: WindowWish) -> CardCompany | None:
    """The card company whose window opens at once, None when there is none or no such code."""
    return find_card_company(wish.direct_card) if wish.pay_method == "card" else None


def instalments_from(wish: WindowWish) -> int:
    """Won from which on months can be offered (K18)."""
    company = direct_company(wish)
    return company.instalments_from if company else INSTALMENTS_FROM


def has_instalments(wish: WindowWish) -> bool:
    """Whether this amount can be paid in months at all (K18).

    Not in dollars: those are for cards issued abroad (K17), and the limits are in won.
    """
    return wish.currency == "KRW" and wish.amount >= instalments_from(wish)


def quota_of(wish: WindowWish) -> tuple[int, ...] | None:
    """The months to list, 0 for lump sum always among them; None: send no list.

    Source: K18, K19, K26, K33
    """
    company = direct_company(wish)
    if fitting(wish).card_quota is None or (company and not company.takes_list):
        return None
    return tuple(sorted({0, *(wish.card_quota or ())})) if has_instalments(wish) else (0,)


def direct_quota_of(wish: WindowWish) -> int | None:
    """The months of a direct card call, 0 for lump sum; None: the buyer chooses (K18)."""
    months = fitting(wish).direct_quota
    if months is None or direct_company(wish) is None:
        return None
    return months if has_instalments(wish) else 0


def interest_free_of(wish: WindowWish) -> tuple[tuple[str, int], ...]:
    """Companies and months the shop pays the interest of (K21), none where there are no months."""
    return fitting(wish).interest_free if has_instalments(wish) else ()


def wants_shop_details(wish: WindowWish) -> bool:
    """Whether the shop's details go along (K24, K29-K31).

    For KakaoPay always: the cautions page asks for them whatever the call.
    """
    company = direct_company(wish)
    direct = wish.easy_pay_direct and wish.pay_method in ("naverpay", "payco")
    return wish.pay_method == "kakaopay" or direct or bool(company and company.wants_shop)


def business_digits(number: str) -> str:
    """The ten digits of a business number (K24), "" when there are not ten."""
    digits = re.sub(r"[^0-9]", "", number)
    return digits if len(digits) == 10 else ""


def default_vbank_due(now: float) -> int:
    """A usual deadline for a deposit, 23:59 in Korea three days on; both UNIX seconds (K35)."""
    day = kst(now).date() + timedelta(days=VBANK_DAYS)
    return int(datetime.combine(day, time(23, 59), KST).timestamp())
