"""Rows of ``sync_runs``, and what a run has to re-read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from dashboard.sync.plan import BATCH_SIZE, Cursor

Row = Mapping[str, Any]

STALE_S = 90  # a running run without a sign of life has lost its process; one call takes 75 s


class LostRun(Exception):
    """Another process goes on with this run: stop, writing nothing more."""


# -- runs ---------------------------------------------------------------------------------------


def find_run(db: Database, run_id: int) -> Row | None:
    return _one(db, "SELECT * FROM sync_runs WHERE id = ?", run_id)


def open_run(db: Database) -> Row | None:
    """The run that is queued or running; there is never more than one."""
    return _one(db, "SELECT * FROM sync_runs WHERE state IN ('queued', 'running')")


def last_run(db: Database, *, state: str | None = None, kinds: str = "%") -> Row | None:
    """The newest run, or the newest in ``state``."""
    return _one(
        db,
        "SELECT * FROM sync_runs WHERE state = coalesce(?, state) AND kind LIKE ?"
        " ORDER BY id DESC LIMIT 1",
        state,
        kinds,
    )


def covered_to(db: Database) -> int | None:
    """Up to when PortOne's payments have been read without a gap; UNIX seconds, its clock."""
    found = db.conn.execute("SELECT max(to_at) FROM sync_runs WHERE state = 'done'").fetchone()
    until: int | None = found[0]
    return until


def add_run(db: Database, row: dict[str, Any]) -> int:
    """Queue a run, inside the caller's write transaction."""
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    done = db.conn.execute(f"INSERT INTO sync_runs ({names}) VALUES ({values})", row)  # noqa: S608 - our own column names
    return int(done.lastrowid or 0)


def forget_runs(db: Database, *, until: int) -> None:
    """Drop ended regular runs older than ``until`` (UNIX seconds), but never the newest run that
    ended well: it says up to when everything was read."""
    db.conn.execute(
        "DELETE FROM sync_runs WHERE kind = 'regular' AND state IN ('done', 'failed')"
        " AND finished_at < ?"
        " AND to_at < (SELECT max(to_at) FROM sync_runs WHERE state = 'done')",
        (until,),
    )


def claim(db: Database, run_id: int, *, owner: str, now: int, kin: str = "") -> bool:
    """Make this process the run's owner, inside the caller's write transaction.

    Takes a queued run, one of its own, one without a sign of life, or one of an owner whose name
    starts with ``kin`` (the caller knows that they are gone). Whoever loses a run notices at
    :func:`save`.
    """
    done = db.conn.execute(
        "UPDATE sync_runs SET state = 'running', owner = :owner, heartbeat_at = :now,"
        " started_at = coalesce(started_at, :now) WHERE id = :id AND (state = 'queued' OR"
        " (state = 'running' AND (owner = :owner OR abs(:now - heartbeat_at) > :stale"
        " OR (:kin <> '' AND substr(owner, 1, length(:kin)) = :kin))))",
        {"id": run_id, "owner": owner, "now": now, "stale": STALE_S, "kin": kin},
    )
    return done.rowcount == 1


def save(
    db: Database, run_id: int, cursor: Cursor, *, owner: str, now: int, new: int, changed: int
) -> None:
    """Store where the run stands, in the transaction of what it has just applied.

    :param new: further payments seen for the first time
    :raise LostRun: another process owns the run; roll back
    """
    done = db.conn.execute(
        "UPDATE sync_runs SET cursor = ?, total = ?, seen = ?, new = new + ?,"
        " changed = changed + ?, heartbeat_at = ? WHERE id = ? AND owner = ? AND state = 'running'",
        (cursor.dump(), cursor.total, cursor.seen, new, changed, now, run_id, owner),
    )
    if done.rowcount != 1:
        raise LostRun


def move(db: Database, run_id: int, from_at: int, to_at: int, *, owner: str, now: int) -> None:
    """Let the run read another stretch of time; UNIX seconds, both included.

    :raise LostRun: another process owns the run; roll back
    """
    done = db.conn.execute(
        "UPDATE sync_runs SET from_at = ?, to_at = ?, heartbeat_at = ?"
        " WHERE id = ? AND owner = ? AND state = 'running'",
        (from_at, to_at, now, run_id, owner),
    )
    if done.rowcount != 1:
        raise LostRun


def end(db: Database, run_id: int, *, owner: str, now: int, error: str | None) -> None:
    """Close the run: done, or failed with ``error``.

    :raise LostRun: another process owns the run; roll back
    """
    done = db.conn.execute(
        "UPDATE sync_runs SET state = ?, error = ?, finished_at = ?, heartbeat_at = ?"
        " WHERE id = ? AND owner = ? AND state = 'running'",
        ("failed" if error else "done", error, now, now, run_id, owner),
    )
    if done.rowcount != 1:
        raise LostRun


def let_go(db: Database, run_id: int, *, owner: str) -> None:
    """Give the run to whoever comes next: this process stops."""
    db.conn.execute(
        "UPDATE sync_runs SET heartbeat_at = 0 WHERE id = ? AND owner = ? AND state = 'running'",
        (run_id, owner),
    )


# -- what to re-read ----------------------------------------------------------------------------

_PAID = "FROM payments WHERE state IN ('paid', 'partial') AND paid_at >= ?"
_OPEN = (
    "FROM payments WHERE state IN ('waiting', 'check') AND coalesce(started_at, first_seen_at) >= ?"
)


def count_to_recheck(db: Database, since: int) -> int:
    """Payments whose truth can change without a sign: still cancellable, or waited for."""
    paid = db.conn.execute(f"SELECT count(*) {_PAID}", (since,)).fetchone()[0]
    waited_for = db.conn.execute(f"SELECT count(*) {_OPEN}", (since,)).fetchone()[0]
    return int(paid + waited_for)


def paid_after(db: Database, since: int, cursor: Cursor) -> list[tuple[int, str]]:
    """The next still cancellable payments, paid at ``since`` or later: ``(paid_at, imp_uid)``."""
    rows = db.conn.execute(
        f"SELECT paid_at, imp_uid {_PAID} AND (paid_at, imp_uid) > (?, ?)"
        " ORDER BY paid_at, imp_uid LIMIT ?",
        (since, cursor.after_paid_at, cursor.after_imp_uid, BATCH_SIZE),
    )
    return [(row[0], row[1]) for row in rows]


def open_after(db: Database, since: int, cursor: Cursor) -> list[tuple[int, str]]:
    """The next payments that wait for a deposit or contradict themselves."""
    rows = db.conn.execute(
        f"SELECT imp_uid {_OPEN} AND imp_uid > ? ORDER BY imp_uid LIMIT ?",
        (since, cursor.after_imp_uid, BATCH_SIZE),
    )
    return [(0, row[0]) for row in rows]


# -- what a run changed -------------------------------------------------------------------------


def last_event_id(db: Database) -> int:
    return int(db.conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])


def changes_of(db: Database, cursor: Cursor, *, limit: int) -> list[Row]:
    """The payment events of a run, newest first, with the orders they belong to."""
    return list(
        db.conn.execute(
            "SELECT e.*, o.merchant_uid, o.name FROM events e JOIN orders o ON o.id = e.order_id"
            " WHERE e.id > ? AND e.id <= coalesce(?, e.id) AND e.kind = 'payment.changed'"
            " AND e.actor = 'sync' ORDER BY e.id DESC LIMIT ?",
            (cursor.events_from, cursor.events_to, limit),
        )
    )


def _one(db: Database, statement: str, *values: object) -> Row | None:
    row: Row | None = db.conn.execute(statement, values).fetchone()
    return row
