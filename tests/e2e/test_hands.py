"""Palette, keys, columns, saved views and chosen rows, by hand and during Hangul composition."""

from __future__ import annotations

from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from dashboard.orders import columns
from tests.e2e.conftest import PHONE, assert_accessible, assert_nothing_scrolls_sideways, look, wait
from tests.e2e.test_list import answered, far_side, shop  # noqa: F401 - fixtures

_KEY = """
const [code, key, more] = arguments;
const event = new KeyboardEvent("keydown", {code, key, bubbles: true, cancelable: true, ...more});
(document.activeElement ?? document.body).dispatchEvent(event);
return event.defaultPrevented;
"""


def find(browser, css):
    return browser.find_element(By.CSS_SELECTOR, css)


def key(browser, code, name="Process", **more) -> bool:
    """A key as an input method sends it; whether the page took it for its own."""
    return browser.execute_script(_KEY, code, name, more)


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def open_list(site, browser, path="/orders", **given):
    site.sign_in(browser, **given)
    site.open(browser, path)
    answered(browser)


def open_palette(browser):
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    offered(browser, "환불")


def offered(browser, word):
    """Wait until the palette offers ``word`` and answer the words of its chosen option."""
    wait(browser, lambda: word in find(browser, "#palette-options").text)
    chosen = find(browser, "#palette-input").get_attribute("aria-activedescendant")
    option = browser.find_element(By.ID, chosen)
    assert option.get_attribute("aria-selected") == "true"
    return option.text


def test_the_palette_by_keyboard_while_hangul_is_composed(site, browser, shop, far_side):  # noqa: F811
    open_list(site, browser)
    assert not key(browser, "KeyK", ctrlKey=True, isComposing=True)
    assert not key(browser, "KeyK", ctrlKey=True, keyCode=229)
    assert not find(browser, "#palette").is_displayed()
    find(browser, "#find").click()  # the palette opens from a field, too
    open_palette(browser)
    assert browser.switch_to.active_element.get_attribute("id") == "palette-input"
    press(browser, "ㅎㄱㅇ")
    wait(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, ".option")) < 5)
    assert offered(browser, "현금영수증") == "현금영수증"
    # The letters under way belong to the input method, whatever key it sends.
    for name in ("Enter", "ArrowDown", "Escape"):
        assert key(browser, name, name, isComposing=True) is (name == "Escape")
        assert key(browser, name, name, keyCode=229) is (name == "Escape")
    assert find(browser, "#palette").is_displayed() and browser.current_url.endswith("/orders")
    press(browser, Keys.TAB, Keys.TAB)  # nothing outside the dialog
    assert not browser.execute_script("return document.activeElement.closest('main, .side')")
    press(browser, Keys.ESCAPE)
    wait(browser, lambda: not find(browser, "#palette").is_displayed())
    assert browser.switch_to.active_element.get_attribute("id") == "find"
    find(browser, "h1").click()
    open_palette(browser)
    press(browser, "ㅎㅂ", Keys.ENTER)  # faster than any answer
    wait(browser, lambda: browser.current_url.endswith("/refunds"))


def test_the_palette_finds_orders_and_does_deeds_by_mouse(site, browser, shop, far_side):  # noqa: F811
    look(browser, PHONE)
    open_list(site, browser)
    find(browser, "[data-open-palette]").click()
    offered(browser, "환불")
    press(browser, "129000")
    assert "129,000원 · 정*윤" in offered(browser, "129,000")
    find(browser, "#palette .option").click()
    wait(browser, lambda: browser.current_url.endswith("/orders/1"))
    find(browser, "[data-open-palette]").click()
    offered(browser, "환불")
    press(browser, "engl")
    offered(browser, "English")
    wait(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, ".option")) == 1)
    press(browser, Keys.ENTER)
    wait(browser, lambda: find(browser, "html").get_attribute("lang") == "en")
    assert browser.current_url.endswith("/orders/1")


def test_keys_and_their_list(site, browser, shop, far_side):  # noqa: F811
    open_list(site, browser, "/orders?state=paid")
    assert not key(browser, "Slash", shiftKey=True, isComposing=True)
    ActionChains(browser).key_down(Keys.SHIFT).send_keys("/").key_up(Keys.SHIFT).perform()
    wait(browser, lambda: "Ctrl" in find(browser, "#key-list").text)
    press(browser, "j", Keys.ESCAPE)  # single keys sleep while a dialog is open
    assert not browser.execute_script("return document.activeElement.closest('[data-row]')")
    assert not key(browser, "KeyJ", "ㅓ", isComposing=True)
    assert key(browser, "KeyJ", "ㅓ")  # the same key on a Korean keyboard
    press(browser, Keys.ENTER)
    wait(browser, lambda: browser.current_url.endswith("/orders/1?list=state%3Dpaid"))
    press(browser, "j")  # order 2 was partly cancelled
    wait(browser, lambda: "/orders/7?" in browser.current_url)
    press(browser, "k")
    wait(browser, lambda: "/orders/1?" in browser.current_url)
    find(browser, "[data-way=up]").click()
    wait(browser, lambda: browser.current_url.endswith("/orders?state=paid#order-1"))
    press(browser, "g", "r")
    wait(browser, lambda: browser.current_url.endswith("/refunds"))


