"""Refunds the API cannot do: sent by bank transfer, and tracked to their end.

Visibly not a cancel: PortOne's balance and the ``checksum`` stay what they are. The transfer itself
is made by a person at the bank; here it is asked for, approved and written down.

Sources: reference, refunds 7; K3, K4, K6; SEC-27, SEC-56
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from dashboard import files
from dashboard.accounts.permissions import allowed
from dashboard.clock import kst
from dashboard.database import write
from dashboard.files import Upload
from dashboard.portone import RefundAccount
from dashboard.refunds import by_hand_store, judging, rules, service, store, tasks
from dashboard.refunds.reserved import reserved_objections
from dashboard.refunds.signing import SignedBalance
from dashboard.runtime import Runtime
from dashboard.sealed import CannotOpen, seal, unseal

Row = by_hand_store.Row


@dataclass(frozen=True, kw_only=True)
class HandWish:
    """What somebody wants transferred. Money in won; ``ground``: why PortOne cannot."""

    amount: int
    tax_free: int
    ground: str
    reason: str
    account: RefundAccount
    evidence: Upload | None = None


class AlreadyByHand(service.CannotRequest):
    """The form has become one already, or one of this payment is not over."""

    def __init__(self, by_hand_id: str) -> None:
        super().__init__()
        self.by_hand_id = by_hand_id


class CannotStep(Exception):
    """Nothing was changed."""


class Over(CannotStep):
    """It is not in the state this step begins from."""


class NotYours(CannotStep):
    """Nobody approves their own wish."""


class OwnerOnly(CannotStep):
    """It is above somebody's limit: an owner decides."""


class NotAllowed(CannotStep):
    """This person may not do that."""


class BadDay(CannotStep):
    """A transfer in the future, or before the payment."""


def ask(
    runtime: Runtime, db: Database, *, balance: SignedBalance, wish: HandWish, person_id: int
) -> str:
    """Write down that money is to be transferred; answers its id.

    PortOne is looked at first: what went back meanwhile must not go back once more.

    :param balance: what the form showed, frozen
    :raise CannotRequest: nothing was written down
    :raise NoKeys: live mode without keys
    :raise OSError: the evidence or the key cannot be kept
    """
    _never_twice(db, balance)
    _portone, fresh = service.look_afresh(runtime, db, balance)
    now, by_hand_id = runtime.now(), str(uuid.uuid4())
    account = wish.account
    row: dict[str, Any] = {
        "id": by_hand_id,
        "form_token": balance.form_token,
        "imp_uid": balance.imp_uid,
        "amount": wish.amount,
        "tax_free": wish.tax_free,
        "ground": wish.ground,
        "reason": rules.without_nonces(wish.reason),
        "bank": account.bank,
        "account_last4": account.account[-4:],
        "account": seal(runtime.instance, {"holder": account.holder, "account": account.account}),
        "person_id": person_id,
        "created_at": now,
    }
    try:
        with write(db):
            _never_twice(db, balance)
            order_id = service.claim(db, fresh, balance, amount=wish.amount, now=now)
            decision = judging.judge(db, person_id=person_id, amount=wish.amount, now=now)
            file_id = None
            if wish.evidence is not None:
                file_id = files.keep(
                    runtime.instance,
                    db,
                    wish.evidence,
                    order_id=order_id,
                    person_id=person_id,
                    now=now,
                )
            row |= {
                "order_id": order_id,
                "file_id": file_id,
                "needs_owner": int(decision.needs_owner),
                "state": "approved" if decision.execute else "requested",
            }
            by_hand_store.add(db, row, now=now)
    except sqlite3.IntegrityError:
        _never_twice(db, balance)
        raise
    return by_hand_id


def _never_twice(db: Database, balance: SignedBalance) -> None:
    found = by_hand_store.by_form(db, balance.form_token) or by_hand_store.open_of(
        db, balance.imp_uid
    )
    if found is not None:
        raise AlreadyByHand(found["id"])


# -- deciding -----------------------------------------------------------------------------------


def may_decide(db: Database, row: Row, person_id: int) -> None:
    """:raise CannotStep: this person has no say in it"""
    role = store.role_of(db, person_id)
    if not allowed(role, "approve_refund"):
        raise NotAllowed
    if row["person_id"] == person_id:
        raise NotYours
    if row["needs_owner"] and role != "owner":
        raise OwnerOnly


def approve(db: Database, by_hand_id: str, *, person_id: int, now: int) -> None:
    """Say yes: somebody may transfer it now. What is left is looked at once more.

    :raise CannotStep: nothing was changed
    :raise Stopped: the balance no longer covers it
    """
    with write(db):
        row = _in_state(db, by_hand_id, "requested")
        may_decide(db, row, person_id)
        payment = store.find_payment(db, row["imp_uid"])
        left = payment["amount"] - payment["cancel_amount"] if payment else 0
        reserved = by_hand_store.reserved_of(db, row["imp_uid"])  # itself among them
        if left < reserved.marked + reserved.by_hand or store.open_of(db, row["imp_uid"]):
            raise service.Stopped(reserved_objections(reserved, balance=left, amount=left + 1))
        by_hand_store.move(
            db,
            row,
            "approved",
            at=now,
            person_id=person_id,
            decided_by=person_id,
            decided_at=now,
        )


