"""Edge 1: opens the shop's SQLite file. Nothing else calls ``sqlite3.connect`` on it.

Source of the connection's settings: refund-safety, 1.1.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from flask import current_app, g
from sqlite_utils import Database

_UNDOING: WeakKeyDictionary[Database, list[Callable[[], None]]] = WeakKeyDictionary()

APPLICATION_ID = 0x4A42_0001  # "JB", read back by `PRAGMA application_id`
BUSY_TIMEOUT_MS = 5000


def connect(path: Path, *, create: bool = False) -> Database:
    """Open the file at ``path``; a missing one is created only when ``create`` is true.

    :raise sqlite3.OperationalError: the file is missing or cannot be opened
    """
    mode = "rwc" if create else "rw"
    connection = sqlite3.connect(
        f"file:{quote(path.as_posix())}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_MS / 1000,
        check_same_thread=False,  # waitress hands a request to one thread; never shared
    )
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection)


def open_to_read(path: Path) -> Database:
    """Open the file at ``path`` without being able to change it, whosever it is.

    :raise sqlite3.OperationalError: the file is missing or cannot be opened
    """
    connection = sqlite3.connect(
        f"file:{quote(path.as_posix())}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_MS / 1000
    )
    connection.row_factory = sqlite3.Row
    return Database(connection)


def path_of(db: Database) -> Path:
    """The file a connection is open on."""
    return Path(db.conn.execute("PRAGMA database_list").fetchone()[2])


@contextmanager
def write(db: Database) -> Iterator[Database]:
    """One write transaction: all of it or nothing.

    ``BEGIN IMMEDIATE`` waits for another writer; the deferred BEGIN of ``db.atomic()`` fails at
    once when a read turns into a write (refund-safety, 1.1). Never hold one across HTTP.

    :raise sqlite3.OperationalError: another writer held the file for longer than 5 s
    """
    db.conn.execute("BEGIN IMMEDIATE")
    undoing = _UNDOING.setdefault(db, [])
    try:
        yield db
        db.conn.commit()  # fails too: on a full disk
    except BaseException:
        db.conn.rollback()
        for undo in undoing:
            undo()
        raise
    finally:
        undoing.clear()


def one_row(db: Database, statement: str, *values: Any) -> dict[str, Any] | None:
    """The first row a question finds, or None."""
    row = db.conn.execute(statement, values).fetchone()
    return None if row is None else dict(row)


def all_rows(db: Database, statement: str, *values: Any) -> list[dict[str, Any]]:
    """Every row a question finds."""
    return [dict(row) for row in db.conn.execute(statement, values)]


def change_in_state(
    db: Database,
    table: str,
    row_id: str,
    state: str,
    columns: Mapping[str, Any],
    *,
    held_by: str | None = None,
) -> bool:
    """Change a row that is in a state, inside the caller's transaction; False when it is no longer.

    What keeps two senders apart (refund-safety, 1.5): whoever reads an old state changes nothing.

    :param table: one of ours, with ``id``, ``state`` and ``owner``
    :param held_by: also demand that this process holds it
    """
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    values = dict(columns) | {"_id": row_id, "_state": state, "_owner": held_by}
    done = db.conn.execute(
        f"UPDATE {table} SET {assignments} WHERE id = :_id AND state = :_state"  # noqa: S608 - our own names
        " AND (:_owner IS NULL OR owner = :_owner)",
        values,
    )
    return bool(done.rowcount == 1)


def on_rollback(db: Database, undo: Callable[[], None]) -> None:
    """Have ``undo`` called if the write transaction under way does not come to its end.

    For what a transaction did outside the file: a second file that belongs to a row.
    """
    _UNDOING.setdefault(db, []).append(undo)


def get_db() -> Database:
    """The request's own connection to the current shop's database.

    A file that cannot be opened is tried once per request: the error page must not wait again.

    :raise sqlite3.OperationalError: the file is missing, busy or cannot be opened
    """
    if "no_db" in g:
        raise g.no_db
    if "db" not in g:
        try:
            g.db = connect(current_app.extensions["jangbu"].database_path)
        except sqlite3.Error as error:
            g.no_db = error
            raise
    db: Database = g.db
    return db


def close_db(_error: BaseException | None = None) -> None:
    """Close the request's connection, if it opened one."""
    db = g.pop("db", None)
    if db is not None:
        db.close()
