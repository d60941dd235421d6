"""The settings that decide about refunds, in a real browser."""

from __future__ import annotations

from contextlib import closing

import pytest
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.database import connect
from tests.e2e.conftest import (
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
)

TALL_PHONE = (390, 1600)  # the bottom bar lies over nothing
PAGES = ["/settings", "/settings/contract", "/settings/refunds"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (TALL_PHONE, True)])
def test_pages_are_reachable_for_everybody(browser, site, path, size, dark):
    site.sign_in(browser)
    look(browser, size, dark=dark)
    site.open(browser, path)
    assert_accessible(browser)
    assert_nothing_scrolls_sideways(browser)


def test_answering_a_contract_switch(browser, site):
    site.sign_in(browser)
    site.open(browser, "/settings/contract")
    browser.find_element(By.CSS_SELECTOR, "label[for=contract_vbank_refund-1]").click()
    browser.find_element(By.CSS_SELECTOR, "main button[type=submit]").click()
    see(browser, "가상계좌 환불 특약\n없음", "#contract")
    with closing(connect(site.app.extensions["jangbu"].database_path)) as db:
        assert settings.get(db, "contract_vbank_refund") == "no"
