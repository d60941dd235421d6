"""What the payments of an order number say about the request it was made for. Pure.

Source: payment-window, 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.checkout.states import Alarm, State
from dashboard.orders.states import payment_state, was_paid
from dashboard.portone import Payment

DEPOSIT_GRACE_S = 24 * 60 * 60
"""So long after its deadline a virtual account may still turn out to have been paid."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the shop asked for. ``amount`` in won, or cents where ``currency`` is USD.

    :ivar pg_mid: "" when the shop never said which MID its payments go to
    :ivar given_up_at: when the shop cancelled the request or its time was over, UNIX seconds
    """

    merchant_uid: str
    amount: int
    currency: str
    sandbox: bool
    pg_mid: str
    escrow: bool
    given_up_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a request. ``imp_uid`` is the payment that says so, "" when there is none.

    :ivar state: open, waiting, failed, paid, mismatch, cancelled; None: nobody can tell
    :ivar about: the payments whose money an alarm is about
    """

    state: State | None
    imp_uid: str = ""
    alarm: Alarm | None = None
    about: tuple[str, ...] = ()
    fail_reason: str = ""
    paid_at: int | None = None


def judge(asked: Asked, payments: Sequence[Payment], now: int) -> Verdict:
    """What the attempts to pay for one order number come to.

    Only money that is what was asked for, in every respect, makes a request paid; whatever else
    came in alarms until it went back. Never an amount below or above, never a test payment for a
    real order (portone-v1-api, 4.1; SEC-35).

    :param payments: as PortOne tells them now, in any order; those of other numbers are left out
    :param now: UNIX seconds
    """
    ours = [one for one in payments if one.merchant_uid == asked.merchant_uid]
    money = sorted((one for one in ours if was_paid(one)), key=lambda one: one.paid_at or 0)
    fits = [one for one in money if against(asked, one) is None]
    held = [one for one in money if payment_state(one) != "cancelled"]  # still with the shop
    if fits and held:
        return _paid(asked, fits, held, now)
    if held:
        wrong = held[0]
        return Verdict(
            state="mismatch",
            imp_uid=wrong.imp_uid,
            alarm=against(asked, wrong),
            about=(wrong.imp_uid,),
        )
    if any(payment_state(one) == "check" for one in ours):
        return Verdict(state=None)
    waiting = [one for one in ours if payment_state(one) == "waiting"]
    if waiting:
        return _waiting(asked, waiting, now)
    if money:  # it came, and went back whole
        return Verdict(state="cancelled", imp_uid=money[-1].imp_uid)
    return _nothing_paid(ours)


def against(asked: Asked, payment: Payment) -> Alarm | None:
    """The first thing in which a payment is not what was asked for, or None."""
    if payment.sandbox != asked.sandbox:
        return "sandbox"
    if payment.currency != asked.currency:
        return "currency"
    if payment.amount != asked.amount:
        return "amount"
    if payment.pg_provider != "ksnet" or (asked.pg_mid and payment.pg_id != asked.pg_mid):
        return "channel"
    if asked.escrow and not payment.escrow:
        return "escrow"
    return None


def _paid(asked: Asked, fits: list[Payment], held: list[Payment], now: int) -> Verdict:
    kept = [one for one in fits if one in held]
    first = (kept or fits)[0]
    alarm: Alarm | None = None
    if len(held) > 1 or first not in held:
        alarm = "paid_twice"
    elif asked.given_up_at is not None and (first.paid_at or now) >= asked.given_up_at:
        alarm = "late"
    return Verdict(
        state="paid",
        imp_uid=first.imp_uid,
        alarm=alarm,
        about=tuple(sorted(one.imp_uid for one in held)),
        paid_at=first.paid_at,
    )


def _waiting(asked: Asked, waiting: list[Payment], now: int) -> Verdict:
    newest = max(waiting, key=lambda one: (one.vbank_issued_at or one.started_at or 0, one.imp_uid))
    wrong = against(asked, newest)
    if wrong is not None:  # nothing was paid in yet, and nothing should be
        return Verdict(
            state="mismatch", imp_uid=newest.imp_uid, alarm=wrong, about=(newest.imp_uid,)
        )
    if newest.vbank_date is not None and now > newest.vbank_date + DEPOSIT_GRACE_S:
        return Verdict(state="expired", imp_uid=newest.imp_uid)
    return Verdict(state="waiting", imp_uid=newest.imp_uid)


def _nothing_paid(ours: list[Payment]) -> Verdict:
    if not ours:
        return Verdict(state="open")
    newest = max(ours, key=lambda one: (one.started_at or one.failed_at or 0, one.imp_uid))
    match payment_state(newest):
        case "failed":
            return Verdict(
                state="failed", imp_uid=newest.imp_uid, fail_reason=newest.fail_reason.strip()
            )
        case "cancelled":  # an account revoked before its deposit
            return Verdict(state="cancelled", imp_uid=newest.imp_uid)
        case _:
            return Verdict(state="open")
