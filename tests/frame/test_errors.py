"""Error pages: calm, in both languages, with a request id and never a stack or a path (SEC-61)."""

from __future__ import annotations

import errno
import re
import sqlite3

import pytest
from flask import abort

from dashboard.accounts.permissions import public
from dashboard.errors import TROUBLES
from dashboard.portone.errors import PortOneNotSent, PortOneRejected, Why
from dashboard.runtime import NoKeys

_REQUEST_ID = re.compile(r"[0-9a-f]{8}")


def _sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("/home/shop/instance/live.db went away")
    error.sqlite_errorname = name
    return error


RAISED = {
    "locked": (_sqlite_error("SQLITE_BUSY"), 503, "장부 파일이 바쁩니다"),
    "full": (_sqlite_error("SQLITE_FULL"), 503, "저장할 공간이 없습니다"),
    "no space": (OSError(errno.ENOSPC, "/home/shop"), 503, "저장할 공간이 없습니다"),
    "corrupt": (_sqlite_error("SQLITE_CORRUPT"), 503, "장부 파일을 읽을 수 없습니다"),
    "not a text": (
        sqlite3.OperationalError("Could not decode to UTF-8 column 'name' with text '\ufffd'"),
        503,
        "장부 파일을 읽을 수 없습니다",
    ),
    "read-only": (_sqlite_error("SQLITE_READONLY_DBMOVED"), 503, "장부 파일에 쓸 수 없습니다"),
    "portone": (PortOneNotSent(why=Why.NO_CONNECTION), 502, "인터넷 연결을 확인해 주세요"),
    "refused": (PortOneRejected(1, 200, "<b>한도 초과</b>"), 502, "&lt;b&gt;한도 초과&lt;/b&gt;"),
    "no keys": (NoKeys(), 503, "포트원 키가 없습니다"),
    "ours": (RuntimeError("/home/shop/secret"), 500, "장부에 문제가 생겼습니다"),
    "our SQL": (_sqlite_error("SQLITE_ERROR"), 500, "장부에 문제가 생겼습니다"),
}


@pytest.fixture
def failing(app):
    """``failing(error)``: a browser of a stranger, and a page that raises ``error``."""

    def make(error):
        @public
        def fail():
            raise error

        app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
        app.add_url_rule("/fail", "setup.fail", fail)
        return app.test_client()

    return make


@pytest.mark.parametrize("name", RAISED)
def test_what_reaches_the_top_becomes_a_page(failing, name):
    error, status, sentence = RAISED[name]
    answer = failing(error).get("/fail")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert sentence in text and _REQUEST_ID.search(text)
    for secret in ("Traceback", "/home/", "live.db", "File &#34;"):
        assert secret not in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 413, 429, 500, 503])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_code_has_its_page(app, language, code):
    @public
    def fail():
        abort(code)

    app.add_url_rule("/fail", "setup.fail", fail)
    answer = app.test_client().get("/fail", headers={"Accept-Language": language})
    text = answer.get_data(as_text=True)
    assert answer.status_code == code and f'<html lang="{language}"' in text
    with app.test_request_context(headers={"Accept-Language": language}):
        assert str(TROUBLES[str(code)].title) in text


def test_an_unknown_code_still_gets_a_page(failing):
    client = failing(RuntimeError())
    assert client.get("/%00").status_code in {400, 404}
    assert client.put("/sign-in").status_code == 405
    assert "Allow" in client.put("/sign-in").headers


def test_a_form_left_open_too_long_is_told_so_and_led_back(client, app):
    port = app.extensions["jangbu"].config.port
    came_from = {"Referer": f"http://127.0.0.1:{port}/me?a=1"}
    answer = client.post("/theme", data={"theme": "dark"}, headers=came_from)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "화면을 연 지 오래되었습니다" in text
    assert 'href="/me?a=1"' in text


def test_the_way_back_never_leads_elsewhere(client):
    for elsewhere in (
        "http://evil.example/me",
        "//evil.example",
        "javascript:alert(1)",
        "http:///me",
    ):
        text = client.get("/nothing", headers={"Referer": elsewhere}).get_data(as_text=True)
        assert "evil.example" not in text and "javascript" not in text


def test_pages_about_an_unreadable_database_need_no_database(app, client):
    app.extensions["jangbu"].database_path.write_bytes(b"this is not a database, only words " * 99)
    answer = client.get("/help")
    assert answer.status_code == 503
    assert "장부 파일을 읽을 수 없습니다" in answer.get_data(as_text=True)


def test_a_missing_database_is_never_made_anew(app, client):
    path = app.extensions["jangbu"].database_path
    path.unlink()
    answer = client.get("/help")
    assert answer.status_code == 503 and not path.exists()


def test_a_locked_database_is_waited_for_once(app, client, monkeypatch):
    """The error page must not wait for the same lock again (F58: an answer within 6 s)."""
    tried = []

    def locked(path):
        tried.append(path)
        raise _sqlite_error("SQLITE_BUSY")

    monkeypatch.setattr("dashboard.database.connect", locked)
    assert client.get("/orders").status_code == 503
    assert len(tried) == 1
