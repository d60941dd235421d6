"""The settings that decide about refunds, in a real browser."""

from __future__ import annotations

from contextlib import closing

import pytest
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.database import connect
from dashboard.refunds.guards import read_guards
from tests.conftest import PASSWORD
from tests.e2e.conftest import (
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
)

TALL_PHONE = (390, 1600)  # the bottom bar lies over nothing
PAGES = ["/settings", "/settings/contract", "/settings/refunds", "/settings/refund-guards"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (TALL_PHONE, True)])
def test_pages_are_reachable_for_everybody(browser, site, path, size, dark):
    site.sign_in(browser)
    look(browser, size, dark=dark)
    site.open(browser, path)
    assert_accessible(browser)
    assert_nothing_scrolls_sideways(browser)


def say_password(browser, password: str) -> None:
    browser.find_element(By.NAME, "password_again").send_keys(password)


def save(browser) -> None:
    browser.find_element(By.CSS_SELECTOR, "main button[type=submit]").click()


def test_answering_a_contract_switch(browser, site):
    site.sign_in(browser)
    site.open(browser, "/settings/contract")
    browser.find_element(By.CSS_SELECTOR, "label[for=contract_vbank_refund-1]").click()
    say_password(browser, PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main button[type=submit]").click()
    see(browser, "가상계좌 환불 특약\n없음", "#contract")
    with closing(connect(site.app.extensions["jangbu"].database_path)) as db:
        assert settings.get(db, "contract_vbank_refund") == "no"


def test_guards_of_refunds_with_a_slip_and_a_wrong_password(browser, site):
    site.sign_in(browser)
    site.open(browser, "/settings/refund-guards")
    browser.find_element(By.CSS_SELECTOR, "label[for=refund_approval-1]").click()
    limit = browser.find_element(By.ID, "refund_limit_staff")
    limit.send_keys("1234567")
    assert limit.get_attribute("value") == "1,234,567"  # commas come while typing
    say_password(browser, "not the password")
    save(browser)
    see(browser, "비밀번호가 맞지 않습니다", "main [role=alert]")
    assert_accessible(browser)
    summary = browser.find_element(By.CSS_SELECTOR, "main [role=alert]")
    assert "승인이 필요한 금액" in summary.text
    summary.find_element(By.PARTIAL_LINK_TEXT, "승인이 필요한 금액").click()
    browser.find_element(By.ID, "refund_approval_above").send_keys("100000")
    assert browser.find_element(By.ID, "refund_limit_staff").get_attribute("value") == "1,234,567"
    say_password(browser, PASSWORD)
    save(browser)
    see(browser, "100,000원부터", "#refund-guards")
    see(browser, "한 건 1,234,567원까지", "#refund-guards")
    site.open(browser, "/settings/refund-guards")
    assert browser.find_elements(By.NAME, "password_again") == []
    with closing(connect(site.app.extensions["jangbu"].database_path)) as db:
        assert read_guards(db).approval_above == 100_000


def test_adding_a_person_with_a_wrong_and_then_the_right_password(browser, site):
    site.sign_in(browser)
    site.open(browser, "/people")
    browser.find_element(By.ID, "name").send_keys("정하늘")
    browser.find_element(By.ID, "password").send_keys("river under the bridge")
    say_password(browser, "not the password")
    add(browser)
    see(browser, "비밀번호가 맞지 않습니다", "main [role=alert]")  # the page that answers is there
    field = browser.find_element(By.NAME, "password_again")
    error = browser.find_element(By.ID, field.get_attribute("aria-describedby").split()[-1])
    assert error.text == "비밀번호가 맞지 않습니다. 다시 입력해 주세요."
    assert browser.find_element(By.ID, "name").get_attribute("value") == "정하늘"
    assert_accessible(browser)
    browser.find_element(By.ID, "password").send_keys("river under the bridge")
    say_password(browser, PASSWORD)
    add(browser)
    see(browser, "추가했습니다", ".flashes")
    assert "정하늘" in browser.find_element(By.CSS_SELECTOR, "table.people").text


def add(browser) -> None:
    browser.find_element(By.CSS_SELECTOR, "#add [type=submit]").click()
