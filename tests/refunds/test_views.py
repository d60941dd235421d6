"""The refund pages as a browser sees them, over the real engine and a PortOne on loopback."""

from __future__ import annotations

import pytest
import requests

from dashboard import settings
from dashboard.accounts import store as people
from dashboard.database import write
from dashboard.refunds import store, tasks
from dashboard.refunds.number_words import won_in_words
from tests.conftest import PASSWORD
from tests.refunds.pages import ACCOUNT, check, form_of, part, send, text

# -- the way of a refund ------------------------------------------------------------------------


def test_a_whole_cancel_from_form_to_result(shop, client, paid):
    one = paid()
    data = form_of(client, one.imp_uid)
    confirm = text(check(client, one.imp_uid, data))
    assert f"{one.amount:,}원 취소하기" in confirm and "되돌릴 수 없습니다." in confirm
    assert shop.posts() == []
    sent = send(client, one.imp_uid, data)
    assert sent.status_code == 303
    assert "환불을 요청하고 있습니다. 이 창을 닫아도 됩니다." in text(client.get(sent.location))
    shop.work()
    told = text(client.get(sent.location))
    assert f"환불 완료 {one.amount:,}원 · 취소번호" in told and "3~5영업일" in told
    assert len(shop.posts()) == 1


def test_a_part_with_commas_and_full_width_digits(shop, client, paid):
    one = paid()
    sent = send(client, one.imp_uid, part(client, one.imp_uid, " １,０００ "))
    shop.work()
    assert "환불 완료 1,000원" in text(client.get(sent.location))
    assert shop.payment(one.imp_uid).cancel_amount == 1_000


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "0",
        "-1",
        "−1000",
        "1.5",
        "1e3",
        "1,00",
        "9223372036854775808",
        "1²",
        "천원",
        "12a",
        "00",
    ],
)
def test_what_is_no_amount_is_said_beside_the_field(shop, client, paid, amount):
    """F65, K10."""
    one = paid()
    data = part(client, one.imp_uid, amount)
    for answer in (check(client, one.imp_uid, data), send(client, one.imp_uid, data)):
        assert answer.status_code == 422
        assert 'id="amount-error"' in answer.get_data(as_text=True)
    assert shop.posts() == [] and store.refunds_of(shop.db, 1) == []


def test_more_than_is_left_is_refused(shop, client, paid):
    one = paid()
    answer = check(client, one.imp_uid, part(client, one.imp_uid, str(one.amount + 1)))
    assert answer.status_code == 422 and "보다 많이 돌려줄 수 없습니다" in text(answer)


def test_a_typed_amount_is_never_taken_for_everything(shop, client, paid):
    one = paid()
    answer = send(client, one.imp_uid, form_of(client, one.imp_uid, amount="3,000"))
    assert answer.status_code == 422 and "전액을 골랐는데 다른 금액이" in text(answer)
    assert shop.posts() == []


def test_large_sums_are_spelled(shop, client, paid):
    """From 100,000 won on, in Korean words."""
    large, small = paid("paid_trans"), paid()
    for one in (large, small):
        confirm = text(check(client, one.imp_uid, form_of(client, one.imp_uid)))
        assert (won_in_words(one.amount) in confirm) is (one.amount >= 100_000)


def test_the_account_is_read_back_and_not_kept(shop, client, paid):
    one = paid("paid_vbank")
    data = form_of(client, one.imp_uid, **ACCOUNT)
    confirm = text(check(client, one.imp_uid, data))
    assert "오세진 · 신한은행 · 끝자리 4821" in confirm and "환불하기" in confirm
    sent = send(client, one.imp_uid, data)
    assert sent.status_code == 303, text(sent)
    assert "110492374821" not in "\n".join(shop.db.conn.iterdump())
    shop.work()
    told = text(client.get(sent.location))
    assert "환불 완료" in told and "끝자리 4821" in told and "110492374821" not in told


@pytest.mark.parametrize("name", sorted(ACCOUNT))
def test_an_account_needs_all_its_parts(client, paid, name):
    """K7."""
    one = paid("paid_vbank")
    answer = check(client, one.imp_uid, form_of(client, one.imp_uid, **(ACCOUNT | {name: ""})))
    assert answer.status_code == 422 and f'id="{name}-error"' in answer.get_data(as_text=True)


