"""Requests: who must say yes, who may, and that a yes sends exactly what was asked, once."""

from __future__ import annotations

import json
import threading
from contextlib import closing

import pytest

from dashboard import events
from dashboard.accounts import store as people
from dashboard.database import connect
from dashboard.refunds import approvals, request_store, service, store
from dashboard.refunds.signing import read_balance, sign_again
from tests.conftest import PASSWORD
from tests.refunds.conftest import check_invariants
from tests.refunds.pages import ACCOUNT, check, hidden, part, send, text


@pytest.fixture
def always(shop):
    shop.settings(refund_approval="always")


@pytest.fixture
def asked(shop, client_as, paid, always):
    """A request of 1,000 won that staff made; answers its address."""
    staff = client_as("staff")
    one = paid()
    return send(staff, one.imp_uid, part(staff, one.imp_uid, "1,000")).location


def id_of(location: str) -> str:
    return location.rpartition("/")[2]


def approve(browser, location: str, **typed: str):
    page = browser.get(location).get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token"), "balance": hidden(page, "balance")}
    return browser.post(f"{location}/approve", data=data | typed)


# -- from the wish to the refund ----------------------------------------------------------------


def test_a_request_waits_for_another_person_and_is_sent_once(shop, client_as, paid, always):
    staff, manager, one = client_as("staff"), client_as("manager"), paid()
    data = part(staff, one.imp_uid, "1,000")
    confirm = text(check(staff, one.imp_uid, data))
    assert "1,000원 승인 요청하기" in confirm and "되돌릴 수 없습니다." not in confirm
    location = send(staff, one.imp_uid, data).location
    assert "승인을 기다리고 있습니다. 아직 아무것도 보내지 않았습니다." in text(staff.get(location))
    shop.work()
    assert shop.posts() == []
    listed = text(manager.get("/refunds"))
    assert "승인 대기 1건" in listed
    sent = approve(manager, location)
    assert sent.status_code == 303 and sent.location.startswith("/refunds/")
    shop.work()
    assert "환불 완료 1,000원" in text(manager.get(sent.location))
    assert len(shop.posts()) == 1
    row = shop.row(id_of(sent.location))
    assert (row["person"], row["request_id"]) == ("staff", id_of(location))
    told = request_store.find(shop.db, id_of(location))
    assert (told["state"], told["decider"]) == ("sent", "manager")
    check_invariants(shop)


def test_the_same_form_again_leads_to_the_same_request(shop, client_as, paid, always):
    staff, one = client_as("staff"), paid()
    data = part(staff, one.imp_uid, "1,000")
    first = send(staff, one.imp_uid, data).location
    assert send(staff, one.imp_uid, data).location == first
    other = client_as("manager")
    assert other.get(f"/payments/{one.imp_uid}/refunds/new").location == first
    assert len(request_store.waiting(shop.db)) == 1


def test_nobody_approves_their_own_request(shop, client_as, paid, always):
    owner, one = client_as("owner"), paid()
    location = send(owner, one.imp_uid, part(owner, one.imp_uid, "1,000")).location
    assert "자기가 한 요청은 승인할 수 없습니다" in text(owner.get(location))
    page = owner.get(location).get_data(as_text=True)
    data = {"csrf_token": hidden(page, "csrf_token"), "balance": "x"}
    row = request_store.find(shop.db, id_of(location))
    with shop.app.app_context():
        data["balance"] = sign_again(approvals.frozen(row), shop.person_id, shop.runtime.now())
    answer = owner.post(f"{location}/approve", data=data)
    assert answer.status_code == 422 and "자기가 한 요청은" in answer.get_data(as_text=True)
    assert store.open_refunds(shop.db) == [] and shop.posts() == []


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_who_may_not_approve(client_as, asked, role):
    browser = client_as(role)
    assert "승인할까요?" not in text(browser.get(asked))
    answer = browser.send(f"{asked}/approve", {"balance": "x"})
    assert answer.status_code == 403


def test_declining_needs_words_and_tells_them(shop, client_as, asked):
    manager = client_as("manager")
    empty = manager.send(f"{asked}/decline", {"words": ""}, page=asked)
    assert empty.status_code == 422 and "내용을 입력해 주세요." in text(empty)
    manager.send(f"{asked}/decline", {"words": "이미 교환해 드림"}, page=asked)
    assert "승인하지 않았습니다: 이미 교환해 드림" in text(client_as("staff").get(asked))
    assert approve_is_over(manager, asked)
    shop.work()
    assert shop.posts() == []


