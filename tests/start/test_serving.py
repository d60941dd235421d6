"""`python app.py`, started for real: it says when it answers, shares nothing, and stops."""

import json
import os
import re
import signal
import socket
import stat
import time

import pytest
import requests

from tests.start.jangbu import PATIENCE_S, started


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "instance"


def test_answers_when_it_says_so(instance):
    with started(instance) as jangbu:
        line = jangbu.ready_line()
        health = requests.get(jangbu.url + "/healthz", timeout=PATIENCE_S).json()
    assert line.startswith(f"Jangbu is ready: {jangbu.url}/setup?token=")
    assert (health["status"], health["database"], health["mode"]) == ("ok", "ok", None)


def test_health_tells_no_secret(instance):
    with started(instance) as jangbu:
        token = jangbu.ready_line().partition("token=")[2]
        answer = jangbu.get("/healthz").text
    assert token not in answer
    assert (instance / "secret_key").read_text() not in answer
    assert str(instance) not in answer


def test_every_start_has_another_token(instance):
    tokens = set()
    for _ in range(2):
        with started(instance) as jangbu:
            tokens.add(jangbu.ready_line().partition("token=")[2])
            jangbu.stop(signal.SIGTERM)
    assert len(tokens) == 2
    assert all(len(token) >= 43 for token in tokens)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_five_seconds(instance, number):
    with started(instance) as jangbu:
        jangbu.ready_line()
        before = time.monotonic()
        code = jangbu.stop(number)
        took_s = time.monotonic() - before
        assert (code, jangbu.close()) == (0, "")
    assert took_s < 5
    assert not (instance / "running.json").exists()


def test_second_start_finds_the_first(instance):
    """F50."""
    with started(instance) as first:
        link = first.ready_line().partition(": ")[2]
        with started(instance) as second:
            assert second.process.wait(timeout=PATIENCE_S) == 0
            assert second.lines.get(timeout=PATIENCE_S).endswith(link)
            assert second.close() == ""
        assert first.get("/healthz").status_code == 200


def test_word_of_a_dead_process_is_not_believed(instance):
    with started(instance) as killed:
        killed.ready_line()
        killed.process.kill()
        killed.process.wait(timeout=PATIENCE_S)
    assert json.loads((instance / "running.json").read_text())["url"] == killed.url
    with started(instance) as jangbu:
        assert jangbu.ready_line().startswith(f"Jangbu is ready: {jangbu.url}")


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_only_this_user_reads_the_folder(instance, umask):
    before = os.umask(umask)
    try:
        with started(instance) as jangbu:
            jangbu.ready_line()
            jangbu.get("/healthz")
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in instance.rglob("*")}
    finally:
        os.umask(before)
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert {path.name for path in modes} >= {"practice.db", "secret_key", "running.json"}
    wrong = {path: oct(mode) for path, mode in modes.items() if mode not in (0o600, 0o700)}
    assert wrong == {}
    assert all(mode == 0o600 for path, mode in modes.items() if path.is_file())


