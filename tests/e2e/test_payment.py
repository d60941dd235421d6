"""From the sale to the money: the shop asks, a buyer pays in the window, the order says so."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from contextlib import closing

import pytest
import requests
import waitress
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.checkout import inbox, links, products, service
from dashboard.checkout.public import create_public_app
from dashboard.checkout.service import Line
from dashboard.database import connect, write
from dashboard.ksnet import WindowWish
from dashboard.practice import Practice
from dashboard.worker import Worker
from tests import serving
from tests.conftest import FakeClock
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
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

    def ask(
        self,
        amount: int = 60_000,
        method: str = "card",
        *,
        product_id: int | None = None,
        **wish,
    ) -> tuple[dict, str]:
        """A request as the form makes it; answers it and the buyer's link."""
        now = self.runtime.now()
        if method == "vbank":
            wish["vbank_due"] = now + 3 * DAY_S
        given = {"name": "사과 한 상자", "buyer_name": "홍길동", "tax_free": 0}
        with self.site.app.app_context(), closing(connect(self.runtime.database_path)) as db:
            row = service.create(
                self.runtime,
                db,
                form_token=str(uuid.uuid4()),
                wish=WindowWish(pay_method=method, amount=amount, **given | wish),
                lines=[
                    Line(
                        name=given["name"],
                        unit_price=amount,
                        quantity=1,
                        tax_free=False,
                        product_id=product_id,
                    )
                ],
                expires_at=now + 3 * DAY_S,
                person_id=1,
            )
            return row, f"{self.public_url}/pay/{links.token_of(row['id'])}"

    def row(self, merchant_uid: str) -> dict:
        with closing(connect(self.runtime.database_path)) as db:
            return service.find_by_number(db, merchant_uid)

    def becomes(self, merchant_uid: str, state: str) -> dict:
        wait(self.browser, lambda: self.row(merchant_uid)["state"] == state)
        return self.row(merchant_uid)

    def events(self) -> list[str]:
        with closing(connect(self.runtime.database_path)) as db:
            return [one["kind"] for one in db.query("SELECT kind FROM events ORDER BY id")]

    def webhooks(self) -> list[dict]:
        with closing(connect(self.runtime.database_path)) as db:
            return inbox.listed(db, limit=50, offset=0)

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


