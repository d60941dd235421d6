"""Cancels made in KSNET's own admin site, which PortOne does not know of (K9).

A mark changes nothing at PortOne: it keeps the same money from going back a second time, until
PortOne's support has corrected the payment or somebody saw that the mark was wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlite_utils import Database

from dashboard import files
from dashboard.clock import kst
from dashboard.database import write
from dashboard.files import Upload
from dashboard.refunds import by_hand_store, store
from dashboard.runtime import Runtime

Row = by_hand_store.Row

_DOUBLE_CLICK_S = 60  # the same words by the same person within this time are one mark


class CannotMark(Exception):
    """Nothing was marked: ``amount`` (more than the ``left`` won), ``day``, or ``open`` (a refund
    of ours is under way, and its result will tell)."""

    def __init__(self, why: Literal["amount", "day", "open"], left: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.left = left


def mark(
    runtime: Runtime,
    db: Database,
    imp_uid: str,
    *,
    amount: int,
    day: date,
    evidence: str,
    upload: Upload | None,
    person_id: int,
) -> int:
    """Mark that ``amount`` won were cancelled at KSNET itself; answers the mark's id.

    What went back by hand is no limit: that it went back twice is just what has to be seen.

    :param day: the Korean day of that cancel
    :param evidence: where it was seen, in words
    :raise CannotMark: nothing was marked
    :raise OSError: the evidence cannot be kept
    """
    now = runtime.now()
    row = {
        "imp_uid": imp_uid,
        "amount": amount,
        "cancelled_on": day.isoformat(),
        "evidence": evidence,
        "person_id": person_id,
        "created_at": now,
    }
    with write(db):
        if again := by_hand_store.same_mark(db, row, since=now - _DOUBLE_CLICK_S):
            return again
        payment = store.find_payment(db, imp_uid)
        if payment is None or payment["state"] not in ("paid", "partial"):
            raise CannotMark("amount")
        if store.open_of(db, imp_uid) is not None:
            raise CannotMark("open")
        marked = by_hand_store.reserved_of(db, imp_uid).marked
        left = max(0, payment["amount"] - payment["cancel_amount"] - marked)
        if payment["currency"] != "KRW" or not 1 <= amount <= left:
            raise CannotMark("amount", left)
        if not kst(payment["paid_at"] or 0).date() <= day <= kst(now).date():
            raise CannotMark("day")
        row["order_id"] = order_id = payment["order_id"]
        if upload is not None:
            row["file_id"] = files.keep(
                runtime.instance, db, upload, order_id=order_id, person_id=person_id, now=now
            )
        return by_hand_store.add_mark(db, row)


def clear(db: Database, mark_id: int, *, person_id: int, why: str, now: int) -> bool:
    """Take a mark away; False when it was cleared before."""
    with write(db):
        row = by_hand_store.find_mark(db, mark_id)
        return row is not None and by_hand_store.clear_mark(
            db, row, person_id=person_id, why=why, now=now
        )


def find(db: Database, mark_id: int) -> Row | None:
    """One mark with its order's and people's names, or None."""
    return by_hand_store.find_mark(db, mark_id)


def of_order(db: Database, order_id: int) -> Sequence[Row]:
    """All marks of an order, those that stand first."""
    return by_hand_store.marks_of(db, order_id)
