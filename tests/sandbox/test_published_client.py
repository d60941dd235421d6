"""A client somebody else published, unchanged, works against the sandbox."""

from __future__ import annotations

import pytest
from iamport import Iamport


@pytest.fixture
def iamport(server):
    client = Iamport(server.key, server.secret, imp_url=f"{server.url}/")
    yield client
    client.requests_session.close()


def test_finds_payments(iamport, fixture):
    one = fixture["paid_card"][0]
    assert iamport.find(imp_uid=one["imp_uid"])["amount"] == one["amount"]
    assert iamport.find(merchant_uid=one["merchant_uid"])["imp_uid"] == one["imp_uid"]
    assert iamport.is_paid(one["amount"], imp_uid=one["imp_uid"])
    with pytest.raises(Iamport.HttpError) as unknown:
        iamport.find(imp_uid="imp_000000000000")
    assert unknown.value.code == 404


def test_cancels_part_and_whole(iamport, fixture):
    one = fixture["paid_card"][0]
    part = iamport.cancel("고객 변심", imp_uid=one["imp_uid"], amount=1000, checksum=one["amount"])
    assert part["cancel_amount"] == 1000
    whole = iamport.cancel("고객 변심", merchant_uid=one["merchant_uid"])
    assert whole["status"] == "cancelled"
    with pytest.raises(Iamport.ResponseError) as again:
        iamport.cancel("고객 변심", imp_uid=one["imp_uid"])
    assert again.value.code == 1
    with pytest.raises(Iamport.ResponseError) as unknown:
        iamport.cancel("고객 변심", imp_uid="imp_000000000000")
    assert unknown.value.code == 1


def test_announces_amounts(iamport):
    iamport.prepare("order-77", 12_000)
    assert iamport.prepare_validate("order-77", 12_000)
    assert not iamport.prepare_validate("order-77", 13_000)


def test_revokes_a_virtual_account(iamport, fixture):
    one = fixture["ready_vbank"][0]
    assert iamport.revoke_vbank_by_imp_uid(one["imp_uid"])["imp_uid"] == one["imp_uid"]


def test_wrong_secret(server):
    client = Iamport(server.key, "wrong", imp_url=f"{server.url}/")
    with pytest.raises(Iamport.HttpError) as refused:
        client.find(imp_uid="imp_000000000000")
    assert refused.value.code == 401
    client.requests_session.close()
