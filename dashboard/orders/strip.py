"""The strip on top of an order: what PortOne says now, beside what was known.

A sentence says what happened, why, and what to do; PortOne's own words wait behind "자세히".
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from dashboard.formatting import ago, kst, won
from dashboard.orders.ask import Answer, Contradiction
from dashboard.orders.states import payment_state
from dashboard.portone import Payment, Why
from dashboard.portone.errors import SENTENCES
from dashboard.words import state_word


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing PortOne says otherwise: both values, ready to print."""

    what: str
    ours: str
    theirs: str


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """A payment of which PortOne tells an older truth."""

    imp_uid: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Ready to print. ``checked_at`` (UNIX seconds) gives the age that keeps ticking."""

    kind: str  # known, agrees, changed, differs, missing, failed, none
    tone: str  # a status class of the stylesheet, without "is-"
    icon: str
    title: str
    text: str = ""
    also: str = ""  # what was written down although something else needs a person
    checked_at: int | None = None
    disputed: tuple[Disputed, ...] = ()
    detail: str = ""
    fix: bool = False  # the owner can mend it in the settings

    @property
    def said(self) -> str:
        """The whole strip as one sentence or two, for flashes and screen readers."""
        return " ".join(part for part in (self.title, self.text, self.also) if part)


def known(checked_at: int | None) -> Strip:
    """Before anybody asked: how old what the page shows is."""
    if checked_at is None:
        return Strip(
            kind="none",
            tone="ready",
            icon="info-circle",
            title=_("아직 결제 시도가 없는 주문입니다."),
            text=_("포트원에 확인할 결제가 없습니다."),
        )
    return Strip(
        kind="known",
        tone="ready",
        icon="clock-history",
        title=_("포트원 마지막 확인"),
        checked_at=checked_at,
    )


def of_answer(answer: Answer, *, state: str, checked_at: int | None) -> Strip:
    """After asking: agreement, what changed, what differs, or why nothing was learnt.

    :param state: the order's state as the page shows it now
    :param checked_at: when PortOne last said so, this answer included
    """
    if answer.no_keys or answer.failed:
        return _failed(answer, state, checked_at)
    if answer.contradictions:
        return Strip(
            kind="differs",
            tone="check",
            icon="exclamation-triangle-fill",
            title=_("포트원의 값이 장부와 다릅니다."),
            text=_(
                "포트원이 장부보다 오래된 내용을 보내 반영하지 않았습니다. 잠시 뒤 다시 확인해도"
                " 같으면 포트원 관리자 콘솔에서 이 결제를 확인해 주세요."
            ),
            also=_applied(answer),
            checked_at=checked_at,
            disputed=tuple(_disputed(one) for one in answer.contradictions),
        )
    if answer.missing:
        return _missing(answer, checked_at)
    if answer.changes:
        return Strip(
            kind="changed",
            tone="wait",
            icon="arrow-repeat",
            title=_applied(answer),
            text=_("포트원에서 바뀐 내용을 장부에 적었습니다."),
            checked_at=checked_at,
        )
    return Strip(
        kind="agrees",
        tone="paid",
        icon="check-circle-fill",
        title=_("일치"),
        text=state_word(state),
        checked_at=checked_at,
    )


def _applied(answer: Answer) -> str:
    if not answer.changes:
        return ""
    return str(_("방금 반영: %(changes)s", changes=", ".join(answer.changes)))


def _missing(answer: Answer, checked_at: int | None) -> Strip:
    return Strip(
        kind="missing",
        tone="check",
        icon="question-circle",
        title=_("포트원에서 찾을 수 없습니다: %(ids)s", ids=", ".join(answer.missing)),
        text=_(
            "다른 상점의 API 키를 쓰고 있거나 테스트 결제라 숨겨졌을 수 있습니다. 환불되었다는"
            " 뜻은 아닙니다. 설정의 API 키를 확인하고, 포트원 관리자 콘솔에서 이 거래번호를"
            " 찾아 주세요."
        ),
        also=_applied(answer),
        checked_at=checked_at,
        fix=True,
    )


def _failed(answer: Answer, state: str, checked_at: int | None) -> Strip:
    """What stood in the way, then what is known all the same and how old that is."""
    by_key = answer.no_keys or answer.failed is Why.KEY
    if answer.failed is None:
        title = _("API Key가 없어 포트원에 확인할 수 없습니다. 설정에서 입력해 주세요.")
    else:
        title = _(SENTENCES[answer.failed])
    known_all_the_same = (
        _(
            "장부의 마지막 상태는 %(state)s이며, %(ago)s(%(time)s)에 포트원에서 확인했습니다.",
            state=state_word(state),
            ago=ago(checked_at),
            time=kst(checked_at),
        )
        if checked_at
        else ""
    )
    return Strip(
        kind="failed",
        tone="fail" if by_key or answer.failed is Why.IP else "check",
        icon="key" if by_key else "wifi-off",
        title=title,
        text=known_all_the_same,
        also=_applied(answer),
        detail=answer.words,
        fix=by_key,
    )


def _disputed(one: Contradiction) -> Disputed:
    ours, theirs = one.ours, one.theirs
    pairs = [
        (_("주문번호"), ours.merchant_uid, theirs.merchant_uid),
        (_("상태"), _state(ours), _state(theirs)),
        (_("결제금액"), won(ours.amount, ours.currency), won(theirs.amount, theirs.currency)),
        (
            _("취소금액"),
            won(ours.cancel_amount, ours.currency),
            won(theirs.cancel_amount, theirs.currency),
        ),
        (_("취소내역"), _count(ours), _count(theirs)),
        (_("결제완료일"), _time(ours.paid_at), _time(theirs.paid_at)),
    ]
    return Disputed(
        imp_uid=ours.imp_uid,
        differences=tuple(
            Difference(what=what, ours=mine, theirs=other)
            for what, mine, other in pairs
            if mine != other
        ),
    )


def _state(payment: Payment) -> str:
    return state_word(payment_state(payment))


def _count(payment: Payment) -> str:
    return str(_("%(count)d건", count=len(payment.cancel_history)))


def _time(at: int | None) -> str:
    return kst(at) if at else "–"
