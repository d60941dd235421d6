"""A receipt's whole life in a browser: issued, a part refunded, cancelled and issued again."""

from __future__ import annotations

from contextlib import closing

import pytest

from dashboard.database import connect
from dashboard.receipts import store
from dashboard.refunds import tasks
from tests.e2e.conftest import (
    WIDE,
    assert_accessible,
    assert_nothing_scrolls_sideways,
    look,
)
from tests.e2e.test_refund import till  # noqa: F401 - a fixture

TALL_PHONE = (390, 2400)  # the bottom bar lies over nothing


def fits(till):  # noqa: F811
    for size in (TALL_PHONE, WIDE):
        look(till.browser, size)
        assert_nothing_scrolls_sideways(till.browser)
        if till.korean:  # the other language is other words in the same page
            assert_accessible(till.browser)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_refund_cancel_and_issue_again(till, language):  # noqa: F811
    payment, korean = till.learn("paid_trans"), language == "ko"
    till.korean = korean
    till.site.sign_in(till.browser, language=language)
    db_path = till.site.app.extensions["jangbu"].database_path
    receipts = till.sandbox.sandbox.journal

    def sent(method: str) -> int:
        return sum(one.path.startswith("/receipts") for one in receipts.entries(method))

    # issued, after a slip that loses nothing
    till.site.open(till.browser, f"/payments/{payment.imp_uid}/receipt/new")
    till.press("[for=product_type-0]")
    till.press("[data-send]")
    till.find("#identifier-error")
    fits(till)
    assert till.find("#product_type-0").is_selected() and sent("POST") == 0
    till.find("#identifier").send_keys("010 1234 5678")
    till.press("[data-send]")
    till.find("#receipt-told .asked.is-paid")
    fits(till)
    assert sent("POST") == 1

    # a part goes back, and the receipt is owed
    till.open(payment)
    till.press("#kind-1")
    till.find("#amount").send_keys("5000")
    till.to_last_look()
    till.press("[data-send]")
    till.find(".asked.is-paid")
    till.site.open(till.browser, "/tasks")
    fits(till)
    till.press(".owing .acts > a.btn-primary")

    # both in a row
    till.find("#identifier").send_keys("01012345678")
    fits(till)
    till.press("[data-send]")
    till.find("#receipt-told .asked.is-paid")
    assert (sent("DELETE"), sent("POST")) == (1, 2)
    with closing(connect(db_path)) as db:
        row = store.live_of(db, payment.imp_uid)
        assert row["issued_amount"] == payment.amount - 5_000
        assert tasks.open_kinds(db, payment.imp_uid) == ()
    till.site.open(till.browser, f"/orders/{row['order_id']}")
    till.find("#order-receipt .st.is-paid")
    fits(till)

    # and cancelled by hand
    till.site.open(till.browser, f"/receipts/{row['id']}/cancel")
    fits(till)
    till.press("[data-send]")
    till.find("#receipt-told .asked.is-full")
    for path in ("/receipts", "/receipts?missing=1", "/receipts/external/new", "/receipts/batch"):
        till.site.open(till.browser, path)
        fits(till)


def test_the_number_sets_the_purpose_until_somebody_chooses(till):  # noqa: F811
    payment = till.learn("paid_trans")
    till.site.sign_in(till.browser)
    till.site.open(till.browser, f"/payments/{payment.imp_uid}/receipt/new")
    till.find("#identifier").send_keys("117-81-78260")
    till.see("사업자등록번호로 읽습니다.", "[data-recognised]")
    assert till.find("#type-1").is_selected()
    till.find("#identifier").clear()
    till.find("#identifier").send_keys("010 1234 5678")
    till.see("휴대폰번호로 읽습니다.", "[data-recognised]")
    assert till.find("#type-0").is_selected()
    till.press("[for=type-1]")
    till.find("#identifier").send_keys("9")
    assert till.find("#type-1").is_selected()
