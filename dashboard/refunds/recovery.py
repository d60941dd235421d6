"""Refunds a stopped process left behind. Source: refund-safety, 1.5.

What was only written down is closed: it never left. What was leaving is unknown. A row of a living
process may be taken over too soon here, never wrongly: that one notices at its next guarded step.
"""

from __future__ import annotations

import logging

from sqlite_utils import Database

from dashboard.database import path_of, write
from dashboard.refunds import lock, sending, store
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)

_GRACE_S = 60  # another living process gets this long to finish what it has begun


def recover(runtime: Runtime, db: Database) -> None:
    """Take over what nobody is at any more; cheap when there is nothing."""
    path = path_of(db)
    first = path not in runtime.refunds_recovered
    for row in store.stranded(db):
        if row["state"] == "intent":
            _intent(runtime, db, row, first=first)
        elif row["id"] not in runtime.refunds_in_flight:
            _sending(runtime, db, row, first=first)
    runtime.refunds_recovered.add(path)


def _intent(runtime: Runtime, db: Database, row: store.Row, *, first: bool) -> None:
    mine = row["owner"] == runtime.run_id
    age, life = abs(runtime.now() - row["created_at"]), runtime.config.intent_life_s
    if mine:
        if age > life:
            sending.give_up(runtime, db, row, sending.TOO_OLD)
    elif lock.locked(db):
        pass  # in an old copy: it may have left since, and PortOne is being asked
    elif age > life + _GRACE_S or (first and row["created_at"] < runtime.started_at):
        gone = sending.ACCOUNT_GONE if row["bank"] else sending.NEVER_SENT
        sending.give_up(runtime, db, row, gone)


def _sending(runtime: Runtime, db: Database, row: store.Row, *, first: bool) -> None:
    """A call that no living process of ours makes any more, or that has run out of time."""
    now, sent_at = runtime.now(), row["sent_at"]
    over = not 0 <= now - sent_at <= runtime.config.limits.total_s + _GRACE_S
    if row["owner"] == runtime.run_id or over or (first and sent_at < runtime.started_at):
        with write(db):
            if store.move(db, row, "unknown", at=now, detail={"taken_over": True}, next_check_at=0):
                _log.warning("refund %s was being sent when its process stopped", row["id"])
