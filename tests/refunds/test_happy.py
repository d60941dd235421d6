"""A refund from the click to the certainty, where nothing goes wrong."""

import json

import pytest

from dashboard.portone import RefundAccount
from dashboard.refunds import service, tasks
from tests.conftest import START
from tests.refunds.conftest import check_invariants

ACCOUNT = RefundAccount(holder="홍길동", bank="088", account="110123456789")


def test_a_whole_cancel(shop, sandbox_payments):
    one = sandbox_payments["paid_card"][0]
    refund = shop.ask(one["imp_uid"])
    assert shop.state(refund) == "intent" and shop.posts() == []
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["match"], row["kind"]) == ("succeeded", "nonce", "whole")
    [entry] = shop.payment(one["imp_uid"]).cancel_history
    assert row["cancellation_id"] == entry.cancellation_id
    [post] = shop.posts()
    body = json.loads(post.body)
    assert (body["amount"], body["checksum"], body["tax_free"]) == (one["amount"],) * 2 + (0,)
    assert body["reason"] == f"단순변심 [{row['nonce']}]"
    [order] = shop.db.query("SELECT state FROM orders WHERE id = ?", [row["order_id"]])
    assert order["state"] == "cancelled"
    kinds = [e["kind"] for e in shop.db.query("SELECT kind FROM events WHERE kind LIKE 'refund%'")]
    assert kinds == ["refund.intent", "refund.sending", "refund.unknown", "refund.succeeded"]
    check_invariants(shop)


def test_parts_one_after_another(shop, sandbox_payments):
    one = sandbox_payments["paid_card"][0]
    left = one["amount"]
    for amount in (100, 200, left - 300):
        refund = shop.ask(one["imp_uid"], amount)
        shop.work()
        assert shop.state(refund) == "succeeded"
    assert [json.loads(p.body)["checksum"] for p in shop.posts()] == [left, left - 100, left - 300]
    assert shop.payment(one["imp_uid"]).balance == 0
    check_invariants(shop)


def test_a_virtual_account_is_paid_back_and_forgotten(shop, sandbox_payments):
    one = sandbox_payments["paid_vbank"][0]
    refund = shop.ask(one["imp_uid"], account=ACCOUNT)
    shop.work()
    row = shop.row(refund)
    assert (row["state"], row["bank"], row["account_last4"]) == ("succeeded", "088", "6789")
    assert shop.runtime.refund_accounts == {}
    assert ACCOUNT.account not in "\n".join(shop.db.conn.iterdump())
    check_invariants(shop)


@pytest.mark.parametrize(
    ("issued", "amount", "kinds"),
    [
        (False, None, []),
        (True, None, ["receipt_cancel"]),
        (True, 1000, ["receipt_cancel", "receipt_reissue"]),
    ],
)
def test_what_a_refund_owes(shop, sandbox_payments, issued, amount, kinds):
    from dashboard.portone import ReceiptFor

    one = sandbox_payments["paid_trans"][0]
    if issued:
        whom = ReceiptFor(
            identifier="01012345678",
            identifier_type="phone",
            type="person",
            product_type="real",
            buyer_name="홍길동",
        )
        shop.runtime.portone().issue_receipt(one["imp_uid"], whom, tax_free=0)
    shop.ask(one["imp_uid"], amount)
    shop.work()
    owed = tasks.open_tasks(shop.db)
    assert [task["kind"] for task in owed] == kinds
    if kinds:
        assert owed[0]["detail"]["left"] == one["amount"] - (amount or one["amount"])
    check_invariants(shop)


def test_a_receipt_nobody_could_ask_about_is_owed_too(shop, sandbox_payments):
    one = sandbox_payments["paid_trans"][0]
    shop.fault(method="GET", path="/receipts/*", answer="status", status=500, count=None)
    shop.ask(one["imp_uid"])
    shop.work()
    [owed] = tasks.open_tasks(shop.db)
    assert (owed["kind"], owed["detail"]["receipt"]) == ("receipt_cancel", "unknown")


def test_the_open_refund_answers_for_the_payment(shop, sandbox_payments):
    one = sandbox_payments["paid_card"][0]
    refund = shop.ask(one["imp_uid"], 100)
    assert service.open_refund_of(shop.db, one["imp_uid"])["id"] == refund
    assert service.count_open(shop.db) == 1
    with pytest.raises(service.AlreadyAsked) as asked:
        shop.ask(one["imp_uid"], 100)
    assert asked.value.refund_id == refund
    shop.work()
    assert service.open_refund_of(shop.db, one["imp_uid"]) is None
    assert shop.row(refund)["created_at"] == START
