"""What people do on the order page: notes, looking at personal data, the tax-free part."""

from __future__ import annotations

import json

import pytest

from dashboard import events, settings
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from tests.orders.payments import make_payment


@pytest.fixture
def order_id(db, clock) -> int:
    with write(db):
        settings.put(db, "sells_tax_free", "yes")
        return apply_payment(db, make_payment(), source="sync", now=int(clock.now)).order_id


@pytest.fixture
def send(order_id):
    """Send one of the page's forms as ``client``."""

    def send(client, step, data=None, **kwargs):
        page = f"/orders/{order_id}"
        return client.send(f"{page}/{step}", data, page=page, **kwargs)

    return send


def _events(db, kind):
    rows = db.conn.execute("SELECT * FROM events WHERE kind = ? ORDER BY id", (kind,))
    return [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]


# -- notes --------------------------------------------------------------------------------------


def test_a_note_is_kept_with_its_writer(client_as, db, send, order_id, person):
    answer = send(client_as("staff"), "notes", {"text": "  배 2개 멍듦\r\n사진 받음 "})
    assert (answer.status_code, answer.location) == (303, f"/orders/{order_id}#order-notes")
    (note,) = db["notes"].rows
    assert note["text"] == "배 2개 멍듦\n사진 받음"
    assert note["person_id"] == person("staff").id
    (event,) = _events(db, "note.added")
    assert event["detail"] == {"note_id": note["id"]}


def test_a_double_click_writes_one_note(client, db, clock, send):
    send(client, "notes", {"text": "전화함"})
    send(client, "notes", {"text": "전화함"})
    assert db["notes"].count == 1
    clock.now += 120
    send(client, "notes", {"text": "전화함"})
    assert db["notes"].count == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "메모를 입력해 주세요."),
        ("   \n ", "메모를 입력해 주세요."),
        ("가" * 2001, "메모는 2,000자까지 쓸 수 있습니다. 지금 2,001자입니다."),
        ("주민번호 900101-1234567 받음", "주민등록번호로 보이는 숫자가 있어"),
        ("９００１０１１２３４５６７", "주민등록번호로 보이는 숫자가 있어"),
        ("a\0b", "저장할 수 없는 글자가"),
    ],
)
def test_a_refused_note_says_why_and_keeps_what_was_typed(client, db, send, text, why):
    answer = send(client, "notes", {"text": text})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert why in page
    assert 'aria-invalid="true"' in page
    assert text.replace("\0", "") in page.replace("\0", "")
    assert db["notes"].count == 0


def test_a_note_of_the_full_length_is_kept(client, db, send):
    assert send(client, "notes", {"text": "가" * 2000}).status_code == 303
    assert db["notes"].count == 1


def test_a_viewer_can_neither_write_nor_reveal_nor_state(client_as, db, send, order_id):
    viewer = client_as("viewer")
    page = viewer.get(f"/orders/{order_id}").get_data(as_text=True)
    for words in ("메모 저장", "구매자 정보 전체", "면세금액 저장"):
        assert words not in page
    for step in ("notes", "reveal", "tax-free"):
        assert send(viewer, step, {"text": "x", "tax_free": "0"}).status_code == 403
    assert db["notes"].count == 0
    assert not _events(db, "personal_data.shown")


# -- personal data ------------------------------------------------------------------------------

SECRETS = ("정하윤", "010-1234-5678", "jung@example.com", "세종대로", "04524")


def test_personal_data_is_masked_everywhere_on_the_page(client, order_id):
    page = client.get(f"/orders/{order_id}").get_data(as_text=True)
    assert "정*윤" in page
    assert "010-****-5678" in page
    assert not [secret for secret in (*SECRETS, "01012345678") if secret in page]


@pytest.mark.parametrize("fragment", [False, True])
def test_a_look_shows_everything_once_and_is_logged(
    client_as, db, clock, send, order_id, person, fragment
):
    staff = client_as("staff")
    headers = {"X-Fragment": "1"} if fragment else {}
    answer = send(staff, "reveal", headers=headers)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert not [secret for secret in SECRETS if secret not in page]
    assert ("<html" in page) != fragment
    (event,) = _events(db, "personal_data.shown")
    assert (event["person_id"], event["order_id"]) == (person("staff").id, order_id)
    assert event["at"] == clock.now
    assert event["detail"] == {
        "from": "127.0.0.1",
        "whose": "정*윤",
        "what": ["buyer_name", "buyer_tel", "buyer_email", "buyer_addr", "buyer_postcode"],
    }
    again = staff.get(f"/orders/{order_id}").get_data(as_text=True)
    assert "정하윤" not in again
    assert "개인정보 열람 기록 1건" in again
    assert events.broken_at(db) is None


