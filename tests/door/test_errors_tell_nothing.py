"""SEC-41, SEC-49, SEC-51, SEC-61: what goes wrong tells what to do, and nothing else."""

import logging
import re
from dataclasses import replace

import pytest

from dashboard import create_app
from dashboard.accounts import store
from dashboard.accounts.permissions import public
from dashboard.logs import OneLine
from tests.conftest import AGAIN, PASSWORD, Browser
from tests.door.routes import routes


@pytest.fixture
def quiet(app):
    """As in business: an exception becomes a page."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail():
        secret = "imp_secret=canary-secret"
        raise RuntimeError(f"{secret} 900101-1234567 /home/shop/instance/live.db")

    app.add_url_rule("/t/fail", "t.fail", public(fail))
    return app


@pytest.mark.parametrize(
    ("status", "path", "method", "data"),
    [
        (400, "/people", "POST", {}),
        (403, "/people", "GET", None),
        (404, "/no-such-page", "GET", None),
        (404, "/people/999999", "GET", None),
        (405, "/sign-out", "GET", None),
        (413, "/me", "POST", {"password": "x" * 10_500_000}),
        (413, "/me", "POST", {"password": "x" * 600_000}),
        (415, "/me", "POST", b"x"),
        (500, "/t/fail", "GET", None),
    ],
)
def test_error_page_tells_a_number_and_nothing_else(quiet, client_as, status, path, method, data):
    browser = client_as("staff" if status == 403 or status == 404 else "owner")
    if path == "/people/999999":
        browser = client_as("owner")
    kind = {"content_type": "text/plain"} if isinstance(data, bytes) else {}
    answer = browser.open(path, method=method, data=data, **kind)
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert re.search(r"[가-힣]", text)
    for secret in ("Traceback", "RuntimeError", "canary", "900101", "/home/", ".py", "live.db"):
        assert secret not in text
    assert "werkzeug" not in (text + str(answer.headers)).lower()
    assert re.search(r"\b[0-9a-f]{8}\b", text)


def test_many_parts_are_too_many(client):
    token = client.csrf("/me")
    data = {"csrf_token": token} | {f"field{number}": "x" for number in range(200)}
    answer = client.post("/me", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_debugger_is_not_there(quiet, client):
    """SEC-01."""
    assert quiet.debug is False
    for query in ("?__debugger__=yes&cmd=resource&f=debugger.js", "?__debugger__=yes&cmd=printpin"):
        assert "debugger" not in client.get(f"/{query}", follow_redirects=True).text.lower()
    assert client.get("/console").status_code == 404


def test_log_of_a_whole_day_holds_no_secret(quiet, db, client, stranger, caplog):
    """SEC-49, SEC-51: everything that is logged while somebody works, as it would be written."""
    caplog.set_level(logging.DEBUG)
    form = {"name": "박canary", "role": "staff", "password": "canary canary 77"} | AGAIN
    client.send("/people", form, page="/people")
    stranger.send("/sign-in", {"name": "박canary", "password": "wrong canary"}, page="/sign-in")
    stranger.send("/sign-in", {"name": "박canary", "password": "canary canary 77"}, page="/sign-in")
    token = stranger.csrf("/me")
    stranger.get("/t/fail")
    stranger.send(
        "/me", {"old_password": "canary canary 77", "password": "canary two 88"}, page="/me"
    )
    client.get("/orders?q=010-1234-5678")
    written = "\n".join(OneLine().format(record) for record in caplog.records)
    cookie = stranger.get_cookie("jangbu_session_5000", domain="127.0.0.1").value
    for secret in ("canary", token, cookie, PASSWORD, "900101", "010-1234"):
        assert secret not in written
    assert quiet.secret_key not in written
    dump = "\n".join(db.conn.iterdump())
    for secret in ("wrong canary", "canary canary 77", "canary two 88", token, quiet.secret_key):
        assert secret not in dump


def test_keys_of_the_shop_are_shown_nowhere(shop, config, db, clock, caplog):
    """SEC-49: keys of the environment or typed ones come back on no page, in no row, in no log."""
    caplog.set_level(logging.DEBUG)
    keys = {"imp_key": "1234567890canary", "imp_secret": "canarysecret" * 8}
    live = create_app(replace(config, mode="practice", **keys))
    live.test_client_class = Browser
    owner = live.test_client().become(store.find_by_name(db, "owner"))
    typed = {name: value.replace("canary", "typedx") for name, value in keys.items()}
    seen = [repr(live.extensions["jangbu"].config), repr(live.extensions["jangbu"].keys())]
    for route in routes(live, "GET"):
        seen.append(owner.get(route.path).get_data().decode(errors="replace"))
    for path in ("/settings/connection", "/settings/connection/test", "/setup/keys"):
        seen.append(owner.send(path, typed).get_data(as_text=True))
        seen.append(owner.send(path, typed | {"imp_key": ""}).get_data(as_text=True))
    seen += [OneLine().format(record) for record in caplog.records]
    seen += db.conn.iterdump()
    live.extensions["jangbu"].close()
    for secret in (keys["imp_secret"], typed["imp_secret"]):
        for text in seen:
            assert secret not in text
