"""Every endpoint of the reference: method, path, body, answer."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from dashboard.portone import (
    Buyer,
    Parcel,
    Party,
    PortOneNotFound,
    PortOneOutcomeUnknown,
    PortOneRejected,
    ReceiptFor,
    RefundAccount,
    Why,
)
from tests.portone.far_side import IMP_UID, close, no, ok, payment_json

DUE = 1787300000
RECEIPT = {
    "receipt_tid": "r1",
    "apply_num": "G10001",
    "type": "person",
    "amount": 11000,
    "vat": 1000,
    "applied_at": 1787280000,
    "cancelled_at": 0,
}
PREPARED = {"merchant_uid": "m 1", "amount": 100, "currency": "KRW"}
PAGE = {"total": 1, "previous": 0, "next": 0, "list": [payment_json()]}
DELIVERY = {"company": "LOGEN", "invoice": "123", "sent_at": DUE, "applied_at": DUE}
SOMEBODY = ReceiptFor(
    identifier="01012345678",
    identifier_type="phone",
    type="person",
    product_type="real",
    buyer_name="홍길동",
)
PARTY = Party(name="가게", tel="02-1", addr="서울", postcode="04524")
PARCEL = Parcel(company="LOGEN", invoice="123", sent_at=DUE)
SENDER = {"name": "가게", "tel": "02-1", "addr": "서울", "postcode": "04524"}
WHO = {
    "identifier": "01012345678",
    "identifier_type": "phone",
    "type": "person",
    "product_type": "real",
    "buyer_name": "홍길동",
}
SHIPMENT = {
    "sender": SENDER,
    "receiver": SENDER,
    "logis": {"company": "LOGEN", "invoice": "123", "sent_at": DUE},
}


def vbank(portone):
    return portone.issue_vbank(
        "m1",
        channel_key="channel-1",
        amount=5000,
        vbank_code="004",
        vbank_due=DUE,
        product_type="real",
        buyer=Buyer(buyer_name="홍길동", buyer_tel="010"),
        notice_url=["https://shop.example/hook"],
    )


def external(portone, **changes):
    asked = {"name": "사과", "amount": 11000, "tax_free": 0, "channel_key": "channel-1"}
    return portone.issue_external_receipt("m/1", SOMEBODY, **asked | changes)


def deliver(name):
    return lambda portone: getattr(portone, name)(
        IMP_UID, sender=PARTY, receiver=PARTY, parcel=PARCEL
    )


CALLS = {
    "users/pg": (
        lambda p: p.channels()[0].channel_key,
        "GET /users/pg",
        None,
        [{"pg_provider": "ksnet", "channel_key": "c1"}],
        "c1",
    ),
    "banks": (
        lambda p: p.banks()[0].name,
        "GET /banks",
        None,
        [{"code": "04", "name": "KB"}],
        "KB",
    ),
    "bank": (lambda p: p.bank("004").name, "GET /banks/004", None, {"code": "4", "name": "K"}, "K"),
    "cards": (lambda p: p.cards(), "GET /cards", None, None, ()),
    "card": (lambda p: p.card("361").code, "GET /cards/361", None, {"code": 361}, "361"),
    "payment": (
        lambda p: p.get_payment(IMP_UID, sandbox=False).name,
        f"GET /payments/{IMP_UID}",
        None,
        payment_json(),
        "한라봉 3kg",
    ),
    "balance": (
        lambda p: p.get_balance(IMP_UID).primary.vat,
        f"GET /payments/{IMP_UID}/balance",
        None,
        {"amount": 1, "primary": {"tax_free": 0, "supply": 1, "vat": 7, "service": 0}},
        7,
    ),
    "find": (
        lambda p: p.find_payment("20260821-0001").imp_uid,
        "GET /payments/find/20260821-0001?sorting=-started",
        None,
        payment_json(),
        IMP_UID,
    ),
    "findAll": (
        lambda p: p.find_payments("m1", "paid", page=2, limit=50).total,
        "GET /payments/findAll/m1/paid?page=2&limit=50&sorting=-started",
        None,
        PAGE,
        1,
    ),
    "status": (
        lambda p: p.list_payments("paid", from_at=100, to_at=200, limit=1000).payments[0].imp_uid,
        "GET /payments/status/paid?page=1&limit=1000&sorting=-started&from=100&to=200",
        None,
        PAGE,
        IMP_UID,
    ),
    "prepare": (
        lambda p: p.prepare("m 1", 100).amount,
        "POST /payments/prepare",
        PREPARED,
        PREPARED,
        100,
    ),
    "prepare without currency": (
        lambda p: p.prepare("m 1", 100, currency=None).currency,
        "POST /payments/prepare",
        {"merchant_uid": "m 1", "amount": 100},
        PREPARED | {"currency": None},
        "",
    ),
    "change prepared": (
        lambda p: p.change_prepared("m 1", 100).amount,
        "PUT /payments/prepare",
        PREPARED,
        PREPARED,
        100,
    ),
    "prepared": (
        lambda p: p.get_prepared("m 1").amount,
        "GET /payments/prepare/m%201",
        None,
        PREPARED,
        100,
    ),
    "receipt": (
        lambda p: p.get_receipt(IMP_UID).apply_num,
        f"GET /receipts/{IMP_UID}",
        None,
        RECEIPT | {"imp_uid": IMP_UID},
        "G10001",
    ),
    "issue receipt": (
        lambda p: p.issue_receipt(IMP_UID, SOMEBODY, tax_free=0).imp_uid,
        f"POST /receipts/{IMP_UID}",
        WHO | {"tax_free": 0},
        RECEIPT,
        IMP_UID,
    ),
    "cancel receipt": (
        lambda p: p.cancel_receipt(IMP_UID).cancelled_at,
        f"DELETE /receipts/{IMP_UID}",
        None,
        RECEIPT | {"cancelled_at": DUE},
        DUE,
    ),
    "external receipt": (
        lambda p: p.get_external_receipt("m/1").merchant_uid,
        "GET /receipts/external/m%2F1",
        None,
        RECEIPT | {"merchant_uid": "m/1"},
        "m/1",
    ),
    "issue external receipt": (
        lambda p: external(p).vat_amount,
        "POST /receipts/external/m%2F1",
        WHO | {"name": "사과", "amount": 11000, "tax_free": 0, "channel_key": "channel-1"},
        RECEIPT,
        1000,
    ),
    "issue external receipt by pg": (
        lambda p: external(p, channel_key="", pg="ksnet").vat_amount,
        "POST /receipts/external/m%2F1",
        WHO | {"name": "사과", "amount": 11000, "tax_free": 0, "pg": "ksnet"},
        RECEIPT,
        1000,
    ),
    "cancel external receipt": (
        lambda p: p.cancel_external_receipt("m/1").merchant_uid,
        "DELETE /receipts/external/m%2F1",
        None,
        RECEIPT,
        "m/1",
    ),
    "issue vbank": (
        lambda p: vbank(p).status,
        "POST /vbanks",
        {
            "merchant_uid": "m1",
            "channel_key": "channel-1",
            "amount": 5000,
            "vbank_code": "004",
            "vbank_due": DUE,
            "product_type": "real",
            "buyer_name": "홍길동",
            "buyer_tel": "010",
            "notice_url": ["https://shop.example/hook"],
        },
        payment_json(merchant_uid="m1", amount=5000, status="ready"),
        "ready",
    ),
    "revoke vbank": (
        lambda p: p.revoke_vbank(IMP_UID).imp_uid,
        f"DELETE /vbanks/{IMP_UID}",
        None,
        payment_json(),
        IMP_UID,
    ),
    "delivery": (
        lambda p: p.get_delivery(IMP_UID).invoice,
        f"GET /escrows/logis/{IMP_UID}",
        None,
        DELIVERY,
        "123",
    ),
    "register delivery": (
        lambda p: deliver("register_delivery")(p).company,
        f"POST /escrows/logis/{IMP_UID}",
        SHIPMENT,
        DELIVERY,
        "LOGEN",
    ),
    "change delivery": (
        lambda p: deliver("change_delivery")(p).sent_at,
        f"PUT /escrows/logis/{IMP_UID}",
        SHIPMENT,
        DELIVERY,
        DUE,
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_endpoint(far, client, name):
    call, line, body, response, expected = CALLS[name]
    server = far(ok(response))
    assert call(client(server)) == expected
    (seen,) = server.calls()
    assert seen.line == f"{line} HTTP/1.1"
    assert (seen.json if seen.body else None) == body


WRITES = [name for name, call in CALLS.items() if not call[1].startswith("GET")]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_without_an_answer_is_unknown_and_sent_once(far, client, name):
    server = far(close)
    with pytest.raises(PortOneOutcomeUnknown):
        CALLS[name][0](client(server))
    assert len(server.calls()) == 1


@pytest.mark.parametrize("name", WRITES)
def test_a_write_with_a_redirect_goes_nowhere(far, client, name):
    elsewhere = far(ok(None))
    server = far(no("x", 1, 307, f"Location: {elsewhere.url}/x"))
    with pytest.raises(PortOneOutcomeUnknown):
        CALLS[name][0](client(server))
    assert elsewhere.connections == 0 and len(server.calls()) == 1


# -- many at once ---------------------------------------------------------------------------


def test_many_are_matched_by_id_and_the_missing_ones_named(far, client):
    server = far(
        ok(
            [
                payment_json(imp_uid="imp_3"),
                None,
                payment_json(imp_uid="imp_9"),
                payment_json(imp_uid="imp_1"),
            ],
            207,
        )
    )
    batch = client(server).get_payments(["imp_1", "imp_2", "imp_3", "imp_1"])
    assert [payment.imp_uid for payment in batch.payments] == ["imp_1", "imp_3"]
    assert batch.missing == ("imp_2",)
    query = parse_qsl(server.calls()[0].target.partition("?")[2])
    assert query == [("imp_uid[]", "imp_1"), ("imp_uid[]", "imp_2"), ("imp_uid[]", "imp_3")]


def test_an_unreadable_one_is_not_missing(far, client):
    server = far(ok([payment_json(imp_uid="imp_1", amount=0.5)]))
    batch = client(server).get_payments(["imp_1"])
    assert batch.missing == () and batch.unreadable[0].imp_uid == "imp_1"


def test_none_found_of_many(far, client):
    server = far(no("없습니다", status=404))
    assert client(server).get_payments(["imp_1"]).missing == ("imp_1",)


def test_a_404_for_the_token_says_nothing_about_payments(far, client):
    server = far(ok([]), tokens=(no("없습니다", status=404),))
    with pytest.raises(PortOneOutcomeUnknown):
        client(server).get_payments(["imp_1"])


def test_a_207_is_a_success_nowhere_else(far, client):
    with pytest.raises(PortOneOutcomeUnknown):
        client(far(ok(payment_json(), 207))).get_payment(IMP_UID, sandbox=False)


def test_none_of_many_asks_nothing_and_too_many_are_refused(far, client):
    server = far(ok([]))
    assert client(server).get_payments([]).payments == ()
    with pytest.raises(ValueError):
        client(server).get_payments([f"imp_{n}" for n in range(101)])
    assert server.connections == 0


def test_a_thousand_payments_fit_into_a_page(far, client):
    rows = [payment_json(imp_uid=f"imp_{n}", user_agent="x" * 4000) for n in range(1000)]
    server = far(ok({"total": 1000, "previous": 0, "next": 0, "list": rows}))
    page = client(server).list_payments(from_at=0, to_at=1, limit=1000)
    assert len(page.payments) == 1000


def test_an_empty_window_is_an_empty_page(far, client):
    server = far(ok({"total": 0, "previous": 0, "next": 0, "list": None}))
    assert client(server).list_payments(from_at=0, to_at=1).payments == ()


def test_a_400_is_never_an_empty_page(far, client):
    with pytest.raises(PortOneRejected):
        client(far(no("없는 페이지", status=400))).list_payments(from_at=0, to_at=1)


@pytest.mark.parametrize(
    "bad",
    [
        {"to_at": -1},
        {"to_at": 90 * 86400 + 1},
        {"status": "refunded"},
        {"page": 0},
        {"limit": 0},
        {"limit": 1001},
        {"sorting": "amount"},
    ],
)
def test_a_list_that_cannot_be_is_not_asked_for(far, client, bad):
    server = far(ok(PAGE))
    with pytest.raises(ValueError):
        client(server).list_payments(**{"from_at": 0, "to_at": 1} | bad)
    assert server.connections == 0


def test_an_order_number_nobody_paid(far, client):
    server = far(no("없습니다", status=404))
    assert client(server).find_payment("m1") is None
    assert client(server).find_payments("m1").total == 0


# -- refusals and mismatches ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (no("이미 발행", status=400), PortOneRejected),
        (no("지원하지 않음", status=501), PortOneRejected),
        (no("PG 거절", status=500), PortOneOutcomeUnknown),
    ],
)
@pytest.mark.parametrize("name", [name for name in WRITES if "receipt" in name])
def test_receipt_refusals(far, client, name, step, kind):
    server = far(step)
    with pytest.raises(kind) as caught:
        CALLS[name][0](client(server))
    assert caught.value.user_message in ("이미 발행", "지원하지 않음", "PG 거절")
    assert len(server.calls()) == 1


@pytest.mark.parametrize("name", ["change prepared", "revoke vbank", "cancel external receipt"])
def test_nothing_there_to_change(far, client, name):
    with pytest.raises(PortOneNotFound):
        CALLS[name][0](client(far(no("없습니다", status=404))))


OTHERS = {
    "payment": payment_json(imp_uid="imp_2"),
    "find": payment_json(merchant_uid="other"),
    "prepare": PREPARED | {"merchant_uid": "other"},
    "receipt": RECEIPT | {"imp_uid": "imp_2"},
    "cancel external receipt": RECEIPT | {"merchant_uid": "other"},
    "issue vbank": payment_json(merchant_uid="m1", amount=5001),
    "revoke vbank": payment_json(imp_uid="imp_2"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_an_answer_about_something_else_is_not_believed(far, client, name):
    with pytest.raises(PortOneOutcomeUnknown) as caught:
        CALLS[name][0](client(far(ok(OTHERS[name]))))
    assert caught.value.why is Why.OTHER_PAYMENT


def who(**changes):
    return ReceiptFor(**WHO | changes)


BAD = {
    "hyphens": lambda p: p.issue_receipt(IMP_UID, who(identifier="010-1234-5678"), tax_free=0),
    "resident number": lambda p: p.issue_receipt(
        IMP_UID, who(identifier_type="person"), tax_free=0
    ),
    "type": lambda p: p.issue_receipt(IMP_UID, who(type="shop"), tax_free=0),
    "product": lambda p: p.issue_receipt(IMP_UID, who(product_type=""), tax_free=0),
    "no name": lambda p: p.issue_receipt(IMP_UID, who(buyer_name=""), tax_free=0),
    "tax-free": lambda p: p.issue_receipt(IMP_UID, SOMEBODY, tax_free=-1),
    "external for nothing": lambda p: external(p, amount=0),
    "external tax-free": lambda p: external(p, tax_free=11001),
    "external without gateway": lambda p: external(p, channel_key=""),
    "prepare 0": lambda p: p.prepare("m1", 0),
    "milliseconds": lambda p: p.register_delivery(
        IMP_UID,
        sender=PARTY,
        receiver=PARTY,
        parcel=Parcel(company="LOGEN", invoice="1", sent_at=DUE * 1000),
    ),
    "a bad id": lambda p: p.revoke_vbank("imp_../1"),
    "a bad order number": lambda p: p.get_external_receipt(".."),
    "a bad status": lambda p: p.find_payment("m1", "all"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_opens_no_connection(far, client, name):
    server = far(ok(None))
    with pytest.raises(ValueError) as caught:
        BAD[name](client(server))
    assert server.connections == 0
    assert "010" not in str(caught.value)


def test_no_repr_names_anybody():
    account = RefundAccount(holder="홍길동", bank="088", account="01012345678")
    for thing in (SOMEBODY, PARTY, Buyer(buyer_name="홍길동"), account):
        assert (
            "홍길동" not in repr(thing) and "0101" not in repr(thing) and "서울" not in repr(thing)
        )
