"""Settings: shop facts, the connection, practice and real business side by side."""

from contextlib import closing

import pytest

from dashboard import settings
from dashboard.accounts import service as accounts
from dashboard.database import connect, write
from dashboard.keys import Keys
from dashboard.people_across import carry_over
from dashboard.runtime import Runtime
from dashboard.setup import service
from tests.conftest import AGAIN, PASSWORD

KEYS = Keys("imp_apikey_0001", "canary-secret-9f8e7d6c5b4a")
TYPED = {"imp_key": KEYS.imp_key, "imp_secret": KEYS.imp_secret} | AGAIN


@pytest.fixture
def runtime(app) -> Runtime:
    return app.extensions["jangbu"]


@pytest.fixture
def portone_says(monkeypatch):
    """Decide what PortOne answers to a pair of keys."""

    def decide(ok: bool) -> None:
        answer = service.KeyTest(ok=ok, sentence="포트원의 대답", wrong_keys=not ok)
        monkeypatch.setattr(service, "try_keys", lambda _runtime, _keys: answer)

    return decide


def rows(path, sql):
    with closing(connect(path)) as db:
        return [tuple(row) for row in db.conn.execute(sql)]


def test_shop_facts_are_kept_and_recorded(client, db):
    answer = client.send("/settings/shop", {"shop_name": " 봄날꽃집 ", "sells_tax_free": "no"})
    assert answer.location == "/settings"
    assert settings.get(db, "shop_name") == "봄날꽃집"
    assert settings.get(db, "sells_tax_free") == "no"
    kinds = [row[0] for row in db.conn.execute("SELECT kind FROM events ORDER BY id")]
    assert kinds[-1] == "shop.facts_changed"
    assert "봄날꽃집" in client.get("/settings").text


def test_business_number_is_kept_as_digits_and_printed(client, db):
    typed = {"shop_name": "봄날꽃집", "business_number": "117 81 78260", "sells_tax_free": "no"}
    client.send("/settings/shop", typed)
    assert settings.get(db, "business_number") == "1178178260"
    assert "117-81-78260" in client.get("/settings").text


def test_a_wrong_business_number_is_said_beside_its_field(client, db):
    typed = {"shop_name": "봄날꽃집", "business_number": "117-81-78261", "sells_tax_free": "no"}
    answer = client.send("/settings/shop", typed)
    assert answer.status_code == 422
    assert 'id="business_number-error"' in answer.text and "117-81-78261" in answer.text
    assert settings.get(db, "shop_name") is None


def test_not_decided_is_an_answer(client, db):
    client.send("/settings/shop", {"shop_name": "", "sells_tax_free": "yes"})
    client.send("/settings/shop", {"shop_name": "", "sells_tax_free": ""})
    assert settings.get(db, "sells_tax_free") is None


@pytest.mark.parametrize(
    "typed", [{"shop_name": "가" * 61, "sells_tax_free": "no"}, {"sells_tax_free": "maybe"}]
)
def test_facts_that_cannot_be_are_refused(client, db, typed):
    assert client.send("/settings/shop", typed).status_code == 422
    assert settings.get(db, "sells_tax_free") is None


def test_keys_are_tested_before_they_are_kept(client, runtime, portone_says):
    portone_says(False)
    page = client.send("/settings/connection", TYPED)
    assert page.status_code == 422
    assert "포트원의 대답" in page.text
    assert runtime.keys() is None


def test_keys_are_kept_apart_and_shown_by_four_characters(client, runtime, portone_says, db):
    portone_says(True)
    client.send("/settings/connection", TYPED)
    assert runtime.keys() == (KEYS, "file")
    for path in ("/settings", "/settings/connection"):
        page = client.get(path).text
        assert "0001" in page
        assert KEYS.imp_key not in page
        assert KEYS.imp_secret not in page
    assert KEYS.imp_secret.encode() not in runtime.database_path.read_bytes()
    wal = runtime.database_path.with_name("practice.db-wal")
    assert not wal.exists() or KEYS.imp_secret.encode() not in wal.read_bytes()


@pytest.mark.parametrize("typed", [{"imp_key": ""}, {"imp_secret": ""}, {"imp_key": "한글 키"}])
def test_typed_keys_never_come_back(client, portone_says, typed):
    portone_says(False)
    page = client.send("/settings/connection", TYPED | typed)
    assert page.status_code == 422
    assert KEYS.imp_secret not in page.text


