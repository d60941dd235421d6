"""One refund as its page tells it: the fixed sentence of its state, what happened, what to do.

The sentences are those of refund-safety, 1.7, word for word: tests and people know them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from dashboard.banks import find_bank
from dashboard.clock import kst
from dashboard.formatting import kst as kst_text
from dashboard.formatting import mask_name, won
from dashboard.i18n import language
from dashboard.i18n import lazy_gettext as _l
from dashboard.portone.errors import SENTENCES
from dashboard.refunds.advice import Advice
from dashboard.refunds.states import ALARMS, OPEN, SETTLE_BY_OWNER_S
from dashboard.words import Sign, method_word

Row = Mapping[str, Any]

STATES: dict[str, Sign] = {
    "intent": Sign(_l("보내는 중"), "arrow-repeat", "is-wait"),
    "sending": Sign(_l("보내는 중"), "arrow-repeat", "is-wait"),
    "unknown": Sign(_l("확인 중"), "hourglass-split", "is-check"),
    "succeeded": Sign(_l("완료"), "check-circle-fill", "is-paid"),
    "rejected": Sign(_l("거절됨"), "x-circle-fill", "is-fail"),
    "not_executed": Sign(_l("실행 안 됨"), "dash-circle-fill", "is-full"),
    "settled_by_owner": Sign(_l("직접 확인"), "person", "is-manual"),
}


def refund_sign(state: str) -> Sign:
    """The sign of a refund's state."""
    return STATES.get(state, STATES["unknown"])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage on the way of a refund; ``look``: done, now, lost or ahead."""

    word: str
    look: str
    icon: str
    at: int | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class OfRow:
    """What the pages of refunds, requests and refunds by hand print alike of a joined row."""

    row: Row

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def state(self) -> str:
        return str(self.row["state"])

    @property
    def account(self) -> str:
        """The receiving account as far as every page may show it, or nothing."""
        return account_words(self.row["bank"], self.row["account_last4"])

    @property
    def method(self) -> str:
        return method_word(self.row["pay_method"], self.row["emb_pg_provider"])

    @property
    def buyer(self) -> str:
        return mask_name(self.row["buyer_name"])


@dataclass(frozen=True, kw_only=True)
class Told(OfRow):
    """A refund, ready to print. Money in won, times in UNIX seconds."""

    sentence: str
    text: str
    sign: Sign
    open: bool
    steps: tuple[Step, ...]
    alarm: str
    note: str
    may_settle: bool  # an unknown refund is a day old
    advice: Advice | None

    @property
    def reason(self) -> str:
        """The reason as typed, without our mark."""
        return reason_of(self.row)

    @property
    def say(self) -> str:
        """What to tell the customer now."""
        if self.advice is not None:
            return self.advice.text(language())
        if self.open:
            return str(
                _(
                    "환불을 요청해 두었고 지금 결과를 확인하고 있습니다. 확인되는 대로 다시 알려"
                    " 드리겠습니다."
                )
            )
        return ""

    @property
    def overruled(self) -> tuple[str, str]:
        """Which warnings were overruled, and why."""
        found = json.loads(self.row["overruled"] or "[]")
        entries = found if isinstance(found, list) else [found]
        rules = ", ".join(
            str(one.get("rule", "")) if isinstance(one, dict) else str(one) for one in entries
        )
        why = next(
            (str(one["reason"]) for one in entries if isinstance(one, dict) and one.get("reason")),
            "",
        )
        return rules, why

    @property
    def again_every_ms(self) -> int:
        """How soon the page asks again."""
        return 1000 if self.state in ("intent", "sending") else 3000


def reason_of(row: Row) -> str:
    return str(row["reason"]).removesuffix(f"[{row['nonce']}]").strip()


def account_words(bank: str | None, last4: str | None) -> str:
    """A receiving account as far as it may be kept."""
    if not bank or not last4:
        return ""
    found = find_bank(bank) or find_bank(bank, "two_digits")
    return str(
        _(
            "%(bank)s · 끝자리 %(last4)s",
            bank=found.name(language()) if found else bank,
            last4=last4,
        )
    )


def tell(row: Row, *, now: int, advice: Advice | None = None) -> Told:
    """Say where a refund stands.

    :param row: as the store joins it
    :param now: UNIX seconds
    :param advice: for the customer, once the money is on its way
    """
    sent = row["sent_at"] or row["created_at"]
    return Told(
        row=row,
        sentence=sentence(row),
        text=_explanation(row),
        sign=refund_sign(row["state"]),
        open=row["state"] in OPEN,
        steps=tuple(_steps(row)),
        alarm=str(_(ALARMS[row["alarm"]])) if row["alarm"] in ALARMS else (row["alarm"] or ""),
        note=_note(row),
        may_settle=row["state"] == "unknown" and now - sent >= SETTLE_BY_OWNER_S,
        advice=advice if row["state"] == "succeeded" else None,
    )


def sentence(row: Row) -> str:
    """The fixed sentence of the row's state."""
    match row["state"]:
        case "intent" | "sending":
            return str(_("환불을 요청하고 있습니다. 이 창을 닫아도 됩니다."))
        case "unknown":
            return str(_("결과를 확인하고 있습니다. 다시 환불하지 마세요."))
        case "succeeded":
            return str(
                _(
                    "환불 완료 %(amount)s · 취소번호 %(number)s · %(time)s",
                    amount=won(row["amount"]),
                    number=row["cancellation_id"],
                    time=f"{kst(row['cancelled_at'] or row['ended_at']):%H:%M}",
                )
            )
        case "rejected":
            return str(_("환불되지 않았습니다: %(why)s", why=said(row) or _("거절되었습니다.")))
        case "settled_by_owner":
            return str(
                _(
                    "직접 확인 처리됨: %(who)s, %(when)s, %(why)s",
                    who=row["settler"] or "",
                    when=kst_text(row["ended_at"] or 0),
                    why=row["evidence"] or "",
                )
            )
        case _:
            if not row["sent_at"]:
                return str(_("환불되지 않았습니다: 보내기 전에 멈췄습니다."))
            return str(_("환불되지 않은 것을 확인했습니다(2회 조회)."))


