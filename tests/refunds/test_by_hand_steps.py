"""Refunds by hand once they are asked for: who decides, the transfer, sums, the day's list."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from dashboard.clock import kst
from dashboard.database import write
from dashboard.refunds import by_hand, by_hand_store, lock, store
from tests.conftest import PASSWORD
from tests.refunds.conftest import check_invariants
from tests.refunds.hands import (
    DIGITS,
    ask_hand,
    hand_form,
    old_phone,
    picture,
    refuse,
    send_hand,
    step,
    transfer,
)
from tests.refunds.pages import part, send, text


def rows(shop):
    return [dict(row) for row in shop.db.execute("SELECT * FROM manual_refunds")]


def order_of(shop, imp_uid: str) -> int:
    return store.find_payment(shop.db, imp_uid)["order_id"]


# -- who ----------------------------------------------------------------------------------------


def test_nobody_approves_their_own(shop, client_as):
    shop.settings(refund_approval="always")
    manager, uid = client_as("manager"), old_phone(shop)
    location = ask_hand(manager, uid)
    answer = step(manager, location, "approve")
    assert answer.status_code == 422 and "자기가 한 요청은 승인할 수 없습니다." in text(answer)
    assert step(manager, location, "decline", words="아니요").status_code == 422
    assert rows(shop)[0]["state"] == "requested"


def test_above_a_limit_only_the_owner_decides(shop, client_as):
    shop.settings(refund_limit_staff=10_000)
    staff, manager, owner = client_as("staff"), client_as("manager"), client_as("owner")
    location = ask_hand(staff, old_phone(shop), "12,000")
    answer = step(manager, location, "approve", password_again=PASSWORD)
    assert answer.status_code == 422 and "주인만 승인할 수 있습니다." in text(answer)
    asked = step(owner, location, "approve")
    assert asked.status_code == 422 and "비밀번호를 입력해 주세요." in text(asked)
    assert step(owner, location, "approve", password_again=PASSWORD).status_code == 303
    assert rows(shop)[0]["state"] == "approved"


def test_a_large_sum_wants_the_password_on_the_last_look(shop, client):
    """SEC-28."""
    shop.settings(refund_password_above=40_000)
    uid = old_phone(shop)
    data = hand_form(client, uid)
    asked = send_hand(client, uid, data)
    assert asked.status_code == 422 and "비밀번호를 입력해 주세요." in text(asked)
    assert send_hand(client, uid, data | {"password_again": PASSWORD}).status_code == 303


def test_a_limit_set_between_the_looks_brings_the_form_back(shop, client_as, monkeypatch):
    staff, uid = client_as("staff"), old_phone(shop)
    data = hand_form(staff, uid)
    real = by_hand.ask

    def slow(*args, **given):
        shop.settings(refund_approval="always")
        return real(*args, **given)

    monkeypatch.setattr(by_hand, "ask", slow)
    answer = send_hand(staff, uid, data)
    assert answer.status_code == 409 and "그사이 바뀌었습니다" in text(answer)
    assert rows(shop) == []


def test_staff_sees_four_digits_and_the_others_all_after_a_click(shop, client_as):
    """SEC-57: the look is logged, the number is nowhere in the log."""
    uid = old_phone(shop)
    location = ask_hand(client_as("staff"), uid)
    for role in ("viewer", "staff"):
        page = client_as(role).get(location).get_data(as_text=True)
        assert "4821" in page and DIGITS not in page and "어디로 보내나요" not in page
        assert client_as(role).send(f"{location}/reveal").status_code == 403
    manager = client_as("manager")
    assert DIGITS not in manager.get(location).get_data(as_text=True)
    shown = step(manager, location, "reveal").get_data(as_text=True)
    assert DIGITS in shown and "오세진" in shown
    assert DIGITS not in manager.get(location).get_data(as_text=True)
    [look] = shop.db.execute("SELECT * FROM events WHERE kind = 'personal_data.shown'").fetchall()
    assert look["order_id"] == order_of(shop, uid)
    assert json.loads(look["detail"])["what"] == ["refund_holder", "refund_account"]
    dumped = "\n".join(str(tuple(row)) for row in shop.db.execute("SELECT * FROM events"))
    assert DIGITS not in dumped and "오세진" not in dumped


def test_a_lost_key_is_said_and_the_account_is_asked_for_again(shop, client):
    uid = old_phone(shop)
    location = ask_hand(client, uid)
    (shop.runtime.instance.path / "account_key").unlink()
    page = text(client.get(location))
    assert "받을 계좌를 더는 읽을 수 없습니다" in page and "이체 완료 기록" not in page
    assert step(client, location, "reveal").status_code == 303
    listed = client.get("/refunds/by-hand")
    assert client.send("/refunds/by-hand/reveal").status_code == 200 and listed.status_code == 200
    step(client, location, "withdraw")
    assert DIGITS in step(client, ask_hand(client, uid), "reveal").get_data(as_text=True)


def test_withdrawing_is_for_whoever_asked_and_for_owners(shop, client_as):
    shop.settings(refund_limit_staff=10_000)
    staff, manager, owner = client_as("staff"), client_as("manager"), client_as("owner")
    location = ask_hand(staff, old_phone(shop), "12,000")
    assert step(manager, location, "withdraw").status_code == 422
    assert step(owner, location, "withdraw").status_code == 303
    assert step(owner, location, "withdraw").status_code == 303  # over already: said, not done
    assert rows(shop)[0]["state"] == "withdrawn"


def test_once_approved_only_who_could_be_at_the_bank_takes_it_back(shop, client_as):
    staff, manager = client_as("staff"), client_as("manager")
    location = ask_hand(staff, old_phone(shop))
    assert rows(shop)[0]["state"] == "approved"
    assert f"{location}/withdraw" not in text(staff.get(location))
    assert step(staff, location, "withdraw").status_code == 422
    assert rows(shop)[0]["state"] == "approved"
    assert step(manager, location, "withdraw").status_code == 303
    assert rows(shop)[0]["state"] == "withdrawn"


# -- the transfer -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": ""}, "날짜를 2026-08-21처럼"),
        ({"day": "21.8.2026"}, "날짜를 2026-08-21처럼"),
        ({"day": "2026-08-22"}, "결제한 날부터 오늘까지"),
        ({"day": "2026-07-20"}, "결제한 날부터 오늘까지"),
        ({"reference": ""}, "내용을 입력해 주세요."),
        ({"reference": "1"}, "2자 이상"),
        ({"reference": "x" * 61}, "60자까지"),
        ({"reference": "110-492-374821"}, "계좌번호는 여기에 적지 마세요."),
        ({"reference": "900101-1234567"}, "주민등록번호로 보이는"),
    ],
)
def test_what_is_wrong_with_a_transfer_is_said(shop, client, typed, words):
    location = ask_hand(client, old_phone(shop))
    answer = transfer(client, location, **typed)
    assert answer.status_code == 422 and words in text(answer), text(answer)
    assert rows(shop)[0]["state"] == "approved"


def test_the_payments_own_day_and_today_are_days_of_a_transfer(shop, client):
    for day in (kst(shop.clock.now).date(), kst(shop.clock.now - 31 * 86_400).date()):
        location = ask_hand(client, old_phone(shop))
        assert transfer(client, location, day=day.isoformat()).status_code == 303


def test_the_banks_confirmation_is_kept_beside_it(shop, client):
    location = ask_hand(client, old_phone(shop))
    assert transfer(client, location, evidence=picture("transfer.png")).status_code == 303
    assert "transfer.png" in text(client.get(location))


def test_what_is_over_stays_over(shop, client):
    location = ask_hand(client, old_phone(shop))
    page = client.get(location).get_data(as_text=True)
    transfer(client, location)
    before = rows(shop)
    for name in ("approve", "decline", "withdraw", "reveal", "transferred"):
        answer = step(client, location, name, words="아니요", day="2026-08-21", reference="다시")
        assert answer.status_code == 303, name
    assert rows(shop) == before and "이체 완료" in page


def test_a_transfer_is_not_approved_once_the_money_went_another_way(shop, client_as):
    """Cancelled in the console while it waited: nothing goes back twice."""
    shop.settings(refund_approval="always")
    uid = shop.pay("card", started_at=int(shop.clock.now) - 220 * 86_400, amount=30_000)
    staff, owner = client_as("staff"), client_as("owner")
    location = ask_hand(staff, uid, "20,000")
    shop.console(uid, 15_000)
    shop.learn(uid)
    page = text(owner.get(location))
    assert "이체하지 마세요" in page
    answer = step(owner, location, "approve")
    assert answer.status_code == 422 and "남은 금액보다 많습니다" in text(answer)
    assert "받은 돈보다 많이 돌려준 것으로" in text(owner.get(f"/orders/{order_of(shop, uid)}"))


def test_money_that_has_gone_is_written_down_even_when_it_was_too_much(shop, client):
    uid = shop.pay("card", started_at=int(shop.clock.now) - 220 * 86_400, amount=30_000)
    location = ask_hand(client, uid, "20,000")
    shop.console(uid, 15_000)
    shop.learn(uid)
    assert transfer(client, location).status_code == 303
    assert rows(shop)[0]["state"] == "done"


# -- sums ---------------------------------------------------------------------------------------


def test_the_lists_sums_are_those_of_its_rows(shop, client, paid):
    paid()
    uid = old_phone(shop)
    transfer(client, ask_hand(client, uid, "12,000"))
    ask_hand(client, uid, "1,000")  # not transferred yet: no money has gone
    page = text(client.get("/orders?summary=1&when=3m&unfold=1"))
    sums = shop.db.execute(
        "SELECT sum(paid_amount), sum(cancelled_amount), sum(manual_refunded) FROM orders"
        " WHERE NOT sandbox AND currency = 'KRW'"
    ).fetchone()
    assert sums[2] == 12_000
    assert f"수동 환불 {sums[2]:,}원 순액 {sums[0] - sums[1] - sums[2]:,}원" in page
    assert "−12,000" in page
    assert "수동 환불" not in text(client.get("/orders/summary?when=today"))


def test_payments_and_checksums_stay_portones(shop, client, paid):
    """A refund through PortOne after one by hand sends PortOne's own balance as checksum."""
    one = paid()
    refuse(shop, one.imp_uid, 1_000)
    transfer(client, ask_hand(client, one.imp_uid, "2,000"))
    assert shop.payment(one.imp_uid).cancel_amount == 0
    sent = send(client, one.imp_uid, part(client, one.imp_uid, "1,000", overrule="한 번 더 시도"))
    shop.work()
    assert "환불 완료 1,000원" in text(client.get(sent.location))
    body = shop.posts()[-1].body
    assert json.loads(body)["checksum"] == one.amount
    check_invariants(shop)


