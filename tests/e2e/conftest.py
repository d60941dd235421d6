"""A real Chromium in front of the real application.

Without Chromium these tests are left out and say so; in CI (environment variable CI) that is a
failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

import pytest
import waitress
from axe_core_python.selenium import Axe
from flask import Flask
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from dashboard import create_app
from dashboard.accounts import store
from dashboard.config import Config
from dashboard.database import connect, write
from tests import serving

T = TypeVar("T")
WIDE, PHONE = (1440, 900), (390, 844)
_MOVED = (NoSuchElementException, StaleElementReferenceException)
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=ko",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory) -> Iterator[WebDriver]:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        why = "needs Chromium and chromedriver on the PATH"
        if os.environ.get("CI"):
            pytest.fail(f"{why}; in CI this is a failure")
        pytest.skip(why)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "ko-KR,ko"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.set_page_load_timeout(30)
    try:
        yield browser
    finally:
        browser.quit()


@pytest.fixture
def browser(_chromium: WebDriver) -> Iterator[WebDriver]:
    """Chromium as if just unpacked; a script error or a refused piece fails the test."""
    _chromium.get("about:blank")
    _chromium.get_log("browser")
    _chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    _chromium.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    look(_chromium, WIDE)
    yield _chromium
    entries = _chromium.get_log("browser")
    severe = [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
    errors = [text for text in severe if "the server responded with a status of" not in text]
    _chromium.get("about:blank")
    assert errors == []


def look(browser: WebDriver, size: tuple[int, int], *, dark: bool = False) -> None:
    """A screen of this size (CSS pixels) on a PC that prefers light or dark."""
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {
            "features": [
                {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                {"name": "prefers-reduced-motion", "value": "reduce"},  # no smooth scrolling
            ]
        },
    )


def wait(browser: WebDriver, what: Callable[[], T]) -> T:
    """What ``what()`` answers once it is true.

    It finds its elements itself: between finding one and reading it another page, or an answer
    put in its place, may have come.
    """
    try:
        return WebDriverWait(browser, 60, poll_frequency=0.1, ignored_exceptions=_MOVED).until(
            lambda _: what()
        )
    except TimeoutException:
        shown = browser.execute_script("return document.body.innerText")
        pytest.fail(f"waited in vain at {browser.current_url}, which says:\n{shown}")


def see(browser: WebDriver, words: str, css: str = "main") -> None:
    """Wait until the first ``css`` of the page says these words."""
    wait(browser, lambda: words in browser.find_element(By.CSS_SELECTOR, css).text)


_SMALL_TARGETS = """
const targets = "a[href], button, input:not([type=hidden]), select, summary";
const shown = [...document.querySelectorAll(targets)].filter((e) =>
  e.checkVisibility({visibilityProperty: true}) && !e.closest(".visually-hidden, .skip"));
const centre = (r) => [r.x + r.width / 2, r.y + r.height / 2];
const boxes = shown.map((e) => e.getBoundingClientRect());
return shown.filter((e, i) => {
  const box = boxes[i];
  if (box.width >= 24 && box.height >= 24) return false;
  if (getComputedStyle(e).display === "inline") return false;  // in a sentence
  const [x, y] = centre(box);
  return boxes.some((other, j) => {
    if (i === j || shown[i].contains(shown[j]) || shown[j].contains(shown[i])) return false;
    const dx = Math.max(other.left - x, 0, x - other.right);
    const dy = Math.max(other.top - y, 0, y - other.bottom);
    return Math.hypot(dx, dy) < 12;
  });
}).map((e) => e.outerHTML.slice(0, 160));
"""


def assert_accessible(browser: WebDriver) -> None:
    """No violation of WCAG 2.2 A and AA that a program can see.

    axe knows the rules up to 2.1; what 2.2 adds for still pages is the size of targets (2.5.8):
    24 px, or a circle of 24 px around the centre that touches no other target.
    """
    found = Axe().run(browser, options=WCAG)["violations"]
    assert not found, "\n".join(
        f"{rule['id']}: {rule['help']}\n"
        + "\n".join(f"  {node['html']}\n  {node['failureSummary']}" for node in rule["nodes"])
        for rule in found
    )
    assert browser.execute_script(_SMALL_TARGETS) == []


def assert_nothing_scrolls_sideways(browser: WebDriver) -> None:
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth")


@dataclass
class Site:
    """The application, answering on a loopback port of its own."""

    app: Flask
    url: str

    def open(self, browser: WebDriver, path: str) -> None:
        browser.get(self.url + path)

    def sign_in(self, browser: WebDriver, role: str = "owner", *, language: str = "ko") -> None:
        """Be signed in as the shop's person with this role, as if just typed in."""
        runtime = self.app.extensions["jangbu"]
        with closing(connect(runtime.database_path)) as db:
            person = store.find_by_name(db, role)
            with write(db):
                store.set_language(db, person.id, language)
        now = runtime.now()
        signer = self.app.session_interface.get_signing_serializer(self.app)
        content = {"_user_id": person.get_id(), "_fresh": True, "since": now, "seen": now}
        # Not by way of a page: the answer to its favicon could come late and bring a cookie, too.
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = {"name": name, "value": signer.dumps(content), "url": self.url, "httpOnly": True}
        browser.execute_cdp_cmd("Network.setCookie", cookie)


@pytest.fixture
def site(config: Config) -> Iterator[Site]:
    """The application over the shop of the ``config`` fixture, served by waitress."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        app = create_app(replace(config, port=port))
        server = waitress.create_server(app, sockets=[sock], threads=4, ident=None)
        thread = threading.Thread(target=server.run, name="site", daemon=True)
        thread.start()
        try:
            yield Site(app, f"http://127.0.0.1:{port}")
        finally:
            serving.end(server, thread)  # Chromium keeps connections open
            app.extensions["jangbu"].close()
