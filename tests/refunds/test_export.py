"""The history of refunds as Excel: what the page shows, for a reason, on the record (SEC-40)."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from dashboard.database import write
from tests.conftest import AGAIN
from tests.door.payloads import LINKS, XSS
from tests.refunds.pages import part, send, text

EXPORT = "/refunds/export"


@pytest.fixture
def refunded(shop, client, paid):
    """Two refunds, one of them with a hostile reason."""
    for at, reason in ((0, "품절"), (1, "other")):
        one = paid(at=at)
        typed = {"reason": reason, "other_reason": '=HYPERLINK("https://evil.example")'}
        send(client, one.imp_uid, part(client, one.imp_uid, "1,000", **typed))
    shop.work()


def rows_of(answer):
    return [
        [cell.value for cell in row]
        for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows()
    ]


def export(client, query="", **typed):
    return client.send(f"{EXPORT}{query}", {"why": "세무사에게 보냄"} | typed, page="/me")


def test_it_holds_just_what_the_page_shows(client, refunded):
    answer = export(client, **AGAIN)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    head, *rows = rows_of(answer)
    assert len(rows) == 2 and head[1] == "주문번호"
    assert [row[7] for row in rows] == [1_000, 1_000]
    only = rows_of(export(client, "?q=품절"))
    assert len(only) == 2 and only[1][9] == "품절"


def test_a_formula_in_a_reason_is_a_text(client, refunded):
    """SEC-39."""
    reasons = {row[9] for row in rows_of(export(client, **AGAIN))[1:]}
    assert reasons == {"품절", '\'=HYPERLINK("https://evil.example")'}


def test_no_reason_no_file(client, refunded):
    answer = export(client, why="", **AGAIN)
    assert answer.status_code == 422 and 'id="why-error"' in answer.get_data(as_text=True)


def test_no_password_no_file(shop, client, refunded):
    for typed in ({}, {"password_again": "wrong horse"}):
        answer = export(client, **typed)
        assert answer.status_code == 422 and "세무사에게 보냄" in answer.get_data(as_text=True)
    kinds = {row[0] for row in shop.db.execute("SELECT kind FROM events")}
    assert "export" not in kinds


def test_a_resident_number_in_the_reason_is_refused(client, refunded):
    answer = export(client, why="900101-1234567 고객 요청", **AGAIN)
    assert answer.status_code == 422 and "주민등록번호" in text(answer)


def test_it_is_on_the_record_with_who_and_why(shop, client, refunded):
    export(client, **AGAIN)
    row = shop.db.execute("SELECT person_id, detail FROM events WHERE kind = 'export'").fetchone()
    assert row["person_id"] == shop.person_id
    assert json.loads(row["detail"]) == {"what": "refunds", "rows": 2, "why": "세무사에게 보냄"}


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_who_may_not(client_as, refunded, role):
    assert export(client_as(role)).status_code == 403
    assert EXPORT not in client_as(role).get("/refunds").get_data(as_text=True)


def test_nothing_to_export_leads_back(client, refunded):
    assert client.get(f"{EXPORT}?q=없는말").location.startswith("/refunds?")


def test_names_are_masked_as_on_the_page(shop, client, refunded):
    with write(shop.db):
        shop.db.execute("UPDATE orders SET buyer_name = '홍길동'")
    assert {row[3] for row in rows_of(export(client, **AGAIN))[1:]} == {"홍*동"}


def test_whatever_buyers_and_shops_type_is_a_text(shop, client, refunded):
    """SEC-39 with every hostile text there is."""
    for text_ in (*XSS, *LINKS, "=1+1", "+82-10-1234-5678", "@SUM(A1)", "-2+3"):
        with write(shop.db):
            shop.db.execute("UPDATE orders SET name = ?, buyer_name = ?", [text_, text_])
        answer = export(client, **AGAIN)
        for row in list(load_workbook(io.BytesIO(answer.data)).active.iter_rows())[1:]:
            assert {cell.data_type for cell in row} <= {"s", "n", "d", "inlineStr"}
            assert not str(row[2].value or "").lstrip("\u200b\ufeff ").startswith(("=", "+", "@"))
