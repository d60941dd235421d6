"""What happened to an order and when: PortOne's own times, our events and notes in one line.

The first sight of a payment leaves no event (architecture), so everything PortOne dates is told
from the payments themselves; events tell what people did here, and what was noticed later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.couriers import courier_name
from dashboard.formatting import won
from dashboard.i18n import gettext as _
from dashboard.i18n import language
from dashboard.orders.facts import safe_link
from dashboard.orders.states import was_paid
from dashboard.portone import Cancellation, Payment
from dashboard.words import method_word, state_word


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One entry: when (UNIX seconds), what, and who or where it comes from."""

    at: int
    icon: str
    tone: str  # a status class of the stylesheet, without "is-"
    title: str
    who: str = ""
    text: str = ""  # somebody's own words
    amount: str = ""  # ready to print
    imp_uid: str = ""
    url: str | None = None  # a cancel slip, https only
    rank: int = field(default=0)  # order within one second: requests before payments


def payment_moments(payment: Payment) -> Iterator[Moment]:
    """What PortOne dates of one attempt."""
    method = method_word(payment.pay_method, payment.emb_pg_provider)
    money = won(payment.amount, payment.currency)
    uid = payment.imp_uid
    if payment.started_at:
        yield Moment(
            at=payment.started_at,
            icon="cart",
            tone="ready",
            title=_("결제 요청됨"),
            who=method,
            amount=money,
            imp_uid=uid,
        )
    if payment.vbank_issued_at:
        yield Moment(
            at=payment.vbank_issued_at,
            icon="hourglass-split",
            tone="wait",
            title=_("가상계좌 발급"),
            who=payment.vbank_name,
            imp_uid=uid,
            rank=1,
        )
    if payment.paid_at:
        yield Moment(
            at=payment.paid_at,
            icon="check-lg",
            tone="paid",
            title=_("입금확인") if payment.pay_method == "vbank" else _("결제완료"),
            who=method,
            amount=money,
            imp_uid=uid,
            rank=2,
        )
    if payment.failed_at:
        yield Moment(
            at=payment.failed_at,
            icon="x-lg",
            tone="fail",
            title=_("결제실패"),
            who=method,
            text=payment.fail_reason,
            imp_uid=uid,
            rank=2,
        )
    yield from _cancels(payment)


def _cancels(payment: Payment) -> Iterator[Moment]:
    gone = 0
    for entry in sorted(payment.cancel_history, key=lambda one: one.cancelled_at or 0):
        yield _cancel(payment, entry, before=gone)
        gone += entry.amount
    if payment.cancelled_at and not payment.cancel_history:
        # No money went back: a virtual account revoked before its deposit, or an answer in which
        # PortOne forgot the history.
        revoked = payment.pay_method == "vbank" and not was_paid(payment)
        yield Moment(
            at=payment.cancelled_at,
            icon="slash-circle",
            tone="full",
            title=_("가상계좌 발급취소") if revoked else _("결제 취소됨"),
            who=_("포트원 기록"),
            text=payment.cancel_reason,
            imp_uid=payment.imp_uid,
            rank=3,
        )


def _cancel(payment: Payment, entry: Cancellation, *, before: int) -> Moment:
    """One entry of the cancel history; ``before`` won had gone back before it."""
    whole = before + entry.amount >= payment.amount
    return Moment(
        at=entry.cancelled_at or payment.cancelled_at or 0,
        icon="slash-circle" if whole else "circle-half",
        tone="full" if whole else "part",
        title=cancel_word(whole=whole, first=before == 0),
        who=_("포트원 기록"),
        text=entry.reason,
        amount=won(-entry.amount, payment.currency),
        imp_uid=payment.imp_uid,
        url=safe_link(entry.receipt_url),
        rank=3,
    )


def cancel_word(*, whole: bool, first: bool) -> str:
    """What one cancel was: all at once, a part, or what earlier parts had left."""
    if not whole:
        return str(_("부분취소"))
    return str(_("전액취소")) if first else str(_("남은 금액 전액취소"))


# -- what happened here --------------------------------------------------------------------------


def change_words(detail: Mapping[str, Any]) -> str:
    """``결제완료 → 부분취소 3,000원``: what one sight of a payment changed.

    :param detail: of a ``payment.changed`` event
    """
    before, after = str(detail.get("from_state", "")), str(detail.get("to_state", ""))
    cancelled = int(detail.get("cancelled", 0))
    currency = str(detail.get("currency", "KRW"))
    if before == after and not cancelled:
        return str(_("결제 정보가 바뀌었습니다"))
    if cancelled:
        return str(
            _(
                "%(before)s → %(after)s %(amount)s",
                before=state_word(before),
                after=state_word(after),
                amount=won(cancelled, currency),
            )
        )
    return str(_("%(before)s → %(after)s", before=state_word(before), after=state_word(after)))


