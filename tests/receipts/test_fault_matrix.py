"""F69 to F79 of refund-safety, 2: receipts that are issued once, and never forgotten."""

from __future__ import annotations

import json

import pytest

from dashboard.receipts import known, service, store
from dashboard.receipts.service import AlreadyThere, AmountMoved, CannotCancel, InPortOne
from tests.receipts.conftest import SOMEBODY, Till

ALREADY = "이미 현금영수증이 발행된 건입니다."


def test_issue_and_cancel(till, transfer):
    receipt_id = till.ask(transfer, tax_free=22_000)
    assert till.state(receipt_id) == "intent" and till.standing(transfer) == "issuing"
    till.work()
    row = till.row(receipt_id)
    assert row["state"] == "issued" and row["apply_num"]
    assert (row["issued_amount"], row["vat_amount"]) == (66_000, 4_000)
    assert till.standing(transfer) == "issued"
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled" and till.there(transfer)[0]["cancelled_at"]
    assert len(till.sent("POST")) == len(till.sent("DELETE")) == 1


@pytest.mark.parametrize("answer", ["close", "rst", "trunc"])
def test_f69_issued_without_an_answer(till, transfer, answer):
    till.fault("POST", transfer, execute="before", answer=answer)
    receipt_id = till.ask(transfer)
    till.work()
    till.settle()
    assert till.state(receipt_id) == "issued" and len(till.sent("POST")) == 1


def test_f69_the_call_never_arrived(till, transfer):
    till.fault("POST", transfer, execute="never", answer="close")
    receipt_id = till.ask(transfer)
    till.work()
    assert till.state(receipt_id) == "unknown" and till.standing(transfer) == "checking"
    with pytest.raises(AlreadyThere):  # nothing may leave while the first may have arrived
        till.ask(transfer)
    till.settle()
    assert till.state(receipt_id) == "not_issued" and len(till.sent("POST")) == 1
    again = till.ask(transfer)
    till.work()
    assert till.state(again) == "issued"


def test_f70_the_gateway_refuses_with_a_500(till, transfer):
    till.shop.sandbox.sandbox.switches.refuse_receipts = "국세청 점검 중입니다."
    receipt_id = till.ask(transfer)
    till.work()
    assert till.state(receipt_id) == "unknown"  # a 500 may also be a success that got lost
    till.settle()
    row = till.row(receipt_id)
    assert row["state"] == "rejected" and "국세청 점검 중" in row["api_message"]
    assert len(till.sent("POST")) == 1


def test_f70_a_500_after_it_was_issued(till, transfer):
    till.fault("POST", transfer, execute="before", answer="status", status=500)
    receipt_id = till.ask(transfer)
    till.work()
    till.settle()
    assert till.state(receipt_id) == "issued" and len(till.sent("POST")) == 1


def elsewhere(till: Till, imp_uid: str) -> None:
    """A receipt that somebody issues in PortOne's console."""
    portone = till.shop.runtime.portone()
    portone.issue_receipt(imp_uid, SOMEBODY, tax_free=0)


def test_f71_already_issued_elsewhere_is_adopted(till, transfer):
    elsewhere(till, transfer)
    with pytest.raises(AlreadyThere) as found:
        till.ask(transfer)
    row = till.row(found.value.receipt_id)
    assert row["state"] == "issued" and row["adopted"] == 1 and row["apply_num"]
    assert len(till.sent("POST")) == 1


def test_f71_issued_elsewhere_between_the_click_and_the_send(till, transfer):
    receipt_id = till.ask(transfer)
    elsewhere(till, transfer)
    till.work()
    assert till.state(receipt_id) == "issued" and till.row(receipt_id)["adopted"] == 1
    assert len(till.sent("POST")) == 1


def test_f71_the_400_itself(till, transfer):
    body = json.dumps({"code": -1, "message": ALREADY, "response": None})
    till.fault("POST", transfer, execute="before", answer="body", status=400, body=body)
    receipt_id = till.ask(transfer)
    till.work()
    row = till.row(receipt_id)
    assert row["state"] == "issued" and row["issued_amount"] == row["amount"]


def test_f71_the_400_about_another_amount_is_an_alarm(till, monkeypatch):
    client = type(till.shop.runtime.portone())
    issue = client.issue_external_receipt

    def second(self, merchant_uid, receipt_for, **given):
        issue(self, merchant_uid, receipt_for, **given | {"amount": 9_000})  # somebody else's
        return issue(self, merchant_uid, receipt_for, **given)

    monkeypatch.setattr(client, "issue_external_receipt", second)
    receipt_id = till.sell("cash-1", 11_000)
    till.work()
    row = till.row(receipt_id)
    assert (row["state"], row["alarm"], row["issued_amount"]) == ("issued", "amount", 9_000)
    assert "이미" in row["api_message"]


def test_f72_not_offered(till, transfer):
    body = json.dumps({"code": -1, "message": "지원하지 않는 기능입니다.", "response": None})
    till.fault("POST", transfer, execute="never", answer="body", status=501, body=body)
    receipt_id = till.ask(transfer)
    till.work()
    assert till.state(receipt_id) == "rejected" and len(till.sent("POST")) == 1


