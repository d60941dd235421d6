"""A request as its page tells it: where it stands, what it waits for, what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard.formatting import kst as kst_text
from dashboard.i18n import lazy_gettext as _l
from dashboard.refunds import approvals
from dashboard.refunds.progress import OfRow
from dashboard.words import Sign

Row = Mapping[str, Any]

STATES: dict[str, Sign] = {
    "requested": Sign(_l("승인 대기"), "hourglass-split", "is-check"),
    "scheduled": Sign(_l("예약됨"), "clock-history", "is-wait"),
    "sent": Sign(_l("승인됨"), "check-circle-fill", "is-paid"),
    "declined": Sign(_l("승인 안 함"), "x-circle-fill", "is-fail"),
    "withdrawn": Sign(_l("철회됨"), "dash-circle-fill", "is-full"),
    "expired": Sign(_l("만료됨"), "dash-circle-fill", "is-full"),
}


@dataclass(frozen=True, kw_only=True)
class RequestTold(OfRow):
    """A request, ready to print. Money in won, times in UNIX seconds."""

    sign: Sign
    sentence: str
    text: str
    why: tuple[str, ...]

    @property
    def open(self) -> bool:
        return self.state in ("requested", "scheduled")


def tell_request(row: Row) -> RequestTold:
    """Say where a request stands.

    :param row: as the store joins it
    """
    sentence, text = _sentences(row)
    why = tuple(json.loads(row["why"]))
    return RequestTold(
        row=row,
        sign=STATES[row["state"]],
        sentence=str(sentence),
        text=str(text),
        why=tuple(why_words(why, needs_owner=bool(row["needs_owner"]))),
    )


def tell_requests(rows: Sequence[Row]) -> list[RequestTold]:
    return [tell_request(row) for row in rows]


def why_words(why: Sequence[str], *, needs_owner: bool) -> list[str]:
    """What a wish waits for, a sentence each."""
    words = {
        "approval": _("가게 설정에 따라 다른 사람의 승인이 필요합니다."),
        "limit": _("한 번에 환불할 수 있는 한도를 넘어 주인의 승인이 필요합니다."),
        "day_limit": _("하루에 환불할 수 있는 한도를 넘어 주인의 승인이 필요합니다."),
        "warning": _("KSNET이 거절할 수 있는 환불이라 주인이 보고 정해야 합니다."),
        "night": _("가상계좌 환불은 06:00~23:00에만 가능해 그때까지 기다립니다."),
    }
    found = [str(words[one]) for one in why]
    if needs_owner and why == ("approval",):
        found.append(str(_("주인만 승인할 수 있습니다.")))
    return found


def _sentences(row: Row) -> tuple[str, str]:
    match row["state"]:
        case "requested":
            return (
                _("승인을 기다리고 있습니다. 아직 아무것도 보내지 않았습니다."),
                _("승인하면 그때 잔액을 다시 확인하고 보냅니다. 그동안 이 결제는 잠겨 있습니다."),
            )
        case "scheduled":
            return (
                _("%(time)s에 보내도록 예약했습니다.", time=kst_text(row["send_at"])),
                _(
                    "장부가 켜져 있어야 보냅니다. 그날 23시까지 보내지 못하면 보내지 않고 할 일에"
                    " 남깁니다. 그전에는 언제든 철회할 수 있습니다."
                ),
            )
        case "sent":
            return _("승인되어 보냈습니다."), _("결과는 환불 화면에서 확인해 주세요.")
        case "declined":
            return (
                _("승인하지 않았습니다: %(words)s", words=row["decision"] or ""),
                _("돈은 나가지 않았습니다."),
            )
        case "withdrawn":
            return _("요청을 철회했습니다."), _("돈은 나가지 않았습니다.")
        case _:
            return _expired(row["decision"] or ""), _("돈은 나가지 않았습니다.")


def _expired(why: str) -> str:
    words = {
        approvals.MOVED: _(
            "그사이 잔액이 바뀌어 만료되었습니다. 지금 잔액으로 다시 요청해 주세요."
        ),
        approvals.TOO_LATE: _(
            "예약한 날에 장부가 꺼져 있었거나 포트원에 연결되지 않아 보내지 못했습니다."
        ),
        approvals.KEY_GONE: _("환불받을 계좌를 더는 읽을 수 없습니다. 계좌를 다시 받아 주세요."),
        approvals.REFUSED: _("보낼 때가 되어 다시 확인하니 보낼 수 없는 환불이었습니다."),
    }
    return str(words.get(why, _("만료되었습니다.")))


def may_decide(db: Database, row: Row, person_id: int) -> tuple[bool, str]:
    """Whether somebody may approve it or decline, and if not, why.

    :param row: of a request, or of a refund by hand
    """
    if row["state"] != "requested":
        return False, ""
    try:
        approvals.may_decide(db, row, person_id)
    except approvals.NotAllowed:
        return False, str(_("주인이나 매니저가 승인합니다."))
    except approvals.CannotDecide as error:
        return False, cannot_words(error)
    return True, ""


def cannot_words(error: approvals.CannotDecide) -> str:
    """Why nothing was changed."""
    words: dict[type[approvals.CannotDecide], str] = {
        approvals.Ended: _("이 요청은 이미 끝났습니다. 아래 상태를 확인해 주세요."),
        approvals.NotYours: _("자기가 한 요청은 승인할 수 없습니다. 다른 사람이 확인해야 합니다."),
        approvals.OwnerOnly: _("이 요청은 주인만 승인할 수 있습니다."),
        approvals.NotAllowed: _("이 요청을 철회할 수 있는 사람은 요청한 사람과 주인입니다."),
    }
    return str(words[type(error)])
