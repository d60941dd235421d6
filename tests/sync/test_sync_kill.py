"""A process killed at any statement: the next one goes on, nothing is lost or counted twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import events
from dashboard.config import ROOT
from dashboard.database import connect
from dashboard.migrations import migrations
from dashboard.sync import store
from tests.sync.one_run import PAYMENTS


def start(path: Path, *arguments: str) -> int:
    command = [sys.executable, "-m", "tests.sync.one_run", str(path), *arguments]
    return subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    db = connect(path, create=True)
    migrations.apply(db)
    db.close()
    return path


@pytest.mark.parametrize("deaths", [(3, 9, 40), (70, 140, 141), (200, 300, 420), (560, 17, 130)])
def test_killed_again_and_again_it_ends_whole(path: Path, deaths: tuple[int, ...]):
    for statement in deaths:
        assert start(path, str(statement)) != 0
    assert start(path) == 0
    db = connect(path)
    run = store.last_run(db)
    assert (run["id"], run["state"]) == (1, "done")
    assert (run["new"], run["seen"], run["total"]) == (PAYMENTS, PAYMENTS, PAYMENTS)
    for table in ("orders", "payments", "order_search"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == PAYMENTS
    assert events.broken_at(db) is None
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
