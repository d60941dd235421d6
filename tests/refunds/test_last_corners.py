"""Corners of the refund's way that only a race, a lost memory or a wrong clock leads to."""

from __future__ import annotations

import sqlite3

import pytest

from dashboard.database import path_of, write
from dashboard.portone import RefundAccount
from dashboard.refunds import approvals, recovery, request_store, resolving, sending, service, store
from tests.refunds.test_fault_matrix import no

ACCOUNT = RefundAccount(holder="오세진", bank="088", account="110492374821")


@pytest.fixture
def card(sandbox_payments):
    return sandbox_payments["paid_card"][0]["imp_uid"]


@pytest.fixture
def vbank(shop, sandbox_payments):
    imp_uid = sandbox_payments["paid_vbank"][0]["imp_uid"]
    shop.learn(imp_uid)
    return imp_uid


def a_request(shop, imp_uid, amount=1_000):
    """Somebody's request, and its row."""
    shop.settings(refund_approval="always")
    wish = service.Wish(kind="part", amount=amount, tax_free=0, reason="품절")
    made = approvals.ask(
        shop.runtime,
        shop.db,
        balance=shop.form(imp_uid),
        wish=wish,
        person_id=shop.person_id,
        for_somebody=True,
    )
    shop.settings(refund_approval="off")
    return request_store.find(shop.db, made)


def test_nothing_of_an_account_shows_in_a_log():
    assert repr(ACCOUNT) == "<RefundAccount>"


def test_an_account_lost_from_memory_is_asked_for_again(shop, vbank):
    """SEC-56: it was never stored, so there is nothing to send."""
    refund = shop.ask(vbank, 1_000, account=ACCOUNT)
    shop.runtime.refund_accounts.clear()
    shop.work()
    assert shop.row(refund)["api_message"] == sending.ACCOUNT_GONE
    assert shop.state(refund) == "not_executed" and shop.posts() == []


def test_a_call_another_living_process_is_making_is_left_alone(shop, card):
    refund = shop.ask(card, 1_000)
    with write(shop.db):
        store.move(shop.db, shop.row(refund), "sending", at=int(shop.clock.now), sent_at=int(
            shop.clock.now
        ), attempt=1)  # fmt: skip
        shop.db.execute("UPDATE refunds SET owner = 'another process'")
    shop.runtime.refunds_recovered.add(path_of(shop.db))
    recovery.recover(shop.runtime, shop.db)
    assert shop.state(refund) == "sending"


def test_a_clock_behind_the_sending_waits_the_whole_call_anew(shop, card):
    """F64: what was sent "in the future" counts from now."""
    refund = shop.ask(card, 1_000)
    shop.fault(answer="close", execute="never")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=4, skip=1)
    shop.work()
    shop.sandbox.sandbox.faults.clear()
    shop.clock.now -= 3_600
    wait = resolving._wait(shop.runtime, shop.row(refund), int(shop.clock.now))
    assert wait.settle_from == int(shop.clock.now) + int(shop.runtime.config.limits.total_s) + 1


def test_while_a_request_waits_nothing_else_is_asked_for(shop, card):
    row = a_request(shop, card)
    with pytest.raises(service.AlreadyWaits) as waits:
        shop.ask(card, 500)
    assert waits.value.request_id == row["id"] and shop.posts() == []


def test_a_request_withdrawn_in_this_moment_is_not_sent(shop, card, monkeypatch):
    """Between the look at PortOne and the writing."""
    row, real = a_request(shop, card), service.examine

    def slow(*given, **more):
        found = real(*given, **more)
        approvals.withdraw(shop.db, row["id"], person_id=shop.person_id, now=int(shop.clock.now))
        return found

    monkeypatch.setattr(service, "examine", slow)
    wish = service.Wish(kind="part", amount=1_000, tax_free=0, reason="품절")
    with pytest.raises(service.RequestEnded):
        service.request_refund(
            shop.runtime,
            shop.db,
            balance=approvals.frozen(row),
            wish=wish,
            person_id=shop.person_id,
            request=row,
        )
    assert store.open_refunds(shop.db) == []


def test_money_marked_in_this_moment_is_not_sent(shop, card, monkeypatch):
    """K9: somebody marks it as cancelled at KSNET between the look and the writing."""
    form, real = shop.form(card), service.examine

    def slow(*given, **more):
        found = real(*given, **more)
        with write(shop.db):
            shop.db.table("outside_cancels").insert(
                {
                    "order_id": 1,
                    "imp_uid": card,
                    "amount": form.balance,
                    "cancelled_on": "2026-08-21",
                    "evidence": "KSNET 거래조회",
                    "person_id": 1,
                    "created_at": int(shop.clock.now),
                }
            )
        return found

    monkeypatch.setattr(service, "examine", slow)
    with pytest.raises(service.Stopped) as stopped:
        shop.ask(card, 500, form=form)
    assert [one.rule for one in stopped.value.objections] == ["K9"]
    assert store.open_refunds(shop.db) == [] and shop.posts() == []


def test_a_day_must_pass_and_only_an_owner_settles(shop, card, person):
    refund = shop.ask(card, 500)
    shop.fault(answer="close")
    shop.fault(method="GET", path="/payments/*", answer="close", execute="never", count=99)
    shop.work()
    for seconds, who in ((3_600, shop.person_id), (90_000, person("staff").id)):
        now = int(shop.clock.now) + seconds
        with pytest.raises(service.CannotSettle):
            service.settle_by_owner(shop.db, refund, who, "KSNET에서 확인함", now)
    assert shop.state(refund) == "unknown"


# -- K14 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        ("카드사 정책으로 부분취소가 불가합니다.", True),
        ("checksum 검증에 실패하였습니다. 취소 가능 잔액이 일치하지 않습니다.", False),
    ],
)
def test_only_a_refusal_of_the_part_itself_warns_the_next_time(shop, card, words, counts):
    refund = shop.ask(card, 500)
    shop.fault(**no(words))
    shop.work()
    assert shop.state(refund) == "rejected"
    warned = False
    try:
        shop.ask(card, 600)
    except service.NeedsOverrule as needed:
        warned = "K14" in {one.rule for one in needed.objections}
    assert warned is counts


def test_a_busy_file_is_said_to_be_busy(shop, client, card):
    """Whoever holds the file: the page says so with a 503, and nothing was sent."""
    from tests.refunds.pages import part, send

    shop.learn(card)
    data = part(client, card, "500")
    holder = sqlite3.connect(shop.runtime.database_path, timeout=0.1)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = send(client, card, data)
    finally:
        holder.rollback()
        holder.close()
    assert answer.status_code == 503 and "장부 파일이 바쁩니다" in answer.text
    assert shop.posts() == []
