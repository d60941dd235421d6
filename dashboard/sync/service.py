"""Asking for a run, and carrying it out: in the background, or in the foreground of a command."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Callable

from sqlite_utils import Database

from dashboard.clock import Clock
from dashboard.database import connect, write
from dashboard.orders.ledger import heard_since
from dashboard.portone import PortOneError
from dashboard.refunds import lock
from dashboard.runtime import NoKeys, Runtime
from dashboard.sync import store
from dashboard.sync.plan import (
    DAY_S,
    FIRST_RUN_S,
    KEEP_RUNS_S,
    NO_ID,
    OVERLAP_S,
    READ_BACK_S,
    Cursor,
    Kind,
)
from dashboard.sync.run import Reads, Run, Told

_log = logging.getLogger(__name__)
_WATCH_S = 0.5  # how often a command looks at a run another process carries out


def request_sync(db: Database, kind: Kind | None, person_id: int | None, now: int) -> int:
    """Queue a run, or answer the one that is open already.

    :param kind: None chooses: ``first`` until one has ended well, ``daily`` once a day and while
        refunds are locked
    :param now: UNIX seconds
    :return: the run's id
    :raise sqlite3.OperationalError: the database is busy
    """
    with write(db):
        if (found := store.open_run(db)) is not None:
            return int(found["id"])
        store.forget_runs(db, until=now - KEEP_RUNS_S)
        kind = kind or _due_kind(db, now)
        row = {"kind": kind, "state": "queued", "asked_by": person_id, "created_at": now}
        return store.add_run(db, row | _bounds(db, kind, now))


def _due_kind(db: Database, now: int) -> Kind:
    if store.last_run(db, state="done", kinds="first") is None:
        return "first"
    if lock.locked(db) is not None:
        return "daily"
    thorough = [store.last_run(db, state="done", kinds=kind) for kind in ("first", "daily")]
    last = max(run["finished_at"] for run in thorough if run is not None)
    return "regular" if 0 <= now - last < DAY_S else "daily"


def _bounds(db: Database, kind: Kind, now: int) -> dict[str, object]:
    """What the run reads, and where it starts; a first run that failed is gone on with.

    What a person should look at is handed on from run to run until it is settled.
    """
    before = store.last_run(db)
    if kind == "first" and before is not None and not _too_early(db, before):
        if before["kind"] == "first" and before["state"] == "failed":
            kept = ("from_at", "to_at", "cursor", "total", "seen", "new", "changed")
            return {name: before[name] for name in kept}
    since = now - READ_BACK_S[kind]
    if kind != "first":
        covered = store.covered_to(db)
        since = now - FIRST_RUN_S if covered is None else min(since, covered - OVERLAP_S)
    cursor = Cursor(events_from=store.last_event_id(db))
    if before is not None:
        handed_on = Cursor.load(before["cursor"])
        for oddity, known in zip(cursor.oddities, handed_on.oddities, strict=True):
            for imp_uid in known:
                heard = heard_since(db, imp_uid, before["heartbeat_at"] or 0)
                if imp_uid != NO_ID and not heard:
                    cursor.note(oddity, imp_uid)
    return {"from_at": since, "to_at": now, "cursor": cursor.dump()}


def _too_early(db: Database, run: store.Row) -> bool:
    """Whether refunds are locked since after the run was asked for: it can tell nothing of them."""
    found = lock.locked(db)
    return found is not None and bool(run["id"] <= found.after_run)


def last_run(db: Database) -> store.Row | None:
    """The run that is open, else the newest."""
    return store.open_run(db) or store.last_run(db)


def last_done_at(db: Database) -> int | None:
    """When a run last got through, UNIX seconds; None if none ever did."""
    run = store.last_run(db, state="done")
    return None if run is None else run["finished_at"]


def is_due(db: Database, *, now: int, every_s: int) -> bool:
    """Whether nothing is open and the newest run ended ``every_s`` seconds ago, or never was.

    While refunds are locked nothing waits for a run that ended before.
    """
    run = last_run(db)
    if run is None:
        return True
    if run["state"] in ("queued", "running"):
        return False
    return _too_early(db, run) or not 0 <= now - run["finished_at"] < every_s


# -- carrying it out ----------------------------------------------------------------------------


def new_owner(kind: str) -> str:
    """A name for this process's hold on a run: ``worker:…`` or ``command:…``."""
    return f"{kind}:{secrets.token_hex(8)}"


def run_open(
    db: Database,
    portone: Callable[[], Reads],
    *,
    owner: str,
    clock: Clock,
    kin: str = "",
    stopped: Callable[[], bool] = lambda: False,
    told: Told = lambda cursor: None,
) -> bool:
    """Carry out the open run if it is free; False when there is nothing to do.

    Never raises for what PortOne, the keys or the database do: the run ends as failed and says
    why. A run that another process took over meanwhile is left to it.

    :param kin: also take a running run whose owner's name starts so; the caller knows it is gone
    """
    row = store.open_run(db)
    if row is None:
        return False
    with write(db):
        if not store.claim(db, row["id"], owner=owner, now=int(clock()), kin=kin):
            return False
    row = store.find_run(db, row["id"])
    assert row is not None  # noqa: S101 - claimed a moment ago, runs are never deleted
    try:
        Run(db, row, portone(), owner=owner, clock=clock, stopped=stopped, told=told).go()
    except store.LostRun:
        _log.info("sync run %s is carried out by another process", row["id"])
    except Exception as error:
        _fail(db, row["id"], error, owner=owner, now=int(clock()))
    return True


def run_now(runtime: Runtime, *, kind: Kind | None = None, told: Told) -> store.Row:
    """Carry out a run in the foreground, or watch the open one to its end; answers its row.

    :param told: hears where the run stands, for a progress line
    :raise sqlite3.OperationalError: the database is missing or busy
    """
    db = connect(runtime.database_path)
    try:
        owner = new_owner("command")
        run_id = request_sync(db, kind, None, runtime.now())
        while True:
            run_open(db, runtime.portone, owner=owner, clock=runtime.clock, told=told)
            row = store.find_run(db, run_id)
            if row is None or row["state"] in ("done", "failed"):
                return row or {}
            told(Cursor.load(row["cursor"]))
            time.sleep(_WATCH_S)
    finally:
        db.close()


def _fail(db: Database, run_id: int, error: Exception, *, owner: str, now: int) -> None:
    name = type(error).__name__
    if isinstance(error, PortOneError):
        name = f"{name}.{error.why}"
        _log.warning("sync run %s: %r", run_id, error)
    elif not isinstance(error, NoKeys):
        _log.exception("sync run %s failed", run_id)
    try:
        with write(db):
            store.end(db, run_id, owner=owner, now=now, error=name)
    except (store.LostRun, sqlite3.Error):
        _log.warning("sync run %s: its end could not be noted", run_id)
