"""A file left whole is not read to its last page at every start, but what touched it is noticed."""

import os
from contextlib import closing

import pytest

from dashboard import shopfile
from dashboard.database import connect
from dashboard.instance import Instance
from dashboard.problems import NeedsRecovery


@pytest.fixture
def left(tmp_path, monkeypatch):
    """A shop's file as a clean stop leaves it; its last page is damaged without a trace."""
    monkeypatch.setattr(shopfile, "_CHECKED", {})
    instance = Instance.prepare(tmp_path / "instance")
    path = shopfile.make_ready(instance, "practice", 1)
    shopfile.look_over(path, "practice")
    with closing(connect(path)) as db:
        db.conn.execute("CREATE TABLE lost AS SELECT randomblob(90000) AS it")
        page = db.conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'lost'").fetchone()
        size = db.conn.execute("PRAGMA page_size").fetchone()[0]
    shopfile.note_whole(path)
    times = path.stat()
    with path.open("r+b") as file:
        file.seek((page[0] - 1) * size)
        file.write(b"\xff" * 200)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return path


def test_the_next_start_trusts_it(left):
    shopfile.look_over(left, "practice")


def test_a_touched_file_is_read(left):
    os.utime(left)
    with pytest.raises(NeedsRecovery):
        shopfile.look_over(left, "practice")


def test_one_not_closed_is_read(left):
    left.with_name(f"{left.name}-wal").touch()
    with pytest.raises(NeedsRecovery):
        shopfile.look_over(left, "practice")


def test_now_and_then_it_is_read_all_the_same(left, monkeypatch):
    monkeypatch.setattr(shopfile, "CHECK_EVERY_S", 0)
    with pytest.raises(NeedsRecovery):
        shopfile.look_over(left, "practice")


def test_an_unreadable_note_counts_for_nothing(left):
    left.with_suffix(".left.json").write_text('{"checked_at": "soon"}')
    with pytest.raises(NeedsRecovery):
        shopfile.look_over(left, "practice")