class Owner:
    """A browser that fills in pages as an owner does."""

    def __init__(self, url: str):
        self.url = url
        self.session = requests.Session()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.session.close()

    def see(self, path: str) -> str:
        return self.session.get(self.url + path, timeout=PATIENCE_S).text

    def send(self, page: str, path: str, **typed: str) -> requests.Response:
        """Open ``page`` and post its form to ``path``."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.see(page))[1]
        return self.session.post(
            self.url + path,
            data={"csrf_token": token, **typed},
            headers={"Origin": self.url, "Sec-Fetch-Site": "same-origin"},
            timeout=PATIENCE_S,
            allow_redirects=False,
        )

    def make_account(self, link: str) -> requests.Response:
        token = link.partition("token=")[2]
        typed = {"name": "김선영", "password": "correct horse battery", "token": token}
        return self.send(f"/setup?token={token}", "/setup", **typed)

    def wait_for_orders(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while "data-done-url" not in self.see("/setup/orders"):
            assert time.monotonic() < until, "the first orders never came in"
            time.sleep(0.2)


def make_account(jangbu, link):
    with Owner(jangbu.url) as owner:
        return owner.make_account(link)


def test_practice_is_ready_in_three_screens_within_a_minute(instance):
    with started(instance) as jangbu, Owner(jangbu.url) as owner:
        link = jangbu.ready_line().partition(": ")[2]
        before = time.monotonic()
        assert owner.make_account(link).headers["Location"] == "/setup/start"
        chosen = owner.send("/setup/start", "/setup/start", mode="practice")
        assert chosen.headers["Location"] == "/setup/orders"
        owner.wait_for_orders()
        assert owner.see("/orders").count('href="/orders/') > 20
        assert time.monotonic() - before < 60


def test_a_silent_portone_does_not_hold_up_the_end(instance):
    with started(instance, "--practice") as jangbu, Owner(jangbu.url) as owner:
        owner.make_account(jangbu.ready_line().partition(": ")[2])
        owner.wait_for_orders()
        owner.send("/practice", "/practice/misbehave", kind="silent", count="20")
        owner.send("/sync", "/sync")
        time.sleep(1.5)  # the worker asks, and hears nothing
        before = time.monotonic()
        assert jangbu.stop(signal.SIGTERM) == 0
        assert time.monotonic() - before < 5


def test_the_spent_link_is_forgotten(instance):
    with started(instance) as jangbu:
        link = jangbu.ready_line().partition(": ")[2]
        assert make_account(jangbu, link).headers["Location"] == "/setup/start"
        assert link not in (instance / "running.json").read_text()
        with started(instance) as second:
            assert second.lines.get(timeout=PATIENCE_S).endswith(jangbu.url)
        jangbu.stop(signal.SIGTERM)
    with started(instance) as again:
        assert again.ready_line() == f"Jangbu is ready: {again.url}"


def test_a_creation_cut_short_is_begun_again(instance):
    instance.mkdir()
    for name in ("practice.new", "practice.new-wal", "practice.new-shm"):
        (instance / name).write_bytes(b"half a database")
    with started(instance) as jangbu:
        jangbu.ready_line()
        assert not list(instance.glob("*.new*"))


def test_another_host_gets_nothing(instance):
    with started(instance) as jangbu:
        jangbu.ready_line()
        answer = requests.get(
            jangbu.url + "/healthz", headers={"Host": "evil.example"}, timeout=PATIENCE_S
        )
    assert answer.status_code == 400
    assert "status" not in answer.text


def test_logs_hold_no_token(instance):
    with started(instance) as jangbu:
        link = jangbu.ready_line().partition(": ")[2]
        make_account(jangbu, link)
        jangbu.get("/setup?token=" + link.partition("token=")[2])
        jangbu.stop(signal.SIGTERM)
    written = "".join(path.read_text("utf-8") for path in (instance / "logs").iterdir())
    assert link.partition("token=")[2] not in written
    assert "correct horse" not in written


def test_buyers_have_a_port_of_their_own(tmp_path):
    """The one after the dashboard's, or a free one when that is taken; nothing else is there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with started(tmp_path / "one", port=taken.getsockname()[1] - 1) as jangbu:
            jangbu.ready_line()
            said = jangbu.before_ready[0]
    assert "--public-port" in said
    port = int(re.search(r"port (\d+)", said)[1])
    with started(tmp_path / "two", "--public-port", str(port)) as jangbu:
        jangbu.ready_line()
        public = f"http://127.0.0.1:{port}"
        assert requests.get(f"{public}/orders", timeout=30).status_code == 404
        told = requests.post(f"{public}/portone/webhook", json={}, timeout=30)
        assert (told.status_code, told.text) == (200, "ok")
        assert jangbu.get("/portone/webhook").status_code == 404