def test_the_tax_free_total_is_asked_once_and_kept(shop, client, paid):
    one = paid()
    with write(shop.db):
        settings.put(shop.db, "sells_tax_free", "yes")
    data = part(client, one.imp_uid, "1,000")
    assert "면세금액을 입력해 주세요" in text(send(client, one.imp_uid, data))
    data |= {"tax_free_total": "10,000", "tax_free": "1,000"}
    assert send(client, one.imp_uid, data).status_code == 303
    row = shop.db.execute("SELECT tax_free FROM refunds").fetchone()
    assert row[0] == 1_000
    kept = shop.db.execute("SELECT tax_free FROM orders WHERE imp_uid = ?", [one.imp_uid])
    assert kept.fetchone()[0] == 10_000


def test_an_own_reason_is_sent_and_a_resident_number_is_not(shop, client, paid):
    one = paid()
    data = form_of(client, one.imp_uid, reason="other", other_reason="900101-1234567 고객")
    assert send(client, one.imp_uid, data).status_code == 422
    data["other_reason"] = "색이 달라요"
    sent = send(client, one.imp_uid, data)
    assert "색이 달라요" in text(client.get(sent.location))


# -- once, whatever the fingers do --------------------------------------------------------------


def test_a_double_click_is_one_refund(shop, client, paid):
    """F45."""
    one = paid()
    data = form_of(client, one.imp_uid)
    first, second = send(client, one.imp_uid, data), send(client, one.imp_uid, data)
    assert first.location == second.location and second.status_code == 303
    shop.work()
    assert len(shop.posts()) == 1


def test_back_and_again_leads_to_the_same_refund_even_the_next_day(shop, client, paid, clock):
    """F48."""
    one = paid()
    data = form_of(client, one.imp_uid)
    first = send(client, one.imp_uid, data)
    shop.work()
    assert send(client, one.imp_uid, data).location == first.location
    clock.now += 24 * 3600
    client.become(_owner(shop))
    data["csrf_token"] = client.csrf()
    assert send(client, one.imp_uid, data).location == first.location
    assert len(shop.posts()) == 1


def _owner(shop):
    return people.find_by_name(shop.db, "owner")


def test_two_tabs_make_one_refund(shop, client, paid):
    """F46, F49."""
    one = paid()
    first, second = form_of(client, one.imp_uid), part(client, one.imp_uid, "1,000")
    location = send(client, one.imp_uid, first).location
    assert send(client, one.imp_uid, second).location == location
    shop.work()
    answer = send(client, one.imp_uid, second)
    assert answer.status_code == 409 and "금액이 바뀌었습니다" in text(answer)
    assert len(shop.posts()) == 1