def test_going_live_takes_people_and_facts_and_nothing_else(client, runtime, portone_says, db):
    portone_says(True)
    with write(db):
        settings.put(db, "shop_name", "봄날꽃집")
        settings.put(db, "column_choice", ["amount"])
    answer = client.send("/settings/go-live", TYPED)
    assert answer.location == "/setup/orders"
    live = runtime.instance.database_path("live")
    people = "SELECT id, name, role, password_hash, session_version FROM people"
    assert rows(live, people) == rows(runtime.instance.database_path("practice"), people)
    assert rows(live, "SELECT key FROM settings") == [("shop_name",)]
    assert rows(live, "SELECT count(*) FROM orders") == [(0,)]
    assert rows(live, "SELECT kind, state FROM sync_runs") == [("first", "queued")]
    assert rows(live, "SELECT value FROM meta WHERE key = 'mode'") == [("live",)]


def test_the_owner_stays_signed_in(client, runtime, portone_says):
    portone_says(True)
    client.send("/settings/go-live", TYPED)
    assert runtime.mode == "live"
    assert client.get("/settings").status_code == 200


def test_wrong_keys_keep_the_shop_in_practice(client, runtime, portone_says):
    portone_says(False)
    assert client.send("/settings/go-live", TYPED).status_code == 422
    assert runtime.mode == "practice"
    assert not runtime.instance.database_path("live").exists()


def test_the_way_back_and_forth(client, runtime, portone_says):
    portone_says(True)
    client.send("/settings/go-live", TYPED)
    client.send("/settings/view-practice")
    assert (runtime.mode, client.get("/settings").status_code) == ("practice", 200)
    client.send("/settings/go-live")
    assert (runtime.mode, client.get("/settings").status_code) == ("live", 200)


def test_who_was_disabled_in_one_is_disabled_in_both(client, runtime, portone_says, person, clock):
    portone_says(True)
    client.send("/settings/go-live", TYPED)
    staff = person("staff").id
    with closing(connect(runtime.database_path)) as db:
        accounts.disable(db, staff, clock.now, by=None)
    client.send("/settings/view-practice")
    with closing(connect(runtime.database_path)) as db:
        assert not accounts.get_person(db, staff).is_active


def test_a_damaged_real_database_leaves_practice_open(client, runtime, portone_says):
    portone_says(True)
    runtime.instance.database_path("live").write_bytes(b"something else")
    page = client.send("/settings/go-live", TYPED)
    assert page.status_code == 503
    assert "손상" in page.text
    assert runtime.mode == "practice"
    assert runtime.instance.database_path("live").read_bytes() == b"something else"


def test_swapped_names_are_carried_over(tmp_path, app, runtime, clock):
    practice = runtime.database_path
    runtime.choose("live")
    live = runtime.database_path
    with closing(connect(live)) as db, write(db):
        for number, name in enumerate(("x1", "x2", "staff", "manager")):
            db.conn.execute("UPDATE people SET name = ? WHERE id = ?", (name, number % 2 + 2))
    with closing(connect(live)) as db:
        accounts.add_person(db, "새 사람", "viewer", PASSWORD, clock.now)
    carry_over(live, practice, clock.now)
    names = "SELECT id, name FROM people"
    assert rows(practice, names) == rows(live, names)


def test_somebody_only_the_target_knows_is_disabled(runtime, clock):
    runtime.choose("live")
    with closing(connect(runtime.database_path)) as db:
        accounts.add_person(db, "옛 사람", "staff", PASSWORD, clock.now)
    practice = runtime.instance.database_path("practice")
    carry_over(practice, runtime.database_path, clock.now)
    carry_over(practice, runtime.database_path, clock.now)  # again and again: the name stays
    disabled = "SELECT name FROM people WHERE disabled_at IS NOT NULL"
    assert rows(runtime.database_path, disabled) == [("옛 사람",)]
    with closing(connect(practice)) as db, write(db):
        db.conn.execute("UPDATE people SET name = '옛 사람' WHERE name = 'viewer'")
    carry_over(practice, runtime.database_path, clock.now)
    assert rows(runtime.database_path, disabled) == [("옛 사람 #5",)]


def test_what_is_stored_where(client, runtime):
    page = client.get("/settings").text
    assert str(runtime.instance.path) in page
    assert "practice.db" in page


@pytest.mark.parametrize("role", ["manager", "staff", "viewer"])
@pytest.mark.parametrize(
    "path", ["", "/shop", "/connection", "/contract", "/refunds", "/refund-guards"]
)
def test_settings_are_the_owners(client_as, role, path):
    assert client_as(role).get(f"/settings{path}").status_code == 403
