"""Our own client against the sandbox: the two are written from the same pages, apart."""

from __future__ import annotations

import pytest

from dashboard.portone import PortOne, PortOneNotFound, PortOneRejected


@pytest.fixture
def portone(sandbox, clock) -> PortOne:
    return PortOne(sandbox.url, sandbox.key, sandbox.secret, clock=clock)


def test_they_agree_on_a_cancel(portone, sandbox, sandbox_payments):
    one = sandbox_payments["paid_card"][0]
    part = portone.cancel_part(
        one["imp_uid"], amount=1_000, tax_free=0, checksum=one["amount"], reason="고객 변심"
    )
    assert (part.cancel_amount, part.cancel_history[0].reason) == (1_000, "고객 변심")
    with pytest.raises(PortOneRejected):
        portone.cancel_part(
            one["imp_uid"], amount=1_000, tax_free=0, checksum=one["amount"], reason="고객 변심"
        )
    assert len(sandbox.sandbox.journal.entries("POST", "/payments/cancel")) == 2


def test_they_agree_on_test_payments(portone, sandbox_payments):
    one = sandbox_payments["test_channel"][0]
    with pytest.raises(PortOneNotFound):
        portone.get_payment(one["imp_uid"], sandbox=False)
    assert portone.get_payment(one["imp_uid"], sandbox=True).sandbox


def test_they_agree_on_every_payment_of_a_window(portone, clock):
    page = portone.list_payments(from_at=int(clock()) - 90 * 86_400, to_at=int(clock()), limit=1000)
    assert page.total == len(page.payments) and not page.unreadable
    assert {payment.currency for payment in page.payments} == {"KRW", "USD"}


def test_they_agree_on_a_payco_balance(portone, sandbox_payments):
    one = sandbox_payments["payco"][0]
    assert portone.get_balance(one["imp_uid"]).amount == one["amount"]
