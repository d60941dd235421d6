"""Pieces of sentences that several rules say."""

from __future__ import annotations

BY_HAND_KO = "고객의 계좌로 직접 송금하고 주문 메모에 남겨 주세요."
BY_HAND_EN = "Send the money to the customer's account yourself, and leave a note on the order."
WHOLE_KO = "남은 금액 전부를 취소하고, 받을 금액만 다시 결제받을 수 있습니다."
WHOLE_EN = "You can cancel everything that is left and take a new payment for what is due."


def won_ko(amount: int) -> str:
    return f"{amount:,}원"


def won_en(amount: int) -> str:
    return f"₩{amount:,}"
