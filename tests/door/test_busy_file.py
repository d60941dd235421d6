"""F58: whoever else holds the file, a person reads that it is busy, and nothing else goes wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dashboard import database
from dashboard.door.guard import FILES
from tests.door.routes import routes
from tests.door.test_every_route import WRITES, contents

BUSY = "장부 파일이 바쁩니다"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)


@pytest.fixture
def path(shop):
    return shop.extensions["jangbu"].database_path


def ask(browser, route):
    """Open a route, with a token where it is a form; whether it answered that the file is busy."""
    data = {"csrf_token": browser.csrf("/me")} if route.method in WRITES else None
    answer = browser.open(route.path, method=route.method, data=data)
    busy = answer.status_code == 503 and BUSY in answer.get_data(as_text=True)
    assert answer.status_code < 500 or busy or answer.status_code == 502, route  # 502: PortOne
    return busy


def test_while_another_program_writes(shop, client_as, path, db):
    """Reading goes on; what would be written is not, and says so."""
    before = contents(db)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        reads = [route for route in routes(shop, "GET") if ask(client_as("owner"), route)]
        writes = [route for route in routes(shop, *WRITES) if ask(client_as("owner"), route)]
    assert reads == []
    assert {"sync.start", "accounts.sign_out"} <= {one.endpoint for one in writes}
    assert contents(db) == before


def test_while_another_program_has_it_for_itself(shop, client_as, path, db):
    """Not even reading goes on, and the error page needs no file either."""
    browser = client_as("owner")
    db.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        for route in routes(shop, "GET"):
            if route.endpoint not in FILES:
                assert ask(browser, route), route
        health = browser.get("/healthz")
    assert (health.status_code, health.json["database"]) == (503, "unreachable")