def event_moment(event: Mapping[str, Any]) -> Moment | None:
    """The line of one event, or None for those another line tells already.

    :param event: a row as the store reads it: ``detail`` is read, ``person`` a name or None
    """
    match event["kind"]:
        case "payment.changed":
            return Moment(
                at=event["at"],
                icon="arrow-repeat",
                tone="ready",
                title=_("장부에 반영: %(change)s", change=change_words(event["detail"])),
                who=_source(event["actor"]),
                imp_uid=event["imp_uid"] or "",
                rank=4,
            )
        case "order.tax_free_stated":
            return Moment(
                at=event["at"],
                icon="receipt",
                tone="ready",
                title=_("면세금액 입력"),
                who=event["person"] or "",
                text=_tax_free_words(event["detail"]),
                rank=4,
            )
        case "refund.intent":
            return _refund(event, _("환불 요청"), "arrow-counterclockwise", "wait", money=True)
        case "refund.rejected":
            return _refund(event, _("환불 거절됨"), "x-lg", "fail")
        case "refund.not_executed":
            return _refund(event, _("환불이 실행되지 않음"), "x-lg", "full")
        case "refund.settled_by_owner":
            return _refund(event, _("환불 결과를 주인이 직접 확인"), "person", "manual")
        case str(kind) if kind.startswith("receipt."):
            return _receipt(event)
        case "delivery.registered" | "delivery.changed":
            return _delivery(event)
        case str(kind) if kind.startswith(("manual_refund.", "outside_cancel.")):
            return _not_portone(event)
        case str(kind) if kind.startswith(("payment_request.", "webhook.")):
            return _request(event)
        case _:
            return None


def _not_portone(event: Mapping[str, Any]) -> Moment | None:
    """A step of what PortOne does not know of: a refund by hand, a cancel at KSNET itself."""
    detail = event["detail"]
    at_once = "from" not in detail
    titles = {
        "manual_refund.requested": (_("수동 환불 접수"), "person", "check"),
        "manual_refund.approved": (
            _("수동 환불 접수 (승인 필요 없음)") if at_once else _("수동 환불 승인"),
            "person",
            "wait",
        ),
        "manual_refund.declined": (_("수동 환불 승인 안 함"), "x-lg", "fail"),
        "manual_refund.withdrawn": (_("수동 환불 철회됨"), "x-lg", "full"),
        "manual_refund.done": (_("수동 환불 · 이체 완료"), "person", "manual"),
        "outside_cancel.marked": (
            _("KSNET에서 직접 취소됨으로 표시"),
            "exclamation-triangle-fill",
            "check",
        ),
        "outside_cancel.cleared": (_("KSNET 직접 취소 표시를 지움"), "check-lg", "full"),
    }
    if event["kind"] not in titles:
        return None
    title, icon, tone = titles[event["kind"]]
    amount = int(detail.get("amount", 0))
    gone = event["kind"] == "manual_refund.done"
    return Moment(
        at=event["at"],
        icon=icon,
        tone=tone,
        title=title,
        who=event["person"] or "",
        text=str(detail.get("decision") or ""),
        amount=won(-amount if gone else amount),
        imp_uid=event["imp_uid"] or "",
        rank=2,
    )


def _receipt(event: Mapping[str, Any]) -> Moment | None:
    """A step of a cash receipt."""
    titles = {
        "receipt.intent": (_("현금영수증 발급 요청"), "receipt", "wait"),
        "receipt.waiting": (_("현금영수증 재발급 요청"), "receipt", "wait"),
        "receipt.issued": (_("현금영수증 발급완료"), "receipt", "paid"),
        "receipt.found": (_("포트원에서 현금영수증을 찾음"), "receipt", "ready"),
        "receipt.rejected": (_("현금영수증 발급 거절됨"), "x-lg", "fail"),
        "receipt.not_issued": (_("현금영수증이 발급되지 않음"), "x-lg", "full"),
        "receipt.cancel_intent": (_("현금영수증 취소 요청"), "receipt", "wait"),
        "receipt.cancelled": (_("현금영수증 발급취소"), "receipt", "full"),
    }
    detail = event["detail"]
    if event["kind"] not in titles or (
        event["kind"] in ("receipt.intent", "receipt.issued") and detail.get("from") == "waiting"
    ):
        return None
    title, icon, tone = titles[event["kind"]]
    if event["kind"] == "receipt.issued" and str(detail.get("from", "")).startswith("cancel"):
        title, icon, tone = _("현금영수증이 취소되지 않음"), "x-lg", "fail"
    number = str(detail.get("apply_num") or "")
    return Moment(
        at=event["at"],
        icon=icon,
        tone=tone,
        title=title,
        who=event["person"] or "",
        text=_("승인번호 %(number)s", number=number) if number else "",
        amount=won(int(detail.get("amount", 0))),
        imp_uid=event["imp_uid"] or "",
        rank=2,
    )


