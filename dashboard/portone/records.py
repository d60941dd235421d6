"""The other answers of PortOne: receipts, prepared amounts, deliveries, channels, codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.portone import fields
from dashboard.portone.answers import BrokenAnswer, plain


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A cash receipt (현금영수증). The identifier it was issued to is never told.

    Exactly one of ``imp_uid`` and ``merchant_uid`` is filled: a payment's receipt or an outside
    sale's. PortOne's ``vat`` is ``vat_amount`` here, as in requests. Times are UNIX seconds.
    """

    imp_uid: str
    merchant_uid: str
    receipt_tid: str  # the gateway's number
    apply_num: str  # the tax office's approval number (국세청 승인번호)
    type: str  # person or company
    amount: int  # won
    vat_amount: int | None  # won
    receipt_url: str | None
    applied_at: int | None
    cancelled_at: int | None  # filled: revoked
    raw: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, obj: Any) -> Receipt:
        """:raise ValueError: no receipt, or an amount that is not whole"""
        obj = fields.record(obj)
        return cls(
            imp_uid=fields.text(obj, "imp_uid"),
            merchant_uid=fields.text(obj, "merchant_uid"),
            receipt_tid=fields.text(obj, "receipt_tid"),
            apply_num=fields.text(obj, "apply_num"),
            type=fields.text(obj, "type"),
            amount=fields.money(obj, "amount", "KRW"),
            vat_amount=None if obj.get("vat") is None else fields.money(obj, "vat", "KRW"),
            receipt_url=fields.url(obj, "receipt_url"),
            applied_at=fields.moment(obj, "applied_at"),
            cancelled_at=fields.moment(obj, "cancelled_at"),
            raw=plain(obj),
        )


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An amount registered for an order number; cents where ``currency`` is USD."""

    merchant_uid: str
    amount: int
    currency: str  # "": not checked

    @classmethod
    def from_json(cls, obj: Any) -> Prepared:
        """:raise ValueError: not a prepared amount"""
        obj = fields.record(obj)
        currency = fields.text(obj, "currency")
        return cls(
            merchant_uid=fields.required(obj, "merchant_uid"),
            amount=fields.money(obj, "amount", currency),
            currency=currency,
        )


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An escrow delivery as registered. Times are UNIX seconds."""

    company: str  # courier code
    invoice: str
    sent_at: int | None
    applied_at: int | None

    @classmethod
    def from_json(cls, obj: Any) -> Delivery:
        """:raise ValueError: not a delivery"""
        obj = fields.record(obj)
        return cls(
            company=fields.text(obj, "company"),
            invoice=fields.required(obj, "invoice"),
            sent_at=fields.moment(obj, "sent_at"),
            applied_at=fields.moment(obj, "applied_at"),
        )


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A payment channel of the shop."""

    pg_provider: str
    pg_id: str  # the merchant id at the gateway (MID)
    sandbox: bool  # a test channel
    type: str  # payment (window), api_payment, certification
    channel_name: str
    channel_key: str

    @classmethod
    def from_json(cls, obj: Any) -> Channel:
        """:raise ValueError: not a channel"""
        obj = fields.record(obj)
        return cls(
            pg_provider=fields.required(obj, "pg_provider"),
            pg_id=fields.text(obj, "pg_id"),
            sandbox=fields.flag(obj, "sandbox"),
            type=fields.text(obj, "type"),
            channel_name=fields.text(obj, "channel_name"),
            channel_key=fields.text(obj, "channel_key"),
        )


@dataclass(frozen=True, kw_only=True)
class Code:
    """A bank or card company by its KFTC (금융결제원) code."""

    code: str
    name: str

    @classmethod
    def from_json(cls, obj: Any) -> Code:
        """:raise ValueError: not a code"""
        obj = fields.record(obj)
        code = fields.text(obj, "code")
        if not code:
            raise BrokenAnswer("code")
        return cls(code=code, name=fields.text(obj, "name"))


@dataclass(frozen=True, kw_only=True)
class Share:
    """One part of a :class:`Balance`, in won, what was cancelled taken off."""

    tax_free: int
    supply: int
    vat: int
    service: int

    @classmethod
    def from_json(cls, obj: Any) -> Share | None:
        """None for null. :raise ValueError: not a share"""
        if obj is None:
            return None
        obj = fields.record(obj)
        names = ("tax_free", "supply", "vat", "service")
        return cls(**{name: fields.money(obj, name, "KRW") for name in names})


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The breakdown of a payment's amount in won (PAYCO direct contracts only)."""

    amount: int
    cash_receipt: Share | None
    primary: Share | None
    secondary: Share | None
    discount: Share | None
    raw: dict[str, Any] = field(repr=False, compare=False)  # its histories too

    @classmethod
    def from_json(cls, obj: Any) -> Balance:
        """:raise ValueError: not a breakdown"""
        obj = fields.record(obj)
        names = ("cash_receipt", "primary", "secondary", "discount")
        return cls(
            amount=fields.money(obj, "amount", "KRW"),
            raw=plain(obj),
            **{name: Share.from_json(obj.get(name)) for name in names},
        )