def approve_is_over(browser, location) -> bool:
    answer = browser.send(f"{location}/decline", {"words": "다시 한 번"}, follow_redirects=True)
    return "이 요청은 이미 끝났습니다" in text(answer)


def test_whoever_asked_takes_it_back_and_others_do_not(shop, client_as, asked):
    manager = client_as("manager")
    assert manager.send(f"{asked}/withdraw").status_code == 422
    client_as("staff").send(f"{asked}/withdraw")
    assert "요청을 철회했습니다" in text(manager.get(asked))
    assert request_store.waiting(shop.db) == []


# -- the balance --------------------------------------------------------------------------------


def test_a_moved_balance_ends_the_request_by_itself(shop, asked):
    row = request_store.find(shop.db, id_of(asked))
    shop.console(row["imp_uid"], 500)
    shop.learn(row["imp_uid"])
    approvals.work(shop.runtime, shop.db)
    assert request_store.find(shop.db, row["id"])["state"] == "expired"


def test_approving_looks_afresh_and_sends_nothing_of_a_moved_balance(shop, client_as, asked):
    """The ledger does not know yet; PortOne does."""
    manager = client_as("manager")
    row = request_store.find(shop.db, id_of(asked))
    manager.get(asked)
    shop.console(row["imp_uid"], 500)
    answer = approve(manager, asked)
    assert answer.status_code == 409 and "금액이 바뀌었습니다" in text(answer)
    assert request_store.find(shop.db, row["id"])["decision"] == approvals.MOVED
    shop.work()
    assert shop.posts() == []


def test_an_approval_of_another_balance_or_person_is_refused(shop, client_as, asked):
    """SEC-30 for approvals."""
    manager, row = client_as("manager"), request_store.find(shop.db, id_of(asked))
    with shop.app.app_context():
        frozen = approvals.frozen(row)
        for_owner = sign_again(frozen, shop.person_id, shop.runtime.now())
        old = sign_again(frozen, 2, shop.runtime.now() - 1_900)
    for balance in ("", "forged", for_owner, for_owner[:-2] + "xx", old):
        assert approve(manager, asked, balance=balance).status_code == 400
    assert shop.posts() == [] and store.open_refunds(shop.db) == []


def test_portone_silent_leaves_the_request_as_it_is(shop, client_as, asked):
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=9)
    answer = approve(client_as("manager"), asked)
    assert answer.status_code == 502 and "돈은 나가지 않았습니다" in text(answer)
    assert len(request_store.waiting(shop.db)) == 1


def test_two_people_approve_at_once_and_one_refund_is_made(shop, client_as, asked, person):
    row = request_store.find(shop.db, id_of(asked))
    ids = [person("owner").id, person("manager").id]
    with shop.app.app_context():
        seen = {
            who: read_balance(
                sign_again(approvals.frozen(row), who, shop.runtime.now()),
                who,
                row["imp_uid"],
                shop.runtime.now(),
            )
            for who in ids
        }
    said, start = [], threading.Barrier(2)

    def say_yes(who):
        with closing(connect(shop.runtime.database_path)) as db:
            start.wait()
            try:
                said.append(
                    approvals.approve(shop.runtime, db, row["id"], seen=seen[who], person_id=who)
                )
            except (approvals.CannotDecide, service.CannotRequest) as refused:
                said.append(refused)

    threads = [threading.Thread(target=say_yes, args=(who,)) for who in ids]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(isinstance(one, str) for one in said) == 1
    shop.work()
    assert len(shop.posts()) == 1
    check_invariants(shop)


# -- limits (SEC-27) ----------------------------------------------------------------------------


def test_above_the_limit_only_an_owner_approves(shop, client_as, paid):
    shop.settings(refund_limit_staff=900)
    staff, manager, one = client_as("staff"), client_as("manager"), paid()
    data = part(staff, one.imp_uid, "1,000")
    assert "한도를 넘어 주인의 승인이 필요합니다" in text(check(staff, one.imp_uid, data))
    location = send(staff, one.imp_uid, data).location
    assert "이 요청은 주인만 승인할 수 있습니다" in text(manager.get(location))
    owner = client_as("owner")
    assert approve(owner, location).status_code == 422  # above a limit: the password again
    assert approve(owner, location, password_again=PASSWORD).status_code == 303
    shop.work()
    assert shop.payment(one.imp_uid).cancel_amount == 1_000


