"""What the browser sees of the list."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlite_utils import Database

from dashboard import settings
from dashboard.database import write
from dashboard.orders.ledger import apply_payment
from dashboard.portone import Payment, PortOneError, PortOneNotAuthorised, PortOneNotSent
from dashboard.portone.errors import PortOneRateLimited, Why
from dashboard.runtime import NoKeys
from tests.orders.far_side import FarSide
from tests.orders.payments import answer, cancel
from tests.orders.shelf import NOW, order, put


def text_of(html: str) -> str:
    """The page's words, tags and runs of space left out."""
    main = html[html.index("<main") :] if "<main" in html else html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def links(html: str, word: str) -> list[str]:
    """Where the links lead whose words contain ``word``."""

    class Links(HTMLParser):
        found: list[str] = []
        href, said = "", ""

        def handle_starttag(self, tag, attrs):
            if tag == "a":
                self.href, self.said = dict(attrs).get("href") or "", ""

        def handle_data(self, data):
            self.said += data

        def handle_endtag(self, tag):
            if tag == "a" and word in self.said:
                self.found.append(self.href)

    parser = Links()
    parser.found = []
    parser.feed(html)
    return parser.found


def test_a_row_says_what_matters(client, db: Database):
    put(
        db,
        order(
            state="partial",
            amount=129_000,
            cancelled_amount=87_000,
            cancel_count=3,
            requested_at=NOW - 3600,
            paid_at=NOW - 161 * 86_400,
        ),
    )
    said = text_of(client.get("/orders").text)
    for words in (
        "오늘 13:05",
        "부분취소",
        "햇사과 5kg",
        "20260821-00001",
        "김*나",
        "010-****-5678",
        "신용카드",
        "신한 · 일시불",
        "129,000",
        "−87,000",
        "취소 가능 · D-23",
        "부분취소 3/9 · 잔액 42,000원",
    ):
        assert words in said
    assert "01012345678" not in said and "김하나" not in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"state": "waiting", "pay_method": "vbank"}, "입금 전 · 발급취소만"),
        (
            {
                "state": "waiting",
                "card_name": "",
                "bank_name": "KB국민은행",
                "vbank_date": NOW + 3 * 86_400,
            },
            "KB국민 · 8/24까지",
        ),
        ({"state": "failed", "fail_reason": "한도 초과"}, "결제 안 됨 한도 초과"),
        ({"state": "ready"}, "아직 결제 전"),
        ({"state": "cancelled", "cancel_count": 1}, "모두 취소됨"),
        ({"state": "cancelled", "paid_amount": 0, "cancelled_amount": 0}, "취소할 금액 없음"),
        ({"state": "check"}, "금액 확인 필요"),
        ({"currency": "USD", "amount": 1250}, "US$12.50"),
        ({"currency": "USD"}, "원화 결제 아님"),
        ({"sandbox": 1}, "테스트 결제"),
        ({"pay_method": "phone"}, "전액만 · 취소 기한 8월 31일"),
        ({"pay_method": "phone", "paid_at": NOW - 40 * 86_400}, "지난달 휴대폰 결제 수동 환불만"),
        ({"paid_at": NOW - 200 * 86_400}, "결제 후 6개월 지남 수동 환불만 가능"),
        ({"paid_at": NOW - 181 * 86_400}, "취소 가능 · 오늘까지"),
        ({"name": ""}, "(주문명 없음)"),
        ({"attempt_count": 2}, "시도 2회"),
        ({"card_quota": 3}, "신한 · 할부 3개월"),
        ({"pay_method": "kakaopay", "card_name": ""}, "카드정보 미제공"),
        ({"escrow": 1}, "에스크로"),
    ],
)
def test_every_kind_of_row_has_its_words(client, db: Database, given: dict, words: str):
    put(db, order(**given))
    assert words in text_of(client.get("/orders").text)


def test_a_vbank_without_refund_contract_says_so(client, db: Database):
    put(db, order(pay_method="vbank"))
    with write(db):
        settings.put(db, "contract_vbank_refund", "no")
    assert "환불 특약 없음 수동 환불만 가능" in text_of(client.get("/orders").text)


