"""Pages that are forms: reach and width, where typing begins, where a refusal leads."""

from __future__ import annotations

import pytest
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

FORMS = ("/settings/shop", "/settings/connection", "/settings/go-live", "/practice")
STRANGERS_PAGES = ("/sign-in", "/sign-in/forgotten")


def check(site, browser, path: str) -> None:
    for size in (WIDE, PHONE):
        for dark in (False, True):
            look(browser, size, dark=dark)
            site.open(browser, path)
            assert_accessible(browser)
            assert_nothing_scrolls_sideways(browser)


@pytest.mark.parametrize("path", FORMS)
def test_forms_pass_axe_light_and_dark_on_desk_and_phone(site, browser, path):
    site.sign_in(browser)
    check(site, browser, path)


@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_the_door_passes_axe_light_and_dark_on_desk_and_phone(site, browser, path):
    check(site, browser, path)


def focused(browser) -> str:
    return browser.switch_to.active_element.get_attribute("id")


def press(browser) -> None:
    browser.find_element(By.CSS_SELECTOR, "main [type=submit]").click()


def test_the_door_opens_with_typing_and_a_refusal_leads_to_the_password(site, browser):
    site.open(browser, "/sign-in")
    wait(browser, lambda: focused(browser) == "name")
    browser.switch_to.active_element.send_keys("owner")
    browser.find_element(By.ID, "password").send_keys("not the password")
    press(browser)
    wait(browser, lambda: browser.find_elements(By.ID, "refused"))
    wait(browser, lambda: focused(browser) == "password")
    assert_accessible(browser)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("q=사", "find"),
        ("when=custom&from=2026-08-20&to=2026-08-01", "to"),
    ],
)
def test_a_question_that_makes_no_sense_leads_to_its_field(site, browser, question, field):
    site.sign_in(browser)
    site.open(browser, f"/orders?{question}")
    wait(browser, lambda: focused(browser) == field)


def test_days_the_wrong_way_round_are_written_alike(site, browser):
    site.sign_in(browser)
    site.open(browser, "/orders?when=custom&from=2026-08-20&to=2026-08-01")
    typed = [browser.find_element(By.ID, name) for name in ("from", "to")]
    assert [one.get_attribute("type") for one in typed] == ["text", "text"]
    assert [one.get_attribute("value") for one in typed] == ["2026-08-20", "2026-08-01"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_refusal_is_in_sight(site, browser, size):
    look(browser, size)
    site.sign_in(browser)
    site.open(browser, "/people")
    browser.find_element(By.ID, "name").send_keys("정하늘")
    browser.find_element(By.ID, "password").send_keys("short", Keys.ENTER)
    summary = wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, "#add [role=alert]"))
    wait(browser, lambda: browser.switch_to.active_element == summary)
    box = browser.execute_script("return arguments[0].getBoundingClientRect().toJSON()", summary)
    assert 0 <= box["top"] and box["bottom"] <= size[1]
