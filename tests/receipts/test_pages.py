"""Receipts as people see them: the form, its errors, cancel and re-issue, what a refund owes."""

from __future__ import annotations

import io
import json
import re

import pytest

from dashboard.database import write
from dashboard.receipts import sending, store
from dashboard.refunds import tasks
from tests.receipts.conftest import SOMEBODY

GOOD = {
    "type": "person",
    "identifier": "010-1234-5678",
    "product_type": "real",
    "tax_free": "0",
    "buyer_name": "오세진",
}
CANARY = "900101-1234568"


@pytest.fixture
def desk(till, client):
    """The owner's browser over the shop of ``till``; the worker looks when told to."""

    class Desk:
        def page(self, path: str) -> str:
            answer = client.get(path)
            assert answer.status_code == 200, path
            return answer.get_data(as_text=True)

        def hidden(self, imp_uid: str) -> dict:
            text = self.page(f"/payments/{imp_uid}/receipt/new")
            names = ("form_token", "shown_amount", "replaces")
            return {
                name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)[1] for name in names
            }

        def send(self, imp_uid: str, **changes):
            form = GOOD | ({} if "form_token" in changes else self.hidden(imp_uid)) | changes
            sent = {name: value for name, value in form.items() if value is not None}
            return client.send(f"/payments/{imp_uid}/receipt", sent)

        def post(self, path: str, **form):
            return client.send(path, form)

        def press_cancel(self, imp_uid: str):
            """The button of the tasks page."""
            page = self.page("/tasks")
            form = page[page.index(f"/payments/{imp_uid}/receipt/cancel") :]
            found = re.search(r'name="receipt_id" value="([^"]*)"', form)[1]
            return self.post(f"/payments/{imp_uid}/receipt/cancel", receipt_id=found)

        def work(self) -> None:
            till.work()

    return Desk()


