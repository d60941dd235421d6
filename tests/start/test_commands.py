"""`flask --app app ...`: the same work without a browser, one sentence when it cannot be done."""

import stat
from contextlib import closing

import pytest

from dashboard.accounts import service
from dashboard.database import connect
from dashboard.instance import Instance
from dashboard.portone import Unreadable
from tests.conftest import START
from tests.start.jangbu import flask, refused
from tests.sync.portone import Shelf

PASSWORD = "correct horse battery"
KEYS = {"JANGBU_IMP_KEY": "1234567890", "JANGBU_IMP_SECRET": "s" * 40}


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "instance"


@pytest.fixture
def with_owner(instance):
    done = flask(
        instance, "people", "add", "김선영", "--role", "owner", "--password-stdin", given=PASSWORD
    )
    assert done.returncode == 0, done.stderr
    return instance


def people_of(path):
    with closing(connect(path)) as db:
        return {person.name: person.role for person in service.everybody(db)}


def test_adding_the_first_owner_makes_the_shop(with_owner):
    assert people_of(with_owner / "practice.db") == {"김선영": "owner"}
    assert Instance(with_owner).state()["mode"] == "practice"
    assert stat.S_IMODE((with_owner / "practice.db").stat().st_mode) == 0o600


def test_keys_in_the_environment_make_it_the_real_one(instance):
    given = f"{PASSWORD}\n"
    flask(
        instance, "people", "add", "kim", "--role", "owner", "--password-stdin", given=given, **KEYS
    )
    assert people_of(instance / "live.db") == {"kim": "owner"}
    assert Instance(instance).state()["mode"] == "live"
    assert not (instance / "practice.db").exists()


def test_the_first_person_is_an_owner(instance):
    done = flask(
        instance, "people", "add", "kim", "--role", "staff", "--password-stdin", given=PASSWORD
    )
    assert done.returncode == 1
    assert "주인" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (["add", "이", "--role", "owner", "--password-stdin"], "short", "10자"),
        (["add", "김선영", "--role", "staff", "--password-stdin"], PASSWORD, "이름"),
        (["add", "이", "--role", "king", "--password-stdin"], PASSWORD, "king"),
        (["reset-password", "없음", "--password-stdin"], PASSWORD, "없습니다"),
        (["reset-password", "김선영", "--password-stdin"], "", "10자"),
    ],
)
def test_what_cannot_be_done_is_said(with_owner, arguments, given, says):
    done = flask(with_owner, "people", *arguments, given=given)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert people_of(with_owner / "practice.db") == {"김선영": "owner"}


def test_a_new_password_ends_sessions(with_owner):
    with closing(connect(with_owner / "practice.db")) as db:
        before = service.everybody(db)[0]
    done = flask(
        with_owner,
        "people",
        "reset-password",
        "김선영",
        "--password-stdin",
        given="another long one",
    )
    assert done.returncode == 0, done.stderr
    with closing(connect(with_owner / "practice.db")) as db:
        after = service.everybody(db)[0]
    assert after.session_version > before.session_version
    assert after.password_hash != before.password_hash


def test_people_are_listed(with_owner):
    flask(with_owner, "people", "add", "이", "--role", "viewer", "--password-stdin", given=PASSWORD)
    said = flask(with_owner, "people", "list").stdout.splitlines()
    assert [line.split("\t")[:2] for line in said] == [["1", "김선영"], ["2", "이"]]


@pytest.mark.parametrize("command", [["people", "list"], ["sync"]])
def test_without_a_shop_nothing_is_made(instance, command):
    done = flask(instance, *command)
    assert done.returncode == 1
    assert "아직 장부가 없습니다" in done.stderr
    assert not list(instance.glob("*.db"))


def test_a_damaged_shop_is_said_once(with_owner):
    (with_owner / "practice.db").write_bytes(b"not a database")
    done = flask(with_owner, "people", "list")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "손상" in done.stderr


def test_check_shows_a_missing_shop_in_red(instance):
    done = flask(instance, "check")
    assert done.returncode == 1
    assert "[문제] 데이터베이스" in done.stdout


def test_sync_without_keys_says_so(with_owner):
    Instance(with_owner).save_state(mode="live")
    done = flask(with_owner, "sync")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_sync_names_the_payments_it_could_not_take_in(app, db, clock, monkeypatch):
    shelf = Shelf(2, until=START - 60)
    shelf.broken.append(Unreadable(imp_uid="imp_000000000099", raw={}))
    monkeypatch.setattr(app.extensions["jangbu"], "portone", lambda: shelf)
    said = app.test_cli_runner().invoke(args=["sync"])
    assert said.exit_code == 0, said.output
    assert "새 결제 2건" in said.output
    assert "1건: imp_000000000099" in said.output


def test_importing_app_touches_nothing(instance):
    done = flask(instance, "--version")
    assert done.returncode == 0
    assert not instance.exists()


def test_wrong_environment_is_one_sentence(instance):
    done = flask(instance, "people", "list", JANGBU_PORTONE_URL="http://example.com")
    assert done.returncode == 1
    assert "JANGBU_PORTONE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_half_given_key_is_refused(instance):
    said = refused(instance, JANGBU_IMP_KEY="1234567890")
    assert "JANGBU_IMP_SECRET" in said
