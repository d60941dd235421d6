"""Whether somebody may send a refund by their own word alone.

The shop's guards and the ledger are asked here; :mod:`dashboard.refunds.policy` decides (SEC-27).
"""

from __future__ import annotations

from sqlite_utils import Database

from dashboard.clock import kst, kst_day_start
from dashboard.refunds import request_store, store
from dashboard.refunds.guards import read_guards
from dashboard.refunds.policy import Decision, decide


def judge(db: Database, *, person_id: int, amount: int, now: int) -> Decision:
    """What the shop's guards say of a refund; asked once more inside the transaction that writes
    it down, so that two at once cannot both pass a day's limit.

    :param amount: won
    :param now: UNIX seconds; the day's limit counts from Korean midnight
    """
    return decide(
        role=store.role_of(db, person_id),
        amount=amount,
        day_sum=request_store.caused_since(db, person_id, kst_day_start(kst(now).date())),
        guards=read_guards(db),
    )


def asks_password(db: Database, row: store.Row) -> bool:
    """Whether whoever approves says the password again: above somebody's limit, or a large sum
    (SEC-28).

    :param row: of a request, or of a refund by hand
    """
    guards = read_guards(db)
    large = decide(role="owner", amount=row["amount"], day_sum=0, guards=guards).password
    return large or bool(row["needs_owner"])
