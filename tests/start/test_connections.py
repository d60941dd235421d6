"""Connections are kept for the next request, but never one to another file or amid something."""

import os
import shutil

import pytest

from dashboard.database import Connections, connect


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "shop.db"
    with_table = connect(path, create=True)
    with_table.conn.execute("CREATE TABLE one (it)")
    with_table.close()
    return path


@pytest.fixture
def kept():
    kept = Connections(2)
    yield kept
    kept.close()


def test_it_is_the_same_one_again(kept, path):
    first = kept.take(path)
    kept.give(first)
    assert kept.take(path) is first
    first.close()


def test_a_file_put_in_its_place_is_opened(kept, path, tmp_path):
    kept.give(kept.take(path))
    shutil.copy(path, tmp_path / "backup.db")
    os.replace(tmp_path / "backup.db", path)
    fresh = kept.take(path)
    fresh.conn.execute("INSERT INTO one VALUES (1)")
    kept.give(fresh)


def test_one_amid_a_transaction_is_not_kept(kept, path):
    first = kept.take(path)
    first.conn.execute("BEGIN IMMEDIATE")
    kept.give(first)
    second = kept.take(path)
    assert second is not first
    second.conn.execute("BEGIN IMMEDIATE")  # the first one's is over
    kept.give(second)


def test_no_more_than_agreed_and_none_after_the_end(kept, path):
    taken = [kept.take(path) for _ in range(3)]
    for one in taken:
        kept.give(one)
    assert len(kept._waiting) == 2
    last = kept.take(path)
    kept.close()
    kept.give(last)
    assert kept._waiting == []
