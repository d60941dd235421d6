"""From the sale to the money: the shop asks, a buyer pays in the window, the order says so."""

from __future__ import annotations

import contextlib
import socket
import threading
from contextlib import closing

import pytest
import waitress
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.checkout import service
from dashboard.checkout.public import create_public_app
from dashboard.database import connect, write
from dashboard.practice import Practice
from dashboard.worker import Worker
from tests import serving
from tests.e2e.conftest import (
    WIDE,
    see,
    wait,
)

DAY_S = 24 * 60 * 60
METHODS = (
    "card",
    "vbank",
    "trans",
    "phone",
    "kakaopay",
    "naverpay",
    "payco",
    "lpay",
    "ssgpay",
)


class Desk:
    """The shop's page, the buyer's page on its own port, and the window in it."""

    def __init__(self, site, browser, clock, public_url: str) -> None:
        self.site, self.browser, self.clock, self.public_url = site, browser, clock, public_url
        self.runtime = site.app.extensions["jangbu"]

    def find(self, css: str):
        return wait(self.browser, lambda: self.browser.find_element(By.CSS_SELECTOR, css))

    def see(self, words: str, css: str = "main") -> None:
        see(self.browser, words, css)

    def press(self, css: str) -> None:
        def click() -> bool:
            element = self.browser.find_element(By.CSS_SELECTOR, css)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        wait(self.browser, click)

    def row(self, merchant_uid: str) -> dict:
        with closing(connect(self.runtime.database_path)) as db:
            return service.find_by_number(db, merchant_uid)

    def becomes(self, merchant_uid: str, state: str) -> dict:
        wait(self.browser, lambda: self.row(merchant_uid)["state"] == state)
        return self.row(merchant_uid)

    @contextlib.contextmanager
    def window(self, size):
        """Inside the payment window: a frame on a desk, the page itself on a phone."""
        if size == WIDE:
            frame = self.find("#imp-window")
            self.browser.switch_to.frame(frame)
        else:
            wait(self.browser, lambda: "/window/" in self.browser.current_url)
        yield
        self.browser.switch_to.default_content()


@pytest.fixture
def desk(site, browser, sandbox, clock):
    """The shop in practice over a PortOne of the test, with the buyers' port open."""
    runtime = site.app.extensions["jangbu"]
    runtime._practice = Practice(sandbox)
    with closing(connect(runtime.database_path)) as db, write(db):
        for name, value in {
            "shop_name": "산들상회",
            "business_number": "1208147521",
            "ceo_name": "김선영",
            "shop_address": "서울 성동구 성수이로 20길 16",
            "shop_phone": "0216705176",
            "sells_tax_free": "no",
        }.items():
            settings.put(db, name, value)
    worker = Worker(site.app)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        runtime.public_port = sock.getsockname()[1]
        public = create_public_app(site.app)
        server = waitress.create_server(public, sockets=[sock], threads=4, ident=None)
        thread = threading.Thread(target=server.run, name="public", daemon=True)
        thread.start()
        worker.start()
        try:
            site.sign_in(browser)
            yield Desk(site, browser, clock, f"http://127.0.0.1:{runtime.public_port}")
        finally:
            worker.stop()
            serving.end(server, thread)
            runtime._practice = None  # the sandbox's own fixture ends it
