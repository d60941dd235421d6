"""What the rules are asked about, and what they answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MAX_PARTIAL_CANCELS = 9  # K1

Severity = Literal["stops", "warns", "notes"]
Scope = Literal["any", "part", "whole"]

SEVERITY_ORDER: dict[Severity, int] = {"stops": 0, "warns": 1, "notes": 2}  # gravest first


@dataclass(frozen=True, kw_only=True)
class CancelFacts:
    """What is known of one payment. ``amount`` and ``cancelled`` are won (cents for USD).

    From ``tax_free_least`` on only :func:`dashboard.ksnet.refund_objections` looks. The tax-free
    won of the balance lie between ``tax_free_least`` and ``tax_free_most``: the same number
    unless somebody cancelled a part of a mixed order elsewhere. Both None: the shop sells
    tax-free goods and has not said how much of this order.
    """

    state: str  # the ledger's word: ready, waiting, paid, partial, cancelled, failed, check
    pay_method: str
    amount: int
    cancelled: int = 0
    cancel_count: int = 0
    paid_at: int | None = None  # UNIX seconds
    currency: str = "KRW"
    sandbox: bool = False
    escrow: bool = False
    vbank_refund_contract: str | None = None  # "yes", "no"; None: the shop has not said (K6)
    tax_free_least: int | None = 0
    tax_free_most: int | None = 0
    sells_tax_free_said: bool = True  # False: the shop never said whether it sells them (K15)
    bank_codes_confirmed: bool = False  # the shop asked KSNET, or this is practice (K8)
    part_refused_before: bool = False  # a partial cancel of this payment was refused (K14)
    receipt: Literal["issued", "none", "unknown"] = "unknown"  # cash receipt (K12, K13)

    @property
    def balance(self) -> int:
        """What is left to cancel, in won (cents for USD)."""
        return self.amount - self.cancelled


@dataclass(frozen=True, kw_only=True)
class CancelWish:
    """What somebody wants cancelled. ``amount``, ``tax_free`` in won; None: not a number.

    Holder, bank code and account digits are for virtual accounts (K7), and in no ``repr``: bank
    details stay out of logs.
    """

    amount: int | None
    tax_free: int | None
    kind: Literal["whole", "part"]
    holder: str = field(default="", repr=False)
    bank: str = field(default="", repr=False)
    account: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One rule that has something to say to a cancel.

    ``stops``: it cannot be. ``warns``: KSNET will or may refuse; the owner may go on with a
    reason. ``notes``: good to know, nothing to confirm. ``scope`` "part" concerns partial cancels
    only, "whole" only those of all that is left. ``passes_at`` (UNIX seconds) is when the
    objection goes away by itself, None when waiting does not help; ``comes_at`` when a note turns
    into a warning or a stop. ``instead_ko`` and ``instead_en`` say what the shop can do.
    """

    rule: str
    severity: Severity
    ko: str
    en: str
    scope: Scope = "any"
    passes_at: int | None = None
    comes_at: int | None = None
    instead_ko: str = ""
    instead_en: str = ""

    def text(self, language: str) -> str:
        """The objection in the language of the page, Korean unless "en"."""
        return self.en if language == "en" else self.ko

    def instead(self, language: str) -> str:
        """What the shop can do instead, "" where there is nothing."""
        return self.instead_en if language == "en" else self.instead_ko
