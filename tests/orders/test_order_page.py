"""The order page: what it shows of every kind of payment, and to whom."""

from __future__ import annotations

import pytest

from dashboard import settings
from dashboard.database import write
from tests.orders.payments import NOON, make_payment

HOUR = 3600


@pytest.fixture
def shows(client, put):
    """The text of the page of an order with these payments."""
    return lambda *payments: client.get(f"/orders/{put(*payments)}").get_data(as_text=True)


def test_a_card_payment_shows_its_facts(shows):
    page = shows(make_payment(card_quota=3, card_type=1, card_issuer_name="신한카드(체크)"))
    for words in ("신한카드", "신한카드(체크)", "체크카드", "3개월 할부", "30012345", "5107-37**"):
        assert words in page
    assert 'href="https://slip.example/1" target="_blank" rel="noopener noreferrer"' in page
    assert "인쇄 창이 함께" in page


def test_lump_sum_has_its_own_word(shows):
    assert "일시불" in shows(make_payment(card_quota=0))


@pytest.mark.parametrize("wallet", ["kakaopay", "payco"])
@pytest.mark.parametrize("where", ["pay_method", "emb_pg_provider"])
def test_a_wallet_says_why_it_shows_no_card(shows, wallet, where):
    fields = {"pay_method": "card", "card_name": None, "card_number": None, "card_quota": None}
    page = shows(make_payment(**(fields | {where: wallet})))
    assert "카드정보 미제공" in page
    assert "이 간편결제는 카드정보를 제공하지 않습니다." in page


@pytest.mark.parametrize("method", ["trans", "vbank", "phone"])
def test_a_method_without_slips_says_so(shows, method):
    page = shows(make_payment(pay_method=method, receipt_url=None, card_name=None))
    assert "이 결제수단은 매출전표를 제공하지 않습니다." in page


@pytest.mark.parametrize(
    "url",
    [
        "http://slip.example/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@slip.example/",
        "//slip.example/1",
        "https:\\\\slip.example",
        "https://sl ip.example/1",
        "https://[::1/",
    ],
)
def test_only_https_slips_are_links(shows, url):
    page = shows(make_payment(receipt_url=url))
    assert "매출전표 열기" not in page


def test_a_waiting_account_says_where_to_pay_and_by_when(shows):
    page = shows(
        make_payment(
            status="ready",
            pay_method="vbank",
            vbank_name="신한은행",
            vbank_num="562-01-123456",
            vbank_holder="산들청과",
            vbank_date=NOON + 72 * HOUR,
            vbank_issued_at=NOON + 1,
        )
    )
    for words in ("신한은행", "562-01-123456", "산들청과", "2026-08-24 12:00", "입금할 금액"):
        assert words in page
    assert "입금기한이 지났습니다" not in page


def test_an_expired_account_says_so(shows):
    page = shows(
        make_payment(
            status="ready", pay_method="vbank", vbank_num="562-01-1", vbank_date=NOON + HOUR
        )
    )
    assert "입금기한이 지났습니다" in page


def test_a_test_account_warns_against_paying_in(shows):
    page = shows(
        make_payment(status="ready", pay_method="vbank", vbank_num="562-01-1", sandbox=True)
    )
    assert "테스트 가상계좌에는 입금하지 마세요." in page


def test_a_test_wallet_payment_warns_of_real_charges(shows):
    page = shows(make_payment(pay_method="naverpay", sandbox=True))
    assert "테스트 결제라도 간편결제는 실제 출금될 수 있으니 바로 취소하세요." in page


def test_paid_cancelled_and_left_are_shown(shows):
    page = shows(make_payment(3_000, 2_500))
    for words in ("10,000", "\u22125,500", "4,500", "취소내역 2건", "cancel_2", "고객 변심"):
        assert words in page
    assert page.count("부분취소") >= 2


def test_the_last_part_of_several_is_called_by_its_name(shows):
    page = shows(make_payment(3_000, 7_000))
    assert "남은 금액 전액취소" in page


def test_dollars_are_shown_as_dollars_and_in_no_tax_split(shows):
    page = shows(make_payment(amount=12.34, currency="USD"))
    assert "US$12.34" in page
    assert "과세 · 면세" not in page


def test_two_paid_attempts_warn(shows):
    second = {"imp_uid": "imp_000000000002", "started_at": NOON + HOUR, "paid_at": NOON + HOUR}
    page = shows(make_payment(), make_payment(**second))
    assert "결제가 2건 완료되었습니다" in page
    assert "20,000원이 결제되어" in page
    assert "결제 시도 2번" in page


def test_a_failed_first_try_is_listed_with_its_reason(shows):
    failed = make_payment(
        imp_uid="imp_000000000002", status="failed", started_at=NOON - HOUR, failed_at=NOON - HOUR
    )
    page = shows(failed, make_payment())
    assert "결제 시도 2번" in page
    assert "한도 초과" in page
    assert "지금 보는 결제" in page
    assert "결제가 2건" not in page


def test_amounts_in_doubt_ask_for_a_look(shows):
    page = shows(make_payment(cancel_amount=20_000, cancel_history=[]))
    assert "금액이 서로 맞지 않거나" in page


def test_an_order_without_payments_opens(client, db, clock, put):
    order_id = put(make_payment())
    with write(db):
        row = dict(db.conn.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone())
        row |= {"id": None, "merchant_uid": "shop-only", "imp_uid": None, "state": "ready"}
        row |= {"paid_amount": 0, "attempt_count": 0}
        row.pop("method", None)
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        bare = db.conn.execute(f"INSERT INTO orders ({names}) VALUES ({values})", row).lastrowid
    answer = client.get(f"/orders/{bare}")
    assert answer.status_code == 200
    assert "아직 결제 시도가 없는 주문입니다." in answer.get_data(as_text=True)


@pytest.mark.parametrize("order_id", ["999", "0", str(2**63 - 1), str(2**63), "1e3", "-1"])
def test_an_absent_order_is_404(client, order_id):
    assert client.get(f"/orders/{order_id}").status_code == 404


def test_looking_changes_nothing(client, db, put):
    order_id = put(make_payment(3_000))
    before = "\n".join(db.conn.iterdump())
    client.get(f"/orders/{order_id}")
    client.head(f"/orders/{order_id}")
    assert "\n".join(db.conn.iterdump()) == before


def test_the_timeline_tells_portones_times_notes_and_events_in_order(client, db, clock, put):
    order_id = put(make_payment())
    clock.now += 600
    client.send(f"/orders/{order_id}/notes", {"text": "전화로 확인함"}, page=f"/orders/{order_id}")
    clock.now += 600
    put(make_payment(3_000))
    page = client.get(f"/orders/{order_id}").get_data(as_text=True)
    story = page[page.index("처리 기록") :]
    places = [
        story.index(words)
        for words in ("장부에 반영: 결제완료 → 부분취소 3,000원", "전화로 확인함", "결제 요청됨")
    ]
    assert places == sorted(places)
    assert "owner" in story


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (None, "면세 상품을 파는지 아직 정하지 않아"),
        ("yes", "면세금액 미확인"),
        ("no", "과세 10,000원 = 공급가액 9,091원 + 부가세 909원 (예상)"),
    ],
)
def test_the_tax_part_follows_the_shops_answer(client, db, put, setting, words):
    with write(db):
        settings.put(db, "sells_tax_free", setting)
    page = client.get(f"/orders/{put(make_payment())}").get_data(as_text=True)
    assert words in page
    assert ("면세금액 저장" in page) == (setting == "yes")
