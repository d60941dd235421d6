"""The chip beside an order: what can be cancelled of a payment, in short."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dashboard.clock import kst
from dashboard.ksnet.days import (
    SOON_DAYS,
    last_cancel_day,
    vbank_opens_at,
    vbank_refunds_open,
)
from dashboard.ksnet.facts import MAX_PARTIAL_CANCELS, CancelFacts, Objection

Kind = Literal[
    "possible",
    "whole_only",
    "warned",
    "impossible",
    "nothing_left",
    "not_paid",
    "waiting",
    "test",
    "usd",
    "check",
]


@dataclass(frozen=True, kw_only=True)
class Cancellability:
    """What can be cancelled of a payment now, and what speaks against it.

    ``days_left`` counts from today to ``last_day``, both Korean dates: 0 on the last day itself,
    negative afterwards, None where no deadline runs.
    """

    kind: Kind
    balance: int = 0  # won still cancellable (cents for USD)
    count: int = 0  # entries in the cancel history
    max_count: int | None = MAX_PARTIAL_CANCELS  # None: partial cancels do not exist here (K2)
    last_day: date | None = None
    days_left: int | None = None
    objections: tuple[Objection, ...] = field(default=())

    @property
    def can(self) -> bool:
        """Whether some cancel is possible, now or (K5) later today."""
        return self.kind in ("possible", "whole_only", "warned", "test")

    @property
    def soon(self) -> bool:
        """Whether the last day is near enough to say so loudly."""
        return self.can and self.days_left is not None and self.days_left <= SOON_DAYS

    @property
    def stop(self) -> Objection | None:
        """The objection that rules a whole cancel out for good."""
        return next((o for o in self.objections if _final(o)), None)

    @property
    def opens_at(self) -> int | None:
        """When a cancel that must wait becomes possible, UNIX seconds (K5)."""
        return next((o.passes_at for o in self.objections if o.passes_at), None)

    def stops(self, *, part: bool) -> tuple[Objection, ...]:
        """The objections that stop a cancel right now, partial or whole."""
        return tuple(
            o for o in self.objections if o.severity == "stops" and (part or o.scope == "any")
        )


def cancellability(facts: CancelFacts, now: float) -> Cancellability:
    """Say what can be cancelled of a payment at ``now`` (UNIX seconds).

    Sources: K1-K6, K14, K17, K51; a plain no (not paid, nothing left) comes before any rule.
    """
    balance = facts.balance
    plain = _plain_no(facts, balance)
    if plain is not None or facts.paid_at is None:
        return Cancellability(
            kind=plain or "check", balance=max(balance, 0), count=facts.cancel_count
        )
    if facts.currency != "KRW":
        return Cancellability(
            kind="usd", balance=balance, count=facts.cancel_count, objections=(_K17,)
        )
    last_day = last_cancel_day(facts.pay_method, facts.paid_at)
    days_left = (last_day - kst(now).date()).days
    found = tuple(_objections(facts, days_left, now))
    return Cancellability(
        kind=_kind(facts, found),
        balance=balance,
        count=facts.cancel_count,
        max_count=None if facts.pay_method == "phone" else MAX_PARTIAL_CANCELS,
        last_day=last_day,
        days_left=days_left,
        objections=found,
    )


def _plain_no(facts: CancelFacts, balance: int) -> Kind | None:
    if facts.state == "check" or facts.cancelled < 0 or balance < 0:
        return "check"
    if facts.state == "waiting":
        return "waiting"
    if facts.state in ("ready", "failed"):
        return "not_paid"
    return "nothing_left" if balance == 0 else None


def _kind(facts: CancelFacts, found: tuple[Objection, ...]) -> Kind:
    if any(_final(o) for o in found):
        return "impossible"
    if facts.sandbox:
        return "test"
    if any(o.severity == "stops" and o.scope == "part" for o in found):
        return "whole_only"
    return "warned" if found else "possible"


def _final(objection: Objection) -> bool:
    return (
        objection.severity == "stops" and objection.scope == "any" and objection.passes_at is None
    )


def _objections(facts: CancelFacts, days_left: int, now: float) -> list[Objection]:
    """Every rule that has something to say, the gravest first."""
    found = [
        _deadline(facts, days_left),
        *(_vbank(facts, now) if facts.pay_method == "vbank" else ()),
        _part(facts),
        _K14_ESCROW if facts.escrow else None,
        _K51 if facts.sandbox else None,
    ]
    order = {"stops": 0, "warns": 1}
    return sorted((o for o in found if o is not None), key=lambda o: order[o.severity])


def _deadline(facts: CancelFacts, days_left: int) -> Objection | None:
    if days_left < 0:
        return _K3 if facts.pay_method == "phone" else _K4
    return _K4_LAST_DAY if days_left == 0 and facts.pay_method != "phone" else None


def _vbank(facts: CancelFacts, now: float) -> tuple[Objection | None, ...]:
    contract = {"yes": None, "no": _K6}.get(facts.vbank_refund_contract or "", _K6_UNKNOWN)
    return (contract, None if vbank_refunds_open(now) else _k5(now))


def _part(facts: CancelFacts) -> Objection | None:
    if facts.pay_method == "phone":
        return _K2
    left = MAX_PARTIAL_CANCELS - facts.cancel_count
    if left <= 0:
        return _K1
    return _k1_few(left) if left <= 2 else None  # from the eighth on


def _k5(now: float) -> Objection:
    return Objection(
        rule="K5",
        severity="stops",
        passes_at=vbank_opens_at(now),
        ko="가상계좌 환불은 06:00~23:00에만 가능합니다. 06:00 이후에 다시 시도해 주세요.",
        en="Virtual-account refunds are possible only between 06:00 and 23:00 (KST)."
        " Please try again after 06:00.",
    )


def _k1_few(left: int) -> Objection:
    return Objection(
        rule="K1",
        severity="warns",
        scope="part",
        ko=f"부분취소를 {left}번 더 할 수 있습니다. 결제 1건당 최대 9회입니다.",
        en=f"Partial cancels left: {left}. A payment can be partially cancelled at most 9 times.",
    )


_K1 = Objection(
    rule="K1",
    severity="stops",
    scope="part",
    ko="부분취소는 결제 1건당 최대 9회까지 가능합니다. 이미 9회 취소된 결제이므로 남은 금액"
    " 전부만 취소해 볼 수 있습니다.",
    en="A payment can be partially cancelled at most 9 times, and this one already was. You can"
    " only try to cancel everything that is left.",
)
_K2 = Objection(
    rule="K2",
    severity="stops",
    scope="part",
    ko="휴대폰 소액결제는 부분취소가 불가합니다. 전액취소만 할 수 있습니다.",
    en="Mobile phone payments cannot be partially cancelled; only a full cancel is possible.",
)
_K3 = Objection(
    rule="K3",
    severity="stops",
    ko="휴대폰 결제는 결제한 달에만 취소할 수 있습니다. 결제한 달이 지났으므로 고객에게 직접"
    " 환불해 주세요.",
    en="Phone payments can be cancelled only in the month they were paid. That month is over:"
    " please refund the customer directly.",
)
_K4 = Objection(
    rule="K4",
    severity="stops",
    ko="결제일로부터 6개월이 지나 KSNET에서 취소할 수 없습니다. 고객에게 직접 환불해 주세요.",
    en="More than 6 months have passed since the payment, so KSNET cannot cancel it. Please refund"
    " the customer directly.",
)
_K4_LAST_DAY = Objection(
    rule="K4",
    severity="warns",
    ko="오늘이 결제일로부터 6개월이 되는 날입니다. KSNET이 마지막 날을 어떻게 세는지 공개되어"
    " 있지 않아 거절될 수 있습니다.",
    en="Today is exactly 6 months after the payment. How KSNET counts the last day is not"
    " published, so it may refuse.",
)
_K6 = Objection(
    rule="K6",
    severity="stops",
    ko="가상계좌 환불은 KSNET 환불 특약이 있는 상점만 가능합니다. 고객에게 직접 환불해 주세요.",
    en="Virtual-account refunds require a special refund contract with KSNET. Please refund the"
    " customer directly.",
)
_K6_UNKNOWN = Objection(
    rule="K6",
    severity="warns",
    ko="가상계좌 환불은 KSNET 환불 특약이 있는 상점만 가능합니다. 계약 여부를 확인해 주세요.",
    en="Virtual-account refunds require a special refund contract with KSNET. Please check your"
    " contract.",
)
_K14_ESCROW = Objection(
    rule="K14",
    severity="warns",
    scope="part",
    ko="에스크로 결제는 부분취소가 거절될 수 있습니다. 거절되면 전액취소 후 다시 결제받는 방법을"
    " 확인해 주세요.",
    en="A partial cancel of an escrow payment may be refused. If it is, consider a full cancel and"
    " a new payment.",
)
_K17 = Objection(
    rule="K17",
    severity="stops",
    ko="원화 결제만 이 화면에서 취소할 수 있습니다. 달러 결제는 포트원 관리자 콘솔에서 취소해"
    " 주세요.",
    en="Only payments in won can be cancelled here. Please cancel payments in dollars in PortOne's"
    " console.",
)
_K51 = Objection(
    rule="K51",
    severity="warns",
    ko="테스트 결제입니다. 결제대행사가 이미 자동으로 취소했다면 취소가 거절될 수 있습니다.",
    en="This is a test payment. If the gateway has already voided it, a cancel may be refused.",
)
