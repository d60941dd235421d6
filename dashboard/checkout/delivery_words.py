"""What a delivery's state is called on pages, and why a payment has none to register."""

from __future__ import annotations

from flask_babel import gettext as _

from dashboard.checkout.delivery_rules import Against


def state_words(standing: str) -> tuple[str, str, str]:
    """Word, tone (a class ``is-…``) and icon of ``DeliveryOf.standing``."""
    return {
        "none": (_("등록 전"), "ready", "truck"),
        "sending": (_("등록하는 중"), "wait", "hourglass-split"),
        "unknown": (_("확인 중"), "check", "exclamation-triangle-fill"),
        "registered": (_("등록됨"), "paid", "check-circle-fill"),
        "refused": (_("등록되지 않음"), "fail", "x-circle-fill"),
    }[standing]


def against_words(why: Against) -> str:
    """Why a payment's delivery cannot be registered."""
    words: dict[Against, str] = {
        "not_escrow": _("배송 에스크로 결제가 아니어서 등록할 배송정보가 없습니다."),
        "not_paid": _("아직 결제되지 않았습니다. 결제가 확인되면 배송정보를 등록할 수 있습니다."),
        "cancelled": _("모두 취소된 결제라 배송정보를 등록하지 않습니다."),
        "unclear": _(
            "포트원이 알려 준 상태와 금액이 서로 맞지 않습니다. 주문 화면에서 '지금 확인'을 눌러"
            " 주세요."
        ),
    }
    return words[why]
