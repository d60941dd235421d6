"""Bulk refunds: chosen, confirmed once, carried out one by one on the way of every refund."""

from __future__ import annotations

import pytest

from dashboard.accounts import store as people
from dashboard.database import write
from dashboard.refunds import bulk, bulk_store, service, store
from dashboard.refunds.signing import seen_balance, sign_bundle
from dashboard.worker import Worker
from tests.conftest import PASSWORD
from tests.refunds.conftest import check_invariants
from tests.refunds.pages import hidden, part, send, text
from tests.refunds.test_fault_matrix import no


@pytest.fixture
def cards(shop):
    """Five paid card payments with their orders' ids."""
    found = [shop.pay("card", started_at=int(shop.clock.now) - 3_600 * n) for n in range(1, 6)]
    return [(imp_uid, order_of(shop, imp_uid)) for imp_uid in found]


def order_of(shop, imp_uid):
    return store.find_payment(shop.db, imp_uid)["order_id"]


def picks(*order_ids):
    return {f"pick-{one}": "1" for one in order_ids}


def preview(client, *order_ids):
    return client.send("/refunds/bulk/preview", picks(*order_ids))


def confirm(client, *order_ids, reason="품절"):
    return client.send("/refunds/bulk/confirm", picks(*order_ids) | {"reason": reason})


def start(client, page, **typed):
    body = page.get_data(as_text=True)
    names = ("csrf_token", "bundle", "reason_text")
    data = {name: hidden(body, name) for name in names} | {"password_again": PASSWORD}
    return client.post("/refunds/bulk/start", data=data | typed)


def begun(client, *order_ids):
    page = confirm(client, *order_ids)
    sent = start(client, page, count=str(len(order_ids)))
    assert sent.status_code == 303, text(sent)
    return sent.location


def work(shop, looks=12):
    for _ in range(looks):
        bulk.work(shop.runtime, shop.db)
        service.work(shop.runtime, shop.db)


def states(shop, location):
    rows = bulk_store.items(shop.db, location.rpartition("/")[2])
    return [row["refund_state"] or row["state"] for row in rows]


# -- the way ------------------------------------------------------------------------------------


def test_from_the_ticks_to_the_last_result(shop, client, cards):
    ids = [order_id for _imp_uid, order_id in cards[:3]]
    total = sum(shop.payment(imp_uid).amount for imp_uid, _id in cards[:3])
    chosen = text(preview(client, *ids))
    assert "환불할 수 있는 주문" in chosen and f"{total:,}원" in chosen
    page = confirm(client, *ids)
    assert f"3건 {total:,}원 취소하기" in text(page) and shop.posts() == []
    location = start(client, page, count="3").location
    assert "3건 중 0건 끝남" in text(client.get(location))
    work(shop)
    assert states(shop, location) == ["succeeded"] * 3
    told = text(client.get(location))
    assert "3건 중 3건 끝남" in told and f"3건 · {total:,}원" in told
    assert len(shop.posts()) == 3
    check_invariants(shop)


def test_one_after_the_other(shop, client, cards):
    """The second is not asked for while the first one's result is not certain."""
    location = begun(client, cards[0][1], cards[1][1])
    shop.fault(answer="close")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=99, skip=1)
    work(shop, 4)
    assert states(shop, location) == ["unknown", "waiting"]
    shop.sandbox.sandbox.faults.clear()
    shop.clock.now += 5
    work(shop)
    assert states(shop, location) == ["succeeded", "succeeded"]


def test_the_typed_number_must_be_right(shop, client, cards):
    page = confirm(client, cards[0][1], cards[1][1])
    for typed in ("", "3", "둘", "22"):
        answer = start(client, page, count=typed)
        assert answer.status_code == 422 and 'id="count-error"' in answer.get_data(as_text=True)
    assert bulk_store.running(shop.db) is None


def test_it_always_asks_for_the_password(shop, client, cards):
    page = confirm(client, cards[0][1])
    answer = start(client, page, count="1", password_again="")
    assert answer.status_code == 422 and "비밀번호를 입력해 주세요" in text(answer)
    assert bulk_store.running(shop.db) is None


def test_a_double_submit_begins_one(shop, client, cards):
    page = confirm(client, cards[0][1], cards[1][1])
    first, second = (start(client, page, count="2").location for _ in range(2))
    assert first == second
    work(shop)
    assert len(shop.posts()) == 2


def test_another_one_waits_until_the_first_has_ended(shop, client, cards):
    first = begun(client, cards[0][1])
    page = confirm(client, cards[1][1])
    assert start(client, page, count="1").location == first


# -- what cannot be -----------------------------------------------------------------------------


def test_what_cannot_be_done_in_bulk_says_why(shop, client, cards, paid):
    vbank, gone = paid("paid_vbank"), paid("cancelled")
    shop.ask(cards[0][0], 100)
    ids = [order_of(shop, vbank.imp_uid), order_of(shop, gone.imp_uid), cards[0][1]]
    told = text(preview(client, *ids))
    assert "받을 계좌가 필요해" in told and "이미 전액 취소된 결제입니다." in told
    assert "진행 중인 환불이 있습니다." in told
    assert "여기서는 환불할 수 없는 주문 3건" in told
    assert confirm(client, *ids).status_code == 422


