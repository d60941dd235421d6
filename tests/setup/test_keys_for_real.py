"""Keys against a PortOne that answers: the right ones, wrong ones, a closed door, nobody there."""

from contextlib import closing
from dataclasses import replace

import pytest

from dashboard import create_app
from dashboard.keys import Keys
from dashboard.sandbox import SandboxServer, fill
from dashboard.sync.service import run_now
from tests.conftest import AGAIN, Browser
from tests.start.jangbu import free_port


@pytest.fixture
def far_side(tmp_path):
    with SandboxServer(tmp_path / "sandbox.db") as server:
        yield server


@pytest.fixture
def shop(config, far_side):
    """A practice shop whose real business would be at ``far_side``."""
    app = create_app(replace(config, portone_url=far_side.url))
    app.test_client_class = Browser
    yield app
    app.extensions["jangbu"].close()


@pytest.fixture
def owner(shop, person):
    return shop.test_client().become(person("owner"))


def go_live(owner, key, secret):
    typed = {"imp_key": key, "imp_secret": secret} | AGAIN
    return owner.send("/settings/go-live", typed, page="/settings/go-live")


def test_right_keys_open_the_real_shop(shop, owner, far_side):
    assert go_live(owner, far_side.key, far_side.secret).location == "/setup/orders"
    runtime = shop.extensions["jangbu"]
    assert runtime.keys() == (Keys(far_side.key, far_side.secret), "file")
    runtime.portone().check_keys()


def test_wrong_keys_are_said_plainly(shop, owner, far_side):
    page = go_live(owner, far_side.key, "wrong")
    assert page.status_code == 422
    assert "API 키 확인이 필요합니다" in page.text
    assert "V2가 아니라 V1" in page.text
    assert shop.extensions["jangbu"].mode == "practice"


def test_a_closed_door_names_the_ip_settings(owner, far_side):
    far_side.sandbox.faults.script(
        count=None,
        execute="never",
        answer="status",
        status=403,
        body='{"code":-1,"message":"Forbidden","response":null}',
    )
    page = go_live(owner, far_side.key, far_side.secret)
    assert page.status_code == 422
    assert "IP" in page.text
    assert "V2가 아니라 V1" not in page.text


def test_nobody_there_is_said_plainly(config, person):
    app = create_app(replace(config, portone_url=f"http://127.0.0.1:{free_port()}"))
    app.test_client_class = Browser
    page = go_live(app.test_client().become(person("owner")), "1234567890", "s" * 40)
    assert page.status_code == 422
    assert "연결하지 못했습니다" in page.text


def test_the_connection_is_tested_on_request(owner, far_side):
    go_live(owner, far_side.key, far_side.secret)
    owner.send("/settings/connection/test", page="/settings")
    assert "포트원에 연결되었습니다" in owner.get("/settings").text


def test_another_shops_keys_are_not_mixed_into_this_ledger(shop, owner, far_side):
    """The ledger holds one shop's payments; keys that cannot see them belong to another."""
    fill(far_side.sandbox.path, seed=1, orders=40, each=1, now=int(far_side.sandbox.clock()))
    go_live(owner, far_side.key, far_side.secret)
    runtime = shop.extensions["jangbu"]
    with shop.app_context():
        run_now(runtime, told=lambda _cursor: None)
    typed = {"imp_key": far_side.key, "imp_secret": far_side.secret}
    assert owner.send("/settings/connection", typed).status_code == 303  # our own keys again

    with closing(far_side.sandbox.store.connect()) as db:
        db.execute("DELETE FROM payments")  # as if they were another shop's
    page = owner.send("/settings/connection", typed)
    assert page.status_code == 422
    assert "다른 가게의 키입니다" in page.text
