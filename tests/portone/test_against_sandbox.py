"""Every method of the client against a whole PortOne over HTTP: our sandbox."""

from __future__ import annotations

import random

import pytest

from dashboard.portone import (
    Buyer,
    Parcel,
    Party,
    PortOne,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneOutcomeUnknown,
    PortOneRejected,
    ReceiptFor,
    RefundAccount,
    Why,
)
from dashboard.sandbox import born, world
from tests.portone.conftest import NOW

UNKNOWN_ID = "imp_000000000000"
DAY_S = 24 * 60 * 60
ACCOUNT = RefundAccount(holder="홍길동", bank="88", account="110123456789", tel="01012345678")
WHOM = ReceiptFor(
    identifier="01012345678",
    identifier_type="phone",
    type="person",
    product_type="real",
    buyer_name="홍길동",
)
SHOP = Party(
    name="장부상점", tel="02-123-4567", addr="서울 중구", postcode="04524", relationship="본인"
)
HOME = Party(name="홍길동", tel="01012345678", addr="부산 해운대구", postcode="48058")


def paid(server, method: str, started_at: int = NOW - 3600, **changes) -> dict:
    """A payment of ``method``, paid a minute after ``started_at``."""
    rng = random.Random(3)
    draft = born.make(rng, method, started_at, **changes)
    if method == "vbank":
        born.issue_account(rng, draft)
    born.pay(rng, draft, started_at + 60)
    return world.add(server.sandbox.store, [draft])[0]


def sent(server, method: str, path: str) -> list:
    return server.sandbox.journal.entries(method, path)


# -- keys ---------------------------------------------------------------------------------------


def test_keys(server, portone):
    portone.check_keys()
    portone.check_keys()
    assert len(sent(server, "POST", "/users/getToken")) == 2
    assert portone.clock_skew == pytest.approx(0, abs=1)
    for key, secret in ((server.key, "wrong"), ("wrong", server.secret)):
        with pytest.raises(PortOneNotAuthorised) as refused:
            PortOne(server.url, key, secret, clock=lambda: NOW).check_keys()
        assert (refused.value.why, refused.value.http_status) == (Why.KEY, 401)


def test_one_token_serves_all_calls_and_is_renewed_in_time(server, fixture):
    now = [float(NOW)]
    server.sandbox.clock.stop_at(NOW)
    portone = PortOne(server.url, server.key, server.secret, clock=lambda: now[0])
    asked = []
    for later_s in (0, 0, 28 * 60, 66, 5 * 60, 60):
        now[0] += later_s
        server.sandbox.clock.advance(later_s)
        portone.get_payment(fixture["paid_card"][0]["imp_uid"], sandbox=False)
        asked.append(len(sent(server, "POST", "/users/getToken")))
    # After 29:06 of 30:00 the same token gets five minutes more, then a new one comes.
    assert asked == [1, 1, 1, 2, 3, 3]
    assert {entry.status for entry in server.sandbox.journal.entries()} == {200}


def test_a_token_ended_elsewhere_is_renewed_once(server, portone, fixture):
    portone.check_keys()
    server.sandbox.clock.advance(31 * 60)  # PortOne's clock runs ahead of ours
    one = fixture["paid_card"][0]
    assert portone.get_payment(one["imp_uid"], sandbox=False).amount == one["amount"]
    statuses = [entry.status for entry in server.sandbox.journal.entries()]
    assert statuses == [200, 401, 200, 200]


# -- reading payments ---------------------------------------------------------------------------


def test_a_payment(server, portone, fixture):
    one = fixture["paid_card"][0]
    payment = portone.get_payment(one["imp_uid"], sandbox=False)
    assert (payment.imp_uid, payment.merchant_uid) == (one["imp_uid"], one["merchant_uid"])
    assert (payment.amount, payment.balance, payment.status) == (one["amount"],) * 2 + ("paid",)
    assert payment.paid_at < NOW
    assert (payment.failed_at, payment.cancelled_at) == (None, None)
    assert payment.raw["failed_at"] == 0
    assert "include_sandbox" not in sent(server, "GET", f"/payments/{one['imp_uid']}")[0].target


