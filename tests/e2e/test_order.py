"""The order page in a real browser: it asks by itself, keeps typing, reveals in place, prints."""

from __future__ import annotations

from contextlib import closing

import pytest
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payments
from dashboard.portone import PortOne
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
    wait,
)
from tests.orders.payments import NOON, answer, cancel, make_payment
from tests.portone.far_side import KEY, SECRET, FarSide, ok, token_response

PARTLY = {"cancel_amount": 3_000, "cancel_history": [cancel(3_000, reason="상품 불량")]}


@pytest.fixture
def shop(site, clock):
    """The site with a PortOne that a test fills: ``shop(payments, answers)``; answers the path."""
    opened: list[FarSide] = []

    def shop(*payments, says) -> str:
        runtime = site.app.extensions["jangbu"]
        now = runtime.now()
        far = FarSide(*says, tokens=[ok(token_response(now=now))]).__enter__()
        opened.append(far)
        one = PortOne(far.url, KEY, SECRET, clock=clock)
        runtime.portone = lambda _limits: one
        with closing(connect(runtime.database_path)) as db, write(db):
            settings.put(db, "sells_tax_free", "yes")
            applied = apply_payments(db, payments, source="sync", now=now - 300)
        return f"/orders/{applied[-1].order_id}"

    yield shop
    for far in opened:
        far.__exit__()


def _find(browser, css: str):
    """The element, as soon as it stands: a busy PC shows a page piece by piece."""
    return wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, css))


def _settled(browser, words: str) -> None:
    see(browser, words, "#order-live")


def test_the_page_asks_by_itself_and_shows_what_changed(browser, site, shop):
    path = shop(make_payment(), says=[ok(answer(**PARTLY))])
    site.sign_in(browser)
    site.open(browser, path)
    _settled(browser, "방금 반영: 결제완료 → 부분취소 3,000원")
    assert "7,000" in _find(browser, "#order-amounts").text
    assert "상품 불량" in _find(browser, "#order-cancels").text
    wait(browser, lambda: "방금 반영" in _find(browser, "#said").text)


def test_a_note_being_typed_survives_the_answer(browser, site, shop):
    path = shop(make_payment(), says=[ok(answer())])
    site.sign_in(browser)
    site.open(browser, path)
    _find(browser, "[name=text]").send_keys("전화로")
    _find(browser, "[name=tax_free]").send_keys("3,0")
    _settled(browser, "일치")
    _find(browser, "#order-live button").click()
    _settled(browser, "일치")
    assert _find(browser, "[name=text]").get_property("value") == "전화로"
    assert _find(browser, "[name=tax_free]").get_property("value") == "3,0"


def test_personal_data_is_revealed_in_place(browser, site, shop):
    path = shop(make_payment(), says=[ok(answer())])
    site.sign_in(browser)
    site.open(browser, path)
    _settled(browser, "일치")
    assert "정하윤" not in browser.page_source
    _find(browser, "#order-buyer .reveal").click()
    wait(browser, lambda: "정하윤" in _find(browser, "#order-buyer").text)
    assert "010-1234-5678" in _find(browser, "#order-buyer").text
    assert browser.current_url.endswith(path)
    inside = "return document.getElementById('order-buyer').contains(document.activeElement)"
    assert browser.execute_script(inside)
    assert "개인정보 열람 기록 1건" in _find(browser, "#order-timeline").text


def test_without_a_script_every_button_still_works(browser, site, shop):
    path = shop(make_payment(), says=[ok(answer(**PARTLY))])
    site.sign_in(browser)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        site.open(browser, path)
        _settled(browser, "포트원 마지막 확인 5분 전")
        _find(browser, "#order-live button").click()
        assert "방금 반영" in _find(browser, ".flashes").text
        _find(browser, "#order-buyer .reveal").click()
        wait(browser, lambda: "정하윤" in browser.page_source)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_on_paper_there_is_nothing_to_press(browser, site, shop):
    path = shop(make_payment(), says=[ok(answer())])
    site.sign_in(browser)
    site.open(browser, path)
    _settled(browser, "일치")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    pressed = browser.find_elements(By.CSS_SELECTOR, "main button, main textarea, main input")
    assert [one for one in pressed if one.is_displayed()] == []
    assert _find(browser, "#order-facts").is_displayed()
    exact = browser.execute_script(
        "return getComputedStyle(document.querySelector('.story time'), '::after').content"
    )
    assert exact.startswith('"20')


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_accessible_and_fits(browser, site, shop, language, dark):
    failed = make_payment(
        imp_uid="imp_000000000002", status="failed", failed_at=NOON, started_at=NOON - 60
    )
    both = [ok([answer(), answer(imp_uid="imp_000000000002", status="failed", failed_at=NOON)])]
    path = shop(failed, make_payment(3_000), says=both)
    site.sign_in(browser, language=language)
    for size in (WIDE, PHONE, (320, 700)):
        look(browser, size, dark=dark)
        site.open(browser, path)
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#order-live.is-check"))
        for details in browser.find_elements(By.TAG_NAME, "details"):
            browser.execute_script("arguments[0].open = true", details)
        assert_nothing_scrolls_sideways(browser)
        assert_accessible(browser)


@pytest.mark.parametrize("size", [WIDE, PHONE, (320, 700)])
def test_long_cancel_ids_stay_inside_and_the_newest_cancel_stands_first(browser, site, shop, size):
    history = [
        cancel(1_000 * number, number, cancellation_id=f"cancellation_{number:048x}")
        for number in (1, 2)
    ]
    partly = {"cancel_amount": 3_000, "cancel_history": history}
    path = shop(make_payment(**partly), says=[ok(answer(**partly))])
    look(browser, size)
    site.sign_in(browser)
    site.open(browser, path)
    _settled(browser, "일치")
    assert_nothing_scrolls_sideways(browser)
    amounts = browser.find_elements(By.CSS_SELECTOR, "#order-cancels .gone")
    assert [one.text for one in amounts] == ["−2,000원", "−1,000원"]


def test_a_refused_note_is_in_sight(browser, site, shop):
    site.sign_in(browser)
    site.open(browser, shop(make_payment(), says=[ok(answer()), ok(answer())]))
    _settled(browser, "일치")
    _find(browser, "#order-notes [type=submit]").click()
    wrong = _find(browser, "#order-notes .wrong")
    wait(browser, lambda: browser.switch_to.active_element.tag_name == "textarea")
    box = browser.execute_script("return arguments[0].getBoundingClientRect().toJSON()", wrong)
    assert 0 <= box["top"] and box["bottom"] <= WIDE[1]
