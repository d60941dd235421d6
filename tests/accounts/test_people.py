"""The owner's people: added, changed, kept out; never without an owner."""

import json

import pytest

from dashboard.accounts import store
from tests.conftest import AGAIN, PASSWORD

NEW = {"name": "박새롬", "role": "staff", "password": "river under the bridge"}


def kinds(db):
    return [row["kind"] for row in db.conn.execute("SELECT kind FROM events ORDER BY id")][1:]


def try_sign_in(browser, name, password):
    return browser.send(
        "/sign-in", {"name": name, "password": password}, page="/sign-in"
    ).status_code


def test_added_person_can_sign_in(client, stranger, db):
    assert client.send("/people", NEW | AGAIN, page="/people").location == "/people"
    assert "박새롬" in client.get("/people").get_data(as_text=True)
    assert try_sign_in(stranger, NEW["name"], NEW["password"]) == 303
    assert kinds(db) == ["person.added", "person.signed_in"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 41),
        ("name", "staff"),
        ("name", "Staff"),
        ("name", "박\u202e새롬"),
        ("name", "박\x00새롬"),
        ("role", ""),
        ("role", "admin"),
        ("role", "OWNER"),
        ("password", ""),
        ("password", "short"),
        ("password", "1234567890"),
        ("password", "박새롬박새롬2026"),
    ],
)
def test_refused_form_keeps_what_was_typed(client, db, field, value):
    answer = client.send("/people", NEW | AGAIN | {field: value}, page="/people")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert NEW["password"] not in page
    assert field == "name" or 'value="박새롬"' in page
    assert len(store.everybody(db)) == 4


def test_role_changes_at_once(client, client_as, db, person):
    staff = client_as("staff")
    client.send(f"/people/{person('staff').id}/role", AGAIN | {"role": "owner"}, page="/people")
    assert staff.get("/people").status_code == 200
    assert kinds(db) == ["person.role_changed"]
    (detail,) = [
        json.loads(row["detail"])
        for row in db.conn.execute("SELECT detail FROM events WHERE kind LIKE 'person.%'")
    ]
    assert detail == {"whose": person("staff").id, "before": "staff", "after": "owner"}


@pytest.mark.parametrize("deed", ["role", "disable"])
def test_last_owner_stays(client, db, person, deed):
    owner = person("owner").id
    answer = client.send(f"/people/{owner}/{deed}", AGAIN | {"role": "staff"}, page="/people")
    assert answer.status_code == 422
    assert "주인은 한 명 이상" in answer.get_data(as_text=True)
    assert store.find(db, owner).role == "owner"
    assert store.find(db, owner).is_active


def test_owner_may_go_when_another_is_there(client, db, person):
    client.send(f"/people/{person('staff').id}/role", AGAIN | {"role": "owner"}, page="/people")
    answer = client.send(f"/people/{person('owner').id}/disable", AGAIN, page="/people")
    assert answer.location == "/"
    assert client.get("/me").status_code == 303


def test_disabled_person_is_out_at_once_and_may_come_back(client, client_as, stranger, person):
    staff, staff_id = client_as("staff"), person("staff").id
    client.send(f"/people/{staff_id}/disable", AGAIN, page="/people")
    assert staff.get("/me").status_code == 303
    assert try_sign_in(stranger, "staff", PASSWORD) == 422
    client.send(f"/people/{staff_id}/enable", AGAIN, page="/people")
    assert try_sign_in(stranger, "staff", PASSWORD) == 303
    assert staff.get("/me").status_code == 303  # the old session stays dead


def test_reset_password_ends_sessions(client, client_as, stranger, person):
    staff, staff_id = client_as("staff"), person("staff").id
    typed = AGAIN | {"password": NEW["password"]}
    client.send(f"/people/{staff_id}/password", typed, page="/people")
    assert staff.get("/me").status_code == 303
    assert try_sign_in(stranger, "staff", PASSWORD) == 422
    assert try_sign_in(stranger, "staff", NEW["password"]) == 303


def test_own_password_is_not_reset_without_the_old_one(client, person, db):
    owner = person("owner")
    answer = client.send(
        f"/people/{owner.id}/password", {"password": NEW["password"]}, page="/people"
    )
    assert answer.location == "/me"
    assert store.find(db, owner.id).password_hash == owner.password_hash


def test_own_password_asks_for_the_old_one(client_as, db, person):
    staff = client_as("staff")
    answer = staff.send("/me", {"old_password": "wrong", "password": NEW["password"]})
    assert answer.status_code == 422
    assert store.find(db, person("staff").id).password_hash == person("staff").password_hash
    assert kinds(db) == []


def test_guessing_the_old_password_is_throttled(client_as):
    staff = client_as("staff")
    for _ in range(5):
        staff.send("/me", {"old_password": "wrong", "password": NEW["password"]})
    answer = staff.send("/me", {"old_password": PASSWORD, "password": NEW["password"]})
    assert answer.status_code == 429


def test_changed_password_leaves_only_this_browser_signed_in(client_as, stranger, db):
    here, there = client_as("staff"), client_as("staff")
    answer = here.send("/me", {"old_password": PASSWORD, "password": NEW["password"]})
    assert answer.location == "/me"
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303
    assert kinds(db) == ["person.password_changed"]


@pytest.mark.parametrize(("what", "chosen"), [("language", "en"), ("theme", "dark")])
def test_choice_is_kept_for_a_person_and_for_a_stranger(client, stranger, db, person, what, chosen):
    answer = client.send(f"/{what}", {what: chosen, "next": "/people"})
    assert answer.location == "/people"
    assert getattr(person("owner"), what) == chosen
    stranger.send(f"/{what}", {what: chosen, "next": "/sign-in"}, page="/sign-in")
    with stranger.session_transaction() as session:
        assert session[what] == chosen


@pytest.mark.parametrize("chosen", ["", "fr", "ko'", "auto auto"])
@pytest.mark.parametrize("what", ["language", "theme"])
def test_unknown_choice_is_refused(client, what, chosen):
    assert client.send(f"/{what}", {what: chosen}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/people/999",
        "/people/9223372036854775807",
        "/people/9223372036854775808",
        "/people/" + "9" * 5000,
        "/people/٣",
        "/people/-1",
    ],
)
def test_unknown_person_is_a_404(client, path):
    assert client.get(path).status_code == 404


def test_set_up_makes_exactly_one_first_owner(empty_app):
    from dashboard.accounts import service
    from dashboard.accounts.errors import AccountError
    from dashboard.database import get_db

    with empty_app.app_context():
        service.add_first_owner(get_db(), "김주인", "correct horse battery", 1)
        with pytest.raises(AccountError):
            service.add_first_owner(get_db(), "이주인", "correct horse battery", 2)
        assert [person.name for person in store.everybody(get_db())] == ["김주인"]
