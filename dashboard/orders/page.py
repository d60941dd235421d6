"""Everything the order page shows, gathered once: the page and its fragments read nothing else.

What is seen is what the ledger knows; PortOne is asked elsewhere (``ask.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import settings
from dashboard.formatting import won
from dashboard.ksnet import Cancellability, cancellability
from dashboard.orders import store
from dashboard.orders.chip import ChipWords, chip_words, order_facts
from dashboard.orders.facts import Fact, gateway_facts, payment_facts, safe_link
from dashboard.orders.personal import Buyer, buyer_of, raw_text
from dashboard.orders.story import (
    Moment,
    cancel_word,
    event_moment,
    in_order,
    note_moment,
    payment_moments,
)
from dashboard.orders.tax import Tax, read_tax
from dashboard.portone import Payment
from dashboard.refunds import lock
from dashboard.refunds.facts import own_refunds
from dashboard.words import WALLETS


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """One entry of a payment's cancel history."""

    word: str
    amount: str
    at: int | None
    reason: str
    cancellation_id: str
    url: str | None  # the cancel slip, https only
    lost: bool  # it carries a mark of ours, but no refund here has it (C9)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to pay an order."""

    payment: Payment
    state: str
    checked_at: int
    shown: bool  # the one the page and the list stand for
    facts: tuple[Fact, ...]
    gateway: tuple[Fact, ...]
    cancels: tuple[Cancel, ...]
    raw: str

    @property
    def left(self) -> int:
        """Won (cents for USD) paid and not cancelled."""
        return self.payment.balance if self.state in ("paid", "partial") else 0


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str
    who: str
    at: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody saw the buyer's personal data."""

    at: int
    who: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Warning:
    """What a person should see before anything else."""

    tone: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """One order, ready to print. Money is won (cents where ``currency`` is USD)."""

    id: int
    merchant_uid: str
    name: str
    state: str
    currency: str
    sandbox: bool
    amount: int
    paid: int
    cancelled: int
    manual_refunded: int  # won that went back by bank transfer, which PortOne does not know of
    cancel_count: int
    paid_at: int | None
    requested_at: int
    deadline: int | None  # of a deposit
    buyer: Buyer
    can: Cancellability  # what KSNET lets the shop cancel, and the rules that speak against it
    chip: ChipWords
    tax: Tax | None
    warnings: tuple[Warning, ...]
    attempts: tuple[Attempt, ...]
    timeline: tuple[Moment, ...]
    notes: tuple[Note, ...]
    looks: tuple[Look, ...]

    @property
    def left(self) -> int:
        return self.paid - self.cancelled

    @property
    def net(self) -> int:
        """What the shop has of it in the end."""
        return self.left - self.manual_refunded

    @property
    def shown(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.shown), None)

    @property
    def others(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if not attempt.shown)

    @property
    def checked_at(self) -> int | None:
        """When PortOne last said so, of the attempt asked longest ago."""
        return min((attempt.checked_at for attempt in self.attempts), default=None)

    @property
    def was_paid(self) -> bool:
        return self.paid > 0


def gather(db: Database, order_id: int, *, now: int, revealed: bool = False) -> OrderPage | None:
    """Read one order with everything its page shows, or None when there is none.

    :param now: UNIX seconds
    :param revealed: show the buyer's personal data in full; the caller logs the look
    """
    order = store.find_order(db, order_id)
    if order is None:
        return None
    attempts = tuple(
        _attempt(db, row, shown=row["imp_uid"] == order["imp_uid"], now=now, revealed=revealed)
        for row in store.payments_of(db, order_id)
    )
    shown = next((attempt for attempt in attempts if attempt.shown), None)
    notes = tuple(
        Note(text=row["text"], who=row["person"], at=row["created_at"])
        for row in store.notes_of(db, order_id)
    )
    log = store.events_of(db, order_id)
    contract = settings.get(db, "contract_vbank_refund")
    can = cancellability(order_facts(order, contract), now)
    return OrderPage(
        id=order_id,
        merchant_uid=order["merchant_uid"],
        name=order["name"],
        state=order["state"],
        currency=order["currency"],
        sandbox=bool(order["sandbox"]),
        amount=order["amount"],
        paid=order["paid_amount"],
        cancelled=order["cancelled_amount"],
        manual_refunded=order["manual_refunded"],
        cancel_count=order["cancel_count"],
        paid_at=order["paid_at"],
        requested_at=order["requested_at"],
        deadline=order["vbank_date"],
        buyer=_buyer(order, shown, revealed=revealed),
        can=can,
        chip=chip_words(
            can,
            state=order["state"],
            fail_reason=order["fail_reason"],
            by_hand=order["manual_refunded"],
        ),
        tax=_tax(db, order, shown),
        warnings=tuple(_warnings(order, attempts, now)),
        attempts=attempts,
        timeline=_timeline(attempts, notes, log),
        notes=notes,
        looks=_looks(log),
    )


def _attempt(
    db: Database, row: Mapping[str, Any], *, shown: bool, now: int, revealed: bool
) -> Attempt:
    raw = json.loads(row["raw"])
    payment = Payment.from_json(raw)
    return Attempt(
        payment=payment,
        state=row["state"],
        checked_at=row["checked_at"],
        shown=shown,
        facts=payment_facts(payment, state=row["state"], now=now),
        gateway=gateway_facts(payment),
        cancels=tuple(_cancels(db, payment)),
        raw=raw_text(raw, revealed=revealed),
    )


