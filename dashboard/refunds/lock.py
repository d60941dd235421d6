"""Refunds are locked while this database may have forgotten some that were sent (C9, F63).

It may when it is an old copy (``older``, see :mod:`dashboard.high_water`), or when PortOne shows a
cancel that carries a mark of ours which no refund here has (``unknown_mark``). The lock ends with a
synchronisation that was begun after it and has read everything that can still be cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from sqlite_utils import Database

from dashboard import events, settings
from dashboard.portone import Payment
from dashboard.refunds.rules import nonces

_KEY = "refunds_locked"
_KNOWN = "refund_marks_known"  # of refunds this database lost, and everything was read since

THOROUGH = ("first", "daily")
"""Kinds of synchronisation that read everything of KSNET's six months and more (K4)."""

Why = Literal["older", "unknown_mark"]


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Why and since when (UNIX seconds); only runs after number ``after_run`` can end it."""

    why: Why
    since: int
    after_run: int


def locked(db: Database) -> Lock | None:
    """The lock, or None while refunds may be sent."""
    found = settings.get(db, _KEY)
    return None if found is None else Lock(**found)


def lock(db: Database, why: Why, now: int) -> None:
    """Lock refunds, inside the caller's write transaction; a run that is under way will not do.

    :param now: UNIX seconds
    """
    newest = db.conn.execute("SELECT coalesce(max(id), 0) FROM sync_runs").fetchone()[0]
    settings.put(db, _KEY, asdict(Lock(why=why, since=now, after_run=newest)))
    actor = "command" if why == "older" else "portone"
    events.record(db, "refunds.locked", at=now, actor=actor, detail={"why": why})


def notice(db: Database, payments: Iterable[Payment], now: int) -> bool:
    """Lock refunds if PortOne shows marks nobody here made; whether it does.

    Inside the caller's write transaction. What a lock is there for already changes nothing: the
    run that will end it is expected to find such marks.
    """
    found = strange(db, payments)
    if found and locked(db) is None:
        lock(db, "unknown_mark", now)
    return bool(found)


def strange(db: Database, payments: Iterable[Payment]) -> set[str]:
    """Nonces in these payments' cancels that no refund here has, and that are not known to be."""
    reasons = (entry.reason for payment in payments for entry in payment.cancel_history)
    return _unknown(db, {nonce for reason in reasons for nonce in nonces(reason)})


def run_ended(db: Database, *, run_id: int, kind: str, now: int) -> None:
    """Unlock if this run, which ended well, is one that can; in the transaction that ends it.

    A payment PortOne did not return to that run is no hole: the fresh look before its refund meets
    the same unknown mark, and locks again.
    """
    found = locked(db)
    if found is None or run_id <= found.after_run or kind not in THOROUGH:
        return
    reasons = db.conn.execute("SELECT reason FROM cancellations WHERE instr(reason, '[')")
    lost = _unknown(db, {nonce for row in reasons for nonce in nonces(row["reason"])})
    known = settings.get(db, _KNOWN, [])
    settings.put(db, _KNOWN, sorted({*known, *lost}))
    settings.put(db, _KEY, None)
    detail = {"why": found.why, "run_id": run_id, "marks": len(lost)}
    events.record(db, "refunds.unlocked", at=now, actor="sync", detail=detail)


def lost(db: Database, reason: str) -> bool:
    """Whether a cancel's reason carries a mark of ours that no refund of this database has."""
    return bool(_without_refund(db, set(nonces(reason))))


def _unknown(db: Database, found: set[str]) -> set[str]:
    unknown = _without_refund(db, found)
    return unknown and unknown.difference(settings.get(db, _KNOWN, []))


def _without_refund(db: Database, found: set[str]) -> set[str]:
    return {
        nonce
        for nonce in found
        if not db.conn.execute("SELECT 1 FROM refunds WHERE nonce = ?", (nonce,)).fetchone()
    }