def test_the_day_s_limit_counts_what_one_has_sent_and_starts_anew_at_midnight(
    shop, client_as, paid, clock
):
    shop.settings(refund_day_limit_staff=1_500)
    staff, first, second = client_as("staff"), paid(), paid(at=1)
    sent = send(staff, first.imp_uid, part(staff, first.imp_uid, "1,000")).location
    assert not sent.startswith("/refunds/requests/")
    shop.work()
    over = send(staff, second.imp_uid, part(staff, second.imp_uid, "501")).location
    assert over.startswith("/refunds/requests/")
    staff.send(f"{over}/withdraw")
    clock.now += 86_400
    staff.become(people.find(shop.db, 3))
    again = send(staff, second.imp_uid, part(staff, second.imp_uid, "501")).location
    assert not again.startswith("/refunds/requests/")


def test_two_at_once_do_not_both_pass_a_day_s_limit(shop, paid, person):
    """The limit is asked once more in the transaction that writes the refund down."""
    shop.settings(refund_day_limit_staff=1_500)
    payments, who = [paid().imp_uid, paid(at=1).imp_uid], person("staff").id
    forms = {one: shop.form(one, person_id=who) for one in payments}
    said, start = [], threading.Barrier(2)

    def ask(imp_uid):
        with closing(connect(shop.runtime.database_path)) as db:
            start.wait()
            wish = service.Wish(kind="part", amount=1_000, tax_free=0, reason="품절")
            try:
                said.append(
                    service.request_refund(
                        shop.runtime, db, balance=forms[imp_uid], wish=wish, person_id=who
                    )
                )
            except service.NeedsApproval as needed:
                said.append(needed)

    threads = [threading.Thread(target=ask, args=(one,)) for one in payments]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(isinstance(one, str) for one in said) == [False, True]


def test_limits_are_read_on_the_server(shop, paid, person):
    """A form made before the limit was set meets the limit."""
    form, who = shop.form(paid().imp_uid, person_id=person("staff").id), person("staff").id
    shop.settings(refund_limit_staff=100)
    with pytest.raises(service.NeedsApproval) as needed:
        shop.ask(form.imp_uid, 1_000, form=form, person_id=who)
    assert needed.value.decision.why == ("limit",)
    assert shop.posts() == []


def test_a_large_refund_asks_for_the_password_again(shop, client, paid, clock):
    """SEC-28, for five minutes."""
    shop.settings(refund_password_above=1_000)
    one, other = paid(), paid(at=1)
    data = part(client, one.imp_uid, "1,000")
    assert 'name="password_again"' in check(client, one.imp_uid, data).get_data(as_text=True)
    assert send(client, one.imp_uid, data).status_code == 422
    wrong = send(client, one.imp_uid, data | {"password_again": "not it"})
    assert wrong.status_code == 422 and "비밀번호가 맞지 않습니다" in text(wrong)
    assert store.open_refunds(shop.db) == []
    assert send(client, one.imp_uid, data | {"password_again": PASSWORD}).status_code == 303
    data = part(client, other.imp_uid, "1,000")
    assert 'name="password_again"' not in check(client, other.imp_uid, data).get_data(as_text=True)
    clock.now += 301
    assert send(client, other.imp_uid, data).status_code == 422
    small = check(client, other.imp_uid, part(client, other.imp_uid, "999"))
    assert 'name="password_again"' not in small.get_data(as_text=True)


def test_nobody_approves_what_they_could_not_send_themselves(shop, client_as, asked):
    shop.settings(refund_limit_manager=900)
    assert "이 요청은 주인만 승인할 수 있습니다" in text(client_as("manager").get(asked))
    assert approve(client_as("owner"), asked).status_code == 303


def test_an_owner_s_own_reason_stands_when_a_manager_approves(shop, client_as, paid, always):
    shop.settings(contract_vbank_refund=None)
    owner, manager, one = client_as("owner"), client_as("manager"), paid("paid_vbank")
    data = part(owner, one.imp_uid, "1,000", **ACCOUNT, overrule="KSNET에 전화로 확인함")
    location = send(owner, one.imp_uid, data).location
    assert approve(manager, location).status_code == 303
    shop.work()
    assert shop.payment(one.imp_uid).cancel_amount == 1_000


