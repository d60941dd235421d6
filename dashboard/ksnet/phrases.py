"""Pieces of sentences that several rules say."""

from __future__ import annotations

BY_HAND_KO = "수동 환불을 접수하고 고객의 계좌로 직접 이체해 주세요."
BY_HAND_EN = "Record a manual refund and transfer the money to the customer's account."
WHOLE_KO = "남은 금액 전부를 취소하고, 받을 금액만 다시 결제받을 수 있습니다."
WHOLE_EN = "You can cancel everything that is left and take a new payment for what is due."
ASK_CONTRACT_KO = "계약을 확인하고 설정의 KSNET 계약에 적어 주세요."
ASK_CONTRACT_EN = "Check your contract and enter it in the settings, under KSNET contract."


def won_ko(amount: int) -> str:
    return f"{amount:,}원"


def won_en(amount: int) -> str:
    return f"₩{amount:,}"