def test_the_summary_comes_as_a_fragment_and_equals_the_rows(client, db: Database):
    put(
        db,
        order(amount=30_000),
        order(state="partial", amount=10_000),
        order(amount=700, sandbox=1),
        order(amount=1_000, currency="USD"),
        order(state="ready", requested_at=NOW - 90_000),
    )
    page = client.get("/orders?when=month").text
    assert "순액" not in text_of(page)
    asked = re.search(r'data-refresh-url="([^"]+)"', page)
    assert asked and asked[1] == "/orders/summary?when=month"
    said = text_of(client.get(asked[1]).text)
    assert "총 4건 결제 40,000원 취소 5,000원 순액 35,000원" in said
    assert "테스트 결제 1건과 원화가 아닌 결제 1건은 금액 합계에 넣지 않았습니다." in said
    assert "결제하지 않고 나간 주문 1건은 접어 두었습니다." in said
    assert "전체 4 결제완료 3 미결제 0 입금대기 0 부분취소 1" in said


def test_without_a_script_a_link_brings_the_sums(client, db: Database):
    put(db, order(amount=30_000))
    page = client.get("/orders?state=paid").text
    (link,) = links(page, "건수와 합계 보기")
    said = text_of(client.get(link.replace("&amp;", "&")).text)
    assert "총 1건 결제 30,000원" in said


def test_pages_are_links_to_older_and_newer(client, db: Database):
    put(db, *(order(requested_at=NOW - n) for n in range(120)))
    first = client.get("/orders?state=paid").text
    assert not links(first, "더 최근")
    second = client.get(links(first, "더 예전")[0].replace("&amp;", "&")).text
    third = client.get(links(second, "더 예전")[0].replace("&amp;", "&")).text
    assert not links(third, "더 예전")
    rows = [re.findall(r'id="order-(\d+)"', page) for page in (first, second, third)]
    assert [len(page) for page in rows] == [50, 50, 20]
    assert len({row for page in rows for row in page}) == 120
    back = client.get(links(second, "더 최근")[0].replace("&amp;", "&")).text
    assert re.findall(r'id="order-(\d+)"', back) == rows[0]


def test_one_character_is_answered_kindly_and_kept(client, db: Database):
    put(db, order())
    page = client.get("/orders?q=배").text
    assert "두 글자부터 찾습니다" in page and 'value="배"' in page
    assert 'id="order-' not in page


@pytest.mark.parametrize(
    ("query", "words", "kept"),
    [
        ("min=만원", "금액을 숫자로 입력해 주세요", 'value="만원"'),
        ("min=5000&max=100", "최대 금액이 최소 금액보다 작습니다", 'value="100"'),
        ("from=2026-02-31", "날짜를 2026-08-21처럼", 'value="2026-02-31"'),
        ("from=2026-08-02&to=2026-08-01", "끝 날짜가 시작 날짜보다", 'value="2026-08-01"'),
        ("state=refunded", "알 수 없는 조건입니다", ""),
        ("method=cash", "알 수 없는 조건입니다", ""),
    ],
)
def test_a_bad_value_is_told_beside_its_field(client, db, query: str, words: str, kept: str):
    put(db, order())
    page = client.get(f"/orders?{query}")
    assert page.status_code == 200
    assert words in page.text and kept in page.text and 'id="order-' not in page.text
    assert "금액을" not in client.get("/orders").text


def test_found_words_are_marked_and_stay_text(client, db: Database):
    put(db, order(name="<b>나주 배</b> 선물세트", merchant_uid="A<i>7"))
    page = client.get("/orders?q=나주배").text
    assert "&lt;b&gt;<mark>나주 배</mark>&lt;/b&gt; 선물세트" in page
    assert "A&lt;i&gt;7" in page and "<i>7" not in page
    assert "<mark>10,000</mark>" in client.get("/orders?q=10,000원").text
    assert "010-****-<mark>5678</mark>" in client.get("/orders?q=5678").text


def test_every_condition_can_be_taken_away(client, db: Database):
    put(db, order())
    page = client.get("/orders?q=사과&method=card&min=100&test=hide&state=paid").text
    assert links(page, "신용카드")[
        0
    ] == "/orders?q=%EC%82%AC%EA%B3%BC&amp;state=paid&amp;min=100&amp;test=hide".replace(
        "&amp;", "&"
    )
    for words in ("‘사과’ 찾기", "100원 이상", "테스트 결제 빼고"):
        assert links(page, words)


def test_an_empty_shop_and_an_empty_answer_differ(client, db: Database):
    assert "아직 주문이 없습니다." in client.get("/orders").text
    put(db, order())
    page = client.get("/orders?q=없는것").text
    assert "조건에 맞는 주문이 없습니다." in page and links(page, "조건 모두 지우기") == ["/orders"]


def test_home_is_the_list(client):
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/orders")


@pytest.mark.parametrize("path", ["/orders", "/orders/summary"])
def test_a_stranger_sees_nothing(stranger, db, path: str):
    put(db, order())
    assert stranger.get(path).status_code in (302, 303, 401)