@pytest.mark.parametrize("answer", ["rst", "close"])
def test_f73_cancelled_without_an_answer(till, transfer, answer):
    receipt_id = till.ask(transfer)
    till.work()
    till.fault("DELETE", transfer, execute="before", answer=answer)
    till.cancel(receipt_id)
    till.work()
    till.settle()
    assert till.state(receipt_id) == "cancelled" and len(till.sent("DELETE")) == 1


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("execute", ["before", "never"])
def test_f74_the_get_decides(till, transfer, status, execute):
    receipt_id = till.ask(transfer)
    till.work()
    body = json.dumps(
        {"code": -1, "message": "포트원으로 발급된 현금영수증이 없습니다.", "response": None}
    )
    till.fault("DELETE", transfer, execute=execute, answer="body", status=status, body=body)
    till.cancel(receipt_id)
    till.work()
    till.settle()
    assert till.state(receipt_id) == ("cancelled" if execute == "before" else "issued")
    assert len(till.sent("DELETE")) == 1


def test_f75_stopped_between_cancel_and_issuing_again(till, transfer, restarted):
    old = till.ask(transfer)
    till.work()
    till.refund(transfer, 16_000)
    assert till.owed(transfer) == ("receipt_cancel", "receipt_reissue")
    assert till.standing(transfer) == "must_reissue"
    new = till.ask(transfer, tax_free=17_000, replace=True)
    assert till.state(new) == "waiting"
    till.shop.clock.now += 1
    after = Till(restarted(till.shop))
    after.work()  # the cancel goes on; who the new one was for is forgotten
    after.work()
    assert after.state(old) == "cancelled" and after.state(new) == "not_issued"
    assert after.owed(transfer) == ("receipt_reissue",) and after.standing(transfer) == "gone"
    mended = after.ask(transfer, tax_free=17_000)
    after.work()
    row = after.row(mended)
    assert (row["state"], row["issued_amount"], row["vat_amount"]) == ("issued", 50_000, 3_000)
    assert after.owed(transfer) == () and after.standing(transfer) == "issued"


def test_both_in_a_row(till, transfer):
    old = till.ask(transfer)
    till.work()
    till.refund(transfer, 16_000)
    new = till.ask(transfer, replace=True)
    till.work()
    till.work()
    assert (till.state(old), till.state(new)) == ("cancelled", "issued")
    assert till.owed(transfer) == ()
    assert [one["amount"] for one in till.there(transfer)] == [66_000, 50_000]


def test_a_voluntary_reissue_is_owed_until_it_is_there(till, transfer, restarted):
    till.ask(transfer)
    till.work()
    till.ask(transfer, replace=True)
    assert till.owed(transfer) == ("receipt_reissue",)
    till.shop.clock.now += 1
    after = Till(restarted(till.shop))
    after.work()
    assert after.standing(transfer) == "gone"


def test_the_old_one_stays_and_so_nothing_is_issued_again(till, transfer):
    old = till.ask(transfer)
    till.work()
    till.shop.sandbox.sandbox.switches.refuse_receipts = "국세청 점검 중입니다."
    new = till.ask(transfer, replace=True)
    till.work()
    till.settle()
    assert till.state(old) == "issued" and till.state(new) == "not_issued"
    assert till.owed(transfer) == () and len(till.sent("POST")) == 1


def test_f76_a_refund_while_the_receipt_is_unknown(till, transfer):
    till.fault("POST", transfer, execute="never", answer="close")
    receipt_id = till.ask(transfer)
    till.work()
    assert till.state(receipt_id) == "unknown"
    till.refund(transfer, 16_000)
    assert till.shop.payment(transfer).cancel_amount == 16_000
    assert till.owed(transfer) == ("receipt_cancel", "receipt_reissue")