def decline(db: Database, by_hand_id: str, *, person_id: int, words: str, now: int) -> None:
    """Say no, with words for whoever asked.

    :raise CannotStep: nothing was changed
    """
    with write(db):
        row = _in_state(db, by_hand_id, "requested")
        may_decide(db, row, person_id)
        by_hand_store.move(
            db,
            row,
            "declined",
            at=now,
            person_id=person_id,
            decided_by=person_id,
            decided_at=now,
            decision=words,
        )


def may_withdraw(row: Row, person_id: int, role: str) -> bool:
    """Whoever asked may take it back until it is transferred, and so may an owner."""
    open_ = row["state"] in by_hand_store.OPEN
    return open_ and (row["person_id"] == person_id or role == "owner")


def withdraw(db: Database, by_hand_id: str, *, person_id: int, now: int) -> None:
    """Take it back before anybody transfers it.

    :raise CannotStep: nothing was changed
    """
    with write(db):
        row = _in_state(db, by_hand_id, *by_hand_store.OPEN)
        if not may_withdraw(row, person_id, store.role_of(db, person_id)):
            raise NotAllowed
        by_hand_store.move(db, row, "withdrawn", at=now, person_id=person_id)


# -- the transfer -------------------------------------------------------------------------------


def transferred(
    runtime: Runtime,
    db: Database,
    by_hand_id: str,
    *,
    day: date,
    reference: str,
    evidence: Upload | None,
    person_id: int,
) -> None:
    """이체 완료: the bank has sent it. What that owes the tax office becomes a task with it.

    :param day: the Korean day of the transfer
    :raise CannotStep: nothing was changed
    :raise OSError: the evidence cannot be kept
    """
    now = runtime.now()
    with write(db):
        row = _in_state(db, by_hand_id, "approved")
        if not kst(row["paid_at"] or 0).date() <= day <= kst(now).date():
            raise BadDay
        file_id = None
        if evidence is not None:
            file_id = files.keep(
                runtime.instance,
                db,
                evidence,
                order_id=row["order_id"],
                person_id=person_id,
                now=now,
            )
        by_hand_store.move(
            db,
            row,
            "done",
            at=now,
            person_id=person_id,
            transferred_on=day.isoformat(),
            bank_reference=reference or None,
            done_by=person_id,
            done_file_id=file_id,
        )
        by_hand_store.sum_up(db, row["order_id"])
        _owe(db, row, now)


def _owe(db: Database, row: Row, now: int) -> None:
    """Whether a receipt is alive cannot be asked inside a transaction: somebody has to look."""
    if row["pay_method"] not in tasks.CASH_METHODS:
        return
    payment = store.find_payment(db, row["imp_uid"])
    reserved = by_hand_store.reserved_of(db, row["imp_uid"])
    left = reserved.possible(payment["amount"] - payment["cancel_amount"]) if payment else 0
    tasks.owe_receipts(
        db, row, receipt="unknown", left=left, tax_free_left=None, now=now, by_hand=True
    )


def account_of(runtime: Runtime, row: Row) -> RefundAccount:
    """The receiving account of one that is not over.

    :raise CannotOpen: it was erased, or its key is lost
    """
    if row["account"] is None:
        raise CannotOpen
    return RefundAccount(bank=row["bank"], **unseal(runtime.instance, row["account"]))


def _in_state(db: Database, by_hand_id: str, *states: str) -> Row:
    row = by_hand_store.find(db, by_hand_id)
    if row is None or row["state"] not in states:
        raise Over
    return row


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, by_hand_id: str) -> Row | None:
    """One with its order's and people's names, or None."""
    return by_hand_store.find(db, by_hand_id)


def find_by_form(db: Database, form_token: str) -> str | None:
    """What a form has become, for a form that is sent again, or None."""
    found = by_hand_store.by_form(db, form_token)
    return None if found is None else str(found["id"])


def open_of(db: Database, imp_uid: str) -> str | None:
    """The payment's one that is not over, or None."""
    found = by_hand_store.open_of(db, imp_uid)
    return None if found is None else str(found["id"])


def of_order(db: Database, order_id: int) -> Sequence[Row]:
    """All of an order, newest first."""
    return by_hand_store.of_order(db, order_id)


def waiting(db: Database) -> Sequence[Row]:
    """All that wait for a word or for the transfer, oldest first."""
    return by_hand_store.waiting(db)


def to_transfer(db: Database) -> Sequence[Row]:
    """All that somebody has to transfer now, oldest first."""
    return by_hand_store.to_transfer(db)


def count_open(db: Database) -> int:
    """How many wait for somebody."""
    return by_hand_store.count_open(db)
