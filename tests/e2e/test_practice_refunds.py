"""A new owner's first hour in practice: from the link to money given back, by every way."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver.common.by import By

from tests.conftest import PASSWORD
from tests.e2e.conftest import PHONE, WIDE, assert_nothing_scrolls_sideways, look, wait
from tests.e2e.test_first_run import link  # noqa: F401 - a fixture


class NewOwner:
    """Somebody who knows nothing of the pages but what stands on them."""

    def __init__(self, browser, language: str) -> None:
        self.browser, self.english = browser, language == "en"
        self.root = ""

    def begin(self, link: str) -> None:  # noqa: F811
        self.root = re.match(r"https?://[^/]+", link)[0]
        self.browser.get(link)
        if self.english:
            self.press("//form//button[contains(., 'English')]")
        self.type("name", "김선영")
        self.type("password", PASSWORD)
        self.press("//main//*[@type='submit']")
        self.wait(lambda: self.browser.current_url.endswith("/setup/start"))
        self.press(f"//button[contains(., '{self.words('연습으로 시작', 'practice')}')]")
        self.find("//tbody//a[contains(@href, '/orders/')]")

    def words(self, korean: str, english: str) -> str:
        return english if self.english else korean

    def wait(self, what):
        return wait(self.browser, what)

    def find(self, xpath: str):
        return self.wait(lambda: self.browser.find_element(By.XPATH, xpath))

    def type(self, name: str, text: str) -> None:
        def into() -> bool:  # again when the page has changed under it
            self.browser.find_element(By.XPATH, f"//*[@name='{name}']").send_keys(text)
            return True

        self.wait(into)

    def press(self, xpath: str) -> None:
        def click() -> bool:
            element = self.browser.find_element(By.XPATH, xpath)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.wait(click)

    def open_refund(self, method: str) -> None:
        """From the list, narrowed to what is paid this way, to the form of its newest plain order.

        Not to one in escrow or in dollars, of which the rules of KSNET say more (K17).
        """
        self.browser.get(f"{self.root}/orders?state=paid&method={method}")
        other = " or ".join(f"contains(., '{word}')" for word in ("에스크로", "Escrow", "USD", "$"))
        self.press(f"//tr[not({other})]/th[contains(@class, 'c-goods')]//a")
        self.press("//*[@id='order-title']//*[contains(@class, 'btn-primary')]")
        self.find("//*[@id='refund-live'][contains(@class, 'is-paid')]")

    def give_back(self) -> str:
        """To the last look, through it, and what the page says in the end."""
        self.press("//*[@id='refund-side']//*[contains(@class, 'btn-primary')]")
        self.find("//dialog[@open]//*[@id='refund-confirm']")
        self.press("//*[@data-send]")
        return self.wait(lambda: self.browser.find_element(By.CSS_SELECTOR, ".asked.is-paid").text)

    def fits(self) -> None:
        for size in (PHONE, WIDE):
            look(self.browser, size)
            assert_nothing_scrolls_sideways(self.browser)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_first_refunds_of_a_new_owner(browser, link, language):  # noqa: F811
    owner = NewOwner(browser, language)
    owner.begin(link)

    owner.open_refund("card")
    owner.fits()
    assert owner.words("환불 완료", "Refunded") in owner.give_back()

    owner.open_refund("trans")
    owner.press("//*[@for='kind-1']")
    owner.type("amount", "5000")
    assert "5,000" in owner.give_back()
    owner.fits()
