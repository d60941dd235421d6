"""Payments as PortOne tells them: frozen records with PortOne's own field names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.portone import fields
from dashboard.portone.answers import BrokenAnswer, plain


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """One entry of ``cancel_history``. ``amount`` is in the payment's own unit."""

    cancellation_id: str | None
    amount: int
    cancelled_at: int | None
    reason: str
    pg_tid: str
    receipt_url: str | None

    @classmethod
    def from_json(cls, obj: Any, currency: str) -> Cancellation:
        obj = fields.record(obj)
        return cls(
            cancellation_id=fields.optional(obj, "cancellation_id"),
            amount=fields.money(obj, "amount", currency),
            cancelled_at=fields.moment(obj, "cancelled_at"),
            reason=fields.text(obj, "reason"),
            pg_tid=fields.text(obj, "pg_tid"),
            receipt_url=fields.url(obj, "receipt_url"),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Payment:
    """One payment. Times are UNIX seconds, None for "did not happen".

    ``amount`` and ``cancel_amount`` are won, or cents where ``currency`` is USD. ``status`` and
    ``pay_method`` may be words nobody has documented yet. The tax-free part is not in it: PortOne
    never tells. Source: PortOne V1, section 3.
    """

    imp_uid: str
    merchant_uid: str
    amount: int
    cancel_amount: int
    currency: str
    status: str
    sandbox: bool  # paid through a test channel
    pay_method: str
    channel: str
    pg_provider: str
    emb_pg_provider: str
    pg_tid: str
    pg_id: str
    escrow: bool
    apply_num: str
    bank_code: str
    bank_name: str
    card_code: str
    card_name: str
    card_issuer_code: str
    card_issuer_name: str
    card_publisher_code: str
    card_publisher_name: str
    card_quota: int | None  # months, 0: lump sum
    card_number: str
    card_type: int | None  # 0 credit, 1 debit
    vbank_code: str
    vbank_name: str
    vbank_num: str
    vbank_holder: str
    vbank_date: int | None  # deposit deadline
    vbank_issued_at: int | None
    name: str
    buyer_name: str
    buyer_email: str
    buyer_tel: str
    buyer_addr: str
    buyer_postcode: str
    custom_data: str
    user_agent: str
    started_at: int | None
    paid_at: int | None
    failed_at: int | None
    cancelled_at: int | None
    fail_reason: str
    cancel_reason: str
    receipt_url: str | None  # opening a KSNET slip brings up the print dialog
    cancel_history: tuple[Cancellation, ...]
    cancel_receipt_urls: tuple[str, ...]  # deprecated by PortOne
    cash_receipt_issued: bool  # "automatic" issue only; never the only truth
    customer_uid: str
    customer_uid_usage: str
    raw: dict[str, Any] = field(compare=False)  # PortOne's object as received, unknown fields too

    def __repr__(self) -> str:
        """Without the buyer: records end up in logs (SEC-51)."""
        return (
            f"<Payment {self.imp_uid} {self.status} {self.amount}"
            f"-{self.cancel_amount} {self.currency}>"
        )

    @property
    def balance(self) -> int:
        """What can still be cancelled, in the payment's own unit."""
        return self.amount - self.cancel_amount

    @classmethod
    def from_json(cls, obj: Any) -> Payment:
        """Read PortOne's object; unknown fields are ignored, missing ones tolerated.

        :raise ValueError: one of the fields that make it a payment is missing, or an amount is no
            whole, not negative number
        """
        obj = fields.record(obj)
        currency = fields.required(obj, "currency")
        urls = obj.get("cancel_receipt_urls")
        tolerated: dict[str, Any] = {
            **{name: fields.text(obj, name) for name in _TEXTS},
            **{name: fields.moment(obj, name) for name in _MOMENTS},
            **{name: fields.whole(obj, name) for name in _NUMBERS},
            **{name: fields.flag(obj, name) for name in _FLAGS},
        }
        return cls(
            imp_uid=fields.required(obj, "imp_uid"),
            merchant_uid=fields.required(obj, "merchant_uid"),
            amount=fields.money(obj, "amount", currency),
            cancel_amount=fields.money(obj, "cancel_amount", currency),
            currency=currency,
            status=fields.required(obj, "status"),
            receipt_url=fields.url(obj, "receipt_url"),
            cancel_history=tuple(
                Cancellation.from_json(entry, currency)
                for entry in fields.records(obj.get("cancel_history"))
            ),
            cancel_receipt_urls=tuple(
                item
                for item in (urls if isinstance(urls, list) else [])
                if isinstance(item, str) and item.startswith(("https://", "http://"))
            ),
            raw=plain(obj),
            **tolerated,
        )


_MOMENTS = ("vbank_date", "vbank_issued_at", "started_at", "paid_at", "failed_at", "cancelled_at")
_NUMBERS = ("card_quota", "card_type")
_FLAGS = ("sandbox", "escrow", "cash_receipt_issued")
_TEXTS = tuple(
    """
    pay_method channel pg_provider emb_pg_provider pg_tid pg_id apply_num bank_code bank_name
    card_code card_name card_issuer_code card_issuer_name card_publisher_code card_publisher_name
    card_number vbank_code vbank_name vbank_num vbank_holder name buyer_name buyer_email buyer_tel
    buyer_addr buyer_postcode custom_data user_agent fail_reason cancel_reason customer_uid
    customer_uid_usage
    """.split()
)


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """An entry of a list that is no payment: half a won, no status. It must not stop the others,
    and it must not vanish either."""

    imp_uid: str  # "" when even that is missing
    raw: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PaymentPage:
    """One page of a list. ``next`` and ``previous`` are page numbers, 0: none."""

    total: int
    previous: int
    next: int
    payments: tuple[Payment, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @classmethod
    def from_json(cls, obj: Any) -> PaymentPage:
        """:raise ValueError: not a page"""
        obj = fields.record(obj)
        total, following = fields.whole(obj, "total"), fields.whole(obj, "next")
        if total is None or following is None or total < 0 or following < 0:
            raise BrokenAnswer("paging")
        payments, unreadable = read_payments(obj.get("list"))
        return cls(
            total=total,
            previous=max(0, fields.whole(obj, "previous") or 0),
            next=following,
            payments=payments,
            unreadable=unreadable,
        )


@dataclass(frozen=True, kw_only=True)
class PaymentBatch:
    """Payments asked for by id. ``missing``: ids PortOne has nothing for, in the order asked."""

    payments: tuple[Payment, ...]
    missing: tuple[str, ...]
    unreadable: tuple[Unreadable, ...] = ()


def read_payments(value: Any) -> tuple[tuple[Payment, ...], tuple[Unreadable, ...]]:
    """Read a list entry by entry; nulls (a missing payment's place) are skipped.

    :raise ValueError: not a list
    """
    if value is not None and not isinstance(value, list):
        raise BrokenAnswer("not a list")
    payments: list[Payment] = []
    unreadable: list[Unreadable] = []
    for entry in value or ():
        if entry is None:
            continue
        try:
            payments.append(Payment.from_json(entry))
        except BrokenAnswer:
            imp_uid = fields.text(entry, "imp_uid") if isinstance(entry, dict) else ""
            unreadable.append(Unreadable(imp_uid=imp_uid, raw=plain(entry)))
    return tuple(payments), tuple(unreadable)