def test_a_test_channel_payment_is_there_only_for_who_asks(server, portone, fixture):
    one = fixture["test_channel"][0]
    with pytest.raises(PortOneNotFound):
        portone.get_payment(one["imp_uid"], sandbox=False)
    assert portone.get_payment(one["imp_uid"], sandbox=True).sandbox is True
    targets = [entry.target for entry in sent(server, "GET", f"/payments/{one['imp_uid']}")]
    assert targets == [
        f"/payments/{one['imp_uid']}",
        f"/payments/{one['imp_uid']}?include_sandbox=true",
    ]


def test_an_unknown_payment(portone):
    with pytest.raises(PortOneNotFound) as missing:
        portone.get_payment(UNKNOWN_ID, sandbox=False)
    assert (missing.value.http_status, missing.value.code) == (404, 1)


def test_several_payments_in_the_order_asked_for(server, portone, fixture):
    uids = [one["imp_uid"] for kind in ("paid_card", "test_channel") for one in fixture[kind]]
    batch = portone.get_payments(uids)
    assert [payment.imp_uid for payment in batch.payments] == uids
    assert batch.missing == ()
    assert sent(server, "GET", "/payments")[0].status == 200


def test_several_payments_of_which_some_are_missing(server, portone, fixture):
    uid = fixture["paid_card"][0]["imp_uid"]
    batch = portone.get_payments([UNKNOWN_ID, uid, uid])
    assert [payment.imp_uid for payment in batch.payments] == [uid]
    assert batch.missing == (UNKNOWN_ID,)
    assert sent(server, "GET", "/payments")[0].status == 207


def test_several_payments_of_which_all_are_missing(server, portone):
    batch = portone.get_payments([UNKNOWN_ID, "imp_000000000001"])
    assert (batch.payments, batch.missing) == ((), (UNKNOWN_ID, "imp_000000000001"))
    assert sent(server, "GET", "/payments")[0].status == 404


def test_a_hundred_payments_go_and_a_hundred_and_one_do_not(server, portone, fixture):
    uids = [f"imp_{number:012d}" for number in range(101)]
    assert len(portone.get_payments([*uids[:99], fixture["paid_card"][0]["imp_uid"]]).missing) == 99
    with pytest.raises(ValueError, match="100"):
        portone.get_payments(uids)
    assert len(sent(server, "GET", "/payments")) == 1


@pytest.mark.parametrize("limit", [7, 100, 1000])
def test_all_pages_of_a_window_hold_every_payment_once(portone, limit):
    window = {"from_at": NOW - 90 * DAY_S, "to_at": NOW, "limit": limit}
    page, found = portone.list_payments(**window), []
    while True:
        found += [payment.imp_uid for payment in page.payments]
        if not page.next:
            break
        page = portone.list_payments(**window, page=page.next)
    assert len(found) == len(set(found)) == page.total > 100
    assert (page.previous == 0) == (page.total <= limit)


@pytest.mark.parametrize("status", ["ready", "paid", "cancelled", "failed"])
def test_one_status_of_a_window_in_both_directions(portone, status):
    window = {"from_at": NOW - 90 * DAY_S, "to_at": NOW, "limit": 1000}
    newest = portone.list_payments(status, **window)
    oldest = portone.list_payments(status, **window, sorting="started")
    assert newest.payments and {payment.status for payment in newest.payments} == {status}
    assert newest.payments == oldest.payments[::-1]


def test_an_empty_window_and_a_page_beyond_the_end(portone):
    window = {"from_at": NOW - 3000 * DAY_S, "to_at": NOW - 2990 * DAY_S}
    page = portone.list_payments(**window)
    assert (page.total, page.next, page.payments) == (0, 0, ())
    with pytest.raises(PortOneRejected) as beyond:
        portone.list_payments(**window, page=2)
    assert beyond.value.http_status == 400


