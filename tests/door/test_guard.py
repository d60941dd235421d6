"""SEC-25, SEC-62: who gets in; whatever is unclear is a no."""

import sqlite3

import pytest

from dashboard.accounts.permissions import needs, public


@pytest.fixture
def app(app):
    """With one view of each kind."""

    def done():
        return "done"

    app.add_url_rule("/t/unmarked", "t.unmarked", lambda: "done", methods=["GET", "POST"])
    app.add_url_rule("/t/public", "t.public", public(lambda: "done"), methods=["GET", "POST"])
    for permission in ("see_orders", "sync", "export", "people"):
        app.add_url_rule(
            f"/t/{permission}",
            f"t.{permission}",
            needs(permission)(lambda: "done"),
            methods=["GET", "POST"],
        )
    return app


ROWS = [
    ("see_orders", {"viewer", "staff", "manager", "owner"}),
    ("sync", {"staff", "manager", "owner"}),
    ("export", {"manager", "owner"}),
    ("people", {"owner"}),
]


@pytest.mark.parametrize(("permission", "roles"), ROWS)
@pytest.mark.parametrize("role", ["viewer", "staff", "manager", "owner"])
def test_role_decides(client_as, role, permission, roles):
    status = client_as(role).get(f"/t/{permission}").status_code
    assert status == (200 if role in roles else 403)


def test_unmarked_view_is_refused_to_everybody(client, stranger):
    assert client.get("/t/unmarked").status_code == 403
    assert stranger.get("/t/unmarked").status_code == 403


def test_stranger_is_led_to_sign_in_and_back(stranger):
    answer = stranger.get("/t/see_orders?q=%EC%84%A0%EB%AC%BC")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/t/see_orders?q%3D%25EC%2584%25A0%25EB%25AC%25BC"


@pytest.mark.parametrize("headers", [{"X-Fragment": "1"}, {"X-Background": "1"}])
def test_strangers_fragment_is_told_nobody_is_signed_in(stranger, headers):
    assert stranger.get("/t/see_orders", headers=headers).status_code == 401


def test_strangers_form_is_refused(stranger):
    assert stranger.post("/t/see_orders").status_code == 401


def test_everything_leads_to_set_up_until_there_is_somebody(empty_app):
    browser = empty_app.test_client()
    for path in ("/", "/sign-in", "/people", "/me"):
        answer = browser.get(path)
        if answer.status_code != 404:  # not every page is built into every version
            assert (answer.status_code, answer.location) == (303, "/setup")
    assert browser.get("/healthz").status_code == 200


@pytest.mark.parametrize("error", [sqlite3.OperationalError("boom"), RuntimeError("boom")])
@pytest.mark.parametrize(
    "where",
    [
        "dashboard.accounts.store.find",
        "dashboard.door.guard.allowed",
        "dashboard.accounts.sessions.get_db",
        "dashboard.accounts.person.Person.get_id",
    ],
)
def test_failing_look_up_never_lets_anybody_in(app, client, monkeypatch, where, error):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(where, fail)
    answer = client.get("/t/people")
    if not where.endswith("get_id"):
        assert answer.status_code >= 400
        assert answer.data != b"done"


@pytest.mark.parametrize("answer", [None, "yes", 1, object()])
def test_unclear_is_authenticated_is_a_no(client, monkeypatch, answer):
    monkeypatch.setattr("dashboard.accounts.person.Person.is_authenticated", answer)
    assert client.get("/t/people").status_code in {303, 401, 403, 500}


@pytest.mark.parametrize("role", [None, "", "OWNER", "owner ", "admin", 0])
def test_unknown_role_may_do_nothing(client, monkeypatch, role):
    import dataclasses

    from dashboard.accounts import store

    find = store.find
    monkeypatch.setattr(
        store, "find", lambda db, person_id: dataclasses.replace(find(db, person_id), role=role)
    )
    for permission, _roles in ROWS:
        assert client.get(f"/t/{permission}").status_code == 403
