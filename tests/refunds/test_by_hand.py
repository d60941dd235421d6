"""Refunds by bank transfer: for whom they are offered, their way, and what they leave behind."""

from __future__ import annotations

import io

import pytest

from dashboard import events
from dashboard.refunds import store, tasks
from tests.refunds.conftest import check_invariants
from tests.refunds.hands import (
    ask_hand,
    check_hand,
    hand_form,
    old_phone,
    part_by_hand,
    picture,
    refuse,
    send_hand,
    step,
    transfer,
)
from tests.refunds.pages import ACCOUNT, form_of, text


def rows(shop):
    return [dict(row) for row in shop.db.execute("SELECT * FROM manual_refunds")]


def order_of(shop, imp_uid: str) -> int:
    return store.find_payment(shop.db, imp_uid)["order_id"]


# -- the whole way ------------------------------------------------------------------------------


def test_a_phone_payment_of_last_month_goes_back_by_hand(shop, client_as):
    """K3: asked for, approved by another person, transferred, and counted apart from cancels."""
    shop.settings(refund_approval="always")
    staff, manager, uid = client_as("staff"), client_as("manager"), old_phone(shop)
    order = f"/orders/{order_of(shop, uid)}"
    assert "수동 환불 접수" in text(staff.get(order))
    assert "결제취소" not in text(staff.get(order)).partition("인쇄")[0]
    data = part_by_hand(staff, uid, "12,000")
    look = text(check_hand(staff, uid, data))
    assert "오세진 · 신한은행 · 끝자리 4821" in look and "12,000원 승인 요청하기" in look
    assert rows(shop) == []
    location = send_hand(staff, uid, data).location
    assert "승인을 기다리고 있습니다. 아직 이체하지 마세요." in text(staff.get(location))
    assert step(manager, location, "approve").status_code == 303
    assert "은행에서 이체하고 '이체 완료'를 기록해 주세요." in text(manager.get(location))
    assert transfer(manager, location).status_code == 303
    done = text(manager.get(location))
    assert "2026-08-21에 이체했습니다. 확인번호 이체-20260821-0007" in done
    shown = text(manager.get(order))
    assert "수동 환불 −12,000원" in shown and "가게에 남은 돈은 38,000원입니다." in shown
    assert shop.learn(uid).cancel_amount == 0 and shop.posts() == []
    check_invariants(shop)


def test_a_virtual_account_without_the_contract_owes_receipts(shop, client):
    """K6, K12: the receipt of the deposit lives on, and PortOne would issue it for too much."""
    uid = shop.pay("vbank", amount=30_000)
    shop.settings(contract_vbank_refund="no")
    location = ask_hand(client, uid, "10,000")
    assert transfer(client, location).status_code == 303
    found = {one["kind"]: one for one in tasks.open_tasks(shop.db)}
    assert set(found) == {"receipt_cancel", "receipt_reissue"}
    [row] = rows(shop)
    for one in found.values():
        assert one["manual_refund_id"] == row["id"] and one["refund_id"] is None
        assert one["detail"]["by_hand"] and one["detail"]["receipt"] == "unknown"
        assert (one["detail"]["left"], one["detail"]["tax_free_left"]) == (20_000, 0)
    listed = text(client.get("/tasks"))
    assert "포트원으로 다시 발급하면 금액이 틀립니다." in listed
    assert "남은 금액 20,000원을 외부 현금영수증으로 발급" in listed
    assert "할 일: 현금영수증을 취소해 주세요" in text(client.get(location))


def test_all_of_it_back_owes_no_new_receipt(shop, client):
    uid = shop.pay("vbank", amount=30_000)
    shop.settings(contract_vbank_refund="no")
    assert transfer(client, ask_hand(client, uid)).status_code == 303
    assert [one["kind"] for one in tasks.open_tasks(shop.db)] == ["receipt_cancel"]


