"""Everything the refund form needs to know of one payment, gathered once from the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from flask_babel import gettext as _
from sqlite_utils import Database

from dashboard import settings
from dashboard.i18n import language
from dashboard.ksnet import (
    CancelFacts,
    Cancellability,
    CancelWish,
    Objection,
    cancellability,
    refund_objections,
)
from dashboard.orders.chip import ChipWords, chip_words
from dashboard.orders.page import Attempt, gather
from dashboard.portone import Payment
from dashboard.refunds import by_hand_store, request_store, store
from dashboard.refunds.advice import Advice, advice
from dashboard.refunds.amounts import Rest, bounds, proposed_tax_free
from dashboard.refunds.bars import Bar, bars
from dashboard.refunds.facts import facts_of, own_refunds, what_is_left
from dashboard.refunds.offers import REFUND_METHODS
from dashboard.refunds.reserved import Reserved, grounds, reserved_objections
from dashboard.words import method_word


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One payment on the desk of whoever refunds it. Money in won."""

    by_hand: ClassVar[bool] = False

    imp_uid: str
    order_id: int
    merchant_uid: str
    name: str
    buyer: str  # masked
    pay_method: str
    method: str  # with card or bank, ready to print
    checked_at: int  # PortOne last said so
    paid_at: int
    facts: CancelFacts  # as PortOne counts
    rest: Rest  # by the shop's own books: without what is spoken for
    can: Cancellability
    chip: ChipWords
    objections: tuple[Objection, ...]  # whatever will be typed
    open_refund: str | None
    open_request: str | None  # waits for somebody's word or for the morning
    now: int
    payment: Payment
    own: tuple[int, int]  # won our refunds gave back, and their tax-free part
    reserved: Reserved
    grounds: tuple[str, ...]  # why it may be refunded by hand; empty where PortOne can do it
    open_by_hand: str | None  # waits for somebody's word or for the transfer

    @property
    def amount(self) -> int:
        return self.facts.amount

    @property
    def balance(self) -> int:
        return self.facts.balance

    @property
    def possible(self) -> int:
        """What of the balance is not spoken for."""
        return self.rest.balance

    @property
    def refund_word(self) -> bool:
        """Whether the shop calls it 환불 rather than 결제취소."""
        return self.pay_method in REFUND_METHODS

    @property
    def verb(self) -> str:
        return str(_("환불")) if self.refund_word else str(_("결제취소"))

    @property
    def stopped(self) -> bool:
        """Whether a rule rules out every cancel right now, whatever is typed."""
        return any(
            one.severity == "stops" and one.scope == "any" and one.rule != "K11"
            for one in self.objections
        )

    @property
    def parts(self) -> bool:
        """Whether a part can be cancelled at all (K1, K2)."""
        return not any(one.severity == "stops" and one.scope == "part" for one in self.objections)

    @property
    def wholes(self) -> bool:
        """Whether all that is left can be cancelled at once."""
        return not any(one.severity == "stops" and one.scope == "whole" for one in self.objections)

    @property
    def vbank(self) -> bool:
        return self.pay_method == "vbank"

    @property
    def needs_account(self) -> bool:
        """K7."""
        return self.vbank

    @property
    def must_state_tax_free(self) -> bool:
        """The shop sells tax-free goods and has not said how much of this order is (K11)."""
        return self.rest.asked

    @property
    def free_left(self) -> int | None:
        """The tax-free won of the balance, where they are certain."""
        return self.rest.most if self.rest.certain else None

    @property
    def tax_free_fixed(self) -> bool:
        """Nothing in it can be tax-free, so there is nothing to ask."""
        return self.rest.most == 0

    @property
    def tax_free_hint(self) -> str:
        if self.vbank:
            return str(_("가상계좌는 면세금액을 지정할 수 없어 0으로 보냅니다."))
        if self.must_state_tax_free:
            return str(_("비워 두면 위에 적은 면세금액의 비율대로 나눕니다."))
        return str(_("비율대로 채웁니다. 실제로 돌려받은 상품에 맞게 고칠 수 있습니다."))

    @property
    def advice(self) -> Advice:
        return self.advice_for(self.balance)

    def advice_for(self, amount: int) -> Advice:
        """What to tell the customer if ``amount`` won go back now."""
        return advice(
            pay_method=self.pay_method,
            amount=amount,
            whole=amount == self.amount,
            paid_at=self.paid_at,
            refunded_at=self.now,
        )

    @property
    def arrives(self) -> str:
        """When the customer has the money, in a few words."""
        return self.advice.when(language())

    @property
    def has_receipt(self) -> bool:
        """Whether a cash receipt may hang on it (K12)."""
        return self.pay_method in REFUND_METHODS

    @property
    def reminder_at(self) -> int | None:
        """When a refund that must wait for the morning becomes possible (K5)."""
        return next((one.passes_at for one in self.objections if one.passes_at), None)

    def with_total(self, total: int | None) -> Self:
        """The same payment once the order's tax-free total is stated; None: nothing new."""
        if total is None:
            return self
        counted = what_is_left(self.payment, total, "yes", self.own)
        facts = replace(self.facts, tax_free_least=counted.least, tax_free_most=counted.most)
        rest = what_is_left(self.payment, total, "yes", self.own, self.reserved)
        return replace(self, rest=rest, facts=facts)

    def bounds(self, amount: int) -> tuple[int, int] | None:
        """What the tax-free part of a cancel of ``amount`` won may be, if anything fits."""
        return bounds(self.rest, amount, vbank=self.vbank)

    def proposal(self, amount: int) -> int | None:
        """The tax-free part to propose for it."""
        return proposed_tax_free(self.rest, amount, vbank=self.vbank)

    def bars(self, amount: int, tax_free: int) -> tuple[Bar, Bar] | None:
        return bars(self.rest, amount, tax_free)

    def objections_to(self, wish: CancelWish, at: int | None = None) -> tuple[Objection, ...]:
        """What speaks against just this cancel.

        :param at: when it will be sent, UNIX seconds; None: now
        """
        return (
            *refund_objections(self.facts, wish, at or self.now),
            *reserved_objections(self.reserved, balance=self.facts.balance, amount=wish.amount),
        )


