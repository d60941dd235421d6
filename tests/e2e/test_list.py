"""The order list as a person uses it."""

from __future__ import annotations

from contextlib import closing

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from sqlite_utils import Database

from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Payment
from dashboard.portone.errors import PortOneNotAuthorised, Why
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
    wait,
)
from tests.orders.far_side import FarSide
from tests.orders.payments import NOON, answer, cancel

HOUR = 3600


def pay(number: int, **changes):
    start = NOON - number * HOUR
    times = {"started_at": start}
    if changes.get("status", "paid") in ("paid", "cancelled"):
        times["paid_at"] = start + 60
    return answer(
        imp_uid=f"imp_{number:012d}", merchant_uid=f"20260821-{number:04d}", **(times | changes)
    )


PAYMENTS = [
    pay(1, amount=129_000, name="추석 과일 선물세트 ‘보름’ 외 1건"),
    pay(2, amount=56_000, cancel_amount=14_000, cancel_history=[cancel(14_000)]),
    pay(3, pay_method="vbank", status="ready", vbank_num="123", vbank_name="KB국민은행"),
    pay(4, status="failed", fail_reason="한도 초과"),
    pay(5, status="cancelled", cancel_amount=10_000, cancel_history=[cancel(10_000)]),
    pay(6, cancel_amount=99_000),
    pay(7, sandbox=True),
    pay(8, amount=1250, currency="USD"),
    pay(9, pay_method="phone"),
    pay(10, pay_method="kakaopay", card_name=None),
    pay(11, status="ready"),
    pay(300 * 24),
    *(pay(20 + n) for n in range(50)),
]


@pytest.fixture
def shop(site):
    with closing(connect(site.app.extensions["jangbu"].database_path)) as db:
        with write(db):
            for one in PAYMENTS:
                apply_payment(db, Payment.from_json(one), source="sync", now=NOON)
        yield db


@pytest.fixture
def far_side(monkeypatch):
    return FarSide(*PAYMENTS).stand(monkeypatch)


def says(browser, selector: str) -> str:
    return " ".join(browser.find_element(By.CSS_SELECTOR, selector).text.split())


def answered(browser) -> str:
    """What the note says once PortOne has answered."""
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#ask[data-live-when]"))
    return says(browser, "#ask .ask-note")


def test_sums_and_live_status_come_after_the_rows(site, browser, shop: Database, far_side):
    changed = pay(
        1,
        amount=129_000,
        status="cancelled",
        cancel_amount=129_000,
        cancel_history=[cancel(129_000)],
    )
    far_side.payments["imp_000000000001"] = Payment.from_json(changed)
    del far_side.payments["imp_000000000004"]
    site.sign_in(browser)
    site.open(browser, "/orders")
    assert "48건 일치 · 1건 방금 반영 · 1건 확인 필요" in answered(browser)
    assert len(far_side.asked) == 1 and len(far_side.asked[0]) == 50
    first = browser.find_element(By.CSS_SELECTOR, "#order-1")
    assert "전액취소" in first.text and "방금 반영" in first.text and "−129,000" in first.text
    assert "확인 필요" in browser.find_element(By.CSS_SELECTOR, "#order-4").text
    # What changed is in the sums already.
    rows = shop.execute(
        "SELECT sum(paid_amount), sum(cancelled_amount) FROM orders"
        " WHERE NOT sandbox AND currency = 'KRW'"
    ).fetchone()
    wait(browser, lambda: f"순액 {rows[0] - rows[1]:,}원" in says(browser, "#sums"))
    assert "테스트 결제 1건과 원화가 아닌 결제 1건" in says(browser, "#sums")
    assert "나간 주문 1건은 접어 두었습니다" in says(browser, "#folded")


def test_a_row_opens_the_order_and_ctrl_opens_a_tab(site, browser, shop, far_side):
    site.sign_in(browser)
    site.open(browser, "/orders")
    answered(browser)
    amount = browser.find_element(By.CSS_SELECTOR, "#order-2 .c-amt")
    home = browser.current_window_handle
    ActionChains(browser).key_down(Keys.CONTROL).click(amount).key_up(Keys.CONTROL).perform()
    wait(browser, lambda: len(browser.window_handles) == 2)
    assert browser.current_url.endswith("/orders")
    for handle in set(browser.window_handles) - {home}:
        browser.switch_to.window(handle)
        browser.close()
    browser.switch_to.window(home)
    browser.find_element(By.CSS_SELECTOR, "#order-2 .c-amt").click()
    wait(browser, lambda: browser.current_url.endswith("/orders/2"))