def test_a_card_owes_no_receipt(shop, client):
    uid = shop.pay("card", started_at=int(shop.clock.now) - 220 * 86_400, amount=30_000)
    assert transfer(client, ask_hand(client, uid)).status_code == 303
    assert tasks.open_tasks(shop.db) == []


def test_every_step_is_on_the_orders_timeline(shop, client_as):
    shop.settings(refund_approval="always")
    staff, owner, uid = client_as("staff"), client_as("owner"), old_phone(shop)
    location = ask_hand(staff, uid, "12,000")
    step(owner, location, "decline", words="고객과 다시 확인")
    location = ask_hand(staff, uid, "12,000")
    step(staff, location, "withdraw")
    location = ask_hand(staff, uid, "12,000")
    step(owner, location, "approve")
    transfer(owner, location)
    told = text(owner.get(f"/orders/{order_of(shop, uid)}"))
    for words in (
        "수동 환불 접수",
        "수동 환불 승인 안 함",
        "고객과 다시 확인",
        "수동 환불 철회됨",
        "수동 환불 승인",
        "수동 환불 · 이체 완료",
    ):
        assert words in told, words
    assert events.broken_at(shop.db) is None


# -- for whom -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["card", "trans", "vbank", "kakaopay"])
def test_what_portone_can_refund_is_not_offered_by_hand(shop, client, method):
    """The page leads to the form that can, and nothing gets past it."""
    uid = shop.pay(method)
    assert "수동 환불 접수" not in text(client.get(f"/orders/{order_of(shop, uid)}"))
    page = client.get(f"/payments/{uid}/by-hand/new")
    assert "이 결제는 포트원으로 환불할 수 있습니다" in text(page)
    assert f"/payments/{uid}/refunds/new" in page.get_data(as_text=True)
    data = form_of(client, uid, **ACCOUNT)  # the signed balance is the same on both forms
    answer = send_hand(client, uid, data)
    assert answer.status_code == 422 and rows(shop) == []
    assert "이 결제는 포트원으로 환불할 수 있습니다" in text(answer)


def test_a_refusal_of_the_gateway_opens_the_way(shop, client, paid):
    one = paid()
    refuse(shop, one.imp_uid, 1_000)
    page = text(client.get(f"/orders/{order_of(shop, one.imp_uid)}"))
    assert "수동 환불 접수" in page and "결제취소" in page
    form = text(client.get(f"/payments/{one.imp_uid}/by-hand/new"))
    assert "결제대행사가 거절했습니다" in form
    ask_hand(client, one.imp_uid, "1,000")
    assert rows(shop)[0]["ground"] == "refused"


@pytest.mark.parametrize("words", ["checksum 검증에 실패하였습니다.", "PG사 응답 시간초과"])
def test_what_is_no_refusal_of_the_gateway_opens_nothing(shop, client_as, paid, words):
    """A new form mends a changed balance; after a timeout the money may have gone back."""
    one = paid()
    refuse(shop, one.imp_uid, 1_000, words=words)
    page = text(client_as("owner").get(f"/payments/{one.imp_uid}/by-hand/new"))
    assert "이 결제는 포트원으로 환불할 수 있습니다" in page


def test_a_refusal_is_forgotten_once_a_refund_succeeded(shop, client, paid):
    one = paid()
    refuse(shop, one.imp_uid, 1_000)
    shop.ask(one.imp_uid, 1_000, overrule="한 번 더 시도")
    shop.work()
    page = text(client.get(f"/payments/{one.imp_uid}/by-hand/new"))
    assert "이 결제는 포트원으로 환불할 수 있습니다" in page


def test_a_part_of_a_phone_payment_goes_back_by_hand_but_not_all_of_it(shop, client):
    """K2."""
    uid = shop.pay("phone", amount=30_000)
    whole = send_hand(client, uid, hand_form(client, uid))
    assert "전액은 포트원으로 취소할 수 있습니다." in text(whole)
    assert whole.status_code == 422 and "전액인지 부분인지 골라 주세요." in text(whole)
    answer = send_hand(client, uid, part_by_hand(client, uid, "30,000"))
    assert answer.status_code == 409
    assert "포트원으로 환불할 수 있어 접수하지 않았습니다." in text(answer) and rows(shop) == []
    ask_hand(client, uid, "1,000")
    assert rows(shop)[0]["ground"] == "K2"


