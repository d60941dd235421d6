"""The states of a refund, and which way leads from one to another. Source: refund-safety, 1.2."""

from __future__ import annotations

from typing import Literal

State = Literal[
    "intent",  # written down, nothing sent
    "sending",  # it may leave at any moment
    "unknown",  # it may have been carried out; PortOne is asked until that is certain
    "succeeded",
    "rejected",  # PortOne said no, or could not be reached at all
    "not_executed",  # nothing was cancelled
    "settled_by_owner",  # the owner looked at KSNET and decided in writing
]
OPEN: tuple[State, ...] = ("intent", "sending", "unknown")
BELIEVED_DEAD: tuple[State, ...] = ("rejected", "not_executed")

WAYS: dict[State, tuple[State, ...]] = {
    "intent": ("sending", "not_executed", "rejected"),
    "sending": ("unknown", "intent"),
    "unknown": ("succeeded", "rejected", "not_executed", "settled_by_owner"),
    "succeeded": (),
    # A cancel may come to light long after it was given up (refund-safety, 0.1 and 1.6).
    "rejected": ("succeeded",),
    "not_executed": ("succeeded",),
    "settled_by_owner": (),
}

SETTLE_BY_OWNER_S = 24 * 60 * 60  # an unknown refund this old may be settled by the owner
RECHECK_S = 60 * 60  # one believed dead is looked at again this often ...
RECHECK_FOR_S = 24 * 60 * 60  # ... for this long


def N_(text: str) -> str:
    """Mark a sentence for the message catalogue; pages translate it when they show it."""
    return text


ALARMS: dict[str, str] = {
    "nonce_twice": N_(
        "이 환불의 확인번호가 두 건 이상의 취소에서 발견되었습니다. 포트원 관리자 콘솔에서 취소"
        " 내역을 확인해 주세요."
    ),
    "nonce_amount": N_(
        "이 환불의 확인번호가 붙은 취소의 금액이 요청한 금액과 다릅니다. 포트원 관리자 콘솔에서"
        " 취소 내역을 확인해 주세요."
    ),
    "no_id": N_("취소 내역은 있지만 포트원이 취소번호를 알려 주지 않았습니다."),
    "id_taken": N_("발견된 취소가 이미 다른 환불의 것으로 기록되어 있습니다."),
    "less_cancelled": N_(
        "포트원이 알려 준 취소 금액이 요청하기 전보다 줄었습니다. 포트원 관리자 콘솔에서 취소"
        " 내역을 확인해 주세요."
    ),
    "ids_missing": N_(
        "요청하기 전에 있던 취소 내역이 포트원의 응답에 없습니다. 포트원 관리자 콘솔에서 취소"
        " 내역을 확인해 주세요."
    ),
    "other_payment": N_("포트원이 다른 결제건의 내용을 보냈습니다."),
    "ambiguous": N_(
        "같은 금액의 취소가 여러 건 생겨 어느 것이 이 환불인지 가릴 수 없습니다. 포트원 관리자"
        " 콘솔에서 취소 내역을 확인해 주세요."
    ),
}
"""What was seen that must not be. A refund with one of these stays open until a person looked."""