HOSTILE = [
    "'",
    '"',
    "]",
    ";--",
    "<script>",
    "%00",
    "\\",
    "{{7*7}}",
    "ㅤ",
    "𝒳𝒳",
    "-1",
    "1e9",
    "AND OR",
]
NAMES = ["q", "state", "base", "when", "from", "to", "method", "min", "max", "test", "unfold"]


@pytest.mark.parametrize("name", [*NAMES, "on", "before", "after", "summary"])
def test_no_value_breaks_the_page(client, db: Database, name: str):
    put(db, order())
    for value in HOSTILE:
        for path in ("/orders", "/orders/summary"):
            page = client.get(path, query_string={name: value})
            assert page.status_code == 200, (name, value)
            assert "<script>" not in page.text.replace('<script type="module"', "")
    assert db.table("orders").count == 1


# -- live status ---------------------------------------------------------------------------------


@pytest.fixture
def far_side(monkeypatch: pytest.MonkeyPatch):
    return lambda *payments, error=None: FarSide(*payments, error=error).stand(monkeypatch)


def known(db: Database, *payments: dict[str, Any]) -> list[int]:
    """What the shop knew before; answers the order ids."""
    with write(db):
        return [
            apply_payment(db, Payment.from_json(one), source="sync", now=NOW - 60).order_id
            for one in payments
        ]


def pay(number: int, **changes: Any) -> dict[str, Any]:
    return answer(imp_uid=f"imp_{number:012d}", merchant_uid=f"A-{number}", **changes)


def ask(client, ids: list[int], *, script: bool = True, here: str = ""):
    headers = {"X-Fragment": "1"} if script else {}
    form = {"ids": ",".join(map(str, ids)), "here": here}
    return client.send("/orders/live", form, page="/orders", headers=headers)


def test_asking_answers_rows_and_a_note(client, db: Database, far_side):
    ids = known(db, pay(1), pay(2), pay(3))
    side = far_side(
        pay(1), pay(2, cancel_amount=10_000, status="cancelled", cancel_history=[cancel(10_000)])
    )
    page = ask(client, ids)
    assert "포트원 확인 14:05 · 1건 일치 · 1건 방금 반영 · 1건 확인 필요" in text_of(page.text)
    assert side.asked == [["imp_000000000001", "imp_000000000002", "imp_000000000003"]]
    rows = dict(re.findall(r'<tr id="order-(\d+)"(.*?)</tr>', page.text, re.DOTALL))
    assert "포트원과 일치" in rows[str(ids[0])]
    assert "방금 반영" in rows[str(ids[1])] and "전액취소" in rows[str(ids[1])]
    assert "확인 필요" in rows[str(ids[2])] and "결제완료" in rows[str(ids[2])]
    assert (
        db.execute("SELECT state FROM orders WHERE id = ?", [ids[1]]).fetchone()[0] == "cancelled"
    )
    assert "data-refresh-url" in page.text  # the sums are old now


def test_what_was_heard_meanwhile_makes_a_slow_answer_no_doubt(client, db, far_side, clock):
    """A cancel came in by another way while the list's question was on its way."""
    side = far_side(pay(1))
    ids = known(db, pay(1))
    newer = pay(1, cancel_amount=3_000, cancel_history=[cancel(3_000)])

    def meanwhile() -> None:
        clock.now += 3
        with write(db):
            apply_payment(db, Payment.from_json(newer), source="sync", now=int(clock.now))

    side.before = meanwhile
    page = ask(client, ids)
    assert "1건 일치" in page.text and "확인 필요" not in page.text
    assert "부분취소" in page.text


def test_an_odd_transaction_number_does_not_keep_the_others_from_being_asked(client, db, far_side):
    ids = known(db, pay(1), answer(imp_uid="odd id/1", merchant_uid="A-2"))
    side = far_side(pay(1))
    page = ask(client, ids)
    assert "1건 일치" in page.text and "1건 확인 필요" in page.text
    assert side.asked == [["imp_000000000001"]]


def test_agreement_leaves_the_sums_alone(client, db: Database, far_side):
    ids = known(db, pay(1))
    far_side(pay(1))
    assert "data-refresh-url" not in ask(client, ids).text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PortOneNotAuthorised(1, 401, why=Why.KEY), "API 키 확인이 필요합니다"),
        (PortOneNotSent(why=Why.NO_CONNECTION), "연결하지 못했습니다"),
        (PortOneRateLimited(1, 429, why=Why.TOO_MANY), "요청이 너무 많습니다"),
        (PortOneError(1, 500, why=Why.SERVER_ERROR), "서버에 오류가 있습니다"),
        (PortOneNotAuthorised(1, 403, why=Why.IP), "IP 보안설정"),
        (NoKeys(), "API Key가 없어"),
    ],
)
def test_without_an_answer_rows_stay_as_they_are(client, db, far_side, error, words: str):
    ids = known(db, pay(1))
    far_side(error=error)
    page = ask(client, ids)
    assert page.status_code == 200
    assert words in page.text and 'id="order-' not in page.text
    assert ("#connection" in page.text) == ("API" in words)


