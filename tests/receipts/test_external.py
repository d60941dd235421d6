"""Receipts of sales outside PortOne, as somebody types them."""

from __future__ import annotations

import re

import pytest

from tests.receipts.conftest import create
from tests.refunds.pages import text


def test_it_is_sent_with_gateway_and_channel(shop, client, posts, work):
    page = client.get("/receipts/external/new").get_data(as_text=True)
    key = re.search(r'<option selected value="([^"]+)"', page)[1]
    answer = create(client, channel_key=key)
    assert answer.status_code == 303 and answer.location.startswith("/receipts/")
    assert posts() == []
    work()
    (sent,) = posts()
    assert sent["pg"] == "ksnet" and sent["channel_key"] == key and sent["tax_free"] == 11_000
    assert shop.db.execute("SELECT state FROM receipts").fetchone()[0] == "issued"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("merchant_uid", ""),
        ("merchant_uid", "x" * 41),
        ("name", ""),
        ("amount", "0"),
        ("tax_free", ""),
        ("tax_free", "33,001"),
        ("sold_on", "2026-08-22"),
        ("sold_on", "어제"),
        ("identifier", ""),
        ("identifier", "010-12"),
        ("identifier", "0100001234"),
        ("type", "other"),
        ("product_type", ""),
        ("buyer_name", ""),
        ("buyer_email", "hong"),
        ("channel_key", "someone-elses"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(shop, client, posts, work, field, typed):
    answer = create(client, **{field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in page
    assert field == "name" or "배 선물세트" in page
    work()
    assert posts() == [] and not shop.db.execute("SELECT 1 FROM receipts").fetchall()


@pytest.mark.parametrize("field", ["identifier", "name", "buyer_name", "merchant_uid"])
def test_a_resident_number_is_refused_and_not_shown_again(shop, client, field):
    answer = create(client, **{field: "900101-1234567"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "1234567" not in page and "주민등록번호" in text(answer)


def test_an_unusual_pair_is_confirmed(client, shop):
    assert create(client, type="company").status_code == 422
    assert create(client, type="company", confirm_unusual="y").status_code == 303


def test_without_a_number_it_is_issued_to_nobody(client, posts, work):
    assert create(client, identifier="", self_issue="y").status_code == 303
    work()
    assert posts()[0]["identifier"] == "0100001234"


def test_a_payment_of_portone_is_refused_with_the_way_to_its_form(shop, client, posts, work):
    imp_uid = shop.pay("trans")
    answer = create(client, merchant_uid=shop.payment(imp_uid).merchant_uid)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'id="merchant_uid-error"' in page
    assert f'href="/payments/{imp_uid}/receipt/new"' in page
    work()
    assert posts() == []


def test_twice_the_same_form_is_one_receipt(client, posts, work):
    first, second = create(client), create(client)
    assert second.status_code == 303 and first.location == second.location
    work()
    assert len(posts()) == 1


def test_a_payment_only_portone_knows_is_refused_with_the_way_to_its_form(
    shop, client, posts, work, sandbox_payments
):
    payment = sandbox_payments["paid_trans"][1]
    answer = create(client, merchant_uid=payment["merchant_uid"])
    assert answer.status_code == 422
    assert f"/payments/{payment['imp_uid']}/receipt/new" in answer.get_data(as_text=True)
    work()
    assert posts() == []
    assert client.get(f"/payments/{payment['imp_uid']}/receipt/new").status_code == 200


def test_issued_again_with_everything_but_the_number(shop, client, posts, work):
    one = create(client).location
    work()
    client.send(f"{one}/cancel", {"reason": "환불"}, page="/me")
    work()
    page = client.get(one).get_data(as_text=True)
    link = re.search(r'href="(/receipts/external/new\?again=[^"]+)"', page)[1]
    form = client.get(link).get_data(as_text=True)
    for typed in ("SHOP-1", "배 선물세트", "33000", "11000", "2026-08-20", "홍길동"):
        assert f'value="{typed}"' in form, typed
    assert "1234-5678" not in form and "01012345678" not in form
    assert create(client, form_token="7f0f2f62-0d0b-4a8e-9d5c-2b8f6f4f0a12").status_code == 303
    work()
    assert len(posts()) == 2