def test_an_order_number(portone, fixture):
    shared = fixture["shared_merchant_uid"]
    assert portone.find_payment(shared, "paid").status == "paid"
    assert portone.find_payment(shared, "failed").status == "failed"
    assert portone.find_payment(shared, sorting="started").status == "failed"
    assert portone.find_payment(shared, "cancelled") is None
    assert portone.find_payment("no such order/#?%") is None
    page = portone.find_payments(shared, sorting="started")
    assert [payment.status for payment in page.payments] == ["failed", "paid"]
    assert portone.find_payments(shared, limit=1).next == 2
    assert len(portone.find_payments(shared, page=2, limit=1).payments) == 1
    assert portone.find_payments(shared, "ready").total == 0
    assert portone.find_payments("no such order").payments == ()


def test_dollars_come_as_cents(server, portone):
    one = paid(server, "card", currency="USD")
    payment = portone.get_payment(one["imp_uid"], sandbox=False)
    assert (payment.currency, payment.cancel_amount) == ("USD", 0)
    assert payment.amount == round(payment.raw["amount"] * 100)
    page = portone.list_payments("paid", from_at=NOW - DAY_S * 30, to_at=NOW, limit=1000)
    assert payment in page.payments and page.unreadable == ()


def test_a_balance_is_for_payco_contracts_only(portone, fixture):
    one = next(one for one in fixture["payco"] if one["pg_provider"] == "payco")
    balance = portone.get_balance(one["imp_uid"])
    assert balance.amount == one["amount"]
    parts = (balance.primary.tax_free, balance.primary.supply, balance.primary.vat)
    assert sum(parts) == one["amount"]
    with pytest.raises(PortOneRejected) as refused:
        portone.get_balance(fixture["paid_card"][0]["imp_uid"])
    assert refused.value.http_status == 405


# -- cancels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [name for name in born.METHODS if name != "phone"])
def test_a_part_and_then_the_rest(server, portone, method):
    one = paid(server, method)
    refund = ACCOUNT if method == "vbank" else None
    part = portone.cancel_part(
        one["imp_uid"],
        amount=1000,
        tax_free=300,
        checksum=one["amount"],
        reason="고객 변심 [R7K2M9QX]",
        refund=refund,
    )
    assert (part.cancel_amount, part.status) == (1000, "paid")
    assert part.cancel_history[0].reason == "고객 변심 [R7K2M9QX]"
    assert part.cancel_history[0].cancellation_id
    whole = portone.cancel_all(
        one["imp_uid"], balance=part.balance, tax_free=0, reason="나머지", refund=refund
    )
    assert (whole.balance, whole.status, whole.cancelled_at) == (0, "cancelled", NOW)
    assert [entry.amount for entry in whole.cancel_history] == [1000, one["amount"] - 1000]
    assert portone.get_payment(one["imp_uid"], sandbox=False) == whole
    assert len(sent(server, "POST", "/payments/cancel")) == 2


def test_a_phone_payment_is_cancelled_whole(server, portone):
    one = paid(server, "phone")
    whole = portone.cancel_all(one["imp_uid"], balance=one["amount"], tax_free=0, reason="변심")
    assert whole.status == "cancelled"


def test_a_test_channel_payment_is_cancelled_too(portone, fixture):
    one = fixture["test_channel"][0]
    whole = portone.cancel_all(one["imp_uid"], balance=one["amount"], tax_free=0, reason="시험")
    assert (whole.sandbox, whole.balance) == (True, 0)