def test_without_a_script_the_button_comes_back_to_the_same_page(client, db, far_side):
    ids = known(db, pay(1))
    far_side(pay(1))
    page = ask(client, ids, script=False, here="q=나주&state=paid&next=//evil.example")
    assert page.status_code == 303
    assert page.location == "/orders?q=%EB%82%98%EC%A3%BC&state=paid"
    assert "포트원 확인 14:05 · 1건 일치" in client.get(page.location).text


def test_all_attempts_are_asked_the_shown_ones_first_and_never_more_than_100(client, db, far_side):
    tries = [
        answer(
            imp_uid=f"imp_{n:012d}",
            merchant_uid=f"A-{n % 60}",
            status="failed" if n < 60 else "paid",
        )
        for n in range(120)
    ]
    ids = list(dict.fromkeys(known(db, *tries)))
    side = far_side(*tries)
    page = ask(client, ids)
    assert len(side.asked[0]) == 100
    assert side.asked[0][:60] == [f"imp_{n:012d}" for n in range(60, 120)]
    assert "60건 일치" in page.text


@pytest.mark.parametrize("ids", ["", "abc", "0", "999999999999999999999999", "-5", "1;2" * 900])
def test_nonsense_ids_ask_nothing(client, db, far_side, ids: str):
    side = far_side()
    page = client.send("/orders/live", {"ids": ids}, page="/orders", headers={"X-Fragment": "1"})
    assert page.status_code == 200 and not side.asked


def test_a_strange_payment_in_the_answer_is_ignored(client, db, far_side):
    ids = known(db, pay(1))
    side = far_side(pay(1))
    side.payments["imp_000000000001"] = Payment.from_json(pay(9))
    ask(client, ids)
    assert db.table("orders").count == 1


# -- what the search box understood ----------------------------------------------------------------


def test_each_term_is_a_chip_that_takes_itself_away(client, db: Database):
    put(db, order())
    page = client.get("/orders?q=사과 status:paid -test 어제 10만9천&method=card").text
    for words, left in (
        ("‘사과’ 찾기", "status:paid -test 어제 10만9천"),
        ("결제완료", "사과 -test 어제 10만9천"),
        ("테스트 결제 빼고", "사과 status:paid 어제 10만9천"),
        ("2026-08-20", "사과 status:paid -test 10만9천"),
        ("109,000원 또는 ‘10만9천’", "사과 status:paid -test 어제"),
    ):
        chips = [link for link in links(page, words) if "method=card" in link and "q=" in link]
        assert [parse_qs(urlsplit(link).query)["q"] for link in chips if "state=" not in link] == [
            [left]
        ]


CHIPS = [
    ("ㅎㄴ", "초성 ‘ㅎㄴ’"),
    ("-사과", "‘사과’ 빼고"),
    ("tel:5678", "전화번호 ‘5678’"),
    ("-name:ㄱㅎ", "구매자 이름 초성 ‘ㄱㅎ’ 빼고"),
    ("amount:>10000", "10,000원 초과"),
    ("amount:<1만", "10,000원 미만"),
    ("amount:..1만", "10,000원 이하"),
    ("amount:1만..2만", "10,000원부터 20,000원까지"),
    ("금액:1만, 2만", "10,000원 · 20,000원"),
    ("10만~20만", "100,000원부터 200,000원까지"),
    ("상태: 확인 필요", "확인 필요"),
    ("tel:+82 10 1234", "전화번호 ‘0101234’"),
    ("method:vbank,other", "가상계좌 · 그 밖의 결제수단"),
    ("8월", "2026-08-01 ~ 2026-08-31"),
    ("date:8월..", "2026-08-01부터"),
    ("date:..8/1", "2026-08-01까지"),
    ("-escrow", "에스크로 빼고"),
    ("test:yes", "테스트 결제만"),
]


def test_a_chip_says_what_was_understood(client, db):
    for q, chip in CHIPS:
        page = client.get("/orders", query_string={"q": q})
        assert page.status_code == 200
        assert "/orders" in links(page.text, chip)


