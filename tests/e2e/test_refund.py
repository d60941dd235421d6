"""Refunding as a person does it: form, last look, result; clumsy fingers; a lost connection."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from dashboard import settings
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Limits, PortOne
from dashboard.worker import Worker
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
    see,
    wait,
)

CANCEL = "/payments/cancel"


@dataclass
class Till:
    """The shop with its worker running, and a PortOne that a test can disturb."""

    site: object
    browser: object
    sandbox: object
    payments: dict

    def learn(self, kind: str, at: int = 0):
        """Put a payment of the sandbox into the ledger."""
        runtime = self.site.app.extensions["jangbu"]
        payment = runtime.portone().get_payment(self.payments[kind][at]["imp_uid"], sandbox=False)
        with closing(connect(runtime.database_path)) as db, write(db):
            settings.put(db, "sells_tax_free", "no")
            settings.put(db, "contract_vbank_refund", "yes")
            apply_payment(db, payment, source="sync", now=runtime.now())
        return payment

    def posts(self) -> int:
        """How many cancels have arrived at PortOne."""
        return len(self.sandbox.sandbox.journal.entries("POST", CANCEL))

    def open(self, payment) -> None:
        self.site.open(self.browser, f"/payments/{payment.imp_uid}/refunds/new")
        self.see("일치", "#refund-live") if self.korean else self.find("#refund-live.is-paid")

    korean = True

    def find(self, css: str):
        return self.wait(lambda: self.browser.find_element(By.CSS_SELECTOR, css))

    def wait(self, what):
        return wait(self.browser, what)

    def see(self, words: str, css: str = "main") -> None:
        see(self.browser, words, css)

    def press(self, css: str) -> None:
        """Click it, wherever it stands; an answer of PortOne may take its place in between."""

        def click() -> bool:
            element = self.browser.find_element(By.CSS_SELECTOR, css)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.wait(click)

    def value(self, name: str) -> str:
        css = f"[name={name}]"
        find = self.browser.find_element
        return self.wait(lambda: [find(By.CSS_SELECTOR, css).get_property("value")])[0]

    def to_last_look(self) -> None:
        self.press("#refund-side .btn-primary")
        self.find("dialog[open] #refund-confirm")


@pytest.fixture
def till(site, browser, sandbox, sandbox_payments, clock):
    runtime = site.app.extensions["jangbu"]
    one = PortOne(
        sandbox.url,
        sandbox.key,
        sandbox.secret,
        clock=clock,
        sleep=lambda seconds: None,
        limits=Limits(connect_s=2, read_s=2, total_s=5),
    )
    runtime.portone = lambda limits=None: one
    worker = Worker(site.app)
    worker.start()
    site.sign_in(browser)
    yield Till(site, browser, sandbox, sandbox_payments)
    worker.stop()


def test_a_whole_cancel(till):
    payment = till.learn("paid_card")
    till.site.open(till.browser, "/orders")
    till.press(".c-goods a")
    till.press("#order-title .btn-primary")
    till.see("일치", "#refund-live")
    till.to_last_look()
    assert f"{payment.amount:,}원 취소하기" in till.find("[data-send]").text
    assert till.posts() == 0
    till.press("[data-send]")
    till.see(f"환불 완료 {payment.amount:,}원 · 취소번호")
    assert till.posts() == 1
    till.press(".crumb a")
    till.see("장부에서 보낸 환불 1건")


def test_a_part_in_english(till):
    payment = till.learn("paid_card")
    till.site.sign_in(till.browser, language="en")
    till.korean = False
    till.open(payment)
    till.press("#kind-1")
    till.find("#amount").send_keys("12000")
    assert till.value("amount") == "12,000"
    assert till.find("[data-after]").text == f"₩{payment.amount - 12_000:,}"
    till.to_last_look()
    till.press("[data-send]")
    till.find(".asked.is-paid")
    assert till.posts() == 1 and "₩12,000" in till.find("#told-title").text


def test_a_double_click_sends_once(till):
    till.open(till.learn("paid_card"))
    till.to_last_look()
    ActionChains(till.browser).double_click(till.find("[data-send]")).perform()
    till.see("환불 완료")
    assert till.posts() == 1


def test_back_and_send_again_leads_to_the_same_refund(till):
    till.open(till.learn("paid_card"))
    till.to_last_look()
    till.press("[data-send]")
    till.see("환불 완료")
    result = till.browser.current_url
    till.browser.back()
    till.wait(lambda: till.browser.current_url != result)
    till.browser.forward()
    till.see("환불 완료")
    till.browser.refresh()
    till.see("환불 완료")
    assert till.posts() == 1


def test_two_tabs_make_one_refund(till):
    payment = till.learn("paid_card")
    till.open(payment)
    till.to_last_look()
    first = till.browser.current_window_handle
    till.browser.switch_to.new_window("tab")
    look(till.browser, WIDE)
    till.open(payment)
    till.press("#kind-1")
    till.find("#amount").send_keys("1000")
    till.to_last_look()
    second = till.browser.current_window_handle
    till.browser.switch_to.window(first)
    till.press("[data-send]")
    till.see("환불 완료")
    till.browser.switch_to.window(second)
    till.press("[data-send]")
    till.see("금액이 바뀌었습니다")
    till.browser.close()
    till.browser.switch_to.window(first)
    assert till.posts() == 1


def test_wrong_input_comes_back_beside_its_field(till):
    payment = till.learn("paid_card")
    till.open(payment)
    till.press("#kind-1")
    for typed, said in (
        ("", "금액을 입력해 주세요"),
        ("1.5", "1원 이상의 숫자로"),
        (str(payment.amount + 1), "보다 많이 돌려줄 수 없습니다"),
    ):
        till.find("#amount").clear()
        till.find("#amount").send_keys(typed)
        till.press("#refund-side .btn-primary")
        till.see(said, "#refund-form .amounts .wrong")
        assert till.browser.find_elements(By.CSS_SELECTOR, "dialog[open]") == []
    assert till.posts() == 0


def test_a_lost_answer_is_looked_for_until_it_is_found(till, clock):
    """The fixed sentence stands while nobody knows, and goes when PortOne has told."""
    payment = till.learn("paid_card")
    till.open(payment)
    till.to_last_look()
    faults = till.sandbox.sandbox.faults
    faults.script(method="POST", path=CANCEL, execute="before", answer="close")
    only = f"/payments/{payment.imp_uid}*"  # the ledger's own sync goes on beside it
    faults.script(method="GET", path=only, skip=1, execute="never", answer="close", count=9)
    till.press("[data-send]")
    till.see("결과를 확인하고 있습니다. 다시 환불하지 마세요.")
    till.see("다음 확인", ".asked .now")
    assert till.find(".menu .count").text.startswith("1")
    faults.clear()
    clock.now += 60
    till.press(".asked .now button")
    till.see("환불 완료")
    assert till.posts() == 1
    till.wait(lambda: "환불 완료" in till.find("#said").get_attribute("textContent"))


def test_an_account_is_read_back(till):
    payment = till.learn("paid_vbank")
    till.open(payment)
    till.find("#holder").send_keys("오세진")
    Select(till.find("#bank")).select_by_value("088")
    till.find("#account").send_keys("110-492-374821")
    assert till.find(".readback").text.startswith("오세진 · 신한은행 (088) · 끝자리 4821")
    till.to_last_look()
    sheet = till.find("#refund-confirm").text
    assert "끝자리 4821" in sheet and f"{payment.amount:,}원 환불하기" in sheet
    assert "110492374821" not in sheet
    till.press("[data-send]")
    till.see("환불 완료")


def test_the_sheet_by_keyboard(till):
    """It takes the focus, Escape closes it, and the focus goes back to its button."""
    till.open(till.learn("paid_card"))
    till.find("#refund-side .btn-primary").send_keys(Keys.ENTER)
    till.find("dialog[open] #refund-confirm")
    inside = "return document.querySelector('dialog').contains(document.activeElement)"
    assert till.browser.execute_script(inside)
    ActionChains(till.browser).send_keys(Keys.ESCAPE).perform()
    till.wait(lambda: not till.browser.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    assert "마지막 확인으로" in till.browser.switch_to.active_element.text
    assert till.posts() == 0


def test_without_scripts(till):
    payment = till.learn("paid_card")
    till.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        till.site.open(till.browser, f"/payments/{payment.imp_uid}/refunds/new")
        till.press("#kind-1")
        till.find("#amount").send_keys("３,000")
        till.press("#refund-side .btn-primary")
        till.press("#refund-confirm .btn-plain:not(.needs-js)")  # 고치기
        till.find("#refund-side .btn-primary")  # the form again: the last look has an amount, too
        assert till.value("amount") == "3000"
        till.press("#refund-side .btn-primary")
        faults = till.sandbox.sandbox.faults
        faults.script(method="POST", path=CANCEL, execute="before", answer="hang")
        till.press("[data-send]")
        till.see("환불을 요청하고 있습니다")
        till.see("환불 완료 3,000원")  # the page asks again by itself, without a script, too
    finally:
        till.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert till.posts() == 1


@pytest.mark.parametrize(
    ("language", "dark"), [("ko", False), ("en", True)], ids=["ko-light", "en-dark"]
)
def test_every_step_is_accessible_and_fits(till, clock, language, dark):
    payment = till.learn("paid_vbank")
    till.korean = language == "ko"
    till.site.sign_in(till.browser, language=language)
    for size in (WIDE, PHONE, (320, 700)) if till.korean else (PHONE,):
        look(till.browser, size, dark=dark)
        till.open(payment)
        till.press("#refund-notes summary")
        till.press("[for=reason-6]")
        _fits(till)
        till.press("#refund-side .btn-primary")
        till.find("#holder-error")
        _fits(till)
        till.find("#holder").send_keys("오세진")
        Select(till.find("#bank")).select_by_value("088")
        till.find("#account").send_keys("110492374821")
        till.press("[for=reason-0]")
        till.to_last_look()
        _fits(till)
    till.sandbox.sandbox.faults.script(method="POST", path=CANCEL, execute="before", answer="close")
    till.sandbox.sandbox.faults.script(
        method="GET",
        path=f"/payments/{payment.imp_uid}*",
        skip=1,
        execute="never",
        answer="close",
        count=9,
    )
    till.press("[data-send]")
    till.find(".asked.is-check")
    for size in (WIDE, PHONE, (320, 700)):
        look(till.browser, size, dark=dark)
        _fits(till)
    till.sandbox.sandbox.faults.clear()
    clock.now += 60
    till.press(".asked .now button")
    till.find(".asked.is-paid")
    for path in ("", "/refunds", "/tasks", "/help", "/orders"):
        if path:
            till.site.open(till.browser, path)
        for size in (WIDE, PHONE, (320, 700)):
            look(till.browser, size, dark=dark)
            _fits(till)


def _fits(till) -> None:
    assert_nothing_scrolls_sideways(till.browser)
    width = till.browser.execute_script("return innerWidth")
    if width >= PHONE[0] and (till.korean or width < WIDE[0]):  # elsewhere only room matters
        assert_accessible(till.browser)