def test_what_needs_approval_is_not_for_bulk(shop, client, cards):
    shop.settings(refund_approval="always")
    assert "승인이 필요해 한 건씩" in text(preview(client, cards[0][1]))


def test_fifty_and_not_one_more(shop, client):
    ids = range(1, 52)
    answer = client.send("/refunds/bulk/preview", picks(*ids), follow_redirects=True)
    assert "한 번에 50건까지 고를 수 있습니다. 지금 51건입니다." in answer.get_data(as_text=True)
    nothing = client.send("/refunds/bulk/preview", {}, follow_redirects=True)
    assert "환불할 주문을 먼저 골라 주세요." in nothing.get_data(as_text=True)
    with pytest.raises(ValueError):
        bulk.begin(shop.runtime, shop.db, form_token="t", balances=[], reason="품절", person_id=1)


def test_a_bundle_that_was_changed_or_is_another_s_begins_nothing(shop, client, cards, clock):
    """SEC-30."""
    payment = shop.payment(cards[0][0])
    page = confirm(client, cards[0][1])
    with shop.app.app_context():
        balance = seen_balance(payment, clock.now)
        other = sign_bundle([balance], 3, clock.now)
        old = sign_bundle([balance], shop.person_id, clock.now - 1_900)
    for bundle in ("", "forged", other, other[:-2] + "xx"):
        assert start(client, page, count="1", bundle=bundle).location == "/orders"
    late = start(client, page, count="1", bundle=old)  # genuine: what was chosen is still there
    assert late.status_code == 400 and f'name="pick-{cards[0][1]}"' in late.text
    assert bulk_store.running(shop.db) is None


@pytest.mark.parametrize("role", ["manager", "staff", "viewer"])
def test_only_the_owner(client_as, cards, role):
    browser = client_as(role)
    assert preview(browser, cards[0][1]).status_code == 403
    page = browser.get("/orders").get_data(as_text=True)
    assert 'action="/refunds/bulk' not in page and "/refunds/bulk" not in page


# -- what happens meanwhile ---------------------------------------------------------------------


def test_a_moved_balance_is_left_out_and_the_rest_goes_on(shop, client, cards):
    location = begun(client, cards[0][1], cards[1][1])
    shop.console(cards[0][0], 500)
    work(shop)
    assert states(shop, location) == ["refused", "succeeded"]
    assert "그사이 잔액이 바뀌어 보내지 않았습니다." in text(client.get(location))
    assert len(shop.posts()) == 1


def test_a_refusal_of_the_gateway_stands_beside_its_row(shop, client, cards):
    location = begun(client, cards[0][1], cards[1][1])
    shop.fault(**no("카드사 거절"))
    work(shop)
    assert states(shop, location) == ["rejected", "succeeded"]
    assert "카드사 거절" in text(client.get(location))


def test_stopping_leaves_what_was_sent_and_sends_no_more(shop, client, cards):
    location = begun(client, *(order_id for _imp, order_id in cards))
    bulk.work(shop.runtime, shop.db)
    client.send(f"{location}/stop", page=location)
    work(shop)
    assert states(shop, location) == ["succeeded"] + ["stopped"] * 4
    assert "owner 님이 멈춤" in text(client.get(location)) and len(shop.posts()) == 1


def test_portone_away_stops_it_after_three(shop, client, cards):
    location = begun(client, *(order_id for _imp, order_id in cards))
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=999)
    work(shop)
    assert states(shop, location) == ["refused"] * 3 + ["stopped"] * 2
    assert "포트원에 연결되지 않아 나머지를 멈췄습니다." in text(client.get(location))
    assert shop.posts() == []


def test_after_an_hour_without_progress_nothing_is_sent_by_surprise(shop, client, cards):
    location = begun(client, cards[0][1], cards[1][1])
    shop.clock.now += 3_601
    work(shop)
    assert states(shop, location) == ["stopped", "stopped"] and shop.posts() == []
    client.become(people.find(shop.db, shop.person_id))
    assert "오래 멈춰 있어 나머지를 보내지 않았습니다." in text(client.get(location))


def test_a_crash_after_asking_does_not_ask_again(shop, client, cards, restarted):
    """The row knows its refund in the transaction that writes the refund down."""
    location = begun(client, cards[0][1], cards[1][1])
    bulk_id = location.rpartition("/")[2]
    bulk.work(shop.runtime, shop.db)
    [made] = [row["id"] for row in store.open_refunds(shop.db)]
    shop.work()  # sent, then the process dies
    again = restarted(shop)
    work(again)
    rows = bulk_store.items(again.db, bulk_id)
    assert rows[0]["refund_id"] == made
    assert [row["refund_state"] for row in rows] == ["succeeded"] * 2
    assert len(again.posts()) == 2
    check_invariants(again)


