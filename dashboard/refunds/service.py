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

from dashboard import settings
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
from dashboard.refunds import objecting, recovery, resolving, rules, sending, store
from dashboard.refunds.signing import SignedBalance
from dashboard.refunds.states import SETTLE_BY_OWNER_S
from dashboard.runtime import NoKeys, Runtime

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


class CannotAsk(CannotRequest):
    """PortOne could not be asked how the payment stands; ``error`` says why."""

    def __init__(self, error: PortOneError) -> None:
        super().__init__(repr(error))
        self.error = error


# -- asking for a refund ------------------------------------------------------------------------


def request_refund(
    runtime: Runtime, db: Database, *, balance: SignedBalance, wish: Wish, person_id: int
) -> str:
    """Write down a refund for the worker to send; answers its id.

    Looks at the payment afresh first, so that nothing is asked of a balance nobody has seen.

    :param balance: what the form showed, frozen
    :raise CannotRequest: one of the classes above; nothing was sent
    :raise NoKeys: live mode without keys
    :raise sqlite3.OperationalError: the database is busy, full or not writable; nothing was sent
    """
    if type(wish.amount) is not int or type(wish.tax_free) is not int:
        raise Stopped([objecting.BOUNDS])  # also True, which Python takes for a number
    _never_twice(db, balance)
    known = store.find_payment(db, balance.imp_uid)
    if known is None:
        raise CannotAsk(PortOneOutcomeUnknown(why=Why.NOT_FOUND))
    try:
        portone = _portone(runtime, db, quick=True)
    except OtherShop as error:
        raise CannotAsk(PortOneNotSent(why=Why.NO_TIME)) from error
    fresh = _look(portone, known)  # P2
    _late_arrivals(runtime, db, portone, fresh)  # P2a
    if _moved(balance, fresh):  # P2b
        with write(db):
            apply_payment(db, fresh, source="live", now=runtime.now())
        raise BalanceChanged(fresh)
    overruled = _objections(runtime, db, portone, fresh, wish, person_id)
    return _write_down(runtime, db, fresh, balance, wish, person_id, overruled)  # P3


def _never_twice(db: Database, balance: SignedBalance) -> None:
    found = store.by_form(db, balance.form_token) or store.open_of(db, balance.imp_uid)
    if found is not None:
        raise AlreadyAsked(found["id"])


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
    runtime: Runtime, db: Database, portone: PortOne, fresh: Payment, wish: Wish, person_id: int
) -> list[dict[str, str]]:
    """Ask the rules once more on fresh facts; answers what the owner overruled.

    :raise Stopped: a rule says no
    :raise NeedsOverrule: a rule warns, and no owner has said why to go on
    """
    found = objecting.objections(
        db,
        fresh,
        wish,
        now=runtime.now(),
        clock_skew=portone.clock_skew or 0.0,
        practice=runtime.mode == "practice",
    )
    if stops := [one for one in found if one.severity == "stops"]:
        raise Stopped(stops)
    warnings = [one for one in found if one.severity == "warns"]
    if not warnings:
        return []
    reason = (wish.overrule or "").strip()
    if not reason or store.role_of(db, person_id) != "owner":
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
    }
    row["request_sha256"] = sending.request_hash(row)
    if wish.account is not None:
        runtime.refund_accounts[refund_id] = wish.account  # before the worker can see the row
    try:
        with write(db):
            _never_twice(db, balance)
            applied = apply_payment(db, fresh, source="live", now=now)
            known = store.find_payment(db, balance.imp_uid)
            if known is None or known["cancel_amount"] != balance.cancel_amount:
                raise BalanceChanged(fresh)  # somebody learned of a cancel in this moment
            if store.succeeded_since(db, balance.imp_uid, balance.at, now):
                raise BalanceChanged(fresh)  # its success was not told yet when the form was shown
            store.add(db, row | {"order_id": applied.order_id}, now=now)
    except sqlite3.IntegrityError as error:
        runtime.refund_accounts.pop(refund_id, None)
        _never_twice(db, balance)
        raise error
    except BaseException:
        runtime.refund_accounts.pop(refund_id, None)
        raise
    runtime.wake.set()
    return refund_id


# -- the worker's part --------------------------------------------------------------------------


def has_work(runtime: Runtime, db: Database) -> bool:
    """Whether :func:`work` would have something to send or to look at."""
    return bool(
        store.to_send(db, runtime.run_id) or store.due(db, runtime.now()) or store.come_late(db)
    )


def work(runtime: Runtime, db: Database, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Send what is written down, look at what is unknown, notice what came late.

    :param stopped: asked between two refunds
    """
    recovery.recover(runtime, db)
    if not has_work(runtime, db):
        return
    try:
        portone = _portone(runtime, db)
    except (NoKeys, OtherShop):
        return
    for row in store.to_send(db, runtime.run_id):
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


class OtherShop(Exception):
    """The owner has opened the other mode's database: nothing of this one may be sent there."""


def _portone(runtime: Runtime, db: Database, *, quick: bool = False) -> PortOne:
    """PortOne of the mode this database belongs to.

    :raise OtherShop: the modes were changed in this moment
    """
    client = runtime.portone(QUICK) if quick else runtime.portone()
    if store.path_of(db).resolve() != runtime.database_path.resolve():
        raise OtherShop
    return client


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, refund_id: str) -> store.Row | None:
    """One refund with its order's and people's names, or None."""
    return store.find(db, refund_id)


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
