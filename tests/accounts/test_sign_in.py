"""Signing in: throttled, uniform, into a fresh session (SEC-15 to SEC-20)."""

import hashlib
import json
import re

import pytest

from dashboard.accounts import throttle
from tests.conftest import PASSWORD, Browser

WRONG = "wrong horse battery"


def sign_in(browser: Browser, name="staff", password=PASSWORD, **more):
    return browser.send("/sign-in", {"name": name, "password": password} | more, page="/sign-in")


def cookie(browser: Browser) -> str | None:
    found = browser.get_cookie("jangbu_session_5000", domain="127.0.0.1")
    return found.value if found else None


def events_of(db, kind):
    return [dict(row) for row in db.conn.execute("SELECT * FROM events WHERE kind = ?", (kind,))]


def count_hashes(monkeypatch):
    calls, scrypt = [], hashlib.scrypt
    monkeypatch.setattr(hashlib, "scrypt", lambda *a, **k: calls.append(1) or scrypt(*a, **k))
    return calls


def test_right_password_leads_to_the_page_asked_for(stranger):
    answer = sign_in(stranger, next="/me?x=1")
    assert (answer.status_code, answer.location) == (303, "/me?x=1")
    assert stranger.get("/me").status_code == 200


@pytest.mark.parametrize("name", ["staff", "STAFF", "  staff  ", "ｓｔａｆｆ"])
def test_name_may_be_typed_carelessly(stranger, name):
    assert sign_in(stranger, name).status_code == 303


def test_unknown_name_wrong_password_and_disabled_look_alike(app, stranger, db, monkeypatch):
    from dashboard.accounts import store

    store.set_disabled_at(db, store.find_by_name(db, "viewer").id, 1)
    db.conn.commit()
    seen = set()
    for name, password in [("nobody", PASSWORD), ("staff", WRONG), ("viewer", PASSWORD)]:
        calls = count_hashes(monkeypatch)
        answer = sign_in(stranger, name, password)
        body = answer.get_data(as_text=True).replace(f'value="{name}"', "")
        seen.add((answer.status_code, re.sub(r'(csrf[-_]token"[^>]*?)"[^"]{40,}"', r"\1", body)))
        assert len(calls) == 1
        monkeypatch.undo()
    assert len(seen) == 1


def test_sixth_try_waits_even_with_the_right_password(stranger, clock, monkeypatch):
    for _ in range(throttle.PER_NAME):
        assert sign_in(stranger, password=WRONG).status_code == 422
    calls = count_hashes(monkeypatch)
    clock.now += 20
    answer = sign_in(stranger)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "40"
    assert not calls


def test_waiting_does_not_lengthen_the_wait(stranger, clock):
    for _ in range(throttle.PER_NAME):
        sign_in(stranger, password=WRONG)
    for _ in range(5):
        clock.now += 10
        assert sign_in(stranger).status_code == 429
    clock.now += 10
    assert sign_in(stranger).status_code == 303


def test_wait_survives_a_restart_and_leaves_others_alone(app, config, stranger):
    from dashboard import create_app

    for _ in range(throttle.PER_NAME):
        sign_in(stranger, password=WRONG)
    again = create_app(config)
    again.test_client_class = Browser
    assert sign_in(again.test_client(), "STAFF").status_code == 429
    assert sign_in(again.test_client(), "manager").status_code == 303


def test_guessing_many_names_makes_everybody_wait(app, stranger, db, clock):
    with app.app_context():
        for number in range(throttle.ALL_NAMES):
            throttle.take_turn(db, f"key {number}", int(clock.now))
    assert sign_in(stranger).status_code == 429
    clock.now += 60
    assert sign_in(stranger).status_code == 303


def test_right_password_clears_the_count(stranger):
    for _ in range(throttle.PER_NAME - 1):
        sign_in(stranger, password=WRONG)
    assert sign_in(stranger).status_code == 303
    stranger.send("/sign-out", page="/me")
    for _ in range(throttle.PER_NAME - 1):
        assert sign_in(stranger, password=WRONG).status_code == 422


