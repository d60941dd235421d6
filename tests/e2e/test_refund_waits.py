"""Refunds that wait for another person, and many at once, as the shop's people go through them."""

from __future__ import annotations

from contextlib import closing

import pytest
from selenium.webdriver.common.by import By

from dashboard import settings
from dashboard.database import connect, write
from tests.conftest import PASSWORD
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
)
from tests.e2e.test_refund import till  # noqa: F401 - a fixture


def settle(till, **values):  # noqa: F811
    with closing(connect(till.site.app.extensions["jangbu"].database_path)) as db, write(db):
        for name, value in values.items():
            settings.put(db, name, value)


def assert_fit(till):  # noqa: F811
    for size in (PHONE, WIDE):
        look(till.browser, size)
        if till.korean:  # the other language is other words in the same page
            assert_accessible(till.browser)
        assert_nothing_scrolls_sideways(till.browser)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_asked_by_one_and_approved_by_another(till, language):  # noqa: F811
    payment, korean = till.learn("paid_card"), language == "ko"
    settle(till, refund_approval="always")
    till.korean = korean
    till.site.sign_in(till.browser, "staff", language=language)
    till.open(payment)
    till.to_last_look()
    assert ("승인 요청하기" if korean else "Ask for approval") in till.find("[data-send]").text
    till.press("[data-send]")
    till.find(".request .st.is-check")
    assert till.posts() == 0
    request = till.browser.current_url
    assert_fit(till)
    till.site.sign_in(till.browser, "manager", language=language)
    till.site.open(till.browser, "/refunds")
    assert_fit(till)
    till.press("#requested .goods")
    assert till.browser.current_url == request
    assert_fit(till)
    till.press(".request [data-send]")
    till.find(".asked.is-paid")
    assert till.posts() == 1


def test_declined_without_words_and_then_with(till):  # noqa: F811
    payment = till.learn("paid_card")
    settle(till, refund_approval="always")
    till.site.sign_in(till.browser, "staff")
    till.open(payment)
    till.to_last_look()
    till.press("[data-send]")
    till.find(".request")
    path = till.browser.current_url
    till.site.sign_in(till.browser, "owner")
    till.browser.get(path)
    till.press("form.apart button")
    till.see("내용을 입력해 주세요.")
    till.find("#words").send_keys("이미 교환해 드림")
    till.press("form.apart button")
    till.see("승인하지 않았습니다: 이미 교환해 드림")
    assert till.posts() == 0


@pytest.mark.parametrize("language", ["ko", "en"])
def test_many_at_once(till, language):  # noqa: F811
    payments = [till.learn("paid_card", at) for at in (0, 1)]
    till.site.sign_in(till.browser, language=language)
    till.site.open(till.browser, "/orders?when=all")
    assert not till.find("[data-picked]").is_displayed()
    till.press("[data-pick-all]")
    till.wait(lambda: till.find("[data-picked]").is_displayed())
    till.press("[data-picked] button[type=submit]")
    total = sum(payment.amount for payment in payments)
    till.see(f"{total:,}", "[data-bulk-sum]")
    assert_fit(till)
    till.press(".bulk-rows li:first-child [data-pick]")
    till.wait(lambda: f"{total:,}" not in till.find("[data-bulk-sum]").text)
    till.press(".bulk-rows li:first-child [data-pick]")
    till.press(".go button")
    till.find("#count").send_keys("3")
    till.find("[name=password_again]").send_keys(PASSWORD)
    till.press("[data-send]")
    till.find("#count-error")
    assert_fit(till)
    till.find("#count").clear()
    till.find("#count").send_keys("2")
    till.press("[data-send]")
    till.find("#bulk-told .st.is-paid")
    till.wait(lambda: len(till.browser.find_elements(By.CSS_SELECTOR, ".bulk-rows .is-paid")) == 2)
    till.wait(lambda: till.find("#bulk-told").get_attribute("data-refresh-url") is None)
    assert_fit(till)
    assert till.posts() == 2


def test_many_at_once_without_scripts(till):  # noqa: F811
    till.learn("paid_card")
    till.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        till.site.open(till.browser, "/orders?when=all")
        till.press("[data-pick]")
        till.press("[data-picked] button[type=submit]")
        till.press(".go button")
        till.find("#count").send_keys("1")
        till.find("[name=password_again]").send_keys(PASSWORD)
        till.press("[data-send]")
        till.find("#bulk-told")
    finally:
        till.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    till.wait(lambda: till.posts() == 1)


def test_the_history_can_be_taken_out(till):  # noqa: F811
    till.open(till.learn("paid_card"))
    till.to_last_look()
    till.press("[data-send]")
    till.see("환불 완료")
    till.site.open(till.browser, "/refunds")
    assert_fit(till)
    till.press(".head .end a")
    till.press("main button[type=submit]")
    till.find("#why-error")
    assert_fit(till)
