"""How far a database's record had got: a small private file beside it, its high-water mark.

A database whose record is shorter, or another one, is an old copy, or has lost its ``-wal``: it may
have forgotten refunds that were sent (refund-safety, C9, F62 and F63).
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import path_of
from dashboard.instance import Instance

_log = logging.getLogger(__name__)

_keeping = threading.Lock()  # of two threads the one that read less must not write last
_kept: dict[Path, dict[str, Any]] = {}  # what this process last wrote, by database


def mark_path(database: Path) -> Path:
    """Where the mark of a database is: ``live.mark.json`` for ``live.db``."""
    return database.with_suffix(".mark.json")


def keep(db: Database) -> bool:
    """Move the mark to the newest event, if it is not there yet; whether it is there now.

    Never raises for a disk or a database that cannot be used: a mark that could not be written
    must not keep a refund from being recorded.
    """
    try:
        with _keeping:
            path, newest = path_of(db), events.newest(db)
            if newest is not None and _kept.get(path) != newest:
                Instance(path.parent).save_json(mark_path(path).name, newest)
                _kept[path] = newest
    except (OSError, sqlite3.Error) as error:
        _log.warning("the high-water mark could not be kept: %s", error)
        return False
    return True


def is_older(db: Database) -> bool:
    """Whether the database lacks the event its mark names; False when there is no mark."""
    try:
        mark = json.loads(mark_path(path_of(db)).read_text("utf-8"))
        event_id, digest = int(mark["id"]), mark["hash"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, LookupError, TypeError):
        _log.warning("the high-water mark cannot be read")
        return True
    return bool(events.hash_of(db, event_id) != digest)