def read_desk(db: Database, imp_uid: str, *, now: int, practice: bool) -> Desk | None:
    """Lay a payment on the desk, or None when there is no such payment.

    :param now: UNIX seconds
    :param practice: in practice mode
    """
    row = store.find_payment(db, imp_uid)
    page = None if row is None else gather(db, row["order_id"], now=now)
    if row is None or page is None:
        return None
    attempt = next(one for one in page.attempts if one.payment.imp_uid == imp_uid)
    open_refund = store.open_of(db, imp_uid)
    open_request = request_store.open_of(db, imp_uid)
    payment = attempt.payment
    facts, rest = facts_of(db, payment, tax_free=row["tax_free"], practice=practice)
    can = cancellability(facts, now)
    reserved = by_hand_store.reserved_of(db, imp_uid)
    open_by_hand = by_hand_store.open_of(db, imp_uid)
    own = own_refunds(db, imp_uid)
    if reserved.amount:
        sells = settings.get(db, "sells_tax_free")
        rest = what_is_left(payment, row["tax_free"], sells, own, reserved)
    return Desk(
        imp_uid=imp_uid,
        order_id=page.id,
        merchant_uid=page.merchant_uid,
        name=page.name,
        buyer=page.buyer.name,
        pay_method=payment.pay_method,
        method=_method(attempt),
        checked_at=attempt.checked_at,
        paid_at=payment.paid_at or now,
        facts=facts,
        rest=rest,
        can=can,
        chip=chip_words(can, state=attempt.state, fail_reason=payment.fail_reason),
        objections=(
            *refund_objections(facts, None, now),
            *reserved_objections(reserved, balance=facts.balance, amount=None),
        ),
        open_refund=open_refund["id"] if open_refund else None,
        open_request=open_request["id"] if open_request else None,
        now=now,
        payment=payment,
        own=own,
        reserved=reserved,
        grounds=grounds(can, refused=store.refused_last(db, imp_uid)),
        open_by_hand=open_by_hand["id"] if open_by_hand else None,
    )


def _method(attempt: Attempt) -> str:
    payment = attempt.payment
    word = method_word(payment.pay_method, payment.emb_pg_provider)
    detail = payment.card_name or payment.bank_name or payment.vbank_name
    return f"{word} · {detail}" if detail else word