def test_cancelled_in_the_console_meanwhile_shows_the_new_balance(shop, client, paid):
    """F43: what was typed stays."""
    one = paid()
    data = part(client, one.imp_uid, "1,000", reason="품절")
    _console_cancel(shop, one.imp_uid, 500)
    answer = send(client, one.imp_uid, data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "금액이 바뀌었습니다" in page
    assert 'value="1,000"' in page and f"{one.amount - 500:,}원" in page
    assert shop.posts() == []


def _console_cancel(shop, imp_uid: str, amount: int) -> None:
    answer = requests.post(
        f"{shop.sandbox.url}/_control/console-cancel",
        json={"imp_uid": imp_uid, "amount": amount},
        headers={"X-Control-Token": shop.sandbox.control_token},
        timeout=5,
    )
    answer.raise_for_status()
    answer.close()


def test_an_open_refund_locks_the_form(shop, client, paid):
    one = paid()
    location = send(client, one.imp_uid, form_of(client, one.imp_uid)).location
    assert client.get(f"/payments/{one.imp_uid}/refunds/new").location == location
    order = shop.db.execute("SELECT order_id FROM refunds").fetchone()[0]
    page = client.get(f"/orders/{order}").get_data(as_text=True)
    assert location in page and f"/payments/{one.imp_uid}/refunds/new" not in text(
        client.get(f"/orders/{order}")
    )
    assert "환불 확인 중" in client.get("/orders").get_data(as_text=True)


# -- forged, old, twice -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["tampered", "missing", "other payment", "other person", "old"])
def test_a_balance_that_is_not_this_forms_is_refused(shop, client, client_as, paid, how, clock):
    """SEC-30: 400, and nothing is asked of PortOne."""
    one, other = paid(), paid(at=1)
    data = form_of(client, one.imp_uid)
    if how == "tampered":
        data["balance"] = data["balance"][:-3] + "abc"
    elif how == "missing":
        del data["balance"]
    elif how == "other payment":
        data["balance"] = form_of(client, other.imp_uid)["balance"]
    elif how == "other person":
        data["balance"] = form_of(client_as("staff"), one.imp_uid)["balance"]
    else:
        clock.now += 31 * 60 - 120
        client.get("/me")  # keeps the session awake
        clock.now += 121
        data["csrf_token"] = client.csrf()
    asked = len(shop.sandbox.sandbox.journal.entries())
    for path in (f"/payments/{one.imp_uid}/refunds", f"/payments/{one.imp_uid}/refunds/check"):
        answer = client.post(path, data=data)
        assert answer.status_code == 400, text(answer)
        assert "아무것도 보내지 않았습니다" in text(answer)
    assert len(shop.sandbox.sandbox.journal.entries()) == asked
    assert store.open_refunds(shop.db) == []


@pytest.mark.parametrize("name", ["amount", "kind", "balance", "tax_free"])
def test_the_same_field_twice_is_refused(shop, client, paid, name):
    """SEC-31."""
    one = paid()
    data = part(client, one.imp_uid, "1,000")
    data[name] = [data.get(name, "1"), "9000"]
    assert send(client, one.imp_uid, data).status_code == 400
    assert check(client, one.imp_uid, data).status_code == 400
    assert store.open_refunds(shop.db) == []


def test_more_than_twenty_a_minute_is_too_many(shop, client, paid, clock):
    """SEC-66."""
    one = paid()
    data = part(client, one.imp_uid, "x")
    assert {send(client, one.imp_uid, data).status_code for _ in range(20)} == {422}
    assert send(client, one.imp_uid, data).status_code == 429
    clock.now += 61
    assert send(client, one.imp_uid, data).status_code == 422


def test_a_viewer_may_look_but_not_refund(shop, client, client_as, paid):
    one = paid()
    location = send(client, one.imp_uid, form_of(client, one.imp_uid)).location
    viewer = client_as("viewer")
    assert viewer.get(location).status_code == 200
    assert viewer.get(f"/payments/{one.imp_uid}/refunds/new").status_code == 403


# -- when PortOne does not do its part ----------------------------------------------------------


def test_portone_out_of_reach_sends_nothing_and_keeps_what_was_typed(shop, client, paid):
    one = paid()
    data = part(client, one.imp_uid, "1,000", reason="품절")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=9)
    answer = send(client, one.imp_uid, data)
    assert answer.status_code == 502
    assert "확인하지 못해 보내지 않았습니다" in text(answer) and "돈은 나가지 않았습니다" in text(
        answer
    )
    assert 'value="1,000"' in answer.get_data(as_text=True)
    assert store.open_refunds(shop.db) == [] and shop.posts() == []


def test_an_unknown_result_says_so_until_it_is_known(shop, client, paid):
    """F07: executed, closed without a byte; the first looks fail."""
    one = paid()
    location = send(client, one.imp_uid, form_of(client, one.imp_uid)).location
    shop.fault(answer="close", execute="before")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=3)
    shop.work()
    told = text(client.get(location))
    assert "결과를 확인하고 있습니다. 다시 환불하지 마세요." in told
    assert "마지막 확인" in told and "지금 확인" in told
    assert "data-refresh-url" in client.get(location).get_data(as_text=True)
    shop.sandbox.sandbox.faults.clear()
    client.send(f"{location}/check", page=location)
    shop.work(seconds=10)
    assert "환불 완료" in text(client.get(location))
    assert "data-refresh-url" not in client.get(location).get_data(as_text=True)


def test_a_refusal_has_portones_words(shop, client, paid):
    one = paid()
    location = send(client, one.imp_uid, form_of(client, one.imp_uid)).location
    body = '{"code": 1, "message": "취소 한도를 넘었습니다", "response": null}'
    shop.fault(
        answer="body", execute="never", status=200, body=body,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    shop.work()
    shop.settle()
    told = text(client.get(location))
    assert "환불되지 않았습니다: 취소 한도를 넘었습니다" in told and "새로 요청" in told


def test_the_owner_settles_in_writing_after_a_day(shop, client, client_as, paid, clock):
    one = paid()
    location = send(client, one.imp_uid, form_of(client, one.imp_uid)).location
    shop.fault(answer="close", execute="never")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=999)
    shop.work()
    clock.now += 25 * 3600
    client.become(_owner(shop))
    words = {"evidence": "KSNET 거래조회에서 취소 없음", "password_again": "wrong wrong wrong"}
    refused = client.send(f"{location}/settle", words, page=location)
    assert refused.status_code == 422 and "비밀번호가 맞지 않습니다" in text(refused)
    words["password_again"] = PASSWORD
    done = client.send(f"{location}/settle", words, page=location, follow_redirects=True)
    assert "직접 확인 처리됨: owner" in text(done) and words["evidence"] in text(done)


# -- rules before the click ---------------------------------------------------------------------


