"""Refunds, from the click to the certainty: asking for one, and the worker's part.

The letters P1 to P9 are the steps of refund-safety, 1.2.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from dashboard import high_water, settings
from dashboard.database import write
from dashboard.ksnet import Objection
from dashboard.orders.ledger import apply_payment
from dashboard.orders.live import QUICK
from dashboard.portone import (
    Payment,
    PortOne,
    PortOneError,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    RefundAccount,
    Why,
)
from dashboard.refunds import (
    by_hand_store,
    judging,
    lock,
    objecting,
    recovery,
    request_store,
    resolving,
    rules,
    sending,
    store,
)
from dashboard.refunds.policy import Decision
from dashboard.refunds.reserved import reserved_objections
from dashboard.refunds.signing import SignedBalance
from dashboard.refunds.states import SETTLE_BY_OWNER_S
from dashboard.runtime import NoKeys, OtherShop, Runtime, portone_of

_log = logging.getLogger(__name__)

REASON_LENGTH = 256 - len(" [") - rules.NONCE_LENGTH - len("]")  # PortOne takes 256
SOON_S = 5  # asked again within this time, PortOne would say the same


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants refunded. Money in won.

    ``overrule`` is the owner's reason for going on in spite of warnings.
    """

    kind: Literal["whole", "part"]
    amount: int
    tax_free: int
    reason: str
    account: RefundAccount | None = None
    overrule: str | None = None


class CannotRequest(Exception):
    """Nothing was sent and nothing was written down."""


class BalanceChanged(CannotRequest):
    """The payment is not what the form showed; ``fresh`` is what PortOne says now."""

    def __init__(self, fresh: Payment) -> None:
        super().__init__()
        self.fresh = fresh


class AlreadyAsked(CannotRequest):
    """The form has become a refund already, or the payment has an open one."""

    def __init__(self, refund_id: str) -> None:
        super().__init__()
        self.refund_id = refund_id


class AlreadyWaits(CannotRequest):
    """The form has become a request already, or one of this payment waits."""

    def __init__(self, request_id: str) -> None:
        super().__init__()
        self.request_id = request_id


class NeedsApproval(CannotRequest):
    """The shop's guards want somebody else's word first (SEC-27); ``decision`` says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(", ".join(decision.why))
        self.decision = decision


class RequestEnded(CannotRequest):
    """The request this refund was to carry out does not wait any more."""


class Stopped(CannotRequest):
    """Rules say no, whoever asks."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(", ".join(one.rule for one in objections))
        self.objections = tuple(objections)


