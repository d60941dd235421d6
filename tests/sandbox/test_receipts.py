"""Cash receipts, virtual accounts, escrow and announced amounts, as the reference says."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import NOW

RECEIPT = {
    "identifier": "1178178260",
    "identifier_type": "business",
    "type": "company",
    "product_type": "digital",
    "buyer_name": "홍길동",
}
EXTERNAL = RECEIPT | {"name": "사과 5kg", "amount": 109_000, "tax_free": "3000"}


@pytest.mark.parametrize("kind", ["paid_trans", "paid_vbank"])
def test_receipt_is_for_what_is_left(caller, fixture, kind):
    one = fixture[kind][0]
    caller.control("POST", "/console-cancel", {"imp_uid": one["imp_uid"], "amount": 5_000})
    path = f"/receipts/{one['imp_uid']}"
    assert caller.get(path).status_code == 404
    made = caller.post(path, RECEIPT | {"tax_free": 0}).json()["response"]
    left = one["amount"] - 5_000
    assert (made["amount"], made["cancelled_at"]) == (left, 0)
    assert abs(made["vat"] - left / 11) <= 1
    assert caller.post(path, RECEIPT).status_code == 400  # already issued
    assert caller.ask("DELETE", path).json()["response"]["cancelled_at"] == NOW
    assert caller.ok(path)["cancelled_at"] == NOW
    assert caller.post(path, RECEIPT).json()["code"] == 0  # re-issued


@pytest.mark.parametrize("left_out", ["product_type", "buyer_name", "identifier"])
def test_ksnet_requires_these(caller, fixture, left_out):
    body = {name: value for name, value in RECEIPT.items() if name != left_out}
    path = f"/receipts/{fixture['paid_trans'][0]['imp_uid']}"
    assert caller.post(path, body).status_code == 400  # K47
    body = {name: value for name, value in EXTERNAL.items() if name != left_out}
    assert caller.post("/receipts/external/cash-1", body | {"pg": "ksnet"}).status_code == 400


@pytest.mark.parametrize(
    "wrong", [{"type": "x"}, {"identifier_type": "x"}, {"product_type": "x"}, {"tax_free": 10**9}]
)
def test_unknown_types_and_too_much_tax_free_are_refused(caller, fixture, wrong):
    path = f"/receipts/{fixture['paid_trans'][0]['imp_uid']}"
    assert caller.post(path, RECEIPT | wrong).status_code == 400


def test_digits_of_identifiers_are_not_checked(caller, fixture):
    path = f"/receipts/{fixture['paid_trans'][0]['imp_uid']}"
    assert caller.post(path, RECEIPT | {"identifier": "0000000000"}).json()["code"] == 0


@pytest.mark.parametrize("kind", ["paid_card", "ready_vbank", "payco"])
def test_no_receipt_for_these(caller, fixture, kind):
    assert caller.post(f"/receipts/{fixture[kind][0]['imp_uid']}", RECEIPT).status_code == 400


def test_delete_of_what_was_never_issued_is_400(caller, fixture):
    path = f"/receipts/{fixture['paid_trans'][0]['imp_uid']}"
    assert caller.ask("DELETE", path).status_code == 400


def test_external_takes_either_documents_form(caller, fixture):
    by_pg = caller.post("/receipts/external/cash-1", EXTERNAL | {"pg": "ksnet"})
    key = fixture["channel_key"]
    by_channel = caller.post("/receipts/external/cash-2", EXTERNAL | {"channel_key": key})
    assert by_pg.json()["code"] == by_channel.json()["code"] == 0
    assert by_pg.json()["response"]["vat"] == 9_636
    assert caller.post("/receipts/external/cash-3", EXTERNAL).status_code == 400
    assert caller.post("/receipts/external/cash-1", EXTERNAL | {"pg": "ksnet"}).status_code == 400
    assert caller.ask("DELETE", "/receipts/external/none").status_code == 404
    assert caller.ask("DELETE", "/receipts/external/cash-1").json()["code"] == 0
    assert caller.post("/receipts/external/cash-4", EXTERNAL | {"pg": "nice"}).status_code == 501


VBANK = {
    "merchant_uid": "order-1",
    "amount": 10_000,
    "vbank_code": "88",
    "vbank_due": NOW + 3600,
    "product_type": "real",
    "buyer_name": "홍길동",
    "vbank_holder": "아무개",
}


def test_virtual_account_from_issue_to_revoke(caller, fixture):
    body = VBANK | {"channel_key": fixture["channel_key"]}
    made = caller.post("/vbanks", body).json()["response"]
    assert (made["status"], made["vbank_holder"]) == ("ready", "산들청과")  # K37
    path = f"/vbanks/{made['imp_uid']}"
    assert caller.ask("PUT", path, json={}).status_code == 400  # K39
    assert caller.ask("DELETE", path).json()["response"]["status"] == "cancelled"
    assert caller.ask("DELETE", path).status_code == 400
    assert caller.ask("DELETE", "/vbanks/imp_000000000000").status_code == 404
    paid = f"/vbanks/{fixture['paid_card'][0]['imp_uid']}"
    assert caller.ask("DELETE", paid).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"vbank_due": None},  # K35
        {"vbank_due": (NOW + 3600) * 1000},  # K36
        {"vbank_due": "2026-08-30"},
        {"vbank_due": NOW - 1},
        {"product_type": ""},
        {"buyer_name": ""},
        {"merchant_uid": "x" * 41},
        {"channel_key": "unknown"},
    ],
)
def test_virtual_account_is_refused(caller, fixture, wrong):
    body = VBANK | {"channel_key": fixture["channel_key"]} | wrong
    assert caller.post("/vbanks", body).status_code == 400


LOGIS = {
    "sender": {"name": "가게"},
    "receiver": {"name": "홍길동"},
    "logis": {"company": "NOBODY", "invoice": "123", "sent_at": NOW},
}


def test_escrow_delivery(caller, fixture):
    path = f"/escrows/logis/{fixture['escrow'][0]['imp_uid']}"
    assert caller.get(path).status_code == 409
    assert caller.ask("PUT", path, json=LOGIS).status_code == 409
    assert caller.post(path, LOGIS).json()["response"]["company"] == "ETC"
    assert caller.post(path, LOGIS).status_code == 409
    assert caller.ask("PUT", path, json=LOGIS).json()["code"] == 0
    assert caller.ok(path)["sent_at"] == NOW
    millis = LOGIS | {"logis": LOGIS["logis"] | {"sent_at": NOW * 1000}}
    assert caller.ask("PUT", path, json=millis).status_code == 400  # K45
    ordinary = f"/escrows/logis/{fixture['paid_card'][0]['imp_uid']}"
    assert caller.post(ordinary, LOGIS).status_code == 409


def test_announced_amounts(caller):
    body = {"merchant_uid": "order-9", "amount": 1000}
    assert caller.ask("PUT", "/payments/prepare", json=body).status_code == 404
    assert caller.post("/payments/prepare", body).json()["code"] == 0
    assert caller.post("/payments/prepare", body).json()["code"] != 0
    assert caller.ask("PUT", "/payments/prepare", json=body | {"amount": 900}).json()["code"] == 0
    assert caller.ok("/payments/prepare/order-9")["amount"] == 900
    assert caller.get("/payments/prepare/none").status_code == 404


def test_balance_is_for_payco_contracts_only(caller, fixture):
    direct = fixture["payco"][0]
    found = caller.ok(f"/payments/{direct['imp_uid']}/balance")
    parts = found["primary"]
    assert found["amount"] == direct["amount"] == parts["supply"] + parts["vat"]
    hub = next(
        each["imp_uid"]
        for each in caller.ok("/payments/status/paid", limit=1000)["list"]
        if (each["pay_method"], each["pg_provider"]) == ("payco", "ksnet")
    )
    for imp_uid in (hub, fixture["paid_card"][0]["imp_uid"]):
        assert caller.get(f"/payments/{imp_uid}/balance").status_code == 405
    assert caller.get("/payments/imp_000000000000/balance").status_code == 404


def test_order_number_with_a_slash_keeps_it(caller):
    path = "/receipts/external/2026%2F8%20%EA%B0%80"
    made = caller.post(path, EXTERNAL | {"pg": "ksnet"}).json()["response"]
    assert made["merchant_uid"] == "2026/8 가"
    assert caller.ok(path)["merchant_uid"] == "2026/8 가"
