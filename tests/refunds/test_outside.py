"""Cancels made at KSNET itself (K9): marked, told, and never paid out a second time."""

from __future__ import annotations

import pytest

from dashboard.refunds import service, store
from tests.refunds.hands import (
    ask_hand,
    old_phone,
    part_by_hand,
    picture,
    refuse,
    send_hand,
    transfer,
)
from tests.refunds.pages import form_of, hidden, part, send, text

SEEN = {"amount": "3,000", "day": "2026-08-21", "seen": "KSNET 거래조회에서 15:02 취소 확인"}


def mark(client, imp_uid: str, **typed):
    page = client.get(f"/payments/{imp_uid}/outside-cancels/new").get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token")} | SEEN | typed
    return client.post(f"/payments/{imp_uid}/outside-cancels", data=data)


def clear(client, location: str, why: str = "포트원에서 정정 확인"):
    page = client.get(location).get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token"), "why": why}
    return client.post(f"{location}/clear", data=data)


def order_of(shop, imp_uid: str) -> str:
    return f"/orders/{store.find_payment(shop.db, imp_uid)['order_id']}"


def marks(shop):
    return [dict(row) for row in shop.db.execute("SELECT * FROM outside_cancels")]


def test_a_mark_is_told_on_the_order_and_says_what_to_do(shop, client, paid):
    one = paid()
    order = order_of(shop, one.imp_uid)
    assert "KSNET 상점관리자에서 직접 취소했나요?" in text(client.get(order))
    location = mark(client, one.imp_uid, evidence=picture()).location
    page = text(client.get(location))
    for words in ("cs@portone.io", one.imp_uid, one.merchant_uid, "3,000원", SEEN["seen"]):
        assert words in page, words
    assert "proof.png" in page
    told = text(client.get(order))
    assert "KSNET에서 직접 취소됨 3,000원 · 2026-08-21" in told
    assert "KSNET에서 직접 취소됨으로 표시" in told  # on the timeline
    assert shop.learn(one.imp_uid).cancel_amount == 0


def test_what_is_marked_cannot_go_back_through_portone(shop, client, paid):
    """Said on the form before the click, and once more on fresh facts."""
    one = paid()
    rest = one.amount - 3_000
    before = form_of(client, one.imp_uid)
    mark(client, one.imp_uid)
    form = client.get(f"/payments/{one.imp_uid}/refunds/new")
    assert f"{rest:,}원까지만 환불할 수 있습니다." in text(form)
    assert 'value="whole"' not in form.get_data(as_text=True)
    answer = send(client, one.imp_uid, before)  # a form from before the mark
    assert answer.status_code == 422 and "KSNET에서 직접 취소했다고 표시한" in text(answer)
    with pytest.raises(service.Stopped):
        shop.ask(one.imp_uid, rest + 1)
    over = send(client, one.imp_uid, part(client, one.imp_uid, f"{rest + 1}"))
    assert over.status_code == 422 and f"남은 금액 {rest:,}원보다 많이" in text(over)
    assert shop.posts() == []
    sent = send(client, one.imp_uid, part(client, one.imp_uid, f"{rest}"))
    shop.work()
    assert f"환불 완료 {rest:,}원" in text(client.get(sent.location))


def test_nothing_left_stops_every_cancel(shop, client, paid):
    one = paid()
    mark(client, one.imp_uid, amount=str(one.amount))
    page = text(client.get(f"/payments/{one.imp_uid}/refunds/new"))
    assert "두 번 나가지 않도록 더는 환불할 수 없습니다." in page and "마지막 확인으로" not in page
    assert "결제취소" not in text(client.get(order_of(shop, one.imp_uid))).partition("인쇄")[0]
    with pytest.raises(service.Stopped):
        shop.ask(one.imp_uid, 1)
    assert shop.posts() == []


