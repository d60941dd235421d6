"""The way of a refund by hand once it is written down: approved or not, withdrawn, transferred.

Every step begins from one state, in one write transaction; the receiving account is erased with the
step that ends it (SEC-56). Sources: reference, refunds 7; SEC-27; K12
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from sqlite_utils import Database

from dashboard import settings
from dashboard.accounts.permissions import allowed
from dashboard.clock import kst
from dashboard.database import write
from dashboard.files import Upload
from dashboard.portone import Payment
from dashboard.refunds import approvals, by_hand_store, lock, store, tasks
from dashboard.refunds.approvals import CannotDecide, Ended, NotAllowed
from dashboard.refunds.by_hand import OPEN, Row, account_of, is_overdrawn, keep_evidence
from dashboard.refunds.facts import own_refunds, what_is_left
from dashboard.runtime import Runtime
from dashboard.sealed import CannotOpen


class Overdrawn(CannotDecide):
    """Money went back another way since: what is left no longer covers it."""


class Locked(CannotDecide):
    """This file may have forgotten refunds, and transfers with them (C9)."""


class BadDay(CannotDecide):
    """A transfer in the future, or before the payment."""


class AccountInWords(CannotDecide):
    """The account number stands in words that are kept (SEC-56)."""


# -- deciding -----------------------------------------------------------------------------------


def approve(db: Database, by_hand_id: str, *, person_id: int, now: int) -> None:
    """Say yes: somebody may transfer it now.

    :raise CannotDecide: nothing was changed
    """
    with write(db):
        row = _in_state(db, by_hand_id, "requested")
        approvals.may_decide(db, row, person_id)
        if lock.locked(db):
            raise Locked
        if is_overdrawn(db, row["imp_uid"]):
            raise Overdrawn
        _decide(db, row, "approved", person_id, now)


def decline(db: Database, by_hand_id: str, *, person_id: int, words: str, now: int) -> None:
    """Say no, with words for whoever asked.

    :raise CannotDecide: nothing was changed
    """
    with write(db):
        row = _in_state(db, by_hand_id, "requested")
        approvals.may_decide(db, row, person_id)
        _decide(db, row, "declined", person_id, now, decision=words)


def _decide(
    db: Database, row: Row, to: by_hand_store.State, person_id: int, now: int, **columns: Any
) -> None:
    by_hand_store.move(
        db, row, to, at=now, person_id=person_id, decided_by=person_id, decided_at=now, **columns
    )


def may_withdraw(row: Row, person_id: int, role: str) -> bool:
    """Whoever asked may take it back until it is approved, and so may an owner. After that somebody
    may be at the bank already: only who could be that one."""
    if row["state"] == "approved":
        return allowed(role, "transfer")
    return row["state"] in OPEN and (row["person_id"] == person_id or role == "owner")


def withdraw(db: Database, by_hand_id: str, *, person_id: int, now: int) -> None:
    """Take it back before anybody transfers it.

    :raise CannotDecide: nothing was changed
    """
    with write(db):
        row = _in_state(db, by_hand_id, *OPEN)
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

    Also when it turned out to be too much: money that is gone is written down.

    :param day: the Korean day of the transfer
    :raise CannotDecide: nothing was changed
    :raise OSError: the evidence cannot be kept
    """
    now = runtime.now()
    with write(db):
        row = _in_state(db, by_hand_id, "approved")
        if not kst(row["paid_at"] or 0).date() <= day <= kst(now).date():
            raise BadDay
        if _tells_account(runtime, row, reference):
            raise AccountInWords
        by_hand_store.move(
            db,
            row,
            "done",
            at=now,
            person_id=person_id,
            transferred_on=day.isoformat(),
            bank_reference=reference,
            done_by=person_id,
            done_file_id=keep_evidence(runtime, db, evidence, row["order_id"], person_id, now),
        )
        by_hand_store.sum_up(db, row["order_id"])
        _owe(db, row, now)


def _tells_account(runtime: Runtime, row: Row, words: str) -> bool:
    try:
        return account_of(runtime, row).account in re.sub(r"\D", "", words)
    except CannotOpen:
        return False


def _owe(db: Database, row: Row, now: int) -> None:
    """Whether a receipt is alive cannot be asked inside a transaction: somebody has to look."""
    payment = store.find_payment(db, row["imp_uid"])
    if payment is None or row["pay_method"] not in tasks.CASH_METHODS:
        return
    rest = what_is_left(
        Payment.from_json(json.loads(payment["raw"])),
        payment["tax_free"],
        settings.get(db, "sells_tax_free"),
        own_refunds(db, row["imp_uid"]),
        by_hand_store.reserved_of(db, row["imp_uid"]),
    )
    tasks.owe_receipts(
        db,
        row,
        receipt="unknown",
        left=rest.balance,
        tax_free_left=rest.most if rest.certain and not rest.assumed else None,
        now=now,
        by_hand=True,
    )


def _in_state(db: Database, by_hand_id: str, *states: str) -> Row:
    row = by_hand_store.find(db, by_hand_id)
    if row is None or row["state"] not in states:
        raise Ended
    return row
