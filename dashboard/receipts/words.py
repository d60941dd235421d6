"""What a receipt's state, kind and identifier are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from dashboard.formatting import won
from dashboard.receipts.states import CANCELLING

Row = Mapping[str, Any]


def state_words(standing: str) -> tuple[str, str]:
    """The word and the tone (a class ``is-…``) of :func:`dashboard.receipts.known.standing`."""
    return {
        "none": (_("미발급"), "ready"),
        "issuing": (_("발급 중"), "wait"),
        "checking": (_("확인 중"), "check"),
        "issued": (_("발급완료"), "paid"),
        "cancelling": (_("취소 중"), "wait"),
        "cancelled": (_("발급취소"), "full"),
        "must_reissue": (_("재발급 필요"), "fail"),
        "must_cancel": (_("취소 필요"), "fail"),
        "gone": (_("영수증 없음 · 재발급 필요"), "fail"),
    }[standing]


def row_words(row: Row) -> tuple[str, str]:
    """The word and the tone of one row on its own, in a list of receipts."""
    state = row["state"]
    if state == "rejected":
        return _("발급 거절됨"), "fail"
    if state == "not_issued":
        return _("발급되지 않음"), "full"
    if state in CANCELLING:
        return state_words("cancelling")
    if state in ("waiting", "intent", "sending"):
        return state_words("issuing")
    return state_words("checking" if state == "unknown" else state)


def type_word(type: str) -> str:
    """소득공제 or 지출증빙; "" for one that PortOne told no type of."""
    words: dict[str, str] = {"person": _("소득공제"), "company": _("지출증빙")}
    return words.get(type, "")


def identifier_words(row: Row) -> str:
    """``휴대폰 ····1234``: all that is kept of whom it was issued to."""
    if row["last4"] is None:
        return ""
    kinds = {"phone": _("휴대폰"), "business": _("사업자번호"), "taxcard": _("현금영수증 카드")}
    return f"{kinds[row['identifier_type']]} ····{row['last4']}"


def customer_words(row: Row) -> str:
    """A message for the buyer with what they need to find the receipt at the tax office."""
    return str(
        _(
            "%(name)s님, 현금영수증이 발급되었습니다. 금액 %(amount)s, 국세청 승인번호"
            " %(apply_num)s. 홈택스에서 확인하실 수 있습니다.",
            name=row["buyer_name"],
            amount=won(row["issued_amount"] or row["amount"]),
            apply_num=row["apply_num"] or "–",
        )
    )


def alarm_words(alarm: str) -> str:
    """What is wrong with a receipt that PortOne issued."""
    words: dict[str, str] = {
        "amount": _(
            "포트원이 발급한 금액이 요청한 금액과 다릅니다. 포트원 관리자 콘솔에서 확인하고, 이"
            " 현금영수증을 취소한 뒤 다시 발급해 주세요."
        ),
        "type": _(
            "포트원이 발급한 용도가 요청한 것과 다릅니다. 이 현금영수증을 취소한 뒤 다시 발급해"
            " 주세요."
        ),
    }
    return words[alarm]