def _request(event: Mapping[str, Any]) -> Moment | None:
    """A step of the payment request an order came from, or of a webhook about it."""
    titles = {
        "payment_request.made": (_("결제를 요청함"), "plus-lg", "ready"),
        "payment_request.waiting": (_("입금을 기다림"), "hourglass-split", "wait"),
        "payment_request.failed": (_("결제하지 못함"), "x-lg", "fail"),
        "payment_request.paid": (_("요청한 결제가 맞는지 확인됨"), "check-lg", "paid"),
        "payment_request.mismatch": (
            _("요청과 다른 결제"),
            "exclamation-triangle-fill",
            "check",
        ),
        "payment_request.expired": (_("결제 요청 기한이 지남"), "clock-history", "full"),
        "payment_request.cancelled": (_("결제 요청이 취소됨"), "slash-circle", "full"),
        "payment_request.revoked": (_("가상계좌 발급취소를 보냄"), "slash-circle", "full"),
        "payment_request.alarm_closed": (_("결제 요청의 알림을 확인함"), "check-lg", "manual"),
        "payment_request.forged": (
            _("브라우저가 다른 주문의 결제번호를 보냄"),
            "exclamation-triangle-fill",
            "check",
        ),
        "webhook.replayed": (_("웹훅을 다시 확인함"), "arrow-repeat", "ready"),
    }
    if event["kind"] not in titles:
        return None
    title, icon, tone = titles[event["kind"]]
    detail = event["detail"]
    if event["kind"] == "payment_request.paid" and detail.get("alarm"):
        title, icon, tone = _("결제되었지만 확인이 필요함"), "exclamation-triangle-fill", "check"
    return Moment(
        at=event["at"],
        icon=icon,
        tone=tone,
        title=title,
        who=event["person"] or "",
        imp_uid=event["imp_uid"] or "",
        rank=3,
    )


def _delivery(event: Mapping[str, Any]) -> Moment:
    """An escrow delivery that was registered or corrected, here or elsewhere."""
    detail = event["detail"]
    new = event["kind"] == "delivery.registered"
    if detail.get("found"):
        title = _("포트원에서 배송정보를 찾음") if new else _("배송정보가 다른 곳에서 바뀜")
    else:
        title = _("배송정보 등록됨") if new else _("배송정보 고침")
    company = courier_name(str(detail.get("company", "")), language())
    return Moment(
        at=event["at"],
        icon="truck",
        tone="ready",
        title=title,
        who=event["person"] or _("포트원 기록"),
        text=f"{company} {detail.get('invoice', '')}".strip(),
        imp_uid=event["imp_uid"] or "",
        rank=4,
    )


def _refund(
    event: Mapping[str, Any], title: str, icon: str, tone: str, *, money: bool = False
) -> Moment:
    """A step of one of our refunds; the cancel itself is told by PortOne's history."""
    return Moment(
        at=event["at"],
        icon=icon,
        tone=tone,
        title=title,
        who=event["person"] or "",
        amount=won(int(event["detail"].get("amount", 0))) if money else "",
        imp_uid=event["imp_uid"] or "",
        rank=2,
    )


def _source(actor: str) -> str:
    """Where a change came from."""
    words: dict[str, str] = {
        "sync": _("동기화"),
        "live": _("화면에서 확인"),
        "webhook": _("포트원 웹훅"),
        "cancel": _("취소 응답"),
    }
    return words.get(actor) or str(_("포트원 기록"))


def _tax_free_words(detail: Mapping[str, Any]) -> str:
    before, after = detail.get("from"), int(detail.get("to", 0))
    if before is None:
        return won(after)
    return str(_("%(before)s → %(after)s", before=won(int(before)), after=won(after)))


def note_moment(at: int, who: str, text: str) -> Moment:
    """The line of one internal note."""
    return Moment(at=at, icon="pencil", tone="wait", title=_("메모"), who=who, text=text, rank=4)


def in_order(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Newest first; what has no time (PortOne left it out) comes last."""
    return tuple(sorted(moments, key=lambda one: (one.at, one.rank), reverse=True))
