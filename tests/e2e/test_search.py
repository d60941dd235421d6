"""The search box as a person uses it."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    wait,
)
from tests.e2e.test_list import far_side, shop  # noqa: F401 - fixtures


def chips(browser) -> list[str]:
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".conditions a")]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_terms_are_typed_understood_and_taken_away(site, browser, shop, far_side, size):  # noqa: F811
    look(browser, size)
    site.sign_in(browser)
    site.open(browser, "/orders")
    browser.find_element(By.ID, "find").send_keys(
        "ㅅㅁㅅㅌ 129,000 -status:failed colour:x", Keys.ENTER
    )
    wait(browser, lambda: len(chips(browser)) == 4)
    assert "colour:" in browser.find_element(By.CSS_SELECTOR, ".asked-note").text
    assert_accessible(browser)
    browser.find_elements(By.CSS_SELECTOR, ".conditions a")[3].click()
    wait(browser, lambda: len(chips(browser)) == 3)
    row = browser.find_element(By.CSS_SELECTOR, "tr[data-row]")
    marked = [one.text for one in row.find_elements(By.TAG_NAME, "mark")]
    assert "선물세트" in marked and "129,000" in marked
    assert browser.find_element(By.ID, "find").get_attribute("value").endswith("-status:failed")

    browser.find_element(By.ID, "find").click()  # its help is the next stop of the Tab key
    ActionChains(browser).send_keys(Keys.TAB).send_keys(Keys.ENTER).perform()
    panel = browser.find_element(By.CSS_SELECTOR, "#find-help .panel")
    wait(browser, panel.is_displayed)
    assert "지난주 금요일" in panel.text
    assert_accessible(browser)
    assert_nothing_scrolls_sideways(browser)
