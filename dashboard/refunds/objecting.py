"""What speaks against a wish, on fresh facts: KSNET's rules and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Database

from dashboard.ksnet import CancelWish, Objection, refund_objections
from dashboard.portone import Payment
from dashboard.refunds import by_hand_store, resolving, rules, store
from dashboard.refunds.facts import facts_of
from dashboard.refunds.reserved import reserved_objections
from dashboard.refunds.states import BELIEVED_DEAD

if TYPE_CHECKING:
    from dashboard.refunds.service import Wish

SKEW_S = 60 * 60  # a clock that is wrong by more makes every rule about days doubtful

ALARMED = Objection(
    rule="P2a",
    severity="stops",
    ko="이전 환불의 확인번호가 취소 내역에 맞지 않게 나타났습니다. 포트원 관리자 콘솔에서 취소"
    " 내역을 먼저 확인해 주세요.",
    en="The mark of an earlier refund appears in the cancel history in a way that does not fit."
    " Check the cancel history in PortOne's console first.",
)
_LATE = Objection(
    rule="P2a",
    severity="warns",
    ko="이전에 실행되지 않은 것으로 본 환불과 같은 금액이 그 뒤에 취소되었습니다. 그 환불이 늦게"
    " 처리된 것일 수 있으니 두 번 환불하지 않도록 먼저 확인해 주세요.",
    en="The amount of an earlier refund that seemed not carried out was cancelled afterwards. It"
    " may be that refund, come late: make sure that nothing is refunded twice.",
)
_TIMEOUT = Objection(
    rule="PG",
    severity="warns",
    ko="이전 환불 때 결제대행사가 응답하지 않았습니다. KSNET 상점관리자에서 취소 여부를 먼저"
    " 확인해 주세요.",
    en="The gateway did not answer the earlier refund. Check in KSNET's admin site first whether"
    " it was cancelled.",
)
_CLOCK = Objection(
    rule="CLOCK",
    severity="warns",
    ko="PC의 시계가 포트원과 한 시간 넘게 다릅니다. 시계를 맞춘 뒤 환불해 주세요.",
    en="This PC's clock differs from PortOne's by more than an hour. Set the clock first.",
)
BOUNDS = Objection(
    rule="K10",
    severity="stops",
    ko="취소 금액은 1원 이상, 남은 금액 이하여야 하고 면세금액은 취소 금액을 넘을 수 없습니다.",
    en="The amount must be from 1 won to what is left, and its tax-free part within it.",
)


def objections(
    db: Database, fresh: Payment, wish: Wish, *, now: float, clock_skew: float, practice: bool
) -> list[Objection]:
    """Every objection to a wish, the stops first.

    :param now: UNIX seconds
    :param clock_skew: seconds this PC's clock is ahead of PortOne's
    :param practice: the shop is invented
    """
    found = [
        *_ksnet(db, fresh, wish, now, practice),
        *_plain(fresh, wish),
        *reserved_objections(
            by_hand_store.reserved_of(db, fresh.imp_uid), balance=fresh.balance, amount=wish.amount
        ),
        *earlier(db, fresh, clock_skew),
    ]
    if abs(clock_skew) > SKEW_S:
        found.append(_CLOCK)
    return sorted(found, key=lambda one: one.severity != "stops")


def _ksnet(
    db: Database, fresh: Payment, wish: Wish, now: float, practice: bool
) -> tuple[Objection, ...]:
    known = store.find_payment(db, fresh.imp_uid)
    tax_free = known["tax_free"] if known else None
    facts, _rest = facts_of(db, fresh, tax_free=tax_free, practice=practice)
    account = wish.account
    return refund_objections(
        facts,
        CancelWish(
            amount=wish.amount,
            tax_free=wish.tax_free,
            kind=wish.kind,
            holder=account.holder if account else "",
            bank=account.bank if account else "",
            account=account.account if account else "",
        ),
        now,
    )


def _plain(fresh: Payment, wish: Wish) -> list[Objection]:
    """What must hold whatever the rules say: the last look before money is asked for."""
    within = 1 <= wish.amount <= fresh.balance and 0 <= wish.tax_free <= wish.amount
    whole = wish.kind != "whole" or wish.amount == fresh.balance
    return [] if within and whole else [BOUNDS]


def earlier(db: Database, fresh: Payment, clock_skew: float) -> list[Objection]:
    """What earlier refunds of the payment leave in doubt (refund-safety, 1.4 and 1.6)."""
    rows = store.of_payment(db, fresh.imp_uid)
    closed = (*BELIEVED_DEAD, "settled_by_owner")
    over = [row for row in rows if row["state"] in closed and row["answer"] != "unsent"]
    taken = [row["cancellation_id"] for row in rows if row["cancellation_id"]]
    found = []
    if over and over[0]["id"] == rows[0]["id"] and over[0]["answer"] == "slow_no":
        found.append(_TIMEOUT)
    reasons = [entry.reason for entry in fresh.cancel_history]
    if any(
        rules.suspects(resolving.sent_of(row), fresh, taken=taken, skew_s=clock_skew)
        or any(rules.mark(row["nonce"]) in reason for reason in reasons)
        for row in over
    ):
        found.append(_LATE)
    return found