def said(row: Row) -> str:
    """PortOne's words, or our sentence in the language of the page."""
    words = row["api_message"] or ""
    return str(_(words)) if words in SENTENCES.values() else words


def _explanation(row: Row) -> str:
    """What stands below the sentence."""
    match row["state"]:
        case "intent" | "sending":
            return str(_("적어 두고 보내는 중입니다. 장부가 결과까지 확인합니다."))
        case "unknown":
            return str(
                _(
                    "보낸 뒤 결과를 아직 확실히 알지 못합니다. 돈이 나갔을 수도 있어 포트원에 계속"
                    " 묻고 있습니다. 이 창을 닫아도 장부가 끝까지 확인합니다."
                )
            )
        case "rejected":
            return str(_("돈은 나가지 않았습니다. 이유를 확인하고 새로 요청할 수 있습니다."))
        case "not_executed":
            if not row["sent_at"]:
                return str(
                    _(
                        "장부가 다시 시작되었거나 제때 보내지 못해 아무것도 보내지 않았습니다. 돈은"
                        " 나가지 않았으니 다시 요청해 주세요."
                    )
                )
            return str(_("돈은 나가지 않았습니다. 다시 시도할 수 있습니다."))
        case "settled_by_owner":
            return str(
                _("주인이 직접 확인하고 적은 결과입니다. 포트원의 답으로 확인된 것은 아닙니다.")
            )
        case _:
            return ""


def _note(row: Row) -> str:
    """What a person should know of how the result was found."""
    if row["match"] == "amount":
        return str(
            _(
                "금액과 시각으로 알아본 취소입니다. 포트원 콘솔에서 한 같은 금액의 취소와 구분할 수"
                " 없습니다(콘솔 환불과 구분 불가)."
            )
        )
    if row["foreign_cancelled"] and row["state"] in ("not_executed", "rejected"):
        return str(
            _(
                "그사이 콘솔에서 %(amount)s 환불됨. 잔액이 바뀌었으니 새 화면에서 다시 요청해"
                " 주세요.",
                amount=won(row["foreign_cancelled"]),
            )
        )
    return ""


def _steps(row: Row) -> Iterator[Step]:
    state = row["state"]
    yield Step(word=_("기록함"), look="done", icon="check-lg", at=row["created_at"])
    if row["sent_at"]:
        yield Step(word=_("보냄"), look="done", icon="check-lg", at=row["sent_at"])
    else:
        look = "now" if state in ("intent", "sending") else "lost"
        yield Step(word=_("보냄"), look=look, icon="arrow-repeat" if look == "now" else "x-lg")
    yield _answered(row)
    yield _seen(row)


def _answered(row: Row) -> Step:
    word = str(_("포트원의 답"))
    match row["answer"]:
        case "yes":
            return Step(word=word, look="done", icon="check-lg", text=_("취소했다고 답함"))
        case "no" | "slow_no":
            return Step(word=word, look="lost", icon="x-lg", text=_("거절한다고 답함"))
        case "unsent":
            return Step(word=word, look="lost", icon="wifi-off", text=_("연결하지 못함"))
        case "doubtful":
            return Step(word=_("답이 끊김"), look="lost", icon="wifi-off")
        case _:
            lost = row["state"] == "unknown"
            return Step(
                word=_("답이 끊김") if lost else word,
                look="lost" if lost else "ahead",
                icon="wifi-off" if lost else "three-dots",
            )


def _seen(row: Row) -> Step:
    match row["state"]:
        case "succeeded":
            return Step(word=_("취소 확인"), look="done", icon="check-lg", at=row["ended_at"])
        case "rejected" | "not_executed":
            return Step(word=_("취소 없음 확인"), look="lost", icon="x-lg", at=row["ended_at"])
        case "settled_by_owner":
            return Step(word=_("주인이 확인"), look="done", icon="person", at=row["ended_at"])
        case "unknown":
            checks = row["checks"] or 0
            text = _("%(n)d번째 확인: 아직 취소 없음", n=checks) if checks else ""
            return Step(word=_("포트원에 확인 중"), look="now", icon="search", text=text)
        case _:
            return Step(word=_("포트원에 확인"), look="ahead", icon="search")


def tell_all(rows: Sequence[Row], *, now: int) -> list[Told]:
    return [tell(row, now=now) for row in rows]