def test_what_was_typed_wrongly_is_kept_nowhere(stranger, db):
    secret = "mypasswordinthenamefield"
    sign_in(stranger, secret, WRONG)
    assert events_of(db, "person.sign_in_refused")[0]["person_id"] is None
    dump = "\n".join(db.conn.iterdump())
    assert secret not in dump
    assert WRONG not in dump


def test_sign_in_and_refusal_are_in_the_log(stranger, db, person):
    sign_in(stranger, password=WRONG)
    sign_in(stranger)
    (refused,) = events_of(db, "person.sign_in_refused")
    (signed_in,) = events_of(db, "person.signed_in")
    assert refused["person_id"] == signed_in["person_id"] == person("staff").id
    assert json.loads(signed_in["detail"]) == {"from": "127.0.0.1"}


def test_cookie_from_before_is_useless_afterwards(app, stranger):
    """SEC-15: a cookie that somebody planted before sign-in opens nothing."""
    token_before = stranger.csrf("/sign-in")
    before = cookie(stranger)
    sign_in(stranger)
    assert cookie(stranger) != before
    assert stranger.csrf("/me") != token_before
    other = app.test_client()
    other.set_cookie("jangbu_session_5000", before, domain="127.0.0.1")
    assert other.get("/me").status_code == 303


def test_cookie_is_closed_to_scripts_and_other_sites(stranger):
    header = sign_in(stranger).headers["Set-Cookie"]
    name, *attributes = header.split("; ")
    assert name.startswith("jangbu_session_5000=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert not any(word.lower().startswith(("domain", "expires", "max-age")) for word in attributes)
    assert len(header) < 4096


def test_cookie_holds_no_name_and_no_secret(app, stranger, person):
    """SEC-13: it is signed, not encrypted."""
    sign_in(stranger)
    stranger.get("/me")
    with stranger.session_transaction() as session:
        assert set(session) <= {"_user_id", "_fresh", "_id", "since", "seen", "csrf_token"}
        assert session["_user_id"] == person("staff").get_id()


def test_nobody_is_remembered(stranger):
    """SEC-18."""
    answer = sign_in(stranger, remember="1", remember_me="on")
    assert "remember" not in str(answer.headers.getlist("Set-Cookie"))


def test_idle_session_ends(client, clock, config):
    clock.now += config.idle_session_s - 1
    assert client.get("/me").status_code == 200
    clock.now += config.idle_session_s - 1
    assert client.get("/me").status_code == 200
    clock.now += config.idle_session_s
    assert client.get("/me").status_code == 303


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(client, clock, config):
    clock.now += config.idle_session_s - 10
    assert client.get("/me", headers={"X-Background": "1"}).status_code == 200
    clock.now += 10
    assert client.get("/me").status_code == 303


def test_session_ends_after_twelve_hours_however_busy(client, clock, config):
    began = clock.now
    while clock.now + 600 - began < config.absolute_session_s:
        clock.now += 600
        assert client.get("/me").status_code == 200
    clock.now = began + config.absolute_session_s
    assert client.get("/me").status_code == 303


def test_clock_set_far_back_ends_the_session(client, clock):
    clock.now -= 3600
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize("missing", ["since", "seen"])
def test_session_without_its_times_is_none(client, missing):
    with client.session_transaction() as session:
        del session[missing]
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize(
    "user_id", ["1", "1.", ".1", "1.2", "x.1", "-1.1", "1.1.1", "9" * 5000 + ".1", "²."]
)
def test_odd_user_ids_are_nobody(client, user_id):
    with client.session_transaction() as session:
        session["_user_id"] = user_id
    assert client.get("/me").status_code == 303


def test_sign_out_ends_every_session_of_the_person(client_as):
    here, there, other = client_as("staff"), client_as("staff"), client_as("manager")
    stolen = cookie(here)
    answer = here.send("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert there.get("/me").status_code == 303
    assert other.get("/me").status_code == 200
    here.set_cookie("jangbu_session_5000", stolen, domain="127.0.0.1")
    assert here.get("/me").status_code == 303


def test_sign_out_needs_a_form(client):
    assert client.get("/sign-out").status_code == 405


def test_signed_in_person_needs_no_sign_in_page(client):
    assert client.get("/sign-in?next=/me").location == "/me"