def test_waiting_ones_stand_on_the_refunds_page(shop, client_as):
    shop.settings(refund_approval="always")
    staff, owner = client_as("staff"), client_as("owner")
    location = ask_hand(staff, old_phone(shop))
    assert "수동 환불 승인 대기 1건" in text(owner.get("/refunds"))
    step(owner, location, "approve")
    page = owner.get("/refunds")
    assert "수동 환불 이체 대기 1건" in text(page) and "이체할 목록" in text(page)
    assert "이체할 목록" not in text(staff.get("/refunds"))
    transfer(owner, location)
    assert by_hand_store.count_open(shop.db) == 0
    assert "대기 1건" not in text(owner.get("/refunds"))


def test_what_went_back_another_way_is_not_on_the_banks_list(shop, client):
    """Cancelled in the console once approved: said on the list, left out of sum and file."""
    uid = shop.pay("card", started_at=int(shop.clock.now) - 220 * 86_400, amount=30_000)
    ask_hand(client, uid, "20,000")
    ask_hand(client, old_phone(shop), "5,000")
    shop.console(uid, 15_000)
    shop.learn(uid)
    page = text(client.get("/refunds/by-hand"))
    assert "이체하지 마세요" in page and "이체할 건 1건 합계 5,000원" in page
    shown = client.send("/refunds/by-hand/reveal", page="/refunds/by-hand")
    assert shown.get_data(as_text=True).count(DIGITS) == 1
    data = {"why": "이체하기", "password_again": PASSWORD}
    file = client.send("/refunds/by-hand/export", data, page="/refunds/by-hand/export")
    assert load_workbook(io.BytesIO(file.data)).active.max_row == 2