def test_dollars_and_what_is_cancelled_have_no_refund_by_hand(shop, client):
    old = int(shop.clock.now) - 300 * 86_400
    dollars = shop.pay("card", started_at=old, currency="USD")
    cancelled = shop.pay("card", started_at=old, amount=30_000)
    shop.console(cancelled, 30_000)
    shop.learn(cancelled)
    for uid in (dollars, cancelled):
        page = text(client.get(f"/payments/{uid}/by-hand/new"))
        assert "마지막 확인으로" not in page
        answer = send_hand(client, uid, hand_form(client, old_phone(shop)))
        assert answer.status_code == 400 and rows(shop) == []


# -- what is typed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "part", "amount": ""}, "금액을 입력해 주세요."),
        ({"kind": "part", "amount": "0"}, "1원 이상의 숫자로"),
        ({"kind": "part", "amount": "50,001"}, "남은 금액 50,000원보다 많이"),
        ({"kind": "part", "amount": "1.5"}, "1원 이상의 숫자로"),
        ({"holder": ""}, "예금주명을 입력해 주세요."),
        ({"bank": ""}, "받을 은행을 골라 주세요."),
        ({"bank": "999"}, "받을 은행을 골라 주세요."),
        ({"account": "12"}, "계좌번호를 숫자로 입력해 주세요."),
        ({"account": "1" * 21}, "계좌번호를 숫자로 입력해 주세요."),
        ({"reason": "other", "other_reason": ""}, "내용을 입력해 주세요."),
        ({"reason": "other", "other_reason": "900101-1234567"}, "주민등록번호로 보이는"),
        ({"reason": "other", "other_reason": "110-492-374821로"}, "계좌번호는 여기에 적지"),
        ({"holder": "900101-1234567"}, "주민등록번호로 보이는"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(shop, client, typed, words):
    uid = old_phone(shop)
    data = hand_form(client, uid, **typed)
    for answer in (check_hand(client, uid, data), send_hand(client, uid, data)):
        assert answer.status_code == 422 and words in text(answer)
        page = answer.get_data(as_text=True)
        for name in {"holder", "account"} - typed.keys():
            assert f'value="{ACCOUNT[name]}"' in page
    assert rows(shop) == []


def test_the_last_look_takes_a_picture_and_refuses_anything_else(shop, client):
    uid = old_phone(shop)
    data = hand_form(client, uid)
    bad = send_hand(client, uid, data | {"evidence": (io.BytesIO(b"just words"), "proof.png")})
    assert bad.status_code == 422 and "사진(PNG, JPEG, WebP)이나 PDF만 받습니다." in text(bad)
    assert 'name="account" value="110492374821"' in bad.get_data(as_text=True)
    location = send_hand(client, uid, data | {"evidence": picture()}).location
    page = client.get(location).get_data(as_text=True)
    [row] = rows(shop)
    assert f"/files/{row['file_id']}" in page and "proof.png" in page
    assert client.get(f"/files/{row['file_id']}").mimetype == "image/png"


def test_tax_free_parts_follow_the_shops_books(shop, client):
    """K11: the tax-free part is shared out as for PortOne, and stays within what is left."""
    shop.settings(sells_tax_free="yes")
    uid = old_phone(shop, 30_000)
    data = part_by_hand(client, uid, "10,000", tax_free_total="12,000", tax_free="9,000")
    look = text(check_hand(client, uid, data))
    assert "그중 면세 9,000원" in look
    over = check_hand(client, uid, data | {"tax_free": "10,001"})
    assert over.status_code == 422 and "0원부터 10,000원까지" in text(over)
    transfer(client, send_hand(client, uid, data).location)
    rest = part_by_hand(client, uid, "20,000", tax_free="4,000")
    look = text(check_hand(client, uid, rest))
    assert "그중 면세 3,000원" in look  # all that is left takes all that is left of both parts


# -- once ---------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_refund(shop, client):
    uid = old_phone(shop)
    data = hand_form(client, uid)
    first, second = send_hand(client, uid, data), send_hand(client, uid, data)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    assert len(rows(shop)) == 1


def test_a_second_form_leads_to_the_open_one(shop, client):
    uid = old_phone(shop)
    data = part_by_hand(client, uid, "10,000")
    location = ask_hand(client, uid, "12,000")
    assert send_hand(client, uid, data).location == location
    assert client.get(f"/payments/{uid}/by-hand/new").location == location
    assert len(rows(shop)) == 1


def test_no_more_than_is_left_ever_goes_back_by_hand(shop, client):
    uid = old_phone(shop)
    transfer(client, ask_hand(client, uid, "30,000"))
    page = client.get(f"/payments/{uid}/by-hand/new").get_data(as_text=True)
    assert "남은 금액 <span data-balance>20,000원" in page
    over = send_hand(client, uid, part_by_hand(client, uid, "20,001"))
    assert over.status_code == 422 and "남은 금액 20,000원보다 많이" in text(over)
    transfer(client, ask_hand(client, uid))
    assert sum(row["amount"] for row in rows(shop)) == 50_000
    assert "더 돌려줄 금액이 없습니다" in text(client.get(f"/payments/{uid}/by-hand/new"))
    assert "모두 환불됨 · 수동 환불 포함" in text(client.get(f"/orders/{order_of(shop, uid)}"))


def test_a_balance_that_moved_brings_the_form_back(shop, client):
    """Found out when PortOne is asked, and when the ledger knows already."""
    for learned in (False, True):
        uid = shop.pay("card", started_at=int(shop.clock.now) - 220 * 86_400, amount=30_000)
        data = part_by_hand(client, uid, "12,000")
        shop.console(uid, 5_000)
        if learned:
            shop.learn(uid)
        answer = send_hand(client, uid, data)
        assert answer.status_code == 409
        assert "금액이 바뀌었습니다." in text(answer) and "25,000원" in text(answer)
        page = answer.get_data(as_text=True)
        assert 'value="12,000"' in page and f'value="{ACCOUNT["account"]}"' in page
    assert rows(shop) == []


def test_portone_that_cannot_be_asked_lets_nothing_be_written(shop, client):
    uid = old_phone(shop)
    data = hand_form(client, uid)
    for _ in range(4):  # a look is repeated
        shop.fault(path=f"/payments/{uid}", method="GET", answer="close")
    answer = send_hand(client, uid, data)
    assert answer.status_code == 502 and rows(shop) == []
    assert f'value="{ACCOUNT["account"]}"' in answer.get_data(as_text=True)


def test_an_old_or_foreign_form_is_refused(shop, client_as):
    owner, staff, uid = client_as("owner"), client_as("staff"), old_phone(shop)
    data = hand_form(owner, uid)
    foreign = staff.post(f"/payments/{uid}/by-hand", data=data | {"csrf_token": staff.csrf()})
    assert foreign.status_code == 400 and "이 화면에서 만든 요청이 아닙니다." in text(foreign)
    shop.clock.now += 31 * 60
    owner = client_as("owner")
    old = send_hand(owner, uid, data | {"csrf_token": owner.csrf()})
    assert old.status_code == 400 and "30분이 지났습니다" in text(old)
    assert rows(shop) == []


def test_extra_fields_are_ignored(shop, client):
    """SEC-29."""
    uid = old_phone(shop)
    data = hand_form(client, uid) | {"state": "done", "ground": "x", "person_id": "4"}
    send_hand(client, uid, data)
    [row] = rows(shop)
    assert (row["state"], row["ground"], row["person_id"]) == ("approved", "K3", shop.person_id)