class NeedsOverrule(CannotRequest):
    """Rules warn; only the owner may go on, with a reason."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(", ".join(one.rule for one in objections))
        self.objections = tuple(objections)


class LateArrival(CannotRequest):
    """An earlier refund, believed dead, was carried out after all: it has succeeded now."""

    def __init__(self, refund_id: str) -> None:
        super().__init__()
        self.refund_id = refund_id


class Locked(CannotRequest):
    """This file may have forgotten refunds: none is sent until PortOne was read again (C9)."""


class CannotAsk(CannotRequest):
    """PortOne could not be asked how the payment stands; ``error`` says why."""

    def __init__(self, error: PortOneError) -> None:
        super().__init__(repr(error))
        self.error = error


# -- asking for a refund ------------------------------------------------------------------------


def request_refund(
    runtime: Runtime,
    db: Database,
    *,
    balance: SignedBalance,
    wish: Wish,
    person_id: int,
    request: store.Row | None = None,
    decided_by: int | None = None,
    also: Callable[[str], bool] | None = None,
) -> str:
    """Write down a refund for the worker to send; answers its id.

    Looks at the payment afresh first, so that nothing is asked of a balance nobody has seen.

    :param balance: what the form showed, frozen
    :param request: the request this carries out: nobody's approval is wanted any more, and it ends
        in the same transaction
    :param decided_by: who approves that request with this step
    :param also: told the refund's id inside the transaction that writes it down; False: not wanted
        any more, nothing is written
    :raise CannotRequest: one of the classes above; nothing was sent
    :raise NoKeys: live mode without keys
    :raise sqlite3.OperationalError: the database is busy, full or not writable; nothing was sent
    """
    decider_id = person_id
    _check_numbers(wish)
    if request is None:
        _own_word(db, person_id, wish.amount, runtime.now())
    else:
        decider_id = overruler_of(request, wish, decided_by or request["decided_by"] or person_id)
    fresh, overruled, _left = examine(
        runtime, db, balance, wish, decider_id, at=runtime.now(), request=request
    )
    return _write_down(  # P3
        runtime, db, fresh, balance, wish, person_id, overruled, request, decided_by, also
    )


def examine(
    runtime: Runtime,
    db: Database,
    balance: SignedBalance,
    wish: Wish,
    decider_id: int,
    *,
    at: int,
    request: store.Row | None = None,
    leave_warnings: bool = False,
) -> tuple[Payment, list[dict[str, str]], list[Objection]]:
    """P2 for whatever is to be written down: the payment now, what was overruled, what only warns.

    :param at: when it will be sent, UNIX seconds
    :param leave_warnings: somebody else will decide about them
    :raise CannotRequest: as :func:`request_refund`
    """
    _check_numbers(wish)
    portone, fresh = look_afresh(runtime, db, balance, request)
    warnings = _objections(runtime, db, portone, fresh, wish, at)
    seen = None
    if request is not None and request["state"] == "scheduled":
        seen = set(json.loads(request["overruled"]))
    overruled = [] if leave_warnings else _overrule(db, wish, warnings, decider_id, seen)
    return fresh, overruled, warnings


def look_afresh(
    runtime: Runtime, db: Database, balance: SignedBalance, request: store.Row | None = None
) -> tuple[PortOne, Payment]:
    """Ask PortOne how the payment stands before anything is written down about it.

    :raise CannotRequest: it is not what the form showed, or cannot be asked
    :raise NoKeys: live mode without keys
    """
    never_twice(db, balance, request)
    if lock.locked(db):
        raise Locked
    known = store.find_payment(db, balance.imp_uid)
    if known is None:
        raise CannotAsk(PortOneOutcomeUnknown(why=Why.NOT_FOUND))
    try:
        portone = portone_of(runtime, db, QUICK)
    except OtherShop as error:
        raise CannotAsk(PortOneNotSent(why=Why.NO_TIME)) from error
    fresh = _look(portone, known)  # P2
    if lock.strange(db, [fresh]):
        with write(db):
            lock.notice(db, [fresh], runtime.now())
        raise Locked
    _late_arrivals(runtime, db, portone, fresh)  # P2a
    if _moved(balance, fresh):  # P2b
        with write(db):
            apply_payment(db, fresh, source="live", now=runtime.now())
        raise BalanceChanged(fresh)
    return portone, fresh


def never_twice(db: Database, balance: SignedBalance, request: store.Row | None = None) -> None:
    """Refuse a form that was used, and a payment that something of ours waits for or is open.

    :param request: the one that is being carried out
    :raise AlreadyAsked: it has become a refund
    :raise AlreadyWaits: it has become a request
    """
    found = store.by_form(db, balance.form_token) or store.open_of(db, balance.imp_uid)
    if found is not None:
        raise AlreadyAsked(found["id"])
    waits = request_store.by_form(db, balance.form_token) or request_store.open_of(
        db, balance.imp_uid
    )
    if waits is not None and (request is None or waits["id"] != request["id"]):
        raise AlreadyWaits(waits["id"])


def _check_numbers(wish: Wish) -> None:
    """K10; also True, which Python takes for a number."""
    if type(wish.amount) is not int or type(wish.tax_free) is not int or wish.amount < 1:
        raise Stopped([objecting.BOUNDS])


def _own_word(db: Database, person_id: int, amount: int, now: int) -> None:
    decision = judging.judge(db, person_id=person_id, amount=amount, now=now)
    if not decision.execute:
        raise NeedsApproval(decision)


def _look(portone: PortOne, known: store.Row) -> Payment:
    try:
        fresh = portone.get_payment(known["imp_uid"], sandbox=bool(known["sandbox"]))
    except PortOneError as error:
        raise CannotAsk(error) from error
    if fresh.merchant_uid != known["merchant_uid"]:
        raise CannotAsk(PortOneOutcomeUnknown(why=Why.OTHER_PAYMENT))
    return fresh


def _late_arrivals(runtime: Runtime, db: Database, portone: PortOne, fresh: Payment) -> None:
    """P2a: whatever was given up earlier may have been carried out since."""
    for row in store.of_payment(db, fresh.imp_uid):
        if row["state"] not in ("rejected", "not_executed"):
            continue
        if any(rules.mark(row["nonce"]) in entry.reason for entry in fresh.cancel_history):
            if resolving.learn(runtime, db, portone, row, fresh):
                raise LateArrival(row["id"])
            found = store.find(db, row["id"])
            if found is not None and found["state"] == "succeeded":
                raise LateArrival(row["id"])  # somebody else found it in this moment
            raise Stopped([objecting.ALARMED])


def _moved(balance: SignedBalance, fresh: Payment) -> bool:
    seen = (balance.amount, balance.cancel_amount, tuple(sorted(balance.cancel_ids)))
    return seen != (fresh.amount, fresh.cancel_amount, tuple(sorted(rules.cancel_ids(fresh))))


def _objections(
    runtime: Runtime, db: Database, portone: PortOne, fresh: Payment, wish: Wish, at: int
) -> list[Objection]:
    """Ask the rules once more on fresh facts; answers what only warns.

    :raise Stopped: a rule says no
    """
    found = objecting.objections(
        db,
        fresh,
        wish,
        now=at,
        clock_skew=portone.clock_skew or 0.0,
        practice=runtime.mode == "practice",
    )
    if stops := [one for one in found if one.severity == "stops"]:
        raise Stopped(stops)
    return [one for one in found if one.severity == "warns"]


def overruler_of(request: store.Row, wish: Wish, decider_id: int) -> int:
    """Who answers for going on in spite of warnings: whoever's words the wish carries."""
    own = wish.overrule is not None and wish.overrule == request["overrule"]
    return int(request["person_id"]) if own and request["decided_by"] is None else decider_id


