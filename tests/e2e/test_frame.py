"""The frame by eye and by hand: themes, languages, phone, keys, no sideways scrolling."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    wait,
)

PAGES = ("/help", "/nothing-here", "/orders", "/sync", "/settings", "/people", "/me")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_pass_axe_light_and_dark_on_desk_and_phone(site, browser, path, language):
    site.sign_in(browser, language=language)
    for size in (WIDE, PHONE):  # the two languages together see all four
        look(browser, size, dark=(size is PHONE) == (language == "ko"))
        site.open(browser, path)
        root = browser.find_element(By.TAG_NAME, "html")
        assert root.get_attribute("lang") == language
        assert_accessible(browser)
        assert_nothing_scrolls_sideways(browser)


def test_nothing_scrolls_sideways_at_any_width(site, browser):
    site.sign_in(browser)
    site.open(browser, "/help")
    for width in (320, 390, 720, 768, 1024, 1409, 1920):
        look(browser, (width, 800))
        assert_nothing_scrolls_sideways(browser)


def test_the_page_follows_the_pc_until_told_otherwise(site, browser):
    site.sign_in(browser)
    look(browser, WIDE, dark=True)
    site.open(browser, "/help")
    root = browser.find_element(By.TAG_NAME, "html")
    assert root.get_attribute("data-bs-theme") == "dark"
    browser.find_element(By.CSS_SELECTOR, ".top-end .shade").click()
    assert root.get_attribute("data-bs-theme") == "light"
    said = browser.find_element(By.ID, "said")
    wait(browser, lambda: said.text == "밝은 화면")

    def kept():
        site.open(browser, "/help")
        return browser.find_element(By.TAG_NAME, "html").get_attribute("data-theme") == "light"

    wait(browser, kept)


def test_single_keys_work_and_can_be_switched_off(site, browser):
    site.sign_in(browser)
    site.open(browser, "/help")
    ActionChains(browser).send_keys("/").perform()
    assert browser.switch_to.active_element.get_attribute("id") == "find"
    ActionChains(browser).send_keys("/").perform()  # typing now
    assert browser.switch_to.active_element.get_attribute("value") == "/"
    browser.find_element(By.ID, "keys-off").click()
    ActionChains(browser).send_keys("/").perform()
    assert browser.switch_to.active_element.get_attribute("id") == "keys-off"


def test_the_person_menu_by_keyboard(site, browser):
    site.sign_in(browser)
    site.open(browser, "/help")
    summary = browser.find_element(By.CSS_SELECTOR, ".person > summary")
    summary.send_keys(Keys.ENTER)
    panel = browser.find_element(By.CSS_SELECTOR, ".person > .panel")
    assert panel.is_displayed()
    assert_accessible(browser)
    ActionChains(browser).send_keys(Keys.TAB, Keys.ESCAPE).perform()
    assert not panel.is_displayed()
    assert browser.switch_to.active_element == summary


def test_the_first_tab_offers_to_skip_the_menu(site, browser):
    site.sign_in(browser)
    site.open(browser, "/help")
    ActionChains(browser).send_keys(Keys.TAB).perform()
    skip = browser.switch_to.active_element
    assert skip.get_attribute("class") == "skip" and skip.rect["x"] >= 0
    skip.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "main"