NONSENSE = [
    ("사과 status:payed", "의 ‘payed’ 값은 없습니다. 쓸 수 있는 값: 미결제, 입금대기"),
    ("escrow:maybe", "쓸 수 있는 값: 예, 아니오"),
    ("tel:", "‘tel:’ 뒤에 값을 적어 주세요. 예: 전화:5176"),
    ("amount:much", "‘amount:much’에서 금액을 읽지 못했습니다. 예: 금액:10만..20만"),
    ("date:someday", "날짜를 읽지 못했습니다. 예: 날짜:지난주 금요일"),
    ("date:오늘..어제", "끝 날짜가 시작 날짜보다 빠릅니다."),
    ("amount:2..1", "최대 금액이 최소 금액보다 작습니다."),
    ("배 status:paid", "‘배’에 한 글자만 더"),
    ("aa " * 13, "조건 12개까지"),
    ("aa " * 13, "긴 상품 이름은 따옴표로"),
]


def test_what_makes_no_sense_is_answered_and_kept(client, db):
    put(db, order())
    for q, words in NONSENSE:
        page = client.get("/orders", query_string={"q": q})
        assert page.status_code == 200 and 'id="order-' not in page.text
        assert words in text_of(page.text) and f'value="{q}"' in page.text


def test_a_key_that_is_none_is_looked_for_as_text(client, db):
    put(db, order(name="colour:red 사과"), order())
    page = client.get("/orders?q=colour:red").text
    assert page.count('id="order-') == 1 and "<mark>colour:red</mark>" in page
    assert "‘colour:’ 조건은 없어서 ‘colour:red’ 글자로 찾습니다." in text_of(page)
    assert "상태:, 결제수단:, 금액:, 전화:" in text_of(page)


def test_syllables_among_initials_are_looked_for_as_text(client, db):
    put(db, order(name="나주 ㅂ 세트"), order(name="나주 배"))
    page = client.get("/orders?q=나주 ㅂ").text
    assert page.count('id="order-') == 1
    assert "‘나주 ㅂ’ 글자로 찾습니다. 초성 예: ㄴㅈㅂ" in text_of(page)


def test_a_row_names_the_field_that_matched(client, db):
    put(db, order(apply_num="30012345"))
    assert "<mark>승인번호</mark>" in client.get("/orders?q=30012345").text
    assert "<mark>구매자 이름</mark>" in client.get("/orders?q=ㄱㅎㄴ").text
    assert "<mark>햇사과</mark> 5kg" in client.get("/orders?q=ㅎㅅㄱ").text


def test_the_box_has_its_help_beside_it(client):
    page = client.get("/orders").text
    assert "지난주 금요일" in page[page.index('id="find-help"') : page.index("<main")]
    assert "상태:결제완료" in text_of(client.get("/help").text)


# -- rows that were drawn before -------------------------------------------------------------------


def rows_of(client, path: str) -> str:
    return client.get(path).text.partition('id="rows">')[2].partition("</tbody>")[0]


def test_rows_drawn_before_are_what_would_be_drawn_now(app, client_as, db: Database, clock):
    clock.now = NOW
    put(db, *(order(state=state) for state in ("paid", "partial", "waiting", "failed", "ready")))
    drawn = app.extensions["jangbu-rows"] = {}
    people = {role: client_as(role) for role in ("owner", "viewer")}
    paths = (
        "/orders",
        "/orders?q=사과",
        "/orders?q=2026",
        "/orders?state=paid",
        "/orders?base=paid",
    )

    def look() -> dict[tuple[str, str], str]:
        return {
            (role, path): rows_of(person, path) for role, person in people.items() for path in paths
        }

    def change(statement: str, *values: Any) -> None:
        with write(db):
            db.conn.execute(statement, values)

    for step in (
        lambda: None,
        lambda: change("UPDATE orders SET buyer_name = '박새롬', name = '<b>배</b>' WHERE id = 1"),
        lambda: change("UPDATE orders SET cancelled_amount = 1, state = 'partial' WHERE id = 1"),
        lambda: change("UPDATE people SET language = 'en'"),
        lambda: setattr(clock, "now", NOW + 600),
    ):
        step()
        kept = look()
        assert look() == kept and kept["owner", "/orders"]
        drawn.clear()
        assert look() == kept and kept["owner", "/orders"]
    assert "&lt;b&gt;배" in kept["owner", "/orders"]
    assert kept["owner", "/orders"] != kept["viewer", "/orders"]


def test_no_more_rows_are_kept_than_a_shop_looks_at(client, app, db: Database, monkeypatch):
    monkeypatch.setattr("dashboard.orders.rows.MOST_DRAWN", 7)
    put(db, *(order() for _ in range(20)))
    client.get("/orders")
    assert 0 < len(app.extensions["jangbu-rows"]) <= 7
