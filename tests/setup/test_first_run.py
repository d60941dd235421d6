"""First run: one link, one account, one choice; and the door shut behind it (SEC-22)."""

import re
import threading
from contextlib import closing

import pytest

from dashboard import create_app, settings
from dashboard.accounts import service as accounts
from dashboard.config import Config
from dashboard.database import connect
from dashboard.instance import Instance
from dashboard.shopfile import make_ready
from tests.conftest import PASSWORD, Browser

TOKEN = "t" * 43


@pytest.fixture
def fresh(empty_app):
    """A shop nobody has set up, started by `python app.py`."""
    empty_app.extensions["jangbu"].setup_token = TOKEN
    return empty_app


@pytest.fixture
def visitor(fresh):
    return fresh.test_client()


def link(token=TOKEN):
    return f"/setup?token={token}"


def make_account(visitor, *, token=TOKEN, **typed):
    form = {"name": "김선영", "password": PASSWORD, "shop_name": "봄날꽃집", "token": token}
    return visitor.send("/setup", form | typed, page=link())


def people(app):
    with closing(connect(app.extensions["jangbu"].database_path)) as db:
        return accounts.everybody(db)


@pytest.mark.parametrize("path", ["/", "/orders", "/settings", "/sign-in"])
def test_every_page_leads_to_set_up(visitor, path):
    answer = visitor.get(path)
    assert (answer.status_code, answer.location) == (303, "/setup")


def test_the_printed_link_shows_the_form(visitor):
    page = visitor.get(link())
    assert page.status_code == 200
    assert 'autocomplete="new-password"' in page.text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_owner_goes_on_in_the_language_of_the_first_page(fresh, visitor, language):
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    assert f'<html lang="{language}"' in visitor.get(link()).text
    make_account(visitor)
    assert [person.language for person in people(fresh)] == [language]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "t", "ť" * 43, "%00"])
def test_without_the_token_there_is_no_form(visitor, token):
    page = visitor.get("/setup", query_string={"token": token})
    assert page.status_code == 403
    assert "password" not in page.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "t"])
def test_without_the_token_nothing_is_made(fresh, visitor, token):
    assert make_account(visitor, token=token).status_code == 403
    assert people(fresh) == []


def test_no_token_opens_a_process_that_has_none(fresh, visitor):
    fresh.extensions["jangbu"].setup_token = None
    assert visitor.get("/setup").status_code == 403
    assert visitor.get(link("None")).status_code == 403


def test_the_owner_is_signed_in_and_chooses_next(fresh, visitor):
    answer = make_account(visitor)
    assert (answer.status_code, answer.location) == (303, "/setup/start")
    assert [(person.name, person.role) for person in people(fresh)] == [("김선영", "owner")]
    assert visitor.get("/setup/start").status_code == 200


def test_the_shop_is_named(fresh, visitor):
    make_account(visitor)
    with closing(connect(fresh.extensions["jangbu"].database_path)) as db:
        assert settings.get(db, "shop_name") == "봄날꽃집"


def test_the_token_works_once(fresh, visitor):
    make_account(visitor)
    for browser in (visitor, fresh.test_client()):
        answer = browser.get(link())
        assert (answer.status_code, answer.location) == (303, "/")
    assert fresh.extensions["jangbu"].setup_token is None


def test_an_owner_who_exists_cannot_be_doubled(app, stranger):
    app.extensions["jangbu"].setup_token = TOKEN
    before = people(app)
    answer = stranger.send("/setup", {"token": TOKEN, "name": "evil", "password": PASSWORD})
    assert answer.location == "/"
    assert people(app) == before


