"""Refunds the API cannot do: sent by bank transfer, and tracked to their end.

Visibly not a cancel: PortOne's balance and the ``checksum`` stay what they are. The transfer itself
is made by a person at the bank; here it is asked for, approved and written down.

Sources: reference, refunds 7; K1-K4, K6; SEC-27, SEC-56
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from dashboard import files
from dashboard.database import write
from dashboard.files import Upload
from dashboard.ksnet import cancellability
from dashboard.portone import Payment, RefundAccount
from dashboard.refunds import (
    by_hand_store,
    judging,
    rules,
    service,
    store,
)
from dashboard.refunds.facts import facts_of
from dashboard.refunds.reserved import Reserved, grounds, only_a_part
from dashboard.refunds.signing import SignedBalance
from dashboard.runtime import Runtime
from dashboard.sealed import CannotOpen, seal, unseal

Row = by_hand_store.Row
OPEN = by_hand_store.OPEN


@dataclass(frozen=True, kw_only=True)
class HandWish:
    """What somebody wants transferred. Money in won."""

    amount: int
    tax_free: int
    reason: str
    account: RefundAccount
    evidence: Upload | None = None


class AlreadyByHand(service.CannotRequest):
    """The form has become one already, or one of this payment is not over."""

    def __init__(self, by_hand_id: str) -> None:
        super().__init__()
        self.by_hand_id = by_hand_id


class PortOneCan(service.CannotRequest):
    """Nothing keeps PortOne from refunding it, so it goes back that way."""


# -- asking -------------------------------------------------------------------------------------


def ask(
    runtime: Runtime,
    db: Database,
    *,
    balance: SignedBalance,
    wish: HandWish,
    person_id: int,
    at_once: bool,
) -> str:
    """Write down that money is to be transferred; answers its id.

    PortOne is looked at first: what went back meanwhile must not go back once more.

    :param balance: what the form showed, frozen
    :param at_once: what the last look said: nobody else has to approve it
    :raise CannotRequest: nothing was written down
    :raise NoKeys: live mode without keys
    :raise OSError: the evidence or the key cannot be kept
    """
    _never_twice(db, balance)
    _portone, fresh = service.look_afresh(runtime, db, balance)
    now, account = runtime.now(), wish.account
    row: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "form_token": balance.form_token,
        "imp_uid": balance.imp_uid,
        "amount": wish.amount,
        "tax_free": wish.tax_free,
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
            if decision.execute is not at_once:
                raise service.NeedsApproval(decision)  # the form says so again
            row |= {
                "order_id": order_id,
                "ground": _ground(db, fresh, wish.amount, now),
                "file_id": keep_evidence(runtime, db, wish.evidence, order_id, person_id, now),
                "needs_owner": int(decision.needs_owner),
                "state": "approved" if decision.execute else "requested",
            }
            by_hand_store.add(db, row, now=now)
    except sqlite3.IntegrityError:
        _never_twice(db, balance)
        raise
    return str(row["id"])


def _never_twice(db: Database, balance: SignedBalance) -> None:
    found = by_hand_store.by_form(db, balance.form_token) or by_hand_store.open_of(
        db, balance.imp_uid
    )
    if found is not None:
        raise AlreadyByHand(found["id"])


def _ground(db: Database, fresh: Payment, amount: int, now: int) -> str:
    """The gravest reason why PortOne cannot refund ``amount``.

    :raise PortOneCan: there is none
    """
    found = grounds_of(db, fresh, now=now)
    if not found or (only_a_part(found) and amount == fresh.balance):
        raise PortOneCan
    return found[0]


def grounds_of(db: Database, payment: Payment, *, now: int) -> tuple[str, ...]:
    """Why a payment may be refunded by hand; empty where PortOne can do it."""
    facts, _rest = facts_of(db, payment, tax_free=None, practice=False)
    refused = store.refused_last(db, payment.imp_uid)
    return grounds(cancellability(facts, now), refused=refused)


def keep_evidence(
    runtime: Runtime, db: Database, upload: Upload | None, order_id: int, person_id: int, now: int
) -> str | None:
    """Keep what was handed in, inside the caller's transaction; answers its id, or None."""
    if upload is None:
        return None
    return files.keep(runtime.instance, db, upload, order_id=order_id, person_id=person_id, now=now)


# -- for pages ----------------------------------------------------------------------------------


def find(db: Database, by_hand_id: str) -> Row | None:
    """One with its order's and people's names, or None."""
    return by_hand_store.find(db, by_hand_id)


def reserved_of(db: Database, imp_uid: str) -> Reserved:
    """What of a payment is marked as cancelled at KSNET, or goes back by hand."""
    return by_hand_store.reserved_of(db, imp_uid)


def find_by_form(db: Database, form_token: str) -> str | None:
    """What a form has become, for a form that is sent again, or None."""
    found = by_hand_store.by_form(db, form_token)
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


def is_overdrawn(db: Database, imp_uid: str) -> bool:
    """Whether more of a payment is spoken for than PortOne and its open refund leave."""
    payment, open_refund = store.find_payment(db, imp_uid), store.open_of(db, imp_uid)
    if payment is None:
        return False
    under_way = open_refund["amount"] if open_refund else 0
    left = payment["amount"] - payment["cancel_amount"] - under_way
    return by_hand_store.reserved_of(db, imp_uid).exceeds(left)


def account_of(runtime: Runtime, row: Row) -> RefundAccount:
    """The receiving account of one that is not over.

    :raise CannotOpen: it was erased, or its key is lost
    """
    if row["account"] is None:
        raise CannotOpen
    return RefundAccount(bank=row["bank"], **unseal(runtime.instance, row["account"]))
