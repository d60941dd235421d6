"""Webhooks of the practice PortOne, as payment-window.md 6 says."""

from __future__ import annotations

import threading

import pytest

from tests.sandbox.windowing import Buyer, Shop, params


@pytest.fixture
def buyer(caller) -> Buyer:
    return Buyer(caller)


@pytest.fixture
def shop():
    with Shop() as shop:
        yield shop


@pytest.fixture
def settle(server):
    def settle() -> None:
        assert server.sandbox.notices.settle()

    return settle


def told(shop: Shop) -> list[str]:
    return [body["status"] for _path, _mime, body in shop.posted]


def test_each_event_sends_what_it_should(buyer, shop, caller, settle):
    hook = f"{shop.url}/hook"
    window = buyer.open(params("vbank", notice_url=hook))
    window.act("pay", bank_code="004")
    settle()
    window.act("deposit")
    settle()
    caller.control("POST", "/console-cancel", {"imp_uid": window.imp_uid, "amount": 1000})
    settle()
    assert told(shop) == ["ready", "paid", "cancelled"]
    history = buyer.payment(window.imp_uid)["cancel_history"]
    assert shop.posted[2][2]["cancellation_id"] == history[0]["cancellation_id"]
    path, mime, body = shop.posted[1]
    uid = window.row()["merchant_uid"]
    assert (path, mime) == ("/hook", "application/json")
    assert body == {"imp_uid": window.imp_uid, "merchant_uid": uid, "status": "paid"}


def test_what_sends_nothing(buyer, shop, caller, settle):
    hook = f"{shop.url}/hook"
    buyer.open(params(notice_url=hook)).act("fail", reason="잔액이 부족합니다.")
    buyer.open(params(notice_url=hook)).act("close")
    paid = buyer.pay(params(notice_url=hook))
    settle()
    caller.cancel(imp_uid=paid["imp_uid"], amount=1000)
    settle()
    assert told(shop) == ["paid"]
    caller.cancel(imp_uid=paid["imp_uid"], amount=1000, enable_webhook=True)
    settle()
    assert told(shop) == ["paid", "cancelled"]


def test_a_payments_own_address_keeps_the_console_out(buyer, shop, caller, settle):
    caller.control("POST", "/switches", {"notice_url": f"{shop.url}/console"})
    buyer.pay(params(notice_url=f"{shop.url}/own"))
    settle()
    buyer.pay(params())
    settle()
    assert [path for path, _, _ in shop.posted] == ["/own", "/console"]


def test_an_account_by_api_has_a_list_of_addresses(shop, caller, settle, fixture):
    body = {
        "channel_key": fixture["channel_key"],
        "merchant_uid": "by-api",
        "amount": 1000,
        "vbank_code": "004",
        "vbank_due": 1_787_551_200,
        "product_type": "real",
        "buyer_name": "홍길동",
    }
    hooks = [f"{shop.url}/one", f"{shop.url}/two"]
    made = caller.post("/vbanks", body | {"notice_url": hooks}).json()["response"]
    settle()
    assert {path for path, _, _ in shop.posted} == {"/one", "/two"}
    caller.control("POST", "/deposit", {"imp_uid": made["imp_uid"]})
    settle()
    assert sorted(told(shop)) == ["paid", "paid", "ready", "ready"]


def test_form_and_duplicates(buyer, shop, caller, settle):
    caller.control("POST", "/switches", {"notice_form": True, "notice_copies": 2})
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    settle()
    assert told(shop) == ["paid", "paid"]
    assert {mime for _, mime, _ in shop.posted} == {"application/x-www-form-urlencoded"}


def test_retries_stop_at_an_answer(buyer, shop, caller, settle):
    caller.control("POST", "/switches", {"notice_retries": 5, "notice_pause_s": 0.01})
    shop.answers["/hook"] = [(503, b""), (500, b""), (200, b"")]
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    settle()
    assert caller.control("GET", "/notices")[0]["statuses"] == [503, 500, 200]
    shop.answers["/hook"] = [(404, b"")]
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    buyer.pay(params(notice_url="http://127.0.0.1:1/hook"))
    settle()
    found = caller.control("GET", "/notices")
    assert found[1]["statuses"] == [404]  # a 4xx is not tried again
    assert found[2]["statuses"] == [None] * 6


def test_dropped_and_late(buyer, shop, caller, settle):
    caller.control("POST", "/switches", {"notice_dropped": True})
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    settle()
    assert shop.posted == [] and caller.control("GET", "/notices")[0]["state"] == "dropped"
    caller.control("POST", "/switches", {"notice_dropped": False, "notice_late_s": 0.1})
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    settle()
    assert told(shop) == ["paid"]


def test_forged_and_replayed(buyer, shop, caller, settle):
    url = f"{shop.url}/hook"
    body = {"imp_uid": "imp_999999999999", "merchant_uid": "nobody", "status": "paid"}
    made = caller.control("POST", "/notices", {"url": url, "body": body})
    settle()
    assert made["forged"] and shop.posted[-1][2] == body
    caller.control("POST", f"/notices/{made['id']}/replay", {"times": 3})
    settle()
    assert len(shop.posted) == 4
    assert caller.control("DELETE", "/notices") == []


def test_stop_ends_what_is_still_to_come(buyer, shop, caller, server):
    caller.control("POST", "/switches", {"notice_late_s": 600})
    buyer.pay(params(notice_url=f"{shop.url}/hook"))
    server.stop()
    assert "sandbox-notice" not in {thread.name for thread in threading.enumerate()}
    assert shop.posted == []