def test_two_posts_at_once_make_one_owner(fresh):
    browsers = [fresh.test_client() for _ in range(4)]
    for browser in browsers:
        browser.csrf(link())
    barrier = threading.Barrier(len(browsers))

    def post(browser: Browser, number: int) -> None:
        token = browser.csrf(link())
        barrier.wait(timeout=30)
        form = {"name": f"owner{number}", "password": PASSWORD, "token": TOKEN}
        browser.post("/setup", data=form | {"csrf_token": token})

    threads = [
        threading.Thread(target=post, args=(browser, number))
        for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(people(fresh)) == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "이름을 입력해 주세요."),
        ({"password": ""}, "비밀번호를 입력해 주세요."),
        ({"password": "short"}, "10자 이상"),
        ({"password": "봄날꽃집봄날꽃집봄날"}, "짐작"),
        ({"shop_name": "가" * 61}, "60자"),
        ({"name": "가" * 41}, "40자"),
    ],
)
def test_mistakes_keep_what_was_typed_but_the_password(fresh, visitor, typed, says):
    page = make_account(visitor, **typed)
    assert page.status_code == 422
    assert says in page.text
    if "name" not in typed:
        assert 'value="김선영"' in page.text
    assert PASSWORD not in page.text
    assert people(fresh) == []
    assert make_account(visitor).status_code == 303


def test_more_than_asked_for_is_ignored(fresh, visitor):
    make_account(visitor, role="viewer", id="99", session_version="7", is_admin="1")
    person = people(fresh)[0]
    assert (person.id, person.role, person.session_version) == (1, "owner", 1)


def test_practice_leads_to_the_first_orders(fresh, visitor):
    make_account(visitor)
    answer = visitor.send("/setup/start", {"mode": "practice"}, page="/setup/start")
    assert (answer.status_code, answer.location) == (303, "/setup/orders")
    assert fresh.extensions["jangbu"].chosen_mode == "practice"
    page = visitor.get("/setup/orders")
    assert page.status_code == 200
    assert "progress" in page.text
    with closing(connect(fresh.extensions["jangbu"].database_path)) as db:
        runs = [tuple(row) for row in db.conn.execute("SELECT kind, state FROM sync_runs")]
    assert runs == [("first", "queued")]


def test_the_choice_is_made_once(fresh, visitor):
    make_account(visitor)
    visitor.send("/setup/start", {"mode": "practice"}, page="/setup/start")
    for path in ("/setup/start", "/setup/keys"):
        assert visitor.get(path).location == "/"


def test_who_has_not_chosen_is_led_back(fresh, visitor):
    make_account(visitor)
    assert visitor.get("/orders").location == "/setup/start"
    assert visitor.get("/setup/orders").location == "/setup/start"


def test_who_has_not_chosen_still_gets_styles_and_health(fresh, visitor):
    make_account(visitor)
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', visitor.get("/setup/start").text)
    for path in (style[1], "/healthz"):
        assert visitor.get(path).status_code == 200


@pytest.mark.parametrize(
    ("given", "mode"),
    [({"mode": "practice"}, "practice"), ({"imp_key": "k" * 16, "imp_secret": "s" * 40}, "live")],
)
def test_a_decided_start_skips_the_choice(tmp_path, clock, given, mode):
    config = Config(instance=tmp_path / "decided", clock=clock, testing=True, **given)
    app = create_app(config)
    app.test_client_class = Browser
    runtime = app.extensions["jangbu"]
    runtime.make_ready()
    runtime.setup_token = TOKEN
    assert make_account(app.test_client()).location == "/setup/orders"
    assert runtime.database_path.name == f"{mode}.db"
    assert Instance(config.instance).state()["mode"] == mode


def test_practice_forced_on_a_real_shop_keeps_its_people(tmp_path, clock):
    instance = Instance.prepare(tmp_path / "shop")
    with closing(connect(make_ready(instance, "live", clock.now))) as db:
        accounts.add_person(db, "김선영", "owner", PASSWORD, clock.now)
    instance.save_state(mode="live")
    app = create_app(Config(instance=instance.path, clock=clock, mode="practice"))
    path = app.extensions["jangbu"].make_ready()
    assert path.name == "practice.db"
    assert [person.name for person in people(app)] == ["김선영"]
    assert instance.state()["mode"] == "live"