def test_a_warning_needs_the_owner_and_a_reason(shop, client, client_as, paid):
    """K6 unknown."""
    one = paid("paid_vbank")
    with write(shop.db):
        settings.put(shop.db, "contract_vbank_refund", None)
    staff = client_as("staff")
    data = form_of(staff, one.imp_uid, **ACCOUNT, overrule="괜찮다고 들음")
    asked = send(staff, one.imp_uid, data)  # not theirs to overrule: it waits for the owner
    assert asked.location.startswith("/refunds/requests/") and store.open_refunds(shop.db) == []
    staff.send(f"{asked.location}/withdraw")
    data = form_of(client, one.imp_uid, **ACCOUNT)
    assert send(client, one.imp_uid, data).status_code == 422
    data["overrule"] = "KSNET에 전화로 확인함"
    sent = send(client, one.imp_uid, data)
    assert sent.status_code == 303, text(sent)
    assert "KSNET에 전화로 확인함" in text(client.get(sent.location))


def test_what_cannot_be_has_no_button(shop, client, paid):
    """K6 "no"."""
    one = paid("paid_vbank")
    with write(shop.db):
        settings.put(shop.db, "contract_vbank_refund", "no")
    assert "마지막 확인으로" not in text(client.get(f"/payments/{one.imp_uid}/refunds/new"))
    answer = send(client, one.imp_uid, form_of(client, one.imp_uid, **ACCOUNT))
    assert answer.status_code == 422 and "이대로는 보낼 수 없습니다" in text(answer)
    assert store.open_refunds(shop.db) == [] and shop.posts() == []


def test_at_night_a_reminder_can_be_set(shop, client, paid, clock):
    """K5: nothing is sent, the task waits for the morning."""
    one = paid("paid_vbank")
    clock.now += 9.5 * 3600  # 23:35
    client.become(_owner(shop))
    page = f"/payments/{one.imp_uid}/refunds/new"
    assert "06시에 알려주기" in text(client.get(page))
    listed = client.send(
        f"/payments/{one.imp_uid}/refunds/remind", page=page, follow_redirects=True
    )
    assert "가상계좌 환불하기" in text(listed)
    assert tasks.count_open(shop.db, int(clock.now)) == 0
    clock.now += 7 * 3600
    assert tasks.count_open(shop.db, int(clock.now)) == 1
    assert shop.posts() == []


# -- lists --------------------------------------------------------------------------------------


def test_a_receipt_task_is_closed_by_the_owner_with_a_reason(shop, client, client_as, paid):
    one = paid("paid_trans")
    location = send(client, one.imp_uid, part(client, one.imp_uid, "1,000")).location
    shop.fault(method="GET", path="/receipts/*", answer="close", execute="never", count=9)
    shop.work()
    assert "현금영수증 재발급이 필요합니다" in text(client.get(location))
    listed = text(client.get("/tasks"))
    assert "현금영수증 취소하기" in listed and "현금영수증 다시 발급하기" in listed
    task = tasks.open_tasks(shop.db)[0]["id"]
    refused = client_as("staff").send(f"/tasks/{task}/done", {"reason": "했음"}, page="/me")
    assert refused.status_code == 403
    assert client.send(f"/tasks/{task}/done", {"reason": ""}, page="/tasks").status_code == 422
    client.send(f"/tasks/{task}/done", {"reason": "콘솔에서 취소함"}, page="/tasks")
    assert len(tasks.open_tasks(shop.db)) == 1


def test_the_history_filters_and_sums(shop, client, paid):
    one, other = paid(), paid(at=1)
    send(client, one.imp_uid, part(client, one.imp_uid, "1,000"))
    shop.work()
    send(client, other.imp_uid, part(client, other.imp_uid, "2,000", reason="품절"))
    listed = text(client.get("/refunds"))
    assert "확인 중 1건" in listed and "요청한 환불 2건" in listed and "환불 완료 1,000원" in listed
    assert "요청한 환불 1건" in text(client.get("/refunds?result=done"))
    assert "요청한 환불 1건" in text(client.get("/refunds?q=품절"))
    assert "찾는 환불이 없습니다" in text(client.get("/refunds?q=없는말&when=today"))
    assert (
        client.get("/refunds?when=custom&from=x&to=2026-13-01&page=0&result=z").status_code == 200
    )


def test_english_says_it_in_english(shop, client, paid):
    one = paid()
    client.send("/language", {"language": "en"}, page="/me")
    page = client.get(f"/payments/{one.imp_uid}/refunds/new")
    assert page.status_code == 200 and f"₩{one.amount:,}" in text(page)