def _cancels(db: Database, payment: Payment) -> list[Cancel]:
    """The cancel history, newest first as in the record; each is named by what went before it."""
    found, gone = [], 0
    for entry in sorted(payment.cancel_history, key=lambda one: one.cancelled_at or 0):
        whole = gone + entry.amount >= payment.amount
        found.append(
            Cancel(
                word=cancel_word(whole=whole, first=gone == 0),
                amount=won(-entry.amount, payment.currency),
                at=entry.cancelled_at,
                reason=entry.reason,
                cancellation_id=entry.cancellation_id or "",
                url=safe_link(entry.receipt_url),
                lost=lock.lost(db, entry.reason),
            )
        )
        gone += entry.amount
    return found[::-1]


def _buyer(order: Mapping[str, Any], shown: Attempt | None, *, revealed: bool) -> Buyer:
    values = {name: order[name] for name in ("buyer_name", "buyer_tel", "buyer_email")}
    if shown is not None:
        values |= {
            "buyer_addr": shown.payment.buyer_addr,
            "buyer_postcode": shown.payment.buyer_postcode,
        }
    return buyer_of(values, revealed=revealed)


def _tax(db: Database, order: Mapping[str, Any], shown: Attempt | None) -> Tax | None:
    """Of the shown payment, also where the order was paid twice.

    None where the question makes no sense: nothing paid, not won, amounts in doubt.
    """
    if not order["paid_amount"] or order["currency"] != "KRW" or order["state"] == "check":
        return None
    return read_tax(
        amount=order["amount"],
        cancelled=shown.payment.cancel_amount if shown else 0,
        stated=order["tax_free"],
        sells_tax_free=settings.get(db, "sells_tax_free"),
        own=own_refunds(db, order["imp_uid"]),
    )


# -- warnings -----------------------------------------------------------------------------------


def _warnings(order: Mapping[str, Any], attempts: Sequence[Attempt], now: int) -> list[Warning]:
    found = []
    paid = [attempt for attempt in attempts if attempt.left and not attempt.payment.sandbox]
    if len(paid) > 1:
        found.append(_paid_twice(paid))
    if order["state"] == "check":
        found.append(
            Warning(
                tone="check",
                icon="exclamation-triangle-fill",
                title=_("금액이 서로 맞지 않거나 알 수 없는 상태입니다"),
                text=_(
                    "포트원이 알려 준 상태와 금액을 장부가 이해하지 못했습니다. 포트원 관리자"
                    " 콘솔에서 이 결제를 확인해 주세요. 아래 원본 응답에 받은 값이 그대로 있습니다."
                ),
            )
        )
    if order["state"] == "waiting" and order["vbank_date"] and order["vbank_date"] < now:
        found.append(
            Warning(
                tone="wait",
                icon="hourglass-split",
                title=_("입금기한이 지났습니다"),
                text=_(
                    "기한 안에 입금이 확인되지 않았습니다. 고객이 입금했다고 하면 '지금 확인'을"
                    " 눌러 주세요. 입금하지 않았다면 새로 주문하도록 안내해 주세요."
                ),
            )
        )
    if order["sandbox"]:
        found.append(_test_payment(attempts))
    return found


def _paid_twice(paid: Sequence[Attempt]) -> Warning:
    money = sum(attempt.left for attempt in paid)
    return Warning(
        tone="check",
        icon="exclamation-triangle-fill",
        title=_("결제가 %(count)d건 완료되었습니다", count=len(paid)),
        text=_(
            "주문번호 하나로 %(money)s이 결제되어 있습니다. 고객이 두 번 결제했는지 확인하고,"
            " 잘못된 결제는 아래 결제 시도에서 거래번호를 확인한 뒤 취소해 주세요.",
            money=won(money, paid[0].payment.currency),
        ),
    )


def _test_payment(attempts: Sequence[Attempt]) -> Warning:
    """K51: wallets may charge for real even in a test channel."""
    charged = any(
        attempt.left
        and (attempt.payment.pay_method in WALLETS or attempt.payment.emb_pg_provider in WALLETS)
        for attempt in attempts
    )
    return Warning(
        tone="wait",
        icon="info-circle",
        title=_("테스트 결제입니다"),
        text=_(
            "테스트 채널로 한 결제라 매출 합계에 넣지 않습니다. 테스트 결제라도 간편결제는 실제"
            " 출금될 수 있으니 바로 취소하세요."
        )
        if charged
        else _("테스트 채널로 한 결제라 매출 합계에 넣지 않습니다. 상품을 보내지 마세요."),
    )


# -- timeline -----------------------------------------------------------------------------------


def _timeline(
    attempts: Sequence[Attempt], notes: Sequence[Note], log: Sequence[Mapping[str, Any]]
) -> tuple[Moment, ...]:
    moments = [moment for attempt in attempts for moment in payment_moments(attempt.payment)]
    moments += [note_moment(note.at, note.who, note.text) for note in notes]
    for row in log:
        moment = event_moment(row)
        if moment is not None:
            moments.append(moment)
    return in_order(moments)


def _looks(log: Sequence[Mapping[str, Any]]) -> tuple[Look, ...]:
    """Who saw the personal data, the newest first (SEC-57)."""
    return tuple(
        Look(
            at=row["at"],
            who=row["person"] or "",
            where=str(row["detail"].get("from", "")),
        )
        for row in log
        if row["kind"] == "personal_data.shown"
    )