def test_the_row_menu_copies_and_stays(site, browser, shop, far_side):
    site.sign_in(browser)
    site.open(browser, "/orders")
    answered(browser)
    browser.find_element(By.CSS_SELECTOR, "#menu-2 summary").click()
    browser.find_element(By.CSS_SELECTOR, "#menu-2 [data-copy='imp_000000000002']").click()
    said = browser.find_element(By.ID, "said")
    wait(browser, lambda: "복사" in said.get_attribute("textContent"))
    assert browser.current_url.endswith("/orders")


def test_rows_by_keyboard(site, browser, shop, far_side):
    site.sign_in(browser)
    site.open(browser, "/orders")
    answered(browser)
    keys = ActionChains(browser)
    keys.send_keys("j").send_keys("j").send_keys("j").send_keys("k").send_keys(Keys.ENTER).perform()
    wait(browser, lambda: browser.current_url.endswith("/orders/2"))


def test_a_select_asks_at_once_and_the_address_stays_short(site, browser, shop, far_side):
    site.sign_in(browser)
    site.open(browser, "/orders?state=paid&q=선물세트")
    answered(browser)
    browser.find_element(By.CSS_SELECTOR, "#base option[value=paid]").click()
    wait(browser, lambda: "base=paid" in browser.current_url)
    asked = browser.current_url.partition("?")[2].split("&")
    assert sorted(part.partition("=")[0] for part in asked) == ["base", "q", "state", "when"]


def test_a_refused_key_says_how_to_mend_it(site, browser, shop, monkeypatch):
    FarSide(error=PortOneNotAuthorised(1, 401, why=Why.KEY)).stand(monkeypatch)
    site.sign_in(browser)
    site.open(browser, "/orders")
    assert "Secret을 거절했습니다" in answered(browser)
    assert browser.find_element(By.CSS_SELECTOR, "#ask a").text == "설정 열기"
    assert "결제완료" in browser.find_element(By.CSS_SELECTOR, "#order-1").text
    assert not browser.find_element(By.CSS_SELECTOR, "#order-1 .live").is_displayed()


def test_without_scripts(site, browser, shop, far_side):
    site.sign_in(browser)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        site.open(browser, "/orders?state=paid")
        browser.find_element(By.LINK_TEXT, "건수와 합계 보기").click()
        see(browser, "순액", "#sums")
        browser.find_element(By.CSS_SELECTOR, "#ask button").click()
        see(browser, "50건 일치", ".flashes")
        assert "state=paid" in browser.current_url
        browser.find_element(By.CSS_SELECTOR, "#narrow-by summary").click()
        browser.find_element(By.NAME, "min").send_keys("100,000원")
        browser.find_element(By.CSS_SELECTOR, "#narrow-by [type=submit]").click()
        wait(browser, lambda: "min=" in browser.current_url)
        assert len(browser.find_elements(By.CSS_SELECTOR, "tr[data-row]")) == 1
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize(
    ("path", "size", "dark"),
    [
        ("/orders?unfold=1", WIDE, False),
        ("/orders?unfold=1", PHONE, True),
        ("/orders?q=선물세트&from=x&min=y", WIDE, True),
        ("/orders?q=선물세트&from=x&min=y", PHONE, False),
        ("/orders?q=없는것", WIDE, False),
    ],
)
def test_the_list_is_accessible(site, browser, shop, far_side, size, dark, path):
    look(browser, size, dark=dark)
    site.sign_in(browser)
    site.open(browser, path)
    if "unfold" in path:
        answered(browser)
        # The wash of a changed row fades; contrast counts once it stands.
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#sums .net"))
    assert_accessible(browser)
    assert_nothing_scrolls_sideways(browser)


def test_nothing_is_cut_off_at_any_width(site, browser, shop, far_side):
    site.sign_in(browser)
    site.open(browser, "/orders?when=custom&from=2020-01-01")
    answered(browser)
    for width in (320, 390, 767, 768, 1024, 1120, 1408, 1440, 1920):
        look(browser, (width, 900))
        assert_nothing_scrolls_sideways(browser)
        goods = browser.find_element(By.CSS_SELECTOR, "#order-1 .goods")
        assert goods.size["width"] >= 100, width
