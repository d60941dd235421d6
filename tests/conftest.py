"""What every test stands on: the real application over a real file, and the people of a shop.

Only the far side of HTTP is pretend, and the clock: ``clock.now`` is set by the test.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from dashboard import create_app
from dashboard.accounts import passwords, store
from dashboard.accounts.permissions import ROLES
from dashboard.config import Config
from dashboard.database import connect, write
from dashboard.instance import Instance
from dashboard.sandbox import SandboxServer, fill
from dashboard.shopfile import make_ready

# Where Python is told to keep no compiled modules, each of the programs that the tests start would
# compile all of Jangbu again, which a shop's PC does once.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("unhurried", deadline=None)  # two busy cores are no bug
settings.load_profile("unhurried")  # where CI is set, Hypothesis draws the same examples each time

PASSWORD = "correct horse battery"
AGAIN = {"password_again": PASSWORD}
"""What the forms of grave deeds ask for besides their own fields (SEC-28)."""
START = 1_787_288_700  # 2026-08-21 14:05 in Korea
TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')


def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores: whoever waits for a page or a timeout leaves a core free."""
    return (os.cpu_count() or 1) + 1


# Measuring takes a third longer. What moves money has to be tested whole without these, whose work
# goes on mostly elsewhere.
_NOT_MEASURED = (
    "accounts",
    "chaos",
    "door",
    "e2e",
    "frame/test_english.py",
    "orders",
    "receipts/test_sheet.py",
    "refunds/test_tax_free_closes.py",
    "sandbox",
    "setup",
    "start",
    "sync",
    "test_migrations.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    unmeasured = [here / name for name in _NOT_MEASURED]
    for item in items:
        if any(item.path.is_relative_to(place) for place in unmeasured):
            item.add_marker(pytest.mark.no_cover)


@dataclass
class FakeClock:
    """Stands still until a test moves it; UNIX seconds."""

    now: float = START

    def __call__(self) -> float:
        return self.now


class Browser(FlaskClient):
    """Sends what a browser on our own page sends: the right Host, and Origin with a form."""

    person_id: int | None = None

    def open(self, *args, **kwargs):
        port = self.application.extensions["jangbu"].config.port
        base_url = f"http://127.0.0.1:{port}"
        if args and isinstance(args[0], str) or "path" in kwargs:
            kwargs.setdefault("base_url", base_url)
        if str(kwargs.get("method", "GET")).upper() not in {"GET", "HEAD", "OPTIONS"}:
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("Origin", base_url)
            headers.setdefault("Sec-Fetch-Site", "same-origin")
            kwargs["headers"] = {
                name: value for name, value in headers.items() if value is not None
            }
        return super().open(*args, **kwargs)

    def session_transaction(self, *args, **kwargs):
        port = self.application.extensions["jangbu"].config.port
        kwargs.setdefault("base_url", f"http://127.0.0.1:{port}")
        return super().session_transaction(*args, **kwargs)

    def csrf(self, page: str | None = None) -> str:
        """The token of the form on ``page``."""
        page = page or ("/me" if self.person_id else "/sign-in")
        found = TOKEN.search(self.get(page).get_data(as_text=True))
        assert found, f"no form on {page}"
        return found[1]

    def send(self, path: str, data: dict | None = None, *, page: str | None = None, **kwargs):
        """POST a form with its token, which is read from ``page``."""
        return self.post(path, data={"csrf_token": self.csrf(page)} | (data or {}), **kwargs)

    def become(self, person) -> Browser:
        """Be signed in as ``person`` from this moment, as if just typed in."""
        now = self.application.extensions["jangbu"].now()
        with self.session_transaction() as session:
            session.clear()
            session.update(_user_id=person.get_id(), _fresh=True, since=now, seen=now)
        self.person_id = person.id
        return self


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def _shop(tmp_path_factory) -> Path:
    """An instance folder with a practice database and one person of each role, made once."""
    path = tmp_path_factory.mktemp("shop") / "instance"
    instance = Instance.prepare(path)
    instance.save_state(mode="practice")
    file = make_ready(instance, "practice", START)
    password_hash = passwords.make_hash(PASSWORD)
    with closing(connect(file)) as db, write(db):
        for role in ROLES:
            store.add(
                db,
                name=role,
                role=role,
                password_hash=password_hash,
                language="ko",
                created_at=START,
            )
    return path


@pytest.fixture
def config(tmp_path: Path, clock: FakeClock, _shop: Path) -> Config:
    """Settings over an instance folder of its own, with people in it."""
    instance = tmp_path / "instance"
    shutil.copytree(_shop, instance)
    # A test looks a thousand times in the one moment its clock stands at.
    return Config(instance=instance, clock=clock, testing=True, looks_per_minute=10**6)


@pytest.fixture
def app(config: Config):
    app = create_app(config)
    app.test_client_class = Browser
    yield app
    app.extensions["jangbu"].close()  # the practice PortOne, if a test asked for it


@pytest.fixture
def empty_app(tmp_path: Path, clock: FakeClock) -> Flask:
    """A shop that nobody has set up yet."""
    config = Config(instance=tmp_path / "empty", clock=clock, testing=True)
    make_ready(Instance.prepare(config.instance), "practice", START)
    app = create_app(config)
    app.test_client_class = Browser
    return app


@pytest.fixture
def db(app: Flask):
    with closing(connect(app.extensions["jangbu"].database_path)) as db:
        yield db


@pytest.fixture
def person(db):
    """Somebody of the shop by role: ``person("staff").id``."""
    return lambda role: store.find_by_name(db, role)


@pytest.fixture
def client_as(app: Flask, person):
    """A browser in which somebody with this role is signed in."""
    return lambda role: app.test_client().become(person(role))


@pytest.fixture
def client(client_as) -> Browser:
    """The owner's browser."""
    return client_as("owner")


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def csrf():
    """The form token that ``client`` finds on the page at ``path``."""

    def token(client: Browser, path: str | None = None) -> str:
        return client.csrf(path)

    return token


@pytest.fixture(scope="session")
def _sandbox_shop(tmp_path_factory) -> tuple[Path, dict]:
    path = tmp_path_factory.mktemp("sandbox-shop") / "sandbox.db"
    return path, fill(path, seed=7, orders=120, each=2, now=START)


@pytest.fixture
def sandbox_payments(_sandbox_shop) -> dict:
    """Payments of ``sandbox`` by kind, as ``sandbox serve --fixture`` writes them."""
    return _sandbox_shop[1]


@pytest.fixture
def sandbox(tmp_path: Path, clock: FakeClock, _sandbox_shop):
    """A PortOne of its own on loopback, on the test's clock; ``.sandbox`` holds its strings."""
    path = tmp_path / "sandbox-shop.db"
    shutil.copy(_sandbox_shop[0], path)
    with SandboxServer(path, clock=clock) as server:
        yield server