def _overrule(
    db: Database,
    wish: Wish,
    warnings: Sequence[Objection],
    decider_id: int,
    seen: set[str] | None = None,
) -> list[dict[str, str]]:
    """What the owner overruled.

    :param seen: the rules that warned when an owner gave the reason and looked at them; None: it is
        given for these very ones, now
    :raise NeedsOverrule: a rule warns, and no owner has said why to go on
    """
    if not warnings:
        return []
    reason = (wish.overrule or "").strip()
    if seen is None:
        stands = store.role_of(db, decider_id) == "owner"
    else:
        stands = all(one.rule in seen for one in warnings)
    if not reason or not stands:
        raise NeedsOverrule(warnings)
    return [{"rule": one.rule, "reason": reason} for one in warnings]


def _write_down(
    runtime: Runtime,
    db: Database,
    fresh: Payment,
    balance: SignedBalance,
    wish: Wish,
    person_id: int,
    overruled: list[dict[str, str]],
    request: store.Row | None,
    decided_by: int | None,
    also: Callable[[str], bool] | None,
) -> str:
    """TX1: the intention stands in the file before a byte of it leaves."""
    refund_id, now = str(uuid.uuid4()), runtime.now()
    nonce = "".join(secrets.choice(rules.NONCE_ALPHABET) for _ in range(rules.NONCE_LENGTH))
    row: dict[str, Any] = {
        "id": refund_id,
        "form_token": balance.form_token,
        "imp_uid": balance.imp_uid,
        "kind": "whole" if wish.amount == balance.balance else "part",
        "amount": wish.amount,
        "tax_free": wish.tax_free,
        "checksum": balance.balance,
        "base_cancelled": balance.cancel_amount,
        "known_cancel_ids": json.dumps(list(balance.cancel_ids)),
        "nonce": nonce,
        "reason": f"{rules.without_nonces(wish.reason)[:REASON_LENGTH]} {rules.mark(nonce)}",
        "enable_webhook": int(bool(settings.get(db, "enable_webhook"))),
        "bank": wish.account.bank if wish.account else None,
        "account_last4": wish.account.account[-4:] if wish.account else None,
        "overruled": json.dumps(overruled, ensure_ascii=False),
        "state": "intent",
        "owner": runtime.run_id,
        "person_id": person_id,
        "created_at": now,
        "request_id": request["id"] if request else None,
    }
    row["request_sha256"] = sending.request_hash(row)
    if wish.account is not None:
        runtime.refund_accounts[refund_id] = wish.account  # before the worker can see the row
    try:
        with write(db):
            order_id = claim(db, fresh, balance, amount=wish.amount, now=now, request=request)
            if request is None:
                _own_word(db, person_id, wish.amount, now)
            elif not request_store.become_refund(db, request, decided_by=decided_by, now=now):
                raise RequestEnded
            store.add(db, row | {"order_id": order_id}, now=now)
            if also is not None and not also(refund_id):
                raise RequestEnded
    except sqlite3.IntegrityError as error:
        runtime.refund_accounts.pop(refund_id, None)
        never_twice(db, balance, request)
        raise error
    except BaseException:
        runtime.refund_accounts.pop(refund_id, None)
        raise
    high_water.keep(db)
    runtime.wake.set()
    return refund_id


def claim(
    db: Database,
    fresh: Payment,
    balance: SignedBalance,
    *,
    amount: int,
    now: int,
    request: store.Row | None = None,
) -> int:
    """Make sure inside the transaction that ``amount`` won of the balance are still nobody else's.

    :return: the order's id
    :raise CannotRequest: they are not
    """
    never_twice(db, balance, request)
    applied = apply_payment(db, fresh, source="live", now=now)
    known = store.find_payment(db, balance.imp_uid)
    if known is None or known["cancel_amount"] != balance.cancel_amount:
        raise BalanceChanged(fresh)  # somebody learned of a cancel in this moment
    if store.succeeded_since(db, balance.imp_uid, balance.at, now):
        raise BalanceChanged(fresh)  # its success was not told yet when the form was shown
    reserved = by_hand_store.reserved_of(db, balance.imp_uid)
    spoken_for = reserved_objections(reserved, balance=fresh.balance, amount=amount)
    if stops := [one for one in spoken_for if one.severity == "stops"]:
        raise Stopped(stops)  # sent by hand, or marked, in this moment
    return applied.order_id