def test_the_page_after_a_look_does_not_ask_by_itself(client, send):
    page = send(client, "reveal").get_data(as_text=True)
    assert page.count('data-live-when="submit"') == 1  # the strip; its own form is gone
    assert "/reveal" not in page


# -- the tax-free part --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "won"), [("0", 0), ("10,000", 10_000), (" 3,000원 ", 3_000), ("₩3 000", 3_000)]
)
def test_the_tax_free_part_is_stated_and_logged(client, db, send, order_id, typed, won):
    answer = send(client, "tax-free", {"tax_free": typed})
    assert (answer.status_code, answer.location) == (303, f"/orders/{order_id}#order-amounts")
    assert db["orders"].get(order_id)["tax_free"] == won
    (event,) = _events(db, "order.tax_free_stated")
    assert event["detail"] == {"from": None, "to": won}
    page = client.get(f"/orders/{order_id}").get_data(as_text=True)
    assert "면세금액 미확인" not in page
    assert "면세금액 고치기" in page


def test_stating_the_same_again_is_no_event(client, db, send):
    send(client, "tax-free", {"tax_free": "3000"})
    send(client, "tax-free", {"tax_free": "3,000"})
    send(client, "tax-free", {"tax_free": "4000"})
    assert [e["detail"] for e in _events(db, "order.tax_free_stated")] == [
        {"from": None, "to": 3_000},
        {"from": 3_000, "to": 4_000},
    ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "면세금액을 입력해 주세요."),
        ("10001", "면세금액은 결제금액 10,000원보다 클 수 없습니다."),
        ("-1", "0 이상의 원 단위 숫자로 입력해 주세요."),
        ("10.5", "0 이상의 원 단위 숫자로"),
        ("천원", "0 이상의 원 단위 숫자로"),
        ("9" * 30, "0 이상의 원 단위 숫자로"),
    ],
)
def test_a_refused_tax_free_part_says_why_and_keeps_what_was_typed(
    client, db, send, order_id, typed, why
):
    answer = send(client, "tax-free", {"tax_free": typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert why in page
    assert f'value="{typed}"' in page
    assert db["orders"].get(order_id)["tax_free"] is None


def test_a_value_sent_twice_is_refused(client, db, send, order_id):
    answer = send(client, "tax-free", {"tax_free": ["1", "9000"]})
    assert answer.status_code == 422
    assert db["orders"].get(order_id)["tax_free"] is None


def test_extra_fields_change_nothing(client, db, send, order_id):
    extra = {"state": "cancelled", "amount": "1", "imp_uid": "x", "person_id": "1", "id": "9"}
    before = db["orders"].get(order_id)
    send(client, "notes", {"text": "메모"} | extra)
    send(client, "tax-free", {"tax_free": "0"} | extra)
    assert db["orders"].get(order_id) == before | {"tax_free": 0}


def test_a_stated_part_larger_than_a_later_amount_asks_again(client, db, send, order_id):
    send(client, "tax-free", {"tax_free": "10000"})
    with write(db):
        db.conn.execute("UPDATE orders SET amount = 5000, paid_amount = 5000")
    page = client.get(f"/orders/{order_id}").get_data(as_text=True)
    assert "면세금액이 결제금액보다 큽니다" in page


@pytest.mark.parametrize("step", ["live", "notes", "reveal", "tax-free"])
def test_the_address_of_a_form_leads_back_to_the_order(client, order_id, step):
    answer = client.get(f"/orders/{order_id}/{step}")
    assert (answer.status_code, answer.location) == (302, f"/orders/{order_id}")


@pytest.mark.parametrize("step", ["live", "notes", "reveal", "tax-free"])
def test_steps_of_an_absent_order_are_404(client, send, order_id, step):
    token = client.csrf(f"/orders/{order_id}")
    assert client.post(f"/orders/999/{step}", data={"csrf_token": token}).status_code == 404