class Ticking(FakeClock):
    """Goes on by itself: pages may ask again after a moment."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def __call__(self) -> float:
        return self.now + time.monotonic() - self._since


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


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
            browser.get("about:blank")  # a result page asks on while it is open
            worker.stop()
            serving.end(server, thread)
            runtime._practice = None  # the sandbox's own fixture ends it


def paid(desk) -> int:
    """How many payments PortOne has as paid, of those made in this test."""
    with closing(desk.runtime.practice._server.sandbox.store.connect()) as db:
        found = db.execute(
            "SELECT count(*) AS n FROM payments JOIN windows USING (imp_uid) WHERE status = 'paid'"
        )
        return found.fetchone()["n"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_failure_says_why_and_the_next_try_pays(desk, size):
    look(desk.browser, size)
    row, url = desk.ask()
    desk.browser.get(url)
    desk.press("#pay")
    with desk.window(size):
        reason = desk.find("#reason option").text
        desk.press("#fail")
    desk.find("#state[data-state=failed]")
    desk.see(reason)
    desk.see("이번 시도에서는 출금되지 않았습니다")
    desk.press("#state .go")
    desk.see(reason)
    desk.press("#pay")
    with desk.window(size):
        desk.press("#pay")
    desk.find("#state[data-state=paid]")
    assert desk.row(row["merchant_uid"])["state"] == "paid" and paid(desk) == 1


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_closing_the_window_leaves_everything_open(desk, size):
    look(desk.browser, size)
    row, url = desk.ask()
    desk.browser.get(url)
    desk.press("#pay")
    with desk.window(size):
        desk.press("#close")
    desk.see("아직 결제된 것이 없습니다")
    assert not desk.find("#state[data-state=open]").get_attribute("data-final")
    desk.press("#state .go")
    desk.find("#pay")
    assert desk.row(row["merchant_uid"])["state"] == "open" and paid(desk) == 0


def test_closing_the_browser_after_paying_loses_nothing(desk, clock):
    row, url = desk.ask()
    desk.browser.get(url)
    # Nobody tells the shop: webhooks are lost, and the page is gone before its callback ran.
    desk.runtime.practice._server.sandbox.switches.notice_dropped = True
    desk.press("#pay")
    with desk.window(WIDE):
        src = desk.browser.execute_script("return location.href")
        desk.find("#choices")
    desk.browser.get("about:blank")
    desk.browser.get(src)  # the window's own tab, where the buyer pays and closes it
    desk.press("#pay")
    desk.find("body[data-view=ended]")
    desk.browser.get("about:blank")
    assert paid(desk) == 1
    clock.now += 30
    desk.becomes(row["merchant_uid"], "paid")


def test_a_double_click_opens_one_window_and_pays_once(desk):
    _row, url = desk.ask()
    desk.browser.get(url)
    ActionChains(desk.browser).double_click(desk.find("#pay")).perform()
    with desk.window(WIDE):
        ActionChains(desk.browser).double_click(desk.find("#pay")).perform()
    desk.find("#state[data-state=paid]")
    assert paid(desk) == 1
    with closing(desk.runtime.practice._server.sandbox.store.connect()) as db:
        assert db.execute("SELECT count(*) AS n FROM windows").fetchone()["n"] == 1


def test_reloading_the_result_shows_the_same_and_asks_no_more(desk):
    row, url = desk.ask()
    desk.browser.get(url)
    desk.press("#pay")
    with desk.window(WIDE):
        desk.press("#pay")
    desk.find("#state[data-state=paid]")
    journal = desk.runtime.practice._server.sandbox.journal
    imp_uid = desk.row(row["merchant_uid"])["imp_uid"]

    def asked() -> int:  # about this payment; the ledger's own sync goes on beside it
        return sum(
            imp_uid in entry.target or row["merchant_uid"] in entry.target
            for entry in journal.entries("GET")
        )

    before = asked()
    assert before
    desk.browser.refresh()
    desk.find("#state[data-state=paid][data-final]")
    assert asked() == before
    desk.browser.get(url)  # and the link pays no second time
    desk.find("#state[data-state=paid]")
    events = [one for one in desk.events() if one == "payment_request.paid"]
    assert len(events) == 1 and desk.row(row["merchant_uid"])["alarm"] is None


def test_a_tampered_amount_is_blocked_before_the_window_opens(desk):
    row, url = desk.ask(60_000)
    desk.browser.get(url)
    desk.find("#pay")
    desk.browser.execute_script(
        "const ask = window.IMP.request_pay;"
        "window.IMP = {init: window.IMP.init,"
        " request_pay: (params, done) => ask({...params, amount: 100}, done)};"
    )
    desk.press("#pay")
    with desk.window(WIDE):
        assert desk.find(".wrong-list li").get_attribute("data-parameter") == "amount"
        desk.press("#close")
    desk.find("#state[data-state=open]")
    assert desk.row(row["merchant_uid"])["state"] == "open" and paid(desk) == 0


def test_a_callback_forged_with_another_orders_payment_changes_nothing(desk):
    cheap, cheap_url = desk.ask(1_000)
    dear, dear_url = desk.ask(900_000)
    desk.browser.get(cheap_url)
    desk.press("#pay")
    with desk.window(WIDE):
        desk.press("#pay")
    desk.find("#state[data-state=paid]")
    imp_uid = desk.row(cheap["merchant_uid"])["imp_uid"]
    query = f"imp_uid={imp_uid}&merchant_uid={dear['merchant_uid']}"
    desk.browser.get(f"{dear_url}/result?{query}&success=true")
    desk.see("아직 결제된 것이 없습니다")
    after = desk.row(dear["merchant_uid"])
    assert after["state"] == "open" and after["forged_at"] is not None


def test_a_webhook_said_again_and_again_is_one_payment(desk):
    row, url = desk.ask()
    box = desk.runtime.practice._server.sandbox
    box.switches.notice_copies = 5
    desk.browser.get(url)
    desk.press("#pay")
    with desk.window(WIDE):
        desk.press("#pay")
    desk.find("#state[data-state=paid]")
    box.notices.settle()
    wait(desk.browser, lambda: desk.webhooks()[0]["verdict"] != "waiting")
    assert sum(one["count"] for one in desk.webhooks()) == 5
    assert desk.events().count("payment_request.paid") == 1
    assert desk.row(row["merchant_uid"])["alarm"] is None


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_buyers_pages_are_accessible_and_fit(desk, language):
    sizes = (WIDE, (390, 2400), (320, 2400))

    def fits() -> None:
        for size in sizes:
            look(desk.browser, size)
            assert_nothing_scrolls_sideways(desk.browser)
            if language == "ko" and size[0] > 320:
                assert_accessible(desk.browser)
        look(desk.browser, WIDE)

    row, url = desk.ask(method="vbank")
    desk.browser.get(f"{url}?lang={language}")
    desk.find("#pay")
    fits()
    desk.press("#pay")
    with desk.window(WIDE):
        desk.press("#pay")
        desk.press("#done")
    desk.find("#state[data-state=waiting]")
    fits()
    desk.runtime.practice.deposit_for(desk.row(row["merchant_uid"])["imp_uid"])
    desk.becomes(row["merchant_uid"], "paid")
    desk.browser.refresh()
    desk.find("#state[data-state=paid]")
    fits()
    desk.browser.get(f"{url}x?lang={language}")
    desk.find(".state.is-full")
    fits()


def sell(desk, method: str, *, price: str = "60000") -> str:
    """The form of a sale, as the shop fills it in; answers the buyer's link on this PC."""
    desk.site.open(desk.browser, "/requests/new")
    desk.find("[data-line] input[name$=name]").send_keys("사과 한 상자")
    desk.find("[data-line] input[name$=unit_price]").send_keys(price)
    desk.find("#buyer_name").send_keys("홍길동")
    desk.find("#buyer_tel").send_keys("010-1234-5678")
    desk.find("#buyer_email").send_keys("buyer@example.com")
    if method != "card":
        desk.press(f".pay-methods input[value={method}]")
    if price == "60000":
        assert "60,000" in desk.find("#amount").text
    desk.press("[data-send]")
    return desk.find("a[href*='/pay/']").get_attribute("href")