def test_f77_a_cancel_that_cannot_be_leaves_the_task(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.refund(transfer)
    assert till.owed(transfer) == ("receipt_cancel",)
    till.shop.sandbox.sandbox.switches.refuse_receipts = "취소 기한이 지났습니다."
    till.cancel(receipt_id)
    till.work()
    till.settle()
    row = till.row(receipt_id)
    assert row["state"] == "issued" and "취소 기한" in row["api_message"]
    assert till.owed(transfer) == ("receipt_cancel",) and till.standing(transfer) == "must_cancel"


def test_f78_another_amount_is_an_alarm(till, transfer):
    till.ask(transfer)
    till.work()
    till.refund(transfer, 16_000)
    till.cancel(store.live_of(till.shop.db, transfer)["id"])
    till.work()
    receipt_id = till.ask(transfer)
    till.fault("POST", transfer, execute="before", answer="close")
    till.work(seconds=0)
    assert till.state(receipt_id) in ("issued", "unknown")
    till.settle()
    assert till.row(receipt_id)["alarm"] is None and till.owed(transfer) == ()


def test_f78_portone_goes_by_another_balance(till, transfer, monkeypatch):
    till.ask(transfer)
    till.work()
    till.refund(transfer, 16_000)
    till.cancel(store.live_of(till.shop.db, transfer)["id"])
    till.work()
    receipt_id = till.ask(transfer)
    issue = type(till.shop.runtime.portone()).issue_receipt

    def moved(self, *args, **given):
        till.shop.console(transfer, 10_000)
        return issue(self, *args, **given)

    monkeypatch.setattr(type(till.shop.runtime.portone()), "issue_receipt", moved)
    till.work()
    row = till.row(receipt_id)
    assert (row["state"], row["alarm"], row["issued_amount"]) == ("issued", "amount", 40_000)
    assert till.owed(transfer) == ("receipt_reissue",)


def test_the_balance_moved_before_it_left(till, transfer):
    receipt_id = till.ask(transfer)
    till.shop.console(transfer, 10_000)
    till.work()
    assert till.state(receipt_id) == "not_issued" and till.sent("POST") == []
    with pytest.raises(AmountMoved) as found:
        till.ask(transfer, shown_amount=66_000)
    assert found.value.balance == 56_000


def test_f79_two_people_cancel_one_receipt(till, transfer):
    receipt_id = till.ask(transfer)
    till.work()
    till.cancel(receipt_id)
    with pytest.raises(CannotCancel):
        till.cancel(receipt_id)
    till.work()
    with pytest.raises(CannotCancel):
        till.cancel(receipt_id)
    assert len(till.sent("DELETE")) == 1


def test_one_form_makes_one_receipt(till, transfer):
    first = till.ask(transfer, form_token="one")
    with pytest.raises(AlreadyThere) as found:
        till.ask(transfer, form_token="one")
    assert found.value.receipt_id == first


@pytest.mark.parametrize("state", ["sending", "cancel_sending"])
def test_stopped_while_it_left(till, transfer, restarted, state, monkeypatch):
    receipt_id = till.ask(transfer)
    if state == "cancel_sending":
        till.work()
        till.cancel(receipt_id)
    name = "issue_receipt" if state == "sending" else "cancel_receipt"
    client = type(till.shop.runtime.portone())
    call = getattr(client, name)

    class Killed(BaseException):
        pass

    def killed(self, *args, **given):
        call(self, *args, **given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(client, name, killed)
        with pytest.raises(Killed):
            till.work()
    assert till.state(receipt_id) == state
    till.shop.clock.now += 1
    after = Till(restarted(till.shop))
    after.work()
    after.settle()
    assert after.state(receipt_id) == ("issued" if state == "sending" else "cancelled")
    assert len(after.sent("POST")) == 1 and len(after.sent("DELETE")) <= 1


# -- outside sales ------------------------------------------------------------------------------


def test_an_outside_sale(till):
    receipt_id = till.sell("cash-1", 33_000, tax_free=11_000)
    till.work()
    row = till.row(receipt_id)
    assert (row["state"], row["vat_amount"]) == ("issued", 2_000)
    sent = till.sent("POST")[0]
    assert b'"pg": "ksnet"' in sent.body or b'"pg":"ksnet"' in sent.body
    with pytest.raises(AlreadyThere):
        till.sell("cash-1", 33_000)
    till.cancel(receipt_id)
    till.work()
    assert till.state(receipt_id) == "cancelled"


def test_a_payments_number_is_no_outside_sale(till, transfer):
    payment = till.shop.payment(transfer)
    with pytest.raises(InPortOne) as found:
        till.sell(payment.merchant_uid)
    assert found.value.imp_uid == transfer


def test_a_payment_only_portone_knows(till, sandbox_payments):
    payment = sandbox_payments["paid_card"][0]
    with pytest.raises(InPortOne) as found:
        till.sell(payment["merchant_uid"])
    assert found.value.imp_uid == payment["imp_uid"]
    other = sandbox_payments["paid_card"][1]["merchant_uid"]
    receipt_id = till.sell(other, batch_id="file")  # nobody asks for each row of a file at once
    till.work()
    assert till.state(receipt_id) == "rejected" and till.sent("POST") == []


def test_what_was_issued_elsewhere_is_found(till, transfer):
    seen, row = service.look_up(
        till.shop.runtime, till.shop.db, imp_uid=transfer, person_id=till.shop.person_id
    )
    assert seen is None and row is None
    elsewhere(till, transfer)
    seen, row = service.look_up(
        till.shop.runtime, till.shop.db, imp_uid=transfer, person_id=till.shop.person_id
    )
    assert row["state"] == "issued" and row["receipt_tid"] == seen.receipt_tid
    till.cancel(row["id"])
    till.work()
    assert till.standing(transfer) == "cancelled"


def test_a_missing_receipt_is_noticed_a_day_later(till):
    """K40: a hyphen in the window, and the receipt silently is none."""
    imp_uid = till.shop.pay("trans", amount=10_000)
    till.work()
    assert known.count_missing(till.shop.db, till.shop.runtime.now()) == 0
    till.work(seconds=25 * 3600)
    now = till.shop.runtime.now()
    assert [row["imp_uid"] for row in known.missing(till.shop.db, now)] == [imp_uid]
    till.ask(imp_uid)
    till.work()
    assert known.count_missing(till.shop.db, now) == 0
