"""SEC-49, SEC-51: after a day at a real Jangbu, its secrets stand nowhere they do not belong.

Two processes as an owner starts them, one practising and one with live keys. Everything they
left behind is searched: each file of the instance folder, what was printed, every page.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from dashboard.sandbox import SandboxServer, fill
from tests.conftest import TOKEN
from tests.start.jangbu import PATIENCE_S, Jangbu

PASSWORD = "canary owner battery 77"
SECOND_PASSWORD = "canary staff battery 88"
WRONG_PASSWORD = "canary wrong battery 99"
WRONG_SECRET = "canarywrongsecret" * 4
WRONG_KEY = "9999888877776666"  # comes back in the form: what was typed is kept, secrets are not
KEY, SECRET = "8317465920canary", "canarysecret" * 6

AT_WORK = " at work"  # a file as it was before the end
# Whose whole purpose is to keep one of the secrets, for this user's eyes only.
KEEPERS = {"portone_keys.json", "practice_keys.json", "secret_key"}
# The practice PortOne's own memory: the far side of the line, which knows the tokens it gave.
FAR_SIDE = {"sandbox.db", "sandbox.db-wal", "sandbox.db-shm"}


@dataclass
class Owner:
    """A browser that keeps every page it was shown."""

    url: str
    pages: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    cookies: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self._keep(self.session.get(self.url + path, timeout=PATIENCE_S))

    def send(self, path: str, form: dict[str, str], *, page: str) -> requests.Response:
        """POST ``form`` as the form on ``page`` does."""
        token = TOKEN.search(self.get(page).text)
        assert token, page
        self.tokens.add(token[1])
        sent = {"csrf_token": token[1]} | form
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return self._keep(
            self.session.post(self.url + path, data=sent, headers=headers, timeout=PATIENCE_S)
        )

    def _keep(self, answer: requests.Response) -> requests.Response:
        # "Set-Cookie" carries the cookie on purpose; every other header is searched.
        self.pages.append(f"{answer.url}\n{answer.text}")
        for one in [*answer.history, answer]:
            self.pages += [value for name, value in one.headers.items() if name != "Set-Cookie"]
        self.cookies |= {cookie.value for cookie in self.session.cookies if cookie.value}
        return answer


@dataclass
class Day:
    """What was left behind, and what must not be in it."""

    files: dict[str, bytes]
    said: str
    pages: list[str]
    everywhere: set[str]
    elsewhere_than_pages: set[str]  # form tokens stand in forms
    payments: list[dict]  # PortOne's answers
    mode: str


def rows(path: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(path, timeout=10)) as db:
        return db.execute(question).fetchall()


def until(happened, what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def all_files(instance: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(instance.rglob("*")):
        if path.is_file() and path.name != "jangbu.lock":
            with suppress(FileNotFoundError):  # replaced as a whole in this moment
                found[str(path.relative_to(instance))] = path.read_bytes()
    return found


def first_run(ready: str, owner: Owner, steps) -> None:
    link = ready.removeprefix("Jangbu is ready: ").removeprefix(owner.url)
    token = link.partition("=")[2]
    form = {"name": "김선영", "password": PASSWORD, "shop_name": "봄날꽃집", "token": token}
    owner.send("/setup", form | {"password": "short"}, page=link)
    owner.send("/setup", form, page=link)
    steps(owner)


def work(owner: Owner, instance: Path, database: Path, break_portone) -> None:
    """A day: the first orders, every page, people, a failing key, and a page that breaks."""
    until(lambda: ("done",) in rows(database, "SELECT state FROM sync_runs"), "the first sync")
    ids = [str(row[0]) for row in rows(database, "SELECT id FROM orders ORDER BY id DESC LIMIT 5")]
    pages = ["/orders", "/orders/summary", "/orders?q=010", f"/orders/{ids[0]}", "/settings"]
    pages += ["/settings/connection", "/settings/shop", "/people", "/me", "/sync", "/help"]
    pages += ["/practice", "/healthz", "/no-such-page", "/setup/orders"]
    for page in pages:
        owner.get(page)
    person = {"name": "박직원", "role": "staff", "password": SECOND_PASSWORD}
    for typed in (WRONG_PASSWORD, PASSWORD):
        owner.send("/people", person | {"password_again": typed}, page="/people")
    owner.send("/me", {"old_password": WRONG_PASSWORD, "password": PASSWORD}, page="/me")
    owner.send("/orders/live", {"ids": ",".join(ids)}, page="/orders")
    order = f"/orders/{ids[0]}"
    owner.send(f"{order}/live", {}, page=order)
    owner.send(f"{order}/reveal", {}, page=order)
    wrong = {"imp_key": WRONG_KEY, "imp_secret": WRONG_SECRET}
    owner.send("/settings/connection", wrong, page="/settings/connection")
    break_portone(owner)
    for _ in range(2):
        owner.send(f"{order}/live", {}, page=order)
    owner.send("/orders/live", {"ids": ",".join(ids)}, page="/orders")
    owner.send("/sync", {}, page="/orders")
    with closing(sqlite3.connect(database, timeout=10)) as db, db:
        db.execute("ALTER TABLE notes RENAME TO notes_away")
    broken = owner.get(order)
    assert broken.status_code >= 500
    with closing(sqlite3.connect(database, timeout=10)) as db, db:
        db.execute("ALTER TABLE notes_away RENAME TO notes")
    owner.send("/sign-out", {}, page="/orders")
    owner.send("/sign-in", {"name": "김선영", "password": WRONG_PASSWORD}, page="/sign-in")
    owner.send("/sign-in", {"name": "김선영", "password": PASSWORD}, page="/sign-in")
    assert owner.get("/orders").status_code == 200
    logs = "".join(path.read_text("utf-8") for path in (instance / "logs").iterdir())
    assert "Traceback" in logs


def a_day(instance: Path, steps, break_portone, known, **env: str) -> Day:
    mode = "live" if env else "practice"
    jangbu = Jangbu(instance, **env)
    owner = Owner(jangbu.url)
    try:
        ready = jangbu.ready_line()
        first_run(ready, owner, steps)
        work(owner, instance, instance / f"{mode}.db", break_portone)
        during = all_files(instance)
    finally:
        warned = jangbu.close()
        owner.session.close()
    said = ready + warned
    while not jangbu.lines.empty():
        said += jangbu.lines.get()
    files = {name + AT_WORK: content for name, content in during.items()} | all_files(instance)
    raw = rows(instance / f"{mode}.db", "SELECT raw FROM payments")
    secrets = {PASSWORD, SECOND_PASSWORD, WRONG_PASSWORD, WRONG_SECRET, *owner.cookies, *known()}
    secrets.add((instance / "secret_key").read_text("ascii").strip())
    return Day(
        files=files,
        said=said,
        pages=owner.pages,
        everywhere=secrets,
        elsewhere_than_pages=owner.tokens,
        payments=[json.loads(row[0]) for row in raw],
        mode=mode,
    )


def practise(owner: Owner) -> None:
    owner.send("/setup/start", {"mode": "practice"}, page="/setup/start")


def practice_day(tmp_path: Path) -> Day:
    instance = tmp_path / "instance"

    def known() -> set[str]:
        keys = json.loads((instance / "practice_keys.json").read_text("utf-8"))
        given = rows(instance / "sandbox.db", "SELECT access_token FROM tokens")
        return {keys["secret"], keys["key"], *(row[0] for row in given)}

    def break_portone(owner: Owner) -> None:
        fail = {"kind": "key", "count": "5"}
        answer = owner.send("/practice/misbehave", fail, page="/practice")
        assert answer.status_code == 200

    return a_day(instance, practise, break_portone, known)


def live_day(tmp_path: Path) -> Day:
    path = tmp_path / "portone.db"
    fill(path, seed=5, orders=60, each=1, now=int(time.time()))
    given: set[str] = set()

    with SandboxServer(path, key=KEY, secret=SECRET) as server:

        def type_keys(owner: Owner) -> None:
            for key, secret in ((WRONG_KEY, WRONG_SECRET), (KEY, SECRET)):
                typed = {"imp_key": key, "imp_secret": secret}
                owner.send("/setup/keys", typed, page="/setup/keys")

        def known() -> set[str]:
            given.update(row[0] for row in rows(path, "SELECT access_token FROM tokens"))
            return {SECRET, KEY, *given}

        def break_portone(_owner: Owner) -> None:
            """PortOne repeats what it must not, then takes the key no more."""
            words = f"{SECRET} {KEY} {' '.join(known())}"
            body = json.dumps({"code": 1, "message": words, "response": None})
            server.sandbox.faults.script(
                path="/payments*", count=2, answer="body", status=400, body=body
            )
            server.sandbox.faults.script(
                path="*", count=None, answer="status", status=401, body=body, execute="never"
            )

        url = {"JANGBU_PORTONE_URL": server.url}
        return a_day(tmp_path / "instance", type_keys, break_portone, known, **url)


@pytest.fixture(scope="module", params=[practice_day, live_day], ids=["practice", "live"])
def left(request, tmp_path_factory) -> Day:
    """A day, lived once for all tests."""
    return request.param(tmp_path_factory.mktemp("day"))


def test_no_secret_stands_where_it_does_not_belong(left):
    assert len(left.everywhere) >= 8 and left.elsewhere_than_pages
    assert all(len(secret) >= 16 for secret in left.everywhere)
    hits = []
    for name, content in left.files.items():
        if Path(name.removesuffix(AT_WORK)).name not in KEEPERS | FAR_SIDE:
            for secret in left.everywhere | left.elsewhere_than_pages:
                hits += [f"{name}: {secret[:9]}"] * (secret.encode() in content)
    for secret in left.everywhere:
        hits += [f"{page[:60]}: {secret[:9]}" for page in left.pages if secret in page]
    for secret in left.everywhere | left.elsewhere_than_pages:
        hits += [f"printed: {secret[:9]}"] * (secret in left.said)
    assert hits == []


def test_the_search_reads_what_was_written(left):
    """Else finding nothing would mean nothing."""
    assert any(secret.encode() in left.files["secret_key"] for secret in left.everywhere)
    written = b"".join(content for name, content in left.files.items() if f"{left.mode}.db" in name)
    assert "김선영".encode() in written and b"scrypt:" in written and b"imp_" in written
    assert any("봄날꽃집" in page for page in left.pages)
    assert "Jangbu is ready" in left.said


def test_logs_name_no_buyer(left):
    """SEC-51: not even in the traceback of a page about one."""
    names = ("buyer_name", "buyer_tel", "buyer_email", "buyer_addr", "card_number", "vbank_num")
    told = {one[name] for one in left.payments for name in names if one.get(name)}
    logs = b"".join(content for name, content in left.files.items() if name.startswith("logs"))
    written = left.said + logs.decode()
    assert len(told) > 100 and "Traceback" in written
    assert [each for each in told if each in written] == []