@pytest.mark.parametrize("method", METHODS)
def test_from_the_form_to_the_paid_order(desk, method):
    """On a desk by callback and, at the width of a phone, by redirect."""
    box = desk.runtime.practice._server.sandbox
    for size in (WIDE, PHONE):
        look(desk.browser, WIDE)
        url = sell(desk, method)
        request_url = desk.browser.current_url
        look(desk.browser, size)
        desk.browser.get(url)
        desk.press("#pay")
        with desk.window(size):
            desk.press("#pay")
            if method == "vbank":
                account = desk.find("#account").text
                desk.press("#deposit")
                desk.find("body:not(:has(#deposit))")
                desk.press("#done")
        desk.find("#state[data-state=paid]")
        assert ("imp_uid=" in desk.browser.current_url) and desk.public_url in (
            desk.browser.current_url
        )
        look(desk.browser, WIDE)
        desk.browser.get(request_url)
        desk.see("결제완료")
        if size == PHONE:
            break  # the order's page is the same one
        desk.press("main a[href^='/orders/']")
        desk.see("60,000원")
        desk.see("결제완료", "#order-title")
        if method == "vbank":
            desk.see(account)
    sent = {one["params"]["pay_method"] for one in windows(box)}
    assert sent == {method}
    notices = [one for one in desk.webhooks() if one["status"] == "paid"]
    assert len(notices) == 2


def windows(box) -> list[dict]:
    with closing(box.store.connect()) as db:
        return [
            dict(one) | {"params": json.loads(one["params"])}
            for one in db.execute("SELECT * FROM windows")
        ]


def test_the_form_loses_nothing_and_says_what_is_wrong(desk):
    desk.site.open(desk.browser, "/requests/new")
    desk.find("[data-line] input[name$=name]").send_keys("사과 한 상자")
    desk.press("[data-send]")
    desk.see("아직 요청하지 않았습니다")
    assert desk.find("[data-line] input[name$=name]").get_property("value") == "사과 한 상자"
    months = desk.find("[data-for=card_quota]")
    desk.find("[data-line] input[name$=unit_price]").send_keys("12000")
    assert not months.is_displayed()  # K18: below 50,000 won there are none to choose
    desk.find("[data-line] input[name$=unit_price]").send_keys("0")
    assert months.is_displayed()
    desk.press("[data-add-line]")
    assert len(desk.browser.find_elements(By.CSS_SELECTOR, "[data-line]")) == 2


def test_twenty_buyers_wait_for_no_one_and_five_get_it(desk):
    """Twenty windows pay at once for five pieces: PortOne asks before each approval."""
    with closing(connect(desk.runtime.database_path)) as db:
        product_id = products.save(
            db,
            None,
            name="한정판",
            unit_price=60_000,
            tax_free=False,
            stock=5,
            person_id=1,
            now=int(desk.runtime.now()),
        )
    asked = [desk.ask(product_id=product_id) for _ in range(20)]
    box = desk.runtime.practice._server
    start, ended = threading.Barrier(20), []

    def buy(url: str) -> None:
        with requests.Session() as session:
            session.trust_env = False
            told = session.post(f"{url}/open", timeout=30).json()
            opened = session.post(
                f"{box.url}/window",
                json={
                    "code": told["merchant_code"],
                    "channel": "pc",
                    "param": told["params"],
                },
                headers={"Origin": desk.public_url},
                timeout=30,
            ).json()
            window = f"{box.url}{opened['response']['url']}"
            start.wait(60)
            paid = session.post(
                f"{window}/pay", json={"card_code": "366", "quota": 0}, timeout=60
            ).json()
            ended.append(paid["response"]["ended"])

    threads = [threading.Thread(target=buy, args=(url,)) for _row, url in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(ended) == ["failed"] * 15 + ["paid"] * 5
    assert paid(desk) == 5
    desk.clock.now += 60
    numbers = [row["merchant_uid"] for row, _url in asked]
    wait(
        desk.browser,
        lambda: sum(desk.row(one)["state"] == "paid" for one in numbers) == 5,
    )
    with closing(connect(desk.runtime.database_path)) as db:
        assert products.find(db, product_id)["stock"] == 0
    wait(
        desk.browser,
        lambda: sum(desk.row(one)["state"] == "failed" for one in numbers) == 15,
    )
    reasons = {desk.row(one)["fail_reason"] for one in numbers} - {None}
    assert all("한정판" in one for one in reasons) and reasons
