"""SEC-66: nobody looks faster than people do; what a busy page asks for stays far below."""

from dataclasses import replace

import pytest

from dashboard import create_app
from dashboard.accounts import store
from dashboard.config import Config
from dashboard.database import connect
from tests.conftest import Browser

MOST = Config().looks_per_minute


@pytest.fixture
def browser(config, clock):
    app = create_app(replace(config, looks_per_minute=MOST))
    app.test_client_class = Browser
    db = connect(app.extensions["jangbu"].database_path)
    yield lambda role: app.test_client().become(store.find_by_name(db, role))
    db.close()


def look(browser, times):
    return [browser.get("/help").status_code for _ in range(times)]


def test_two_hundred_looks_a_minute_and_then_a_pause(browser, clock):
    owner = browser("owner")
    assert set(look(owner, MOST)) == {200}
    turned_away = owner.get("/orders")
    assert turned_away.status_code == 429 and turned_away.headers["Retry-After"] == "60"
    assert "요청이 너무 많습니다" in turned_away.text
    clock.now += 61
    assert owner.get("/orders").status_code == 200


def test_others_are_not_held_up_and_files_are_not_counted(browser):
    owner, staff = browser("owner"), browser("staff")
    look(owner, MOST)
    assert owner.get("/healthz").status_code == 200
    assert staff.get("/help").status_code == 200


def test_a_page_that_waits_asks_far_less(browser, clock):
    """A refund's page once a second, a bulk's every 1.5 s, in three windows, for a minute."""
    owner, seen = browser("owner"), set()
    for _ in range(60):
        clock.now += 1
        seen |= set(look(owner, 3))
    assert seen == {200}