def test_rows_chosen_by_key_are_asked_about_copied_and_printed(site, browser, shop, far_side):  # noqa: F811
    open_list(site, browser, role="viewer")
    press(browser, "j", "x", "j", "j", "x")
    assert find(browser, "[data-picked-count]").text == "2건 골랐습니다"
    numbers = find(browser, "[data-copy-chosen=number]").get_attribute("data-copy")
    assert numbers == "20260821-0001\n20260821-0003"
    assert not browser.find_elements(By.CSS_SELECTOR, "[formaction*=bulk]")
    find(browser, "[data-ask-chosen]").click()
    wait(browser, lambda: "2건 일치" in find(browser, "#ask").text)
    assert far_side.asked[-1] == ["imp_000000000001", "imp_000000000003"]
    # The page's own button still means the whole page.
    ids = find(browser, "#ask [name=ids]").get_attribute("value")
    assert len(ids.split(",")) == 50
    assert find(browser, "[data-picked-count]").text == "2건 골랐습니다"
    look(browser, (717, 1000))  # A4 upright, between its margins
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert find(browser, "#order-1 .c-goods .l2").is_displayed()
        assert find(browser, "#order-1 .c-method").is_displayed()
        assert find(browser, "thead").is_displayed()
        rows = browser.find_elements(By.CSS_SELECTOR, "tr[data-row]")
        assert [row.get_attribute("id") for row in rows if row.is_displayed()] == [
            "order-1",
            "order-3",
        ]
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_columns_in_place_and_without_scripts(site, browser, shop, far_side):  # noqa: F811
    open_list(site, browser)
    find(browser, "#column-menu summary").click()
    find(browser, "[name=show][value=buyer]").click()
    find(browser, "[name=show][value=email]").click()
    find(browser, "[value=down-when]").click()
    find(browser, "#column-menu .btn-primary").click()
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "th.c-email"))
    heads = browser.find_elements(By.CSS_SELECTOR, "thead th")
    assert [head.get_attribute("class").split()[0] for head in heads[1:4]] == [
        "c-st",
        "c-when",
        "c-goods",
    ]
    assert not browser.find_elements(By.CSS_SELECTOR, ".c-buyer")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        site.open(browser, "/orders")
        find(browser, "#column-menu summary").click()
        find(browser, "[value=up-when]").click()
        wait(browser, lambda: find(browser, "thead th:nth-child(2).c-when"))
        assert find(browser, "#column-menu .panel").is_displayed()
        find(browser, "[name=reset]").click()
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".c-buyer"))
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_everything_open_is_accessible(site, browser, shop, far_side):  # noqa: F811
    """Over one row only: how a page of rows fares is test_list's to say."""
    open_list(site, browser, "/orders?state=failed")
    find(browser, "#save-view summary").click()
    find(browser, "#save-view [type=submit]").click()
    wait(browser, lambda: "이름을 입력" in find(browser, "#save-view").text)
    assert_accessible(browser)
    find(browser, "#name").send_keys("실패한 것")
    press(browser, Keys.ENTER)
    wait(browser, lambda: find(browser, ".saved [aria-current]").text == "실패한 것")
    with shop.conn:
        every = [column.name for column in columns.COLUMNS]
        columns.keep(shop, 1, columns.choose(every, every))
    for size in ((1440, 900), (768, 900), (320, 800)):
        look(browser, size)
        site.open(browser, "/orders?state=failed")
        assert_nothing_scrolls_sideways(browser)
    look(browser, (1440, 900))
    site.open(browser, "/orders?state=failed")
    answered(browser)
    press(browser, "j", "x")
    find(browser, "#column-menu summary").click()
    assert_accessible(browser)
    press(browser, Keys.ESCAPE)
    open_palette(browser)
    assert_accessible(browser)
    press(browser, Keys.ESCAPE)
    ActionChains(browser).key_down(Keys.SHIFT).send_keys("/").key_up(Keys.SHIFT).perform()
    wait(browser, lambda: "Ctrl" in find(browser, "#key-list").text)
    assert_accessible(browser)
