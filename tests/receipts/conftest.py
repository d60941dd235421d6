"""The shop of the refund tests, with its receipts."""

from __future__ import annotations

import json

import pytest

from dashboard.receipts import sending
from tests.refunds.conftest import config, limits, restarted, shop  # noqa: F401

EXTERNAL = "/receipts/external/"

FORM = {
    "form_token": "7f0f2f62-0d0b-4a8e-9d5c-2b8f6f4f0a11",
    "merchant_uid": "SHOP-1",
    "name": "배 선물세트",
    "amount": "33,000",
    "tax_free": "11,000",
    "sold_on": "2026-08-20",
    "type": "person",
    "identifier": "010-1234-5678",
    "product_type": "real",
    "buyer_name": "홍길동",
    "channel_key": "",
}


@pytest.fixture
def posts(shop):  # noqa: F811
    """The external receipts that arrived at the sandbox, as their bodies say."""

    def found() -> list[dict]:
        entries = shop.sandbox.sandbox.journal.entries("POST")
        return [json.loads(one.body) for one in entries if one.path.startswith(EXTERNAL)]

    return found


@pytest.fixture
def work(shop):  # noqa: F811
    """Let the worker look as often as it wants to for a while."""

    def run(of=shop) -> None:
        for _ in range(6):
            sending.work(of.runtime, of.db)
            of.clock.now += 30

    return run


def create(client, **typed):
    return client.send("/receipts/external", FORM | typed, page="/me")
