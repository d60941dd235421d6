"""The states of a cash receipt, and the ways between them. Source: refund-safety 1.9."""

from __future__ import annotations

from typing import Literal

State = Literal[
    "waiting",  # written down; the receipt it replaces is to be cancelled first (K13)
    "intent",  # written down, nothing sent
    "sending",  # it may leave at any moment
    "unknown",  # it may have been issued; PortOne is asked until that is certain
    "issued",
    "rejected",  # PortOne or the gateway said no
    "not_issued",  # nothing was issued
    "cancel_intent",
    "cancel_sending",
    "cancel_unknown",
    "cancelled",
]

WAYS: dict[State, tuple[State, ...]] = {
    "waiting": ("intent", "not_issued"),
    "intent": ("sending", "not_issued", "rejected", "issued"),  # issued: it was there already
    "sending": ("unknown", "rejected"),  # rejected: nothing had left
    "unknown": ("issued", "rejected", "not_issued", "cancelled"),
    "issued": ("cancel_intent", "cancelled"),
    "cancel_intent": ("cancel_sending", "issued", "cancelled"),
    "cancel_sending": ("cancel_unknown", "issued"),
    "cancel_unknown": ("cancelled", "issued"),
    "cancelled": (),
    # Issued after all: it came to light after it had been given up.
    "rejected": ("issued",),
    "not_issued": ("issued",),
}

ISSUING: tuple[State, ...] = ("waiting", "intent", "sending", "unknown")
CANCELLING: tuple[State, ...] = ("cancel_intent", "cancel_sending", "cancel_unknown")
BELIEVED_DEAD: tuple[State, ...] = ("rejected", "not_issued")
LIVE: tuple[State, ...] = ("issued", *CANCELLING)
"""The tax office has it, as far as anybody knows."""
BUSY: tuple[State, ...] = (*ISSUING, *CANCELLING)
ENDED: tuple[State, ...] = (*BELIEVED_DEAD, "cancelled")


def N_(text: str) -> str:
    """Mark a sentence for the message catalogue; pages translate it when they show it."""
    return text


IDENTIFIER_GONE = N_(
    "장부가 다시 시작되어 발급받을 번호를 잊었습니다. 발급하지 않았으니 다시 발급해 주세요."
)
TOO_OLD = N_("제때 보내지 못해 발급하지 않았습니다.")
AMOUNT_MOVED = N_("그 사이 결제 잔액이 바뀌어 발급하지 않았습니다. 다시 발급해 주세요.")
OLD_STAYS = N_("기존 현금영수증이 취소되지 않아 다시 발급하지 않았습니다.")
IN_PORTONE = N_(
    "포트원에 있는 결제입니다. 외부 현금영수증을 발급하면 매출이 두 번 신고되므로 보내지"
    " 않았습니다."
)
ISSUED_ELSEWHERE = N_("포트원에 다른 금액의 현금영수증이 이미 있어 보내지 않았습니다.")
CANCEL_UNSENT = N_("포트원에 보내지 못해 취소하지 않았습니다.")
CANCEL_NOT_DONE = N_("포트원이 취소하지 않았습니다.")