REFUSALS = {
    "part of a phone payment (K2)": ({"method": "phone"}, {}, "부분취소가 불가"),
    "phone of another month (K3)": (
        {"method": "phone", "started_at": NOW - 33 * DAY_S},
        {"amount": None},
        "당월에만",
    ),
    "after six months (K4)": ({"method": "card", "started_at": NOW - 190 * DAY_S}, {}, "6개월"),
    "vbank without an account (K7)": ({"method": "vbank"}, {"refund": None}, "예금주"),
    "another balance": ({"method": "card"}, {"checksum": 1500}, "checksum"),
    "more than is left": ({"method": "card"}, {"amount": 9_000_000, "checksum": 9_000_000}, ""),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_comes_with_its_words_and_nothing_happens(server, portone, name):
    made, changes, words = REFUSALS[name]
    one = paid(server, **made)
    asked = {"amount": 1000, "tax_free": 0, "checksum": one["amount"], "refund": ACCOUNT}
    asked |= {"reason": "변심"} | changes
    asked["amount"] = asked["amount"] or one["amount"]
    with pytest.raises(PortOneRejected) as refused:
        portone.cancel_part(one["imp_uid"], **asked)
    assert words in refused.value.user_message
    assert refused.value.http_status == 200 and refused.value.code != 0
    assert portone.get_payment(one["imp_uid"], sandbox=False).cancel_amount == 0
    assert len(sent(server, "POST", "/payments/cancel")) == 1


def test_the_tenth_part_is_refused(server, portone):
    one = paid(server, "card")
    left = one["amount"]
    for _ in range(9):
        asked = {"amount": 10, "tax_free": 0, "checksum": left, "reason": "변심"}
        left = portone.cancel_part(one["imp_uid"], **asked).balance
    with pytest.raises(PortOneRejected) as refused:
        portone.cancel_part(one["imp_uid"], amount=10, tax_free=0, checksum=left, reason="변심")
    assert "9회" in refused.value.user_message
    assert portone.cancel_all(one["imp_uid"], balance=left, tax_free=0, reason="끝").balance == 0


def test_a_virtual_account_is_not_refunded_at_night(server, portone):
    server.sandbox.switches.night = True
    server.sandbox.clock.stop_at(NOW + 9 * 60 * 60 + 55 * 60)  # 00:00
    one = paid(server, "vbank")
    asked = {"balance": one["amount"], "tax_free": 0, "reason": "변심", "refund": ACCOUNT}
    with pytest.raises(PortOneRejected) as refused:
        portone.cancel_all(one["imp_uid"], **asked)
    assert "06:00" in refused.value.user_message


def test_what_does_not_exist_or_is_not_paid_is_refused_with_200(portone, fixture):
    nobody = {"imp_uid": UNKNOWN_ID, "amount": 1000}
    for one in (nobody, fixture["failed"][0], fixture["ready_vbank"][0], fixture["cancelled"][0]):
        with pytest.raises(PortOneRejected) as refused:
            portone.cancel_all(one["imp_uid"], balance=one["amount"], tax_free=0, reason="변심")
        assert (refused.value.http_status, refused.value.code) == (200, 1)


def test_a_refused_cancel_does_not_repeat_the_account(server, portone, fixture):
    one = fixture["paid_vbank"][0]
    server.sandbox.switches.refuse_partial = f"{ACCOUNT.holder} {ACCOUNT.account} 계좌 오류"
    with pytest.raises(PortOneRejected) as refused:
        portone.cancel_part(
            one["imp_uid"],
            amount=10,
            tax_free=0,
            checksum=one["amount"],
            reason="변심",
            refund=ACCOUNT,
        )
    assert refused.value.user_message == "*** *** 계좌 오류"


# -- prepare ------------------------------------------------------------------------------------


def test_a_prepared_amount(server, portone):
    with pytest.raises(PortOneNotFound):
        portone.get_prepared("주문 77/1")
    with pytest.raises(PortOneNotFound):
        portone.change_prepared("주문 77/1", 9_000)
    made = portone.prepare("주문 77/1", 12_000)
    assert (made.merchant_uid, made.amount, made.currency) == ("주문 77/1", 12_000, "KRW")
    with pytest.raises(PortOneRejected) as again:
        portone.prepare("주문 77/1", 12_000)
    assert again.value.http_status == 200
    assert portone.change_prepared("주문 77/1", 9_000, currency=None).amount == 9_000
    found = portone.get_prepared("주문 77/1")
    assert (found.amount, found.currency) == (9_000, "")


# -- receipts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["trans", "vbank"])
def test_the_whole_life_of_a_receipt(server, portone, method):
    imp_uid = (one := paid(server, method))["imp_uid"]
    with pytest.raises(PortOneNotFound):
        portone.get_receipt(imp_uid)
    with pytest.raises(PortOneRejected) as never:
        portone.cancel_receipt(imp_uid)
    assert never.value.http_status == 400
    issued = portone.issue_receipt(imp_uid, WHOM, tax_free=0)
    assert (issued.imp_uid, issued.merchant_uid) == (imp_uid, "")
    assert (issued.amount, issued.cancelled_at) == (one["amount"], None)
    assert (issued.applied_at, issued.apply_num != "") == (NOW, True)
    assert portone.get_receipt(imp_uid) == issued
    with pytest.raises(PortOneRejected):
        portone.issue_receipt(imp_uid, WHOM, tax_free=0)
    assert portone.cancel_receipt(imp_uid).cancelled_at == NOW
    assert portone.get_receipt(imp_uid).cancelled_at == NOW
    asked = {"amount": 1100, "tax_free": 0, "checksum": one["amount"], "reason": "변심"}
    portone.cancel_part(imp_uid, **asked, refund=ACCOUNT)
    left = portone.issue_receipt(imp_uid, WHOM, tax_free=100)
    assert left.amount == one["amount"] - 1100
    assert left.vat_amount == round((left.amount - 100) / 11)


def test_no_receipt_for_a_card_or_for_nobody(portone, fixture):
    with pytest.raises(PortOneRejected):
        portone.issue_receipt(fixture["paid_card"][0]["imp_uid"], WHOM, tax_free=0)
    with pytest.raises(PortOneNotFound):
        portone.issue_receipt(UNKNOWN_ID, WHOM, tax_free=0)


def test_a_gateways_no_to_a_receipt_is_unknown_until_read(server, portone, fixture):
    imp_uid = fixture["paid_trans"][0]["imp_uid"]
    server.sandbox.switches.refuse_receipts = "01012345678 현금영수증 발급 실패"
    with pytest.raises(PortOneOutcomeUnknown) as refused:
        portone.issue_receipt(imp_uid, WHOM, tax_free=0)
    assert (refused.value.http_status, refused.value.why) == (500, Why.SERVER_ERROR)
    assert refused.value.user_message == "*** 현금영수증 발급 실패"
    assert len(sent(server, "POST", f"/receipts/{imp_uid}")) == 1
    with pytest.raises(PortOneNotFound):
        portone.get_receipt(imp_uid)


@pytest.mark.parametrize("gateway", ["channel_key", "pg"])
def test_the_whole_life_of_an_outside_receipt(portone, fixture, gateway):
    where = {"channel_key": fixture["channel_key"]} if gateway == "channel_key" else {"pg": "ksnet"}
    asked = {"name": "꽃다발", "amount": 11_000, "tax_free": 0, **where}
    with pytest.raises(PortOneNotFound):
        portone.get_external_receipt("현금 1")
    with pytest.raises(PortOneNotFound):
        portone.cancel_external_receipt("현금 1")
    issued = portone.issue_external_receipt("현금 1", WHOM, **asked)
    assert (issued.imp_uid, issued.merchant_uid) == ("", "현금 1")
    assert (issued.amount, issued.vat_amount) == (11_000, 1_000)
    assert portone.get_external_receipt("현금 1") == issued
    with pytest.raises(PortOneRejected):
        portone.issue_external_receipt("현금 1", WHOM, **asked)
    assert portone.cancel_external_receipt("현금 1").cancelled_at == NOW
    with pytest.raises(PortOneRejected):
        portone.cancel_external_receipt("현금 1")


def test_a_gateway_without_receipts_refuses_plainly(portone):
    with pytest.raises(PortOneRejected) as refused:
        portone.issue_external_receipt(
            "현금 2", WHOM, name="꽃", amount=1000, tax_free=0, pg="danal"
        )
    assert refused.value.http_status == 501


# -- virtual accounts ---------------------------------------------------------------------------


def issue(portone, fixture, merchant_uid: str, **changes):
    asked = {
        "channel_key": fixture["channel_key"],
        "amount": 5_000,
        "vbank_code": "88",
        "vbank_due": NOW + DAY_S,
        "product_type": "real",
        "buyer": Buyer(buyer_name="홍길동", buyer_tel="01012345678"),
        "name": "꽃다발",
    }
    return portone.issue_vbank(merchant_uid, **asked | changes)


def test_a_virtual_account_is_issued_and_revoked(portone, fixture):
    made = issue(portone, fixture, "v/1")
    assert (made.status, made.amount, made.vbank_date) == ("ready", 5_000, NOW + DAY_S)
    assert (made.vbank_num != "", made.channel) == (True, "api")
    second = issue(portone, fixture, "v/1")  # one order number can own several
    assert portone.find_payments("v/1").total == 2
    assert portone.revoke_vbank(made.imp_uid).imp_uid == made.imp_uid
    with pytest.raises(PortOneRejected):
        portone.revoke_vbank(made.imp_uid)
    assert portone.get_payment(second.imp_uid, sandbox=False).status == "ready"


def test_no_virtual_account_for_a_paid_order_or_a_strange_channel(portone, fixture):
    with pytest.raises(PortOneRejected):
        issue(portone, fixture, fixture["paid_card"][0]["merchant_uid"])
    with pytest.raises(PortOneRejected):
        issue(portone, fixture, "v2", channel_key="channel-key-x")
    with pytest.raises(PortOneRejected):
        portone.revoke_vbank(fixture["paid_card"][0]["imp_uid"])
    with pytest.raises(PortOneNotFound):
        portone.revoke_vbank(UNKNOWN_ID)


# -- escrow -------------------------------------------------------------------------------------


def test_a_delivery_is_registered_corrected_and_read(portone, fixture):
    imp_uid = fixture["escrow"][0]["imp_uid"]
    both = {"sender": SHOP, "receiver": HOME}
    parcel = Parcel(company="KGB", invoice="1234-5678", sent_at=NOW - 60)
    for early in (
        lambda: portone.get_delivery(imp_uid),
        lambda: portone.change_delivery(imp_uid, **both, parcel=parcel),
    ):
        with pytest.raises(PortOneRejected) as refused:
            early()
        assert refused.value.http_status == 409
    made = portone.register_delivery(imp_uid, **both, parcel=parcel)
    assert (made.company, made.invoice, made.sent_at) == ("KGB", "1234-5678", NOW - 60)
    assert made.applied_at == NOW
    with pytest.raises(PortOneRejected):
        portone.register_delivery(imp_uid, **both, parcel=parcel)
    other = Parcel(company="SOMEBODY", invoice="9", sent_at=NOW)
    changed = portone.change_delivery(imp_uid, **both, parcel=other)
    assert (changed.company, changed.invoice) == ("ETC", "9")
    assert portone.get_delivery(imp_uid) == changed


def test_no_delivery_for_what_is_no_escrow(portone, fixture):
    parcel = Parcel(company="KGB", invoice="1", sent_at=NOW)
    with pytest.raises(PortOneRejected):
        portone.register_delivery(
            fixture["paid_card"][0]["imp_uid"], sender=SHOP, receiver=HOME, parcel=parcel
        )
    with pytest.raises(PortOneNotFound):
        portone.get_delivery(UNKNOWN_ID)


# -- tables -------------------------------------------------------------------------------------


def test_channels_banks_and_cards(portone, fixture):
    channels = portone.channels()
    assert fixture["channel_key"] in {channel.channel_key for channel in channels}
    assert {channel.sandbox for channel in channels} == {True, False}
    assert portone.bank("004") in portone.banks()
    assert portone.card("361") in portone.cards()
    for ask in (portone.bank, portone.card):
        with pytest.raises(PortOneNotFound):
            ask("zzz")
