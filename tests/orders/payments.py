"""Payments as PortOne answers them, for tests: good defaults, change what matters."""

from __future__ import annotations

from typing import Any

from dashboard.portone import Payment

NOON = 1_787_281_200  # 2026-08-21 12:00 in Korea


def answer(**changes: Any) -> dict[str, Any]:
    """One payment object of PortOne: a card payment of 10,000 won that went through."""
    status = changes.get("status", "paid")
    given: dict[str, Any] = {
        "imp_uid": "imp_000000000001",
        "merchant_uid": "20260821-0001",
        "pay_method": "card",
        "channel": "pc",
        "pg_provider": "ksnet",
        "emb_pg_provider": None,
        "pg_tid": "160372840915",
        "pg_id": "2041700479",
        "sandbox": False,
        "escrow": False,
        "apply_num": "30012345",
        "card_name": "신한카드",
        "card_quota": 0,
        "card_number": "5107-37**-****-1234",
        "card_type": 0,
        "name": "나주 배 선물세트 7.5kg",
        "amount": 10_000,
        "cancel_amount": 0,
        "currency": "KRW",
        "buyer_name": "정하윤",
        "buyer_email": "jung@example.com",
        "buyer_tel": "010-1234-5678",
        "buyer_addr": "서울시 중구 세종대로 110",
        "buyer_postcode": "04524",
        "custom_data": None,
        "user_agent": "Mozilla/5.0",
        "status": status,
        "started_at": NOON,
        "paid_at": NOON + 60 if status in ("paid", "cancelled") else 0,
        "failed_at": NOON + 60 if status == "failed" else 0,
        "cancelled_at": 0,
        "fail_reason": "한도 초과" if status == "failed" else None,
        "cancel_reason": None,
        "receipt_url": "https://slip.example/1",
        "cancel_history": [],
        "cash_receipt_issued": False,
        "customer_uid": None,
    }
    return given | changes


def cancel(amount: int, number: int = 1, **changes: Any) -> dict[str, Any]:
    """One entry of ``cancel_history``."""
    return {
        "pg_tid": f"16037284{number:04d}",
        "amount": amount,
        "cancelled_at": NOON + 3600 * number,
        "reason": "고객 변심",
        "cancellation_id": f"cancel_{number}",
        "receipt_url": None,
    } | changes


def make_payment(*cancels: int, **changes: Any) -> Payment:
    """A payment; ``cancels`` are the amounts cancelled so far, won."""
    history = [cancel(amount, number) for number, amount in enumerate(cancels, 1)]
    total = sum(cancels)
    cancelled: dict[str, Any] = {"cancel_history": history, "cancel_amount": total}
    if total and total == changes.get("amount", 10_000):
        cancelled |= {"status": "cancelled", "cancelled_at": history[-1]["cancelled_at"]}
    return Payment.from_json(answer(**(cancelled | changes)))