def test_a_crash_before_sending_ends_that_row_and_goes_on(shop, client, cards, restarted):
    """C2: what was only written down is never sent by another process."""
    location = begun(client, cards[0][1], cards[1][1])
    bulk.work(shop.runtime, shop.db)
    shop.clock.now += 5
    again = restarted(shop)
    again.work()
    work(again)
    assert states(again, location) == ["not_executed", "succeeded"]
    assert len(again.posts()) == 1


def test_two_workers_make_one_refund_of_each_row(shop, client, cards, restarted):
    location = begun(client, *(order_id for _imp, order_id in cards[:3]))
    other = restarted(shop)
    for _ in range(8):
        bulk.work(shop.runtime, shop.db)
        bulk.work(other.runtime, other.db)
        service.work(other.runtime, other.db)
        service.work(shop.runtime, shop.db)
    assert states(shop, location) == ["succeeded"] * 3 and len(shop.posts()) == 3
    check_invariants(shop)


def test_the_running_worker_carries_it_out(shop, client, cards):
    location = begun(client, cards[0][1], cards[1][1])
    worker = Worker(shop.app)
    for _ in range(4):
        worker.look()
    assert states(shop, location) == ["succeeded"] * 2


def test_stopped_in_the_moment_it_is_asked_for_nothing_is_sent(shop, client, cards, monkeypatch):
    """Between the look at PortOne and the writing."""
    location, real = begun(client, cards[0][1], cards[1][1]), service.examine
    bulk_id = location.rpartition("/")[2]

    def slow(*given, **more):
        found = real(*given, **more)
        bulk.stop(shop.db, bulk_id, person_id=shop.person_id, now=int(shop.clock.now))
        return found

    monkeypatch.setattr(service, "examine", slow)
    work(shop)
    assert states(shop, location) == ["stopped", "stopped"]
    assert store.open_refunds(shop.db) == [] and shop.posts() == []


def test_a_fault_of_ours_holds_up_no_other_row(shop, client, cards, monkeypatch):
    location, real = begun(client, cards[0][1], cards[1][1]), service.request_refund

    def broken(*given, **more):
        if more["balance"].imp_uid == cards[0][0]:
            raise RuntimeError("a mistake")
        return real(*given, **more)

    monkeypatch.setattr(service, "request_refund", broken)
    work(shop)
    assert states(shop, location) == ["refused", "succeeded"]
    assert "장부의 오류로 보내지 않았습니다." in text(client.get(location))


def test_whoever_began_it_must_still_be_an_owner(shop, client, cards):
    location = begun(client, cards[0][1])
    with write(shop.db):
        shop.db.execute("UPDATE people SET role = 'staff' WHERE id = ?", [shop.person_id])
    work(shop)
    assert states(shop, location) == ["stopped"] and shop.posts() == []


def test_an_unknown_last_row_keeps_no_other_from_beginning(shop, client, cards):
    first = begun(client, cards[0][1])
    shop.fault(answer="close")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=99, skip=1)
    work(shop, 4)
    assert states(shop, first) == ["unknown"]
    assert not bulk.has_work(shop.db)
    assert begun(client, cards[1][1]) != first
    assert "1건 중 0건 끝남" in text(client.get(first))


def test_one_that_became_impossible_is_not_dropped_without_a_word(shop, client, cards):
    shop.ask(cards[0][0], 100)
    answer = confirm(client, cards[0][1], cards[1][1])
    assert answer.status_code == 422 and "그사이 환불할 수 없게 된 주문이" in text(answer)


def test_a_clock_set_back_a_little_stops_nothing(shop, client, cards):
    location = begun(client, cards[0][1])
    shop.clock.now -= 30
    work(shop)
    assert states(shop, location) == ["succeeded"]


def test_rows_and_balance_are_frozen(shop, client, cards):
    location = begun(client, cards[0][1])
    with pytest.raises(Exception, match="never changes"), write(shop.db):
        shop.db.execute("UPDATE bulk_refund_items SET amount = 1, paid_amount = 1")
    assert states(shop, location) == ["waiting"]


def test_a_single_refund_meanwhile_keeps_the_row_from_being_sent(shop, client, cards):
    location = begun(client, cards[0][1], cards[1][1])
    shop.ask(cards[0][0], 100)
    work(shop)
    assert states(shop, location)[1] == "succeeded"
    assert states(shop, location)[0] == "refused"
    check_invariants(shop)


def test_it_speaks_english_too(shop, client, cards, person):
    with write(shop.db):
        shop.db.execute("UPDATE people SET language = 'en'")
    client.become(person("owner"))
    told = text(confirm(client, cards[0][1]))
    assert "Cancel 1 at once?" in told and "This cannot be undone." in told


def test_a_part_can_still_be_refunded_alone(shop, client, cards):
    sent = send(client, cards[4][0], part(client, cards[4][0], "1,000"))
    assert sent.status_code == 303