def test_a_cleared_mark_blocks_nothing_any_more(shop, client, paid):
    one = paid()
    location = mark(client, one.imp_uid, amount=str(one.amount)).location
    short = clear(client, location, "아니")
    assert short.status_code == 422 and "5자 이상" in text(short)
    assert clear(client, location).status_code == 303
    assert "지운 표시입니다" in text(client.get(location))
    told = text(client.get(order_of(shop, one.imp_uid)))
    assert "KSNET 직접 취소 표시를 지움" in told and "정정 요청 방법" not in told
    shop.ask(one.imp_uid)
    shop.work()
    assert shop.payment(one.imp_uid).cancel_amount == one.amount


def test_a_mark_blocks_refunds_by_hand_too(shop, client):
    uid = old_phone(shop)
    mark(client, uid, amount="40,000")
    over = send_hand(client, uid, part_by_hand(client, uid, "10,001"))
    assert over.status_code == 422 and "남은 금액 10,000원보다 많이" in text(over)
    transfer(client, ask_hand(client, uid, "10,000"))
    assert "더 돌려줄 금액이 없습니다" in text(client.get(f"/payments/{uid}/by-hand/new"))


def test_money_that_went_back_twice_is_said_and_not_hidden(shop, client):
    """Marked after it was transferred by hand: a fact, however unwelcome."""
    uid = old_phone(shop)
    transfer(client, ask_hand(client, uid, "50,000"))
    assert mark(client, uid, amount="20,000").status_code == 303
    assert "받은 돈보다 많이 돌려준 것으로" in text(client.get(order_of(shop, uid)))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": ""}, "1원 이상의 숫자로"),
        ({"amount": "0"}, "1원 이상의 숫자로"),
        ({"amount": "99,999,999"}, "보다 많이 표시할 수 없습니다"),
        ({"day": "2026-08-22"}, "결제한 날부터 오늘까지"),
        ({"day": "2020-01-01"}, "결제한 날부터 오늘까지"),
        ({"day": "gestern"}, "날짜를 2026-08-21처럼"),
        ({"seen": "봄"}, "5자 이상"),
        ({"seen": "900101-1234567 확인"}, "주민등록번호로 보이는"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(shop, client, paid, typed, words):
    one = paid()
    answer = mark(client, one.imp_uid, **typed)
    assert answer.status_code == 422 and words in text(answer), text(answer)
    assert marks(shop) == []


def test_a_double_click_marks_once_and_two_marks_never_exceed_the_balance(shop, client, paid):
    one = paid()
    assert mark(client, one.imp_uid).location == mark(client, one.imp_uid).location
    answer = mark(client, one.imp_uid, amount=str(one.amount - 2_999))
    assert answer.status_code == 422 and len(marks(shop)) == 1


def test_an_open_refund_is_waited_for_first(shop, client, paid):
    one = paid()
    shop.ask(one.imp_uid, 1_000)
    answer = mark(client, one.imp_uid)
    assert answer.status_code == 422 and "결과를 기다리는 환불이 있습니다." in text(answer)


def test_only_owner_and_manager_mark(shop, client_as, paid):
    one = paid()
    for role in ("staff", "viewer"):
        browser = client_as(role)
        assert browser.get(f"/payments/{one.imp_uid}/outside-cancels/new").status_code == 403
        assert "직접 취소했나요?" not in text(browser.get(order_of(shop, one.imp_uid)))
        sent = browser.send(f"/payments/{one.imp_uid}/outside-cancels", SEEN)
        assert sent.status_code == 403
    assert mark(client_as("manager"), one.imp_uid).status_code == 303


def test_a_refund_by_hand_stops_the_same_money_going_through_portone(shop, client, paid):
    """BY_HAND: open and done ones alike, on the form and on fresh facts."""
    one = paid()
    refuse(shop, one.imp_uid, 1_000)
    location = ask_hand(client, one.imp_uid, "2,000")
    rest = one.amount - 2_000
    for _ in ("open", "done"):
        page = text(client.get(f"/payments/{one.imp_uid}/refunds/new"))
        assert "수동 환불로 보냈거나 보낼 2,000원이 있습니다." in page
        assert f"{rest:,}원까지만" in page
        with pytest.raises(service.Stopped) as stopped:
            shop.ask(one.imp_uid, overrule="한 번 더 시도")
        assert "BY_HAND" in {found.rule for found in stopped.value.objections}
        transfer(client, location)
