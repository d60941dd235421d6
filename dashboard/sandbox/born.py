"""One payment as it is born: which facts each method fills in.

Source: portone-v1-api 3; ksnet-rules K34 (KakaoPay and PAYCO give no card), K48 (slips only for
cards and easy pay).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from dashboard.sandbox.channels import banks, cards
from dashboard.sandbox.goods import (
    ADDRESSES,
    GIVEN_NAMES,
    GOODS,
    MAIL_HOSTS,
    ROMAN,
    SHOP_NAME,
    SURNAMES,
    USER_AGENTS,
)

DAY_S = 24 * 60 * 60
EASY_PAY = ("lpay", "ssgpay", "kakaopay", "naverpay", "payco")
METHODS = ("card", "vbank", "trans", "phone", *EASY_PAY)
LIVE_MID = "2041700123"
TEST_MID = "2999199999"  # K51
PAYCO_ID = "SANDEUL"  # the direct contract beside KSNET
SLIP_HOST = "https://slip.ksnet.example"

_CARD_COMPANIES = ("366", "381", "365", "367", "368", "361", "371", "374", "041", "090", "370")
_VBANK_BANKS = ("003", "004", "011", "020", "071", "081", "088")
_BANKS = (*_VBANK_BANKS, "090", "092", "007", "045")


@dataclass(kw_only=True)
class Draft:
    """A payment about to be written: columns of the table, ``facts`` among them. Minor units."""

    pay_method: str
    amount: int
    started_at: int
    status: str = "ready"
    merchant_uid: str = ""
    currency: str = "KRW"
    sandbox: bool = False
    paid_at: int = 0
    failed_at: int = 0
    cancelled_at: int = 0
    fail_reason: str | None = None
    cancel_reason: str | None = None
    cancels: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    receipt: bool = False  # a cash receipt was issued

    @property
    def cancel_amount(self) -> int:
        return sum(cancel["amount"] for cancel in self.cancels)

    @property
    def final_at(self) -> int:
        """The time that belongs to the status; ``from`` and ``to`` of a list mean it."""
        return {
            "ready": self.started_at,
            "paid": self.paid_at,
            "failed": self.failed_at,
            "cancelled": self.cancelled_at,
        }[self.status]


def make(
    rng: random.Random,
    method: str,
    started_at: int,
    *,
    currency: str = "KRW",
    sandbox: bool = False,
    escrow: bool = False,
    pg_provider: str = "ksnet",
) -> Draft:
    """A payment whose window was just opened: goods, buyer and channel, nothing paid yet."""
    name, price = rng.choice(GOODS)
    amount = price * (1 if rng.random() < 0.8 else 2)
    if currency != "KRW":
        amount = price * 100 // 1350 * 10 + rng.choice((0, 50, 99))
    postal = rng.choice(ADDRESSES)
    given = rng.choice(GIVEN_NAMES)
    draft = Draft(
        pay_method=method, amount=amount, started_at=started_at, currency=currency, sandbox=sandbox
    )
    draft.facts = {
        "channel": "mobile" if rng.random() < 0.6 else "pc",
        "pg_provider": pg_provider,
        "pg_id": TEST_MID if sandbox else LIVE_MID if pg_provider == "ksnet" else PAYCO_ID,
        "name": name,
        "buyer_name": rng.choice(SURNAMES) + given,
        "buyer_tel": f"010-{rng.randrange(2000, 9999):04d}-{rng.randrange(10000):04d}",
        "user_agent": rng.choice(USER_AGENTS),
    }
    if escrow or rng.random() < 0.7:
        host = rng.choice(MAIL_HOSTS)
        draft.facts["buyer_email"] = f"{rng.choice(ROMAN)}{rng.randrange(1000)}@{host}"
    if rng.random() < 0.6:
        draft.facts["buyer_addr"], draft.facts["buyer_postcode"] = postal
    if escrow:
        draft.facts["escrow"] = True
    return draft


def issue_account(rng: random.Random, draft: Draft, *, days: int = 3) -> None:
    """Give a virtual account to pay into until ``days`` later, 23:59:59 or so."""
    code = rng.choice(_VBANK_BANKS)
    draft.facts |= {
        "pg_tid": _tid(rng),
        "vbank_code": code,
        "vbank_name": banks()[code],
        "vbank_num": f"{rng.randrange(10**14):014d}",
        "vbank_holder": SHOP_NAME,
        "vbank_date": draft.started_at + days * DAY_S,
        "vbank_issued_at": draft.started_at + 40,
    }


def pay(rng: random.Random, draft: Draft, paid_at: int) -> None:
    """Approve or deposit: what the method tells about it."""
    draft.status, draft.paid_at = "paid", paid_at
    facts, method = draft.facts, draft.pay_method
    facts.setdefault("pg_tid", _tid(rng))
    if method in {"card", *EASY_PAY}:
        facts["receipt_url"] = f"{SLIP_HOST}/card/{facts['pg_tid']}"
        facts["apply_num"] = f"{rng.randrange(10**8):08d}"
        _card(rng, draft)
    elif method == "trans":
        code = rng.choice(_BANKS)
        facts |= {"bank_code": code, "bank_name": banks().get(code, "기타은행")}


def _card(rng: random.Random, draft: Draft) -> None:
    facts, method = draft.facts, draft.pay_method
    if method in EASY_PAY:
        facts["emb_pg_provider"] = method
        if method in {"kakaopay", "payco"}:  # K34
            return
    foreign = draft.currency != "KRW"
    code = "10005" if foreign else rng.choice(_CARD_COMPANIES)
    name = cards()[code]
    first = rng.choice(("4", "5", "9"))
    facts |= {
        "card_code": code,
        "card_name": name,
        "card_issuer_code": code,
        "card_issuer_name": name,
        "card_publisher_code": code,
        "card_publisher_name": name,
        "card_number": f"{first}{rng.randrange(10**5):05d}******{rng.randrange(10**4):04d}",
        "card_type": None if foreign else rng.choice((0, 0, 1)),
    }
    if draft.amount >= 50_000 and not foreign and rng.random() < 0.25:  # K18
        facts["card_quota"] = rng.choice((2, 3, 3, 6))


def take_back(rng: random.Random, draft: Draft, parts: list[tuple[int, int]], reason: str) -> None:
    """Cancel ``parts`` of (amount, UNIX seconds); all of it makes the payment ``cancelled``."""
    for amount, at in parts:
        pg_tid = f"{draft.facts['pg_tid']}C{len(draft.cancels) + 1:02d}"
        slip = draft.facts.get("receipt_url")
        draft.cancels.append(
            {
                "pg_tid": pg_tid,
                "amount": amount,
                "cancelled_at": at,
                "reason": reason,
                "cancellation_id": f"cancellation_{rng.getrandbits(128):032x}",
                "receipt_url": f"{SLIP_HOST}/cancel/{pg_tid}" if slip else None,
                "tax_free": 0,
            }
        )
    if draft.cancel_amount == draft.amount:
        draft.status = "cancelled"
        draft.cancelled_at = draft.cancels[-1]["cancelled_at"]
        draft.cancel_reason = reason


def _tid(rng: random.Random) -> str:
    return f"1{rng.randrange(10**11):011d}"