def test_from_the_order_to_the_approval_number(desk, till, transfer):
    order_id = till.shop.db.execute("SELECT order_id FROM payments WHERE imp_uid = ?", [transfer])
    order = f"/orders/{order_id.fetchone()[0]}"
    assert "미발급" in desk.page(order)
    answer = desk.send(transfer, tax_free="22,000")
    assert answer.status_code == 303
    assert "발급 중" in desk.page(answer.location)
    desk.work()
    text = desk.page(answer.location)
    row = store.live_of(till.shop.db, transfer)
    assert "발급완료" in text and row["apply_num"] in text and "휴대폰 ····5678" in text
    assert "4,000원" in text and "01012345678" not in text
    assert "발급완료" in desk.page(order) and row["apply_num"] in desk.page(order)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("product_type", None, "실물인지 디지털인지"),
        ("buyer_name", "", "구매자 이름을 입력"),
        ("identifier", "", "발급받을 번호를 입력"),
        ("identifier", "010-1234", "확인해 주세요"),
        ("identifier", "123-45-67890", "확인해 주세요"),
        ("identifier", CANARY, "주민등록번호"),
        ("identifier", "010-000-1234", "자진발급"),
        ("buyer_name", f"오세진 {CANARY}", "주민등록번호"),
        ("buyer_email", "nowhere", "메일 주소"),
        ("tax_free", "70,000", "보다 클 수 없습니다"),
        ("tax_free", "", "면세금액을 입력"),
        ("type", "other", "소득공제인지"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_lost(
    desk, till, transfer, field, value, words
):
    answer = desk.send(transfer, **{field: value})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    start = text.index(f'id="{field}-error"')
    assert words in text[start : start + 600]
    kept = {"buyer_name": "오세진", "identifier": "010-1234-5678"} | {field: None}
    for name, typed in kept.items():
        assert typed is None or f'value="{typed}"' in text, name
    assert "123456" not in text.replace("1234-5678", "") or field == "identifier"
    assert CANARY not in text
    assert till.sent("POST") == [] and store.search(till.shop.db) == []


def test_an_unusual_pair_is_asked_about_once(desk, till, transfer):
    answer = desk.send(transfer, type="company")
    assert answer.status_code == 422
    assert "보통 사업자등록번호" in answer.get_data(as_text=True)
    assert desk.send(transfer, type="company", confirm_unusual="y").status_code == 303


def test_self_issue_is_said_so(desk, till, transfer):
    assert desk.send(transfer, identifier="", self_issue="y").status_code == 303
    desk.work()
    row = store.live_of(till.shop.db, transfer)
    assert (row["state"], row["last4"]) == ("issued", "1234")


def test_the_same_form_twice_is_one_receipt(desk, till, transfer):
    hidden = desk.hidden(transfer)
    first, second = desk.send(transfer, **hidden), desk.send(transfer, **hidden)
    assert first.location == second.location and second.status_code == 303


def test_a_payment_that_has_none_says_why(desk, till, paid):
    assert "계좌이체와 가상계좌 결제에만" in desk.page(
        f"/payments/{paid('paid_card').imp_uid}/receipt/new"
    )


def test_the_amount_moved_and_nothing_typed_is_lost(desk, till, transfer):
    hidden = desk.hidden(transfer)
    till.shop.console(transfer, 10_000)
    answer = desk.send(transfer, **hidden)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "잔액이 바뀌었습니다" in text
    assert 'value="56000"' in text and 'value="010-1234-5678"' in text


def test_portone_cannot_be_asked(desk, till, transfer):
    hidden = desk.hidden(transfer)
    till.shop.sandbox.sandbox.faults.script(
        method="GET", path="/payments/*", execute="never", answer="close", count=9
    )
    answer = desk.send(transfer, **hidden)
    assert answer.status_code == 502
    assert "아무것도 보내지 않았습니다" in answer.get_data(as_text=True)


def test_a_part_is_refunded_and_the_receipt_follows(desk, till, transfer):
    desk.send(transfer, tax_free="0")
    desk.work()
    till.refund(transfer, 16_000)
    page = desk.page("/tasks")
    assert "취소하고 다시 발급하기" in page and f"/payments/{transfer}/receipt/new" in page
    form = desk.page(f"/payments/{transfer}/receipt/new")
    assert "50,000원" in form and "기존 현금영수증을 먼저 취소합니다" in form
    answer = desk.send(transfer, identifier="010-9999-8888")
    assert "다른 번호로 다시 발급합니다" in desk.page(answer.location)
    desk.work()
    desk.work()
    assert tasks.open_kinds(till.shop.db, transfer) == ()
    assert [one["amount"] for one in till.there(transfer)] == [66_000, 50_000]
    assert "해야 할 일이 없습니다" in desk.page("/tasks")


def test_all_is_refunded_and_one_button_cancels(desk, till, transfer):
    desk.send(transfer)
    desk.work()
    till.refund(transfer)
    assert "현금영수증 취소하기" in desk.page("/tasks")
    answer = desk.press_cancel(transfer)
    assert answer.status_code == 303
    desk.work()
    assert "발급취소" in desk.page(answer.location)
    assert tasks.open_kinds(till.shop.db, transfer) == ()


def test_an_old_button_does_not_cancel_the_new_receipt(desk, till, transfer):
    desk.send(transfer)
    desk.work()
    till.refund(transfer, 16_000)
    desk.send(transfer)
    desk.work()
    desk.work()
    answer = desk.post(f"/payments/{transfer}/receipt/cancel")  # of a page opened before
    desk.work()
    assert "아무것도 취소하지 않았습니다" in desk.page(answer.location)
    assert store.live_of(till.shop.db, transfer)["state"] == "issued"
    assert [one["amount"] for one in till.there(transfer)] == [66_000, 50_000]


def test_a_receipt_nobody_had_shown_is_asked_about_first(desk, till, transfer):
    """Issued elsewhere, or issued again there: the button meant none, or another one."""
    till.shop.runtime.portone().issue_receipt(transfer, SOMEBODY, tax_free=0)
    till.refund(transfer)
    answer = desk.press_cancel(transfer)
    assert answer.location.endswith("/cancel") and "되돌릴 수 없" in desk.page(answer.location)
    desk.work()
    assert till.sent("DELETE") == []
    assert desk.press_cancel(transfer).status_code == 303  # now it is known, and shown
    desk.work()
    assert len(till.sent("DELETE")) == 1 and tasks.open_kinds(till.shop.db, transfer) == ()


@pytest.mark.parametrize("shown", ["", "abc", "0"])
def test_an_amount_that_did_not_come_back_is_asked_for_again(desk, till, transfer, shown):
    hidden = desk.hidden(transfer) | {"shown_amount": shown}
    answer = desk.send(transfer, **hidden, tax_free="1")
    assert answer.status_code == 409 and "오세진" in answer.get_data(as_text=True)
    assert not till.there(transfer)


def test_a_receipt_of_the_window_is_explained(desk, till, transfer):
    with write(till.shop.db):
        tasks.owe_receipts(
            till.shop.db,
            {"id": None, "order_id": 1, "imp_uid": transfer, "amount": 1, "tax_free": 0}
            | dict(
                till.shop.db.execute(
                    "SELECT order_id FROM payments WHERE imp_uid = ?", [transfer]
                ).fetchone()
            ),
            receipt="unknown",
            left=0,
            tax_free_left=None,
            now=1,
        )
    answer = desk.post(f"/payments/{transfer}/receipt/cancel")
    assert "KSNET 상점관리자에서 확인" in desk.page(answer.location).replace("\n", " ")
    assert tasks.open_kinds(till.shop.db, transfer) == ("receipt_cancel",)


def test_a_task_closed_in_words_keeps_its_evidence_in_sight(desk, till, transfer, client):
    order_id = till.shop.db.execute("SELECT order_id FROM payments WHERE imp_uid = ?", [transfer])
    order = f"/orders/{order_id.fetchone()[0]}"
    desk.send(transfer)
    desk.work()
    till.refund(transfer)
    task = till.shop.db.execute("SELECT id FROM tasks WHERE state = 'open'").fetchone()[0]
    wrong = {"reason": "KSNET에서 취소함", "evidence": (io.BytesIO(b"no picture"), "a.png")}
    assert client.send(f"/tasks/{task}/done", wrong).status_code == 422
    good = wrong | {"evidence": (io.BytesIO(b"%PDF-1.4 it %%EOF"), "a.pdf")}
    assert client.send(f"/tasks/{task}/done", good).status_code == 303
    page = desk.page(order)
    assert "KSNET에서 취소함" in page
    link = re.search(r'href="(/files/[^"]+)"', page)[1]
    assert client.get(link).get_data() == b"%PDF-1.4 it %%EOF"


def test_cancel_asks_first_and_wants_a_reason(desk, till, transfer):
    answer = desk.send(transfer)
    desk.work()
    one = answer.location
    assert "되돌릴 수 없" in desk.page(f"{one}/cancel")
    for wrong in ("", f"이유 {CANARY}"):
        refused = desk.post(f"{one}/cancel", reason=wrong)
        assert refused.status_code == 422 and CANARY not in refused.get_data(as_text=True)
    assert desk.post(f"{one}/cancel", reason="환불").status_code == 303
    assert "이미 취소하는 중" in desk.page(desk.post(f"{one}/cancel", reason="환불").location)
    desk.work()
    assert "발급취소" in desk.page(one) and len(till.sent("DELETE")) == 1


def test_only_a_cancel_that_failed_is_called_one(desk, till, transfer):
    body = json.dumps({"code": -1, "message": "이미 발행된 건입니다.", "response": None})
    till.fault("POST", transfer, execute="before", answer="body", status=400, body=body)
    one = desk.send(transfer).location
    desk.work()
    assert "발급완료" in desk.page(one) and "취소하지 못했습니다" not in desk.page(one)
    till.shop.sandbox.sandbox.switches.refuse_receipts = "취소 기한이 지났습니다."
    desk.post(f"{one}/cancel", reason="환불")
    till.work()
    till.settle()
    assert "취소하지 못했습니다: 취소 기한이 지났습니다." in desk.page(one)


def test_portones_answer_stands_beside_ours(desk, till, transfer):
    answer = desk.send(transfer)
    desk.work()
    looked = desk.post(f"{answer.location}/look").get_data(as_text=True)
    assert "포트원이 지금 말하는 것" in looked
    assert looked.count(store.live_of(till.shop.db, transfer)["apply_num"]) >= 3


def test_issued_again_with_everything_but_the_number(desk, till, transfer):
    desk.send(transfer, buyer_name="김하나", product_type="digital")
    desk.work()
    till.cancel(store.live_of(till.shop.db, transfer)["id"])
    desk.work()
    form = desk.page(f"/payments/{transfer}/receipt/new")
    assert 'value="김하나"' in form and re.search(r"checked[^>]*value=.digital", form)
    assert "5678" not in form


def test_a_viewer_only_looks(till, transfer, client_as):
    viewer = client_as("viewer")
    assert viewer.get(f"/payments/{transfer}/receipt/new").status_code == 403
    receipt_id = till.ask(transfer)
    sending.work(till.shop.runtime, till.shop.db)
    page = viewer.get(f"/receipts/{receipt_id}")
    assert page.status_code == 200 and "취소하기" not in page.get_data(as_text=True)
    assert viewer.get(f"/receipts/{receipt_id}/cancel").status_code == 403


def test_what_forms_start_from_is_a_setting(desk, till, transfer, client):
    form = {"receipt_way": "gateway", "receipt_product_type": "digital"}
    assert client.send("/settings/receipts", form).status_code == 303
    page = desk.page(f"/payments/{transfer}/receipt/new")
    assert re.search(r'checked[^>]*value="digital"|value="digital"[^>]*checked', page)
    assert "두 번 발급될 수 있으니" in page
    assert client.send("/settings/receipts", form | {"receipt_way": "odd"}).status_code == 422


def test_one_found_at_that_moment_is_not_cancelled_unasked(desk, till, transfer):
    hidden = desk.hidden(transfer)
    till.shop.runtime.portone().issue_receipt(transfer, SOMEBODY, tax_free=0)
    answer = desk.send(transfer, **hidden)
    assert "이미 발급된 현금영수증을 찾았습니다" in desk.page(answer.location)
    desk.work()
    assert len(till.sent("POST")) == 1 and till.sent("DELETE") == []
