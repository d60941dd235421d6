"""The high-water mark: how far the record had got, kept beside the database (C9, F62, F63)."""

import shutil
import stat
from contextlib import closing

import pytest

from dashboard import events, high_water
from dashboard.database import connect, write
from dashboard.instance import Instance
from dashboard.worker import Worker
from tests.conftest import START


@pytest.fixture
def path(made):
    return made / "practice.db"


@pytest.fixture
def db(path):
    with closing(connect(path)) as db:
        yield db


def sign_in(db, at: int = START) -> None:
    with write(db):
        events.record(db, "person.signed_in", at=at, actor="person")


def mark(path):
    return Instance(path.parent).load_json(high_water.mark_path(path).name)


def test_it_is_the_newest_event_and_nobody_elses_to_read(db, path):
    sign_in(db)
    assert high_water.keep(db)
    assert mark(path) == events.newest(db)
    assert stat.S_IMODE(high_water.mark_path(path).stat().st_mode) == 0o600


def test_it_is_written_only_when_there_is_news(db, path):
    high_water.keep(db)
    before = high_water.mark_path(path).stat()
    assert high_water.keep(db)
    assert high_water.mark_path(path).stat().st_ino == before.st_ino
    sign_in(db)
    high_water.keep(db)
    assert high_water.mark_path(path).stat().st_ino != before.st_ino


def test_a_full_disk_is_logged_and_leaves_nothing_behind(db, path, monkeypatch, caplog):
    def full(*_args) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(path.parent.iterdir())
    monkeypatch.setattr("dashboard.instance.os.replace", full)
    assert not high_water.keep(db)
    assert "high-water mark" in caplog.text
    assert sorted(path.parent.iterdir()) == before


def test_the_same_file_or_a_newer_one_is_not_older(db):
    assert not high_water.is_older(db)  # no mark yet
    high_water.keep(db)
    assert not high_water.is_older(db)
    sign_in(db)
    assert not high_water.is_older(db)


def test_an_old_copy_is(db, path, tmp_path):
    old = tmp_path / "old.db"
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, old)
    sign_in(db)
    high_water.keep(db)
    db.close()
    shutil.copy(old, path)
    with closing(connect(path)) as again:
        assert high_water.is_older(again)
        sign_in(again, START + 5)  # as many events, but not the same
        assert high_water.is_older(again)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"id": "x", "hash": 1}', '{"id": 1}'])
def test_a_mark_that_cannot_be_read_vouches_for_nothing(db, path, content):
    high_water.mark_path(path).write_text(content)
    assert high_water.is_older(db)


def test_the_worker_keeps_it(app):
    path = app.extensions["jangbu"].database_path
    with closing(connect(path)) as db:
        app.extensions["jangbu"].portone = lambda: None
        Worker(app).look()
        assert mark(path) == events.newest(db)
