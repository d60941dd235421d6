"""Why a refund form came back, in words: what happened, what is certain, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import allowed
from dashboard.formatting import won
from dashboard.i18n import language
from dashboard.ksnet import Objection
from dashboard.portone.errors import SENTENCES
from dashboard.refunds import service
from dashboard.runtime import NoKeys


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What stands above the form."""

    tone: str
    icon: str
    title: str
    text: str
    words: str = ""  # PortOne's own, behind "자세히"


def of(error: service.CannotRequest | NoKeys, *, balance: int) -> tuple[Problem, int]:
    """What to say of a refund that was not written down, and the status of the answer.

    :param balance: won left now
    """
    match error:
        case service.BalanceChanged():
            return moved(balance), 409
        case service.Stopped():
            return forbidden(error.objections), 422
        case service.NeedsOverrule():
            return warned(error.objections), 422
        case service.CannotAsk():
            return not_asked(error), 502
        case service.Locked():
            return locked(), 409
        case NoKeys():
            return no_keys(), 503
        case _:
            return guards_changed(), 409


def locked() -> Problem:
    return Problem(
        tone="fail",
        icon="lock",
        title=_("환불이 잠겨 있습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "이 장부가 모르는 환불이 있을 수 있어 포트원의 결제를 다시 읽고 있습니다. 다 읽으면"
            " 저절로 풀립니다. 적은 내용은 그대로 있으니 그 뒤에 다시 눌러 주세요."
        ),
    )


def old() -> Problem:
    return Problem(
        tone="check",
        icon="clock-history",
        title=_("화면을 연 지 30분이 지났습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "그사이 금액이 바뀌었을 수 있어 지금 잔액으로 다시 열었습니다. 확인하고 다시 눌러"
            " 주세요."
        ),
    )


def tampered() -> Problem:
    return Problem(
        tone="fail",
        icon="x-circle-fill",
        title=_("이 화면에서 만든 요청이 아닙니다. 아무것도 보내지 않았습니다."),
        text=_(
            "다른 사람이나 다른 결제의 화면에서 온 요청은 받지 않습니다. 아래에서 다시 확인해"
            " 주세요."
        ),
    )


def moved(balance: int) -> Problem:
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("금액이 바뀌었습니다. 아무것도 보내지 않았습니다."),
        text=_(
            "이 화면을 연 뒤에 다른 곳에서 취소되었습니다. 지금 남은 금액은 %(balance)s입니다."
            " 금액을 다시 확인해 주세요.",
            balance=won(balance),
        ),
    )


def forbidden(stops: Sequence[Objection]) -> Problem:
    return Problem(
        tone="fail",
        icon="x-circle-fill",
        title=_("이대로는 보낼 수 없습니다. 아무것도 보내지 않았습니다."),
        text=" ".join(objection_words(one) for one in stops),
    )


def warned(warns: Sequence[Objection]) -> Problem:
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("KSNET이 거절할 수 있습니다. 아직 아무것도 보내지 않았습니다."),
        text=" ".join(
            [
                *(objection_words(one) for one in warns),
                _("그래도 보내려면 이유를 적어 주세요.")
                if allowed(current_user.role, "overrule")
                else _("그래도 보내는 것은 주인만 할 수 있습니다. 주인에게 부탁해 주세요."),
            ]
        ),
    )


def objection_words(one: Objection) -> str:
    return " ".join(part for part in (one.text(language()), one.instead(language())) if part)


def not_asked(error: service.CannotAsk) -> Problem:
    why, words = SENTENCES[error.error.why], error.error.user_message
    return Problem(
        tone="fail",
        icon="wifi-off",
        title=_("포트원에 지금 잔액을 확인하지 못해 보내지 않았습니다."),
        text=" ".join(
            [
                _(why),
                _("돈은 나가지 않았습니다. 적은 내용은 그대로 있으니 잠시 뒤 다시 눌러 주세요."),
            ]
        ),
        words="" if words == why else words,
    )


def no_keys() -> Problem:
    return Problem(
        tone="fail",
        icon="key",
        title=_("포트원 키가 없어 보내지 않았습니다."),
        text=_(
            "주인이 설정의 포트원 연결에서 키를 넣은 뒤 다시 눌러 주세요. 돈은 나가지 않았습니다."
        ),
    )


def late() -> str:
    return str(
        _(
            "앞서 실패한 것으로 보였던 환불이 늦게 실행되어 있었습니다. 새로 보내지 않았습니다."
            " 아래 결과를 확인해 주세요."
        )
    )


def guards_changed() -> Problem:
    """Between the last look and sending, what this person may send alone became less or more."""
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("승인이나 한도가 그사이 바뀌었습니다. 아무것도 보내지 않았습니다."),
        text=_("내용을 다시 확인하고 눌러 주세요."),
    )


def portone_can() -> Problem:
    """What kept PortOne from it is gone, or it is just a part that PortOne cannot cancel."""
    return Problem(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("포트원으로 환불할 수 있어 접수하지 않았습니다."),
        text=_("돈은 나가지 않았습니다. 포트원으로 취소하거나 금액을 다시 확인해 주세요."),
    )
