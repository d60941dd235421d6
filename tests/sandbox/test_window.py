"""The practice payment window from opening to its end, as payment-window.md 2-5 says."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from dashboard.practice import Practice
from dashboard.sandbox.store import Store
from dashboard.sandbox.world import TEST_CHANNEL_KEY
from tests.sandbox.conftest import NOW
from tests.sandbox.windowing import FIRST, Buyer, Shop, params

METHODS = sorted(FIRST)
CONSENT = "/portone/confirm"


@pytest.fixture
def buyer(caller) -> Buyer:
    return Buyer(caller)


@pytest.fixture
def shop():
    with Shop() as shop:
        yield shop


@pytest.mark.parametrize("method", METHODS)
def test_every_method_ends_as_it_should(buyer, method):
    asked = params(method)
    window = buyer.open(asked)
    before = buyer.payment(window.imp_uid)
    assert (before["status"], before["started_at"], before["channel"]) == ("ready", NOW, "pc")
    assert before["buyer_name"] == "홍길동" and before["amount"] == 58_000
    assert "연습용 결제창" in window.page()
    told = window.act("pay", **FIRST[method])
    assert told["result"] == {"imp_uid": window.imp_uid, "merchant_uid": asked["merchant_uid"]}
    paid = buyer.payment(window.imp_uid)
    assert paid["status"] == ("ready" if method == "vbank" else "paid")
    assert bool(paid["receipt_url"]) == (method not in {"vbank", "trans", "phone"})  # K48
    assert bool(paid["card_code"]) == (
        method not in {"vbank", "trans", "phone", "kakaopay", "payco"}
    )
    assert window.page()


def test_account_is_issued_then_deposited(buyer):
    window = buyer.open(params("vbank", vbank_due="20260824150000"))
    window.act("deposit", 409)
    window.act("pay", bank_code="088")
    issued = buyer.payment(window.imp_uid)
    assert (issued["vbank_name"], issued["vbank_holder"]) == ("신한은행", "산들청과")
    assert issued["vbank_date"] == 1_787_551_200  # 15:00 in Korea
    assert issued["vbank_num"] in window.page()
    assert "error_code" not in window.act("close")["result"]
    window.act("deposit")
    window.act("deposit")
    assert buyer.payment(window.imp_uid)["paid_at"] == NOW


def test_no_deposit_after_the_deadline(buyer, server):
    window = buyer.open(params("vbank"))
    window.act("pay", bank_code="004")
    server.sandbox.clock.advance(4 * 24 * 3600)
    assert "지났습니다" in window.act("deposit", 409)["message"]


def test_failure_says_its_reason_and_closing_leaves_the_payment_open(buyer):
    window = buyer.open(params())
    told = window.act("fail", reason="잔액이 부족합니다.")
    assert told["result"]["error_code"] and told["result"]["error_msg"] == "잔액이 부족합니다."
    found = buyer.payment(window.imp_uid)
    assert (found["status"], found["fail_reason"]) == ("failed", "잔액이 부족합니다.")
    window = buyer.open(params())
    assert window.act("close")["result"]["error_msg"] == "사용자가 결제를 취소하셨습니다"
    window.act("pay", card_code="366")
    assert buyer.payment(window.imp_uid)["status"] == "ready"


def test_only_what_was_offered_can_be_chosen(buyer):
    window = buyer.open(params(display={"card_quota": [0, 3]}))
    window.act("pay", 400, card_code="366", quota=6)
    window.act("pay", 400, card_code="999")
    window.act("pay", 400, card_code="381", quota=3)  # K20
    window.act("pay", card_code="366", quota=3)
    assert buyer.payment(window.imp_uid)["card_quota"] == 3


def test_a_number_paid_before_opens_no_second_window(buyer):
    asked = params()
    two = [buyer.open(asked), buyer.open(asked)]
    two[0].act("pay", card_code="366")
    told = two[1].act("pay", card_code="366")
    assert told["result"]["error_code"] == "ALREADY_PAID"
    assert buyer.payment(two[1].imp_uid)["status"] == "failed"
    third = buyer.open(asked)
    assert third.imp_uid is None and third.wrong() == ["merchant_uid"]


def test_double_click_pays_once_and_asks_once(buyer, shop, caller):
    caller.control("POST", "/switches", {"notice_url": f"{shop.url}/hook"})
    window = buyer.open(params(confirm_url=shop.url + CONSENT))
    clicks = [
        threading.Thread(target=caller_pay, args=(window.url, caller.session)) for _ in range(5)
    ]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert caller.server.sandbox.notices.settle()
    assert [path for path, _, _ in shop.posted] == [CONSENT, "/hook"]
    assert buyer.payment(window.imp_uid)["status"] == "paid"


def caller_pay(url: str, session) -> None:
    session.post(f"{url}/pay", json={"card_code": "366"}, timeout=10)


def test_the_shop_is_asked_before_approval_and_may_refuse(buyer, shop):
    asked = params(confirm_url=shop.url + CONSENT)
    shop.answers[CONSENT] = [(200, b""), (400, '{"reason":"품절되었습니다"}'.encode()), (500, b"")]
    assert buyer.pay(asked)["status"] == "paid"
    path, mime, body = shop.posted[0]
    assert (path, mime) == (CONSENT, "application/json")
    assert body["merchant_uid"] == asked["merchant_uid"] and body["amount"] == 58_000
    refused = buyer.pay(params("vbank", confirm_url=shop.url + CONSENT))
    assert refused["status"] == "failed" and "품절되었습니다" in refused["fail_reason"]
    assert refused["vbank_num"] is None
    silent = buyer.pay(params(confirm_url=shop.url + CONSENT))
    assert "알 수 없음" in silent["fail_reason"]


def test_confirm_redirected_or_unreachable_is_a_refusal(buyer, shop):
    shop.answers[CONSENT] = [(302, b"")]
    assert buyer.pay(params(confirm_url=shop.url + CONSENT))["status"] == "failed"
    assert buyer.pay(params(confirm_url="http://127.0.0.1:1/x"))["status"] == "failed"


def test_announced_amount_blocks_another_one(buyer, caller):
    caller.post("/payments/prepare", {"merchant_uid": "announced", "amount": 58_000})
    window = buyer.open(params(merchant_uid="announced", amount=100, tax_free=0))
    assert window.imp_uid is None and window.wrong() == ["amount"]
    assert "58,000" in window.page()
    told = window.act("close")["result"]
    assert told["imp_uid"] is None and told["error_code"] == "PREPARE_MISMATCH"
    assert buyer.open(params(merchant_uid="announced")).imp_uid
    caller.post("/payments/prepare", {"merchant_uid": "usd", "amount": 58, "currency": "USD"})
    assert buyer.open(params(merchant_uid="usd", amount=58, tax_free=0)).wrong() == ["amount"]


def test_wrong_merchant_code_opens_nothing(buyer):
    window = buyer.open(params(), code="imp00000000")
    assert window.wrong() == ["IMP.init"]
    assert window.act("close")["result"]["error_code"] == "INVALID_MERCHANT_CODE"


def test_test_channel_and_dollars(buyer):
    tested = buyer.pay(params(channelKey=TEST_CHANNEL_KEY))
    assert tested["sandbox"] is True and tested["pg_id"] == "2999199999"
    assert buyer.pay(params(channelKey=None, pg="ksnet.2999199999"))["sandbox"] is True
    abroad = buyer.pay(params(currency="USD", amount=12.5, tax_free=0), card_code="10005")
    assert (abroad["amount"], abroad["currency"]) == (12.5, "USD")


def test_what_was_sent_is_kept_with_its_types(buyer, caller):
    asked = params(custom_data={"order": 7}, escrow=True, buyer_email="a@shop.example")
    found = buyer.pay(asked)
    assert found["custom_data"] == '{"order":7}' and found["escrow"] is True
    rows = caller.control("GET", f"/windows?merchant_uid={asked['merchant_uid']}")
    assert [row["params"] for row in rows] == [asked] and rows[0]["ended"] == "paid"


def test_transfer_receipt_needs_digits_only(buyer, caller):
    issued = buyer.pay(params("trans"), cash_receipt="01012345678")
    assert caller.ok(f"/receipts/{issued['imp_uid']}")["vat"] == 4545
    silent = buyer.pay(params("trans"), cash_receipt="010-1234-5678")
    assert silent["status"] == "paid"  # K40: and nobody says a word
    assert caller.get(f"/receipts/{silent['imp_uid']}").status_code == 404


def test_mobile_goes_back_by_redirect(buyer):
    url = "http://127.0.0.1:5/pay/x/result?a=1#end"
    window = buyer.open(params(m_redirect_url=url, merchant_uid="a b&c"), channel="mobile")
    told = window.act("pay", card_code="366")
    assert told["next"] == (
        f"http://127.0.0.1:5/pay/x/result?a=1&imp_uid={window.imp_uid}&merchant_uid=a+b%26c#end"
    )
    assert buyer.payment(window.imp_uid)["channel"] == "mobile"
    lost = buyer.open(params(), channel="mobile")
    assert "m_redirect_url" in lost.page() and lost.act("close")["next"] is None


def test_only_pages_of_this_pc_may_open_windows(caller):
    def ask(origin: str, method: str = "POST"):
        body = {"code": "x", "param": params()}
        headers = {"Origin": origin}
        return caller.session.request(
            method, f"{caller.server.url}/window", json=body, headers=headers, timeout=10
        )

    own = "http://127.0.0.1:5050"
    assert ask(own).headers["Access-Control-Allow-Origin"] == own
    assert ask(own, "OPTIONS").headers["Access-Control-Allow-Origin"] == own
    for foreign in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        found = ask(foreign)
        assert found.status_code == 403 and "Access-Control-Allow-Origin" not in found.headers
    assert "Access-Control-Allow-Origin" not in caller.get("/banks").headers


def test_unknown_windows_do_nothing(caller):
    for method, path, status in (
        ("GET", "x", 404),
        ("POST", "x/pay", 404),
        ("POST", "x/close", 404),
    ):
        url = f"{caller.server.url}/window/{path}"
        assert caller.session.request(method, url, json={}, timeout=10).status_code == status


def test_faults_for_everything_spare_the_window(buyer, caller, server):
    server.sandbox.faults.script(answer="status", status=500)
    assert buyer.open(params()).imp_uid
    assert caller.session.get(f"{server.url}/v1/iamport.js", timeout=10).status_code == 200
    assert len(server.sandbox.faults.waiting()) == 1


def test_an_older_shop_gets_windows_too(tmp_path, _filled):
    path = tmp_path / "old.db"
    path.write_bytes(_filled[0].read_bytes())
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE windows; DROP TABLE notice_urls; PRAGMA user_version = 1;")
        count = db.execute("SELECT count(*) FROM payments").fetchone()
    with closing(Store(path).connect()) as db:
        assert tuple(db.execute("SELECT count(*) FROM payments").fetchone()) == count
        assert db.execute("SELECT count(*) FROM windows").fetchone()[0] == 0
        assert db.execute("PRAGMA user_version").fetchone()[0] == 2
    Store(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 3")
    with pytest.raises(ValueError, match="another version"):
        Store(path)


def test_practice_lets_one_buyer_deposit(buyer, server):
    window = buyer.open(params("vbank"))
    window.act("pay", bank_code="004")
    Practice(server).deposit_for(window.imp_uid)
    assert buyer.payment(window.imp_uid)["status"] == "paid"
    assert "입금이 확인되었습니다" in window.page()
