"""A refund by hand as its page tells it: where it stands, why by hand, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from dashboard.banks import find_bank
from dashboard.i18n import language
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds.progress import OfRow, Step
from dashboard.refunds.request_words import STATES as REQUEST_STATES
from dashboard.words import Sign

Row = Mapping[str, Any]

STATES: dict[str, Sign] = {
    "requested": REQUEST_STATES["requested"],
    "approved": Sign(_l("이체 대기"), "bank", "is-wait"),
    "done": Sign(_l("수동 환불"), "person", "is-manual"),
    "declined": REQUEST_STATES["declined"],
    "withdrawn": REQUEST_STATES["withdrawn"],
}


@dataclass(frozen=True, kw_only=True)
class HandTold(OfRow):
    """A refund by hand, ready to print. Money in won, times in UNIX seconds."""

    sign: Sign
    sentence: str
    text: str
    ground: str
    steps: tuple[Step, ...]

    @property
    def open(self) -> bool:
        return self.state in ("requested", "approved")

    @property
    def bank(self) -> str:
        """The receiving bank's name."""
        found = find_bank(self.row["bank"])
        return found.name(language()) if found else str(self.row["bank"])


def tell_by_hand(row: Row) -> HandTold:
    """Say where a refund by hand stands.

    :param row: as the store joins it
    """
    sentence, text = _sentences(row)
    return HandTold(
        row=row,
        sign=STATES[row["state"]],
        sentence=str(sentence),
        text=str(text),
        ground=ground_words([row["ground"]])[0],
        steps=tuple(_steps(row)),
    )


def tell_all_by_hand(rows: Sequence[Row]) -> list[HandTold]:
    return [tell_by_hand(row) for row in rows]


def ground_words(grounds: Sequence[str]) -> list[str]:
    """Why PortOne cannot refund it, a sentence each."""
    words = {
        "K1": _("부분취소 9회를 모두 써서 포트원으로는 더 나누어 취소할 수 없습니다."),
        "K2": _("휴대폰 결제는 포트원으로 일부만 취소할 수 없습니다."),
        "K3": _("휴대폰 결제는 결제한 달이 지나면 포트원으로 취소할 수 없습니다."),
        "K4": _("결제하고 6개월이 지나 포트원으로 취소할 수 없습니다."),
        "K6": _("가상계좌 환불 특약이 없어 포트원으로 환불할 수 없습니다."),
        "refused": _("포트원으로 보낸 환불을 결제대행사가 거절했습니다."),
    }
    return [str(words.get(one, one)) for one in grounds]


def _sentences(row: Row) -> tuple[str, str]:
    match row["state"]:
        case "requested":
            return (
                _("승인을 기다리고 있습니다. 아직 이체하지 마세요."),
                _("다른 사람이 승인하면 이체할 목록에 올라갑니다."),
            )
        case "approved":
            return (
                _("은행에서 이체하고 '이체 완료'를 기록해 주세요."),
                _("장부는 돈을 보내지 않습니다. 포트원에는 결제완료로 남습니다."),
            )
        case "done":
            return (
                _(
                    "%(day)s에 이체했습니다. 확인번호 %(reference)s",
                    day=row["transferred_on"],
                    reference=row["bank_reference"] or "–",
                ),
                _("포트원의 취소가 아니라 가게가 직접 돌려준 돈입니다. 계좌번호는 지웠습니다."),
            )
        case "declined":
            return (
                _("승인하지 않았습니다: %(words)s", words=row["decision"] or ""),
                _("돈은 나가지 않았습니다. 계좌번호는 지웠습니다."),
            )
        case _:
            return _("철회했습니다."), _("돈은 나가지 않았습니다. 계좌번호는 지웠습니다.")


def _steps(row: Row) -> Iterator[Step]:
    state, decided_at, ended_at = row["state"], row["decided_at"], row["ended_at"]
    yield Step(word=_("접수"), look="done", icon="check-lg", at=row["created_at"])
    match state:
        case "requested":
            yield Step(word=_("승인 대기"), look="now", icon="hourglass-split")
            yield Step(word=_("이체"), look="ahead", icon="bank")
        case "declined":
            yield Step(word=_("승인 안 함"), look="lost", icon="x-lg", at=decided_at)
        case "withdrawn":
            yield Step(word=_("철회됨"), look="lost", icon="x-lg", at=ended_at)
        case _:
            text = "" if decided_at else _("필요 없음")
            yield Step(word=_("승인"), look="done", icon="check-lg", at=decided_at, text=text)
            done = state == "done"
            yield Step(
                word=_("이체 완료") if done else _("이체 대기"),
                look="done" if done else "now",
                icon="check-lg" if done else "bank",
                at=ended_at,
            )
