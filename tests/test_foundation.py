"""The ground everything stands on: the schema, the write helper, the chain."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from dashboard import events
from dashboard.database import connect, write
from dashboard.migrations import migrations


@pytest.fixture
def db(tmp_path: Path):
    db = connect(tmp_path / "shop.db", create=True)
    migrations.apply(db)
    yield db
    db.close()


def test_missing_file_is_not_created(tmp_path: Path):
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "gone.db")
    assert list(tmp_path.iterdir()) == []


def test_write_rolls_back_as_a_whole(db: Database):
    with pytest.raises(RuntimeError), write(db):
        db.table("settings").insert({"key": "a", "value": "1"})
        raise RuntimeError
    assert db.table("settings").count == 0


def test_a_commit_that_fails_leaves_no_transaction_open(db: Database):
    """A full disk, say: here a reference that only the commit looks at."""
    db.conn.execute(
        "CREATE TABLE late (id INTEGER REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    with pytest.raises(sqlite3.IntegrityError), write(db):
        db.conn.execute("INSERT INTO late VALUES (99)")
    assert not db.conn.in_transaction
    with write(db):
        db.conn.execute("INSERT INTO late VALUES (NULL)")


def test_a_file_that_is_no_database_leaves_no_connection_behind(tmp_path: Path):
    path = tmp_path / "words.db"
    path.write_bytes(b"only words " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        connect(path)  # an open connection would warn, and warnings are errors


def test_strict_tables_refuse_fractions(db: Database):
    with pytest.raises(sqlite3.IntegrityError):
        db.conn.execute("INSERT INTO events VALUES (1, 10.5, 'x', 0, '', 0, 'x', '{}', '', '')")


def test_chain_notices_a_changed_row(db: Database):
    with write(db):
        for at in (10, 20, 30):
            events.record(db, "person.signed_in", at=at, actor="person")
    assert events.broken_at(db) is None
    db.conn.execute("DROP TRIGGER events_no_update")
    db.conn.execute("UPDATE events SET at = 21 WHERE id = 2")
    assert events.broken_at(db) == 2


@pytest.mark.parametrize("statement", ["UPDATE events SET at = 1", "DELETE FROM events"])
def test_events_are_append_only(db: Database, statement: str):
    with write(db):
        events.record(db, "person.signed_in", at=1, actor="person")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.conn.execute(statement)
