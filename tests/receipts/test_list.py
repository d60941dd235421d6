"""The list of receipts, its sums, its Excel file, and the paper for the buyer."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from dashboard.database import write
from tests.conftest import AGAIN
from tests.receipts.conftest import create
from tests.refunds.pages import text


@pytest.fixture
def issued(client, work):
    for at, (amount, free) in enumerate([("33,000", "11,000"), ("10,000", "0")]):
        create(client, form_token="", merchant_uid=f"SHOP-{at}", amount=amount, tax_free=free)
    work()


def test_the_sums_are_those_of_the_rows(client, issued):
    answer = client.send("/receipts/export", {"why": "세무사"} | AGAIN, page="/me")
    head, *rows = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    sums = [sum(row[at] for row in rows) for at in (10, 11, 12, 13)]
    assert len(rows) == 2 and sums == [43_000, 29_091, 2_909, 11_000]
    page = text(client.get("/receipts"))
    assert all(f"{one:,}원" in page for one in sums)
    assert "홍길동" not in page and "010-1234-5678" not in page


def test_the_export_is_on_the_record(shop, client, issued):
    client.send("/receipts/export?q=SHOP-1", {"why": "세무사"} | AGAIN, page="/me")
    row = shop.db.execute("SELECT detail FROM events WHERE kind = 'export'").fetchone()
    assert '"receipts"' in row[0] and '"rows": 1' in row[0].replace('":1', '": 1')


@pytest.mark.parametrize(
    "query",
    [
        "when=x&from=y&to=z",
        "page=-1",
        "page=99999",
        "kind=x&state=y",
        "q=%00",
        "when=custom&from=1",
    ],
)
def test_a_bad_question_breaks_nothing(client, issued, query):
    assert client.get(f"/receipts?{query}").status_code == 200


def test_on_paper_with_its_stamp_once_cancelled(shop, client, issued):
    receipt_id = shop.db.execute("SELECT id FROM receipts WHERE amount = 33000").fetchone()[0]
    page = text(client.get(f"/receipts/{receipt_id}/print"))
    assert "33,000원" in page and "2,000원" in page and "발급취소" not in page
    with write(shop.db):
        shop.db.execute("UPDATE receipts SET state = 'cancelled' WHERE id = ?", [receipt_id])
    assert "발급취소" in text(client.get(f"/receipts/{receipt_id}/print"))


def test_a_sale_without_a_receipt_leads_to_its_form(shop, client, work):
    imp_uid = shop.pay("trans", started_at=int(shop.clock.now) - 3 * 86_400)
    with write(shop.db):
        shop.db.execute("INSERT INTO receipt_looks VALUES (?, ?, 0)", [imp_uid, 1])
    assert "현금영수증이 없는 결제" in text(client.get("/receipts"))
    page = client.get("/receipts?missing=1").get_data(as_text=True)
    assert f"/payments/{imp_uid}/receipt/new" in page
