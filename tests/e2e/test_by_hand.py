"""A refund PortOne cannot make, as the shop's people go through it: from the order to the bank."""

from __future__ import annotations

import random
from contextlib import closing

import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from dashboard import settings
from dashboard.database import connect, write
from dashboard.orders.ledger import apply_payment
from dashboard.sandbox import born, world
from tests.e2e.conftest import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
)
from tests.e2e.test_refund import till  # noqa: F401 - a fixture

MONTH_S = 31 * 86_400


@pytest.fixture
def bank_counter(till, clock):  # noqa: F811
    """A till with payments that PortOne cannot refund; ``pay("phone", days=31)``."""

    def pay(method: str, amount: int, *, days: int = 0):
        started = int(clock.now) - days * 86_400 - 3600
        rng = random.Random(5)
        draft = born.make(rng, method, started)
        draft.amount = amount
        if method == "vbank":
            born.issue_account(rng, draft)
        born.pay(rng, draft, started + 60)
        imp_uid = world.add(till.sandbox.sandbox.store, [draft])[0]["imp_uid"]
        runtime = till.site.app.extensions["jangbu"]
        payment = runtime.portone().get_payment(imp_uid, sandbox=False)
        with closing(connect(runtime.database_path)) as db, write(db):
            settings.put(db, "sells_tax_free", "no")
            settings.put(db, "contract_vbank_refund", "no")
            apply_payment(db, payment, source="sync", now=runtime.now())
        return payment

    till.pay = pay
    return till


def settle(till, **values):  # noqa: F811
    with closing(connect(till.site.app.extensions["jangbu"].database_path)) as db, write(db):
        for name, value in values.items():
            settings.put(db, name, value)


def order_of(till, payment) -> str:  # noqa: F811
    with closing(connect(till.site.app.extensions["jangbu"].database_path)) as db:
        row = db.conn.execute(
            "SELECT order_id FROM payments WHERE imp_uid = ?", [payment.imp_uid]
        ).fetchone()
    return f"/orders/{row[0]}"


def type_account(till):  # noqa: F811
    till.find("#holder").send_keys("오세진")
    Select(till.find("#bank")).select_by_value("088")
    till.find("#account").send_keys("110-492-374821")


def all_screens(till):  # noqa: F811
    for size in (PHONE, WIDE):
        look(till.browser, size)
        assert_nothing_scrolls_sideways(till.browser)
        assert_accessible(till.browser)


def test_last_months_phone_payment_from_the_order_to_the_transfer(bank_counter, tmp_path):
    """Asked for by staff with a picture, approved by the manager, transferred, counted."""
    till = bank_counter  # noqa: F811
    settle(till, refund_approval="always")
    payment = till.pay("phone", 50_000, days=31)
    proof = tmp_path / "proof.png"
    Image.new("RGB", (40, 40), "white").save(proof)

    till.site.sign_in(till.browser, "staff")
    till.site.open(till.browser, order_of(till, payment))
    till.press("#order-title .btn-primary")
    till.see("휴대폰 결제는 결제한 달이 지나면")
    till.see("일치", "#refund-live")
    till.press("label[for='kind-1']")
    till.find("#amount").send_keys("12000")
    assert till.value("amount") == "12,000"
    type_account(till)
    till.see("4821", "[data-readback]")
    all_screens(till)
    till.press("#refund-side .btn-primary")
    till.find("dialog[open] #refund-confirm")
    assert "끝자리 4821" in till.find("#refund-confirm").text
    assert till.find("[data-send]").text == "12,000원 승인 요청하기"
    assert_accessible(till.browser)
    till.find("#evidence").send_keys(str(proof))
    till.press("[data-send]")
    till.see("승인을 기다리고 있습니다. 아직 이체하지 마세요.")
    assert "proof.png" in till.find("main").text
    all_screens(till)
    address = till.browser.current_url.removeprefix(till.site.url)

    till.site.sign_in(till.browser, "manager")
    till.site.open(till.browser, "/refunds")
    till.see("수동 환불 승인 대기 1건")
    till.site.open(till.browser, address)
    till.press("[data-send]")
    till.see("은행에서 이체하고 '이체 완료'를 기록해 주세요.")
    assert "110492374821" not in till.browser.page_source
    till.press("#account .reveal")
    till.see("110492374821", "#account")
    all_screens(till)
    till.site.open(till.browser, "/refunds/by-hand")
    till.see("12,000원")
    all_screens(till)
    till.site.open(till.browser, address)
    till.find("#reference").send_keys("20260821-0007")
    till.press(
        "#transferred-title ~ .in [data-send], [aria-labelledby=transferred-title] [data-send]"
    )
    till.see("2026-08-21에 이체했습니다. 확인번호 20260821-0007")
    all_screens(till)

    till.site.open(till.browser, order_of(till, payment))
    till.see("−12,000원", "#order-amounts .by-hand")
    till.see("가게에 남은 돈은 38,000원입니다.")
    till.see("일치", "#order-live")
    all_screens(till)
    till.site.open(till.browser, "/orders?summary=1&when=3m")
    till.see("수동 환불", "#sums")
    all_screens(till)
    assert till.posts() == 0


def test_a_virtual_account_without_the_contract(bank_counter):
    """K6: straight to the bank, without a script too; the receipt is still owed."""
    till = bank_counter  # noqa: F811
    payment = till.pay("vbank", 30_000)
    till.site.open(till.browser, f"/payments/{payment.imp_uid}/refunds/new")
    till.see("설정에 특약이 없다고 되어 있습니다.")
    till.press("#refund-side .btn-primary")  # 수동 환불 접수
    till.see("환불 특약이 없어")
    type_account(till)
    till.press("#refund-side .btn-primary")
    assert till.find("[data-send]").text == "30,000원 수동 환불 접수하기"
    till.press("[data-send]")
    till.find("#reference").send_keys("hana 77")
    till.press("[aria-labelledby=transferred-title] [data-send]")
    till.see("할 일: 현금영수증을 취소해 주세요")
    till.site.open(till.browser, "/tasks")
    till.see("현금영수증 취소하기")
    assert till.posts() == 0


def test_a_cancel_made_at_ksnet_is_marked_and_blocks_the_form(bank_counter):
    """K9."""
    till = bank_counter  # noqa: F811
    payment = till.pay("card", 40_000)
    till.site.open(till.browser, order_of(till, payment))
    till.site.open(till.browser, f"/payments/{payment.imp_uid}/by-hand/new")
    till.see("이 결제는 포트원으로 환불할 수 있습니다")
    all_screens(till)
    till.site.open(till.browser, order_of(till, payment))
    till.press("#order-refunds .hint a")
    till.find("#amount").send_keys("15000")
    till.find("#day").send_keys("2026-08-21")
    till.browser.execute_script("document.getElementById('day').value = '2026-08-21'")
    till.find("#seen").send_keys("KSNET 거래조회에서 취소 확인")
    all_screens(till)
    till.press("form .btn-primary")
    till.see("cs@portone.io")
    all_screens(till)
    till.site.open(till.browser, order_of(till, payment))
    till.see("KSNET에서 직접 취소됨 15,000원 · 2026-08-21", "#order-warnings")
    all_screens(till)
    till.press("#order-title .btn-primary")
    till.see("25,000원까지만 환불할 수 있습니다.", "#refund-side")
    assert till.browser.find_elements(By.CSS_SELECTOR, "input[name=kind]")[0].is_selected()
    all_screens(till)