def test_a_days_limit_counts_transfers_too(shop, client_as):
    """SEC-27: whichever way the money goes."""
    shop.settings(refund_day_limit_staff=60_000)
    staff = client_as("staff")
    ask_hand(staff, old_phone(shop), "50,000")
    ask_hand(staff, old_phone(shop), "10,001")
    first, second = rows(shop)
    assert (first["state"], second["state"]) == ("approved", "requested")
    assert (first["needs_owner"], second["needs_owner"]) == (0, 1)
    one = shop.pay("card", amount=20_000)
    sent = send(staff, one, part(staff, one, "10,001"))
    assert sent.location.startswith("/refunds/requests/")


def test_the_day_list_shows_accounts_only_after_a_click_for_each_order(shop, client_as):
    manager = client_as("manager")
    for amount in ("10,000", "20,000"):
        ask_hand(manager, old_phone(shop), amount)
    page = manager.get("/refunds/by-hand")
    assert "2건" in text(page) and "30,000원" in text(page)
    assert DIGITS not in page.get_data(as_text=True)
    shown = manager.send("/refunds/by-hand/reveal", page="/refunds/by-hand")
    assert shown.get_data(as_text=True).count(DIGITS) == 2
    looks = shop.db.execute("SELECT count(*) FROM events WHERE kind = 'personal_data.shown'")
    assert looks.fetchone()[0] == 2
    assert client_as("staff").get("/refunds/by-hand").status_code == 403