@pytest.mark.parametrize(
    "words", ["계좌 110-492-374821 로", "１１０４９２３７４８２１", "110 492 374821"]
)
def test_no_account_stands_in_words_that_stay(client_as, paid, always, words):
    """SEC-56: a reason, a reason to go on, a decline."""
    staff, manager, one = client_as("staff"), client_as("manager"), paid("paid_vbank")
    data = part(staff, one.imp_uid, "1,000", **ACCOUNT)
    told = send(staff, one.imp_uid, data | {"reason": "other", "other_reason": words})
    assert told.status_code == 422 and "계좌번호는 여기에 적지 마세요" in text(told)
    location = send(staff, one.imp_uid, data).location
    declined = manager.send(f"{location}/decline", {"words": words}, page=location)
    assert declined.status_code == 422 and "계좌번호는 여기에 적지 마세요" in text(declined)


# -- warnings are the owner's to decide ---------------------------------------------------------


def test_what_only_warns_can_be_asked_of_the_owner(shop, client_as, paid):
    shop.settings(contract_vbank_refund=None)
    staff, owner, one = client_as("staff"), client_as("owner"), paid("paid_vbank")
    data = part(staff, one.imp_uid, "1,000", **ACCOUNT)
    confirm = text(check(staff, one.imp_uid, data))
    assert "주인이 보고 정해야 합니다" in confirm
    location = send(staff, one.imp_uid, data).location
    assert "신한은행 · 끝자리 4821" in text(owner.get(location))
    bare = approve(owner, location, password_again=PASSWORD)
    assert bare.status_code == 422 and "이유를 적어 주세요" in text(bare)
    sent = approve(owner, location, overrule="KSNET에 전화로 확인함")
    assert sent.status_code == 303, text(sent)
    shop.work()
    row = shop.row(id_of(sent.location))
    assert row["state"] == "succeeded"
    assert {one["reason"] for one in json.loads(row["overruled"])} == {"KSNET에 전화로 확인함"}


# -- the receiving account (SEC-56) -------------------------------------------------------------


def everything(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("end", ["sent", "declined", "withdrawn"])
def test_an_account_that_waits_is_encrypted_and_then_gone(shop, client_as, paid, always, end):
    staff, manager, one = client_as("staff"), client_as("manager"), paid("paid_vbank")
    location = send(staff, one.imp_uid, part(staff, one.imp_uid, "1,000", **ACCOUNT)).location
    row = request_store.find(shop.db, id_of(location))
    assert row["account"] and row["account_last4"] == "4821"
    plain = (b"110492374821", "오세진".encode())
    assert not any(one in everything(shop.runtime.instance.path) for one in plain)
    if end == "sent":
        assert approve(manager, location).status_code == 303
        shop.work()
        assert b'"refund_account": "110492374821"' in shop.posts()[0].body
    elif end == "declined":
        manager.send(f"{location}/decline", {"words": "아니요"}, page=location)
    else:
        staff.send(f"{location}/withdraw")
    ended = request_store.find(shop.db, row["id"])
    assert (ended["state"], ended["account"]) == (end, None)
    shop.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = everything(shop.runtime.instance.path)
    assert not any(one in kept for one in (*plain, row["account"]))


def test_a_lost_key_sends_nothing_and_says_so(shop, client_as, paid, always):
    staff, manager, one = client_as("staff"), client_as("manager"), paid("paid_vbank")
    location = send(staff, one.imp_uid, part(staff, one.imp_uid, "1,000", **ACCOUNT)).location
    (shop.runtime.instance.path / "account_key").unlink()
    approve(manager, location)
    assert "환불받을 계좌를 더는 읽을 수 없습니다" in text(manager.get(location))
    shop.work()
    assert shop.posts() == []


def test_every_step_is_in_the_record_without_the_account(shop, client_as, asked):
    approve(client_as("manager"), asked)
    kinds = [row[0] for row in shop.db.execute("SELECT kind FROM events ORDER BY id")]
    assert "refund_request.requested" in kinds and "refund_request.sent" in kinds
    assert events.broken_at(shop.db) is None
