"""What one payment window is asked for, and what is known of the shop that asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.ksnet.facts import Objection

WINDOW_METHODS = (
    "card",
    "vbank",
    "trans",
    "phone",
    "lpay",
    "ssgpay",
    "kakaopay",
    "naverpay",
    "payco",
)
"""The nine of KSNET. Source: payment-window, 2."""


@dataclass(frozen=True, kw_only=True)
class WindowWish:
    """What the shop wants one window to be. Personal data are in no ``repr``.

    :ivar amount: won, or cents where ``currency`` is USD; ``tax_free`` of it
    :ivar vbank_due: UNIX seconds, of virtual accounts
    :ivar card_quota: instalment months with an explicit 0 for lump sum (K19); None: say nothing
    :ivar direct_card: KFTC code of the card company whose window opens at once, or ""
    :ivar interest_free: card code and months the shop pays the interest for (K21)
    :ivar period: service period, two days as YYYY-MM-DD, or ("", "")
    """

    pay_method: str
    amount: int
    tax_free: int
    name: str
    buyer_name: str = field(repr=False)
    currency: str = "KRW"
    buyer_email: str = field(default="", repr=False)
    buyer_tel: str = field(default="", repr=False)
    buyer_addr: str = field(default="", repr=False)
    buyer_postcode: str = field(default="", repr=False)
    escrow: bool = False
    vbank_due: int | None = None
    card_quota: tuple[int, ...] | None = None
    direct_card: str = ""
    direct_quota: int | None = None
    interest_free: tuple[tuple[str, int], ...] = ()
    app_card: bool = False  # only the buttons of card apps
    easy_pay_direct: bool = False  # the wallet's own window opens at once (K28)
    kakaopay_type: str = ""  # CARD, MONEY, or "" for both
    snd_qpay_type: str = ""  # "0" hides, "1" shows wallets inside the card window
    tcode: str = ""  # lgt, ktf, skt (K23)
    period: tuple[str, str] = ("", "")
    app_scheme: str = ""
    custom_data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WindowShop:
    """What is known of the shop. "" and None: it has not said.

    :ivar contracts: by the names of ``settings.CONTRACTS``; "yes", "no", None, and "real" or
        "digital" for ``contract_phone_product``
    """

    merchant_code: str = ""
    channel_key: str = ""
    pg_mid: str = ""
    sandbox: bool = False  # a test channel
    practice: bool = False  # no real money, no contract
    business_name: str = ""
    business_number: str = ""  # ten digits
    ceo_name: str = ""
    address: str = ""
    phone: str = ""
    contracts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WindowObjection(Objection):
    """One rule that has something to say to a window.

    :ivar field: the name of the wish it stands beside; "": the shop's settings, or all of it
    """

    field: str = ""