# -- the worker's part --------------------------------------------------------------------------


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to send or to look at."""
    return bool(_to_send(runtime, db) or store.due(db, runtime.now()) or store.come_late(db))


def _to_send(runtime: Runtime, db: Database) -> Sequence[store.Row]:
    return () if lock.locked(db) else store.to_send(db, runtime.run_id)


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Send what is written down, look at what is unknown, notice what came late.

    :param stopped: asked between two refunds
    """
    recovery.recover(runtime, db)
    if not has_work(runtime, db):
        return
    try:
        portone = portone_of(runtime, db)
    except (NoKeys, OtherShop):
        return
    for row in _to_send(runtime, db):
        if stopped():
            return
        if sending.send(runtime, db, portone, row):
            _look_again(runtime, db, portone, row["id"])
    for row in store.due(db, runtime.now()):
        if stopped():
            return
        _check(runtime, db, portone, row)
    for row in store.come_late(db):
        if stopped():
            return
        known = store.find_payment(db, row["imp_uid"])
        assert known is not None  # noqa: S101 - a refund refers to its payment
        resolving.learn(runtime, db, portone, row, Payment.from_json(json.loads(known["raw"])))


def _look_again(runtime: Runtime, db: Database, portone: PortOne, refund_id: str) -> None:
    """P9: even a perfect answer is believed only once the payment shows it."""
    row = store.find(db, refund_id)
    if row is not None and row["state"] == "unknown":
        _check(runtime, db, portone, row)


def _check(runtime: Runtime, db: Database, portone: PortOne, row: store.Row) -> None:
    try:
        resolving.check(runtime, db, portone, row)
    except sqlite3.OperationalError:
        raise
    except Exception:  # a fault of ours
        _log.exception("refund %s: the look broke", row["id"])
        resolving.postpone(runtime, db, row)


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, refund_id: str) -> store.Row | None:
    """One refund with its order's and people's names, or None."""
    return store.find(db, refund_id)


def find_payment(db: Database, imp_uid: str) -> store.Row | None:
    """A payment with what its order says of the shop's side, or None."""
    return store.find_payment(db, imp_uid)


def find_by_form(db: Database, form_token: str) -> str | None:
    """The refund a form has become, for a form that is sent again, or None."""
    found = store.by_form(db, form_token)
    return None if found is None else str(found["id"])


def open_refund_of(db: Database, imp_uid: str) -> store.Row | None:
    """The payment's open refund, or None."""
    return store.open_of(db, imp_uid)


def refunds_of(db: Database, order_id: int) -> Sequence[store.Row]:
    """All refunds of an order, newest first."""
    return store.refunds_of(db, order_id)


def open_refunds(db: Database) -> Sequence[store.Row]:
    """All refunds whose result is not certain yet, oldest first."""
    return store.open_refunds(db)


def count_open(db: Database) -> int:
    """How many refunds are open."""
    return store.count_open(db)


def check_now(runtime: Runtime, db: Database, refund_id: str, now: int) -> bool:
    """Let the worker look at once; False when there is nothing to look at.

    A page never waits for PortOne: the worker is woken and the page asks again.
    """
    with write(db):
        row = store.find(db, refund_id)
        if row is None or row["next_check_at"] is None:
            return False
        if row["last_checked_at"] is None or not 0 <= now - row["last_checked_at"] < SOON_S:
            store.note(db, row, next_check_at=now)
    runtime.wake.set()
    return True


class CannotSettle(Exception):
    """Not unknown for 24 hours, not the owner, or no evidence given."""


def settle_by_owner(db: Database, refund_id: str, person_id: int, evidence: str, now: int) -> None:
    """Close an unknown refund by the owner's written word.

    :param evidence: what the owner saw at KSNET
    :param now: UNIX seconds
    :raise CannotSettle: nothing was changed
    """
    with write(db):
        row = store.find(db, refund_id)
        if row is None or row["state"] != "unknown" or not evidence.strip():
            raise CannotSettle
        since = row["sent_at"] if row["sent_at"] is not None else row["created_at"]
        if now - since < SETTLE_BY_OWNER_S or store.role_of(db, person_id) != "owner":
            raise CannotSettle
        store.move(
            db,
            row,
            "settled_by_owner",
            at=now,
            person_id=person_id,
            settled_by=person_id,
            evidence=evidence.strip(),
            next_check_at=None,
        )
