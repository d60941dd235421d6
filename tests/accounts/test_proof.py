"""SEC-28: the password said again is good for five minutes, here, for this person, and only so."""

from __future__ import annotations

import json
import re

import pytest

from dashboard.accounts import proof, throttle
from tests.conftest import AGAIN, PASSWORD

PAGE = "/settings/contract"
WRONG = {"password_again": "wrong horse battery"}
NEW = {"name": "박새롬", "role": "viewer", "password": "river under the bridge"}


def asks(browser, path=PAGE) -> bool:
    return 'name="password_again"' in browser.get(path).text


def say(browser, typed=AGAIN):
    return browser.send(PAGE, typed, page=PAGE)


def beside(page: str) -> str:
    """The error that stands beside the password."""
    found = re.search(r'id="[a-z]+-password_again-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert found, page
    return found[1]


def test_a_right_password_holds_for_five_minutes(client, clock):
    assert asks(client)
    assert say(client).status_code == 303
    assert not asks(client)
    clock.now += proof.FRESH_S - 1
    assert not asks(client)
    assert say(client, {}).status_code == 303
    clock.now += 1
    assert asks(client)
    assert say(client, {}).status_code == 422


def test_use_does_not_lengthen_it(client, clock):
    say(client)
    for _ in range(3):
        clock.now += 90
        assert say(client, AGAIN).status_code == 303
    clock.now += 90
    assert asks(client)


def test_it_runs_out_between_page_and_click_and_nothing_typed_is_lost(client, clock):
    say(client)
    assert not asks(client, "/people")
    clock.now += proof.FRESH_S
    answer = client.send("/people", NEW, page="/people")
    assert answer.status_code == 422
    assert beside(answer.text) == "비밀번호를 입력해 주세요."
    assert 'value="박새롬"' in answer.text
    assert 'checked class="form-check-input" id="role-3"' in answer.text
    assert NEW["password"] not in answer.text


def test_a_clock_that_went_back_proves_nothing(client, clock):
    say(client)
    clock.now -= 1
    assert asks(client)
    clock.now += 1
    assert not asks(client)


def test_signing_in_is_no_proof(stranger):
    stranger.send("/sign-in", {"name": "owner", "password": PASSWORD}, page="/sign-in")
    stranger.person_id = 1
    assert asks(stranger)


def test_a_wrong_password_is_no_proof_and_is_recorded(client, db, person):
    answer = say(client, WRONG)
    assert answer.status_code == 422
    assert "Retry-After" not in answer.headers
    assert beside(answer.text) == "비밀번호가 맞지 않습니다. 다시 입력해 주세요."
    assert WRONG["password_again"] not in answer.text
    assert asks(client)
    (row,) = db.conn.execute("SELECT * FROM events WHERE kind = 'person.password_refused'")
    assert row["person_id"] == person("owner").id
    assert json.loads(row["detail"]) == {"from": "127.0.0.1"}


def test_a_right_password_counts_even_if_something_else_is_wrong(client):
    answer = client.send("/people", NEW | AGAIN | {"role": "x"}, page="/people")
    assert answer.status_code == 422
    assert 'name="password_again"' not in answer.text
    assert client.send("/people", NEW, page="/people").status_code == 303


def test_a_session_of_the_same_person_elsewhere_proves_nothing_here(client_as):
    here, there = client_as("owner"), client_as("owner")
    say(here)
    assert not asks(here)
    assert asks(there)


def test_somebody_elses_proof_is_none(client, client_as, db, person):
    """Also that of the person whom the same browser signed in before."""
    say(client)
    with client.session_transaction() as session:
        stolen = session["proof"]
    db.conn.execute("UPDATE people SET role = 'owner' WHERE name = 'manager'")
    db.conn.commit()
    other = client_as("manager")
    with other.session_transaction() as session:
        session["proof"] = stolen
    assert asks(other)


@pytest.mark.parametrize("end", ["sign out", "password"])
def test_what_ends_the_session_ends_the_proof(client, end):
    say(client)
    if end == "sign out":
        client.send("/sign-out", page="/me")
        client.send("/sign-in", {"name": "owner", "password": PASSWORD}, page="/sign-in")
    else:
        client.send("/me", {"old_password": PASSWORD, "password": NEW["password"]}, page="/me")
    assert asks(client)


def test_a_proof_of_an_older_session_version_is_none(client, db, person):
    """As if a cookie from before a password change could be carried on."""
    say(client)
    db.conn.execute("UPDATE people SET session_version = session_version + 1")
    db.conn.commit()
    with client.session_transaction() as session:
        session["_user_id"] = person("owner").get_id()
    assert client.get("/me").status_code == 200
    assert asks(client)


@pytest.mark.parametrize(
    "odd", [1, "1", [], {}, {"at": 1}, {"who": "1.1"}, {"who": "1.1", "at": "x"}, None, True]
)
def test_what_is_no_proof_is_none(client, odd):
    with client.session_transaction() as session:
        session["proof"] = odd
    assert asks(client)


def test_the_cookie_tells_a_moment_and_nothing_secret(client, person, clock):
    """SEC-13."""
    say(client)
    with client.session_transaction() as session:
        assert session["proof"] == {"who": person("owner").get_id(), "at": int(clock.now)}
        known = {"_user_id", "_fresh", "_id", "since", "seen", "csrf_token", "proof", "_flashes"}
        assert set(session) <= known


def test_guessing_here_waits_like_guessing_at_the_door(client, stranger, clock):
    """SEC-19: one budget for both."""
    for _ in range(2):
        stranger.send("/sign-in", {"name": "owner", "password": "x"}, page="/sign-in")
    for _ in range(throttle.PER_NAME - 2):
        assert say(client, WRONG).status_code == 422
    clock.now += 20
    answer = say(client)  # right, and not even looked at
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "40"
    assert "40초 뒤에" in beside(answer.text)
    at_the_door = {"name": "owner", "password": PASSWORD}
    assert stranger.send("/sign-in", at_the_door, page="/sign-in").status_code == 429
    clock.now += 40
    assert say(client).status_code == 303


def test_guessing_makes_nobody_else_wait(client, client_as, db):
    db.conn.execute("UPDATE people SET role = 'owner' WHERE name = 'manager'")
    db.conn.commit()
    for _ in range(throttle.PER_NAME):
        say(client, WRONG)
    assert say(client).status_code == 429
    assert say(client_as("manager")).status_code == 303


def test_an_empty_password_costs_no_try(client):
    for _ in range(throttle.PER_NAME + 1):
        assert say(client, {"password_again": ""}).status_code == 422
    assert say(client).status_code == 303
