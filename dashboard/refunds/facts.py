"""What the ledger and the shop's settings know of a payment, as the rules want to be told it."""

from __future__ import annotations

from sqlite_utils import Database

from dashboard import settings
from dashboard.ksnet import CancelFacts
from dashboard.orders.states import payment_state
from dashboard.portone import Payment
from dashboard.refunds.amounts import Rest, rest_of
from dashboard.refunds.reserved import NOTHING, Reserved
from dashboard.refunds.rules import blames_the_balance


def facts_of(
    db: Database, payment: Payment, *, tax_free: int | None, practice: bool
) -> tuple[CancelFacts, Rest]:
    """The facts about one payment, and its tax parts as far as they are known.

    :param tax_free: the order's tax-free won as the shop stated them
    :param practice: the shop is invented, so there is no KSNET to ask about bank codes (K8)
    """
    sells = settings.get(db, "sells_tax_free")
    rest = what_is_left(payment, tax_free, sells, own_refunds(db, payment.imp_uid))
    facts = CancelFacts(
        state=payment_state(payment),
        pay_method=payment.pay_method,
        amount=payment.amount,
        cancelled=payment.cancel_amount,
        cancel_count=len(payment.cancel_history),
        paid_at=payment.paid_at,
        currency=payment.currency,
        sandbox=payment.sandbox,
        escrow=payment.escrow,
        vbank_refund_contract=settings.get(db, "contract_vbank_refund"),
        tax_free_least=rest.least,
        tax_free_most=rest.most,
        sells_tax_free_said=sells is not None or tax_free is not None,
        bank_codes_confirmed=practice or bool(settings.get(db, "bank_codes_confirmed")),
        part_refused_before=_part_refused(db, payment.imp_uid),
    )
    return facts, rest


def _part_refused(db: Database, imp_uid: str) -> bool:
    """Whether the gateway refused a partial cancel of the payment for what the payment is (K14).

    A changed balance is no such reason, and neither is a refused address (403): a new form or the
    console mends those.
    """
    rows = db.conn.execute(
        "SELECT api_message FROM refunds WHERE imp_uid = ? AND kind = 'part'"
        " AND state = 'rejected' AND answer = 'no' AND http_status = 200",
        (imp_uid,),
    )
    return any(not blames_the_balance(words or "") for (words,) in rows)


def own_refunds(db: Database, imp_uid: str) -> tuple[int, int]:
    """Won of a payment that our refunds gave back, and how much of it was sent as tax-free."""
    row = db.conn.execute(
        "SELECT coalesce(sum(amount), 0), coalesce(sum(tax_free), 0) FROM refunds"
        " WHERE imp_uid = ? AND state = 'succeeded'",
        (imp_uid,),
    ).fetchone()
    return int(row[0]), int(row[1])


def what_is_left(
    payment: Payment,
    tax_free: int | None,
    sells: str | None,
    own: tuple[int, int],
    reserved: Reserved = NOTHING,
) -> Rest:
    """The tax parts of what is left of a payment.

    PortOne's answer may be older than what we know of our own refunds; the sums are kept within
    each other, and the rules refuse what does not add up.

    :param tax_free: the order's tax-free won as the shop stated them
    :param sells: whether the shop sells tax-free goods, as it said
    :param own: won given back by our refunds, and the tax-free part of them
    :param reserved: what only the shop's own books know of
    """
    cancelled = min(max(payment.cancel_amount, 0) + reserved.amount, payment.amount)
    own = (own[0] + reserved.by_hand, own[1] + reserved.by_hand_free)
    own_cancelled = min(own[0], cancelled)
    return rest_of(
        amount=payment.amount,
        cancelled=cancelled,
        total_free=None if tax_free is None else min(tax_free, payment.amount),
        sells_tax_free=sells,
        own_cancelled=own_cancelled,
        own_free=min(own[1], own_cancelled),
    )