def test_the_banks_file_holds_text_and_leaves_a_record(shop, client):
    """SEC-39, SEC-40: an account keeps its zeros, a holder is no formula."""
    shop.settings(shop_name="달빛과일상회 온라인몰")
    data = hand_form(client, old_phone(shop), account="012-345-678901", holder="=1+1")
    assert send_hand(client, old_phone(shop), data).status_code == 400  # of another payment
    ask_hand(client, old_phone(shop), account="012-345-678901", holder="=1+1")
    path = "/refunds/by-hand/export"
    assert "계좌번호와 예금주가 그대로 들어 있으니" in text(client.get(path))
    refused = client.send(path, {"why": "이체하기"}, page=path)
    assert refused.status_code == 422 and "비밀번호를 입력해 주세요." in text(refused)
    file = client.send(path, {"why": "이체하기", "password_again": PASSWORD}, page=path)
    [headings, line] = load_workbook(io.BytesIO(file.data)).active.iter_rows(values_only=True)
    assert headings[:3] == ("은행코드", "은행", "계좌번호")
    merchant_uid = shop.db.execute(
        "SELECT merchant_uid FROM manual_refunds JOIN orders o ON o.id = order_id"
    ).fetchone()[0]
    assert line == (
        "088",
        "신한은행",
        "012345678901",
        "'=1+1",
        50_000,
        "달빛과일상회 온라인",
        merchant_uid,
    )
    kinds = [row["kind"] for row in shop.db.execute("SELECT kind FROM events ORDER BY id")]
    assert kinds[-2:] == ["personal_data.shown", "export"]
    dumped = "\n".join(str(tuple(row)) for row in shop.db.execute("SELECT * FROM events"))
    assert "012345678901" not in dumped


def test_an_old_copy_of_the_ledger_approves_nothing(shop, client_as):
    """C9: it may have forgotten a transfer that was made."""
    shop.settings(refund_approval="always")
    staff, owner = client_as("staff"), client_as("owner")
    location = ask_hand(staff, old_phone(shop))
    with write(shop.db):
        lock.lock(shop.db, "older", int(shop.clock.now))
    answer = step(owner, location, "approve")
    assert answer.status_code == 422 and "환불이 잠겨 있어 승인하지 않았습니다." in text(answer)
    uid = old_phone(shop)
    refused = send_hand(owner, uid, hand_form(owner, uid))
    assert refused.status_code == 409 and "환불이 잠겨 있습니다." in text(refused)
    shop.settings(refund_approval="off")
    shop.db.conn.execute("UPDATE manual_refunds SET state = 'approved'")
    shop.db.conn.commit()
    for path in (location, "/refunds/by-hand"):
        assert "이미 이체했는지 먼저 확인해 주세요" in text(owner.get(path)), path
