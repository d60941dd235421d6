"""What is asked for in the search box equals a plain look through every order."""

import random
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dashboard.orders.filters import parse
from dashboard.orders.found import out_of_sight
from dashboard.orders.query import parse_query
from dashboard.orders.rows import pieces
from dashboard.orders.search import find_page
from dashboard.orders.search_index import normalise
from dashboard.orders.totals import find_totals
from tests.orders.shelf import NOW, at, open_shelf, order, put
from tests.orders.test_list_search import STATES

DAY = 86_400
Row = dict[str, Any]


class Asked(NamedTuple):
    """Something to type, and which rows it means, said without the parser and the index."""

    typed: str
    holds: Callable[[Row], bool]

    def __repr__(self) -> str:
        return self.typed


def text(typed: str, *columns: str, said: str = "") -> Asked:
    wanted = normalise(said or typed)
    names = columns or (
        *("merchant_uid", "imp_uid", "name", "buyer_name", "buyer_tel", "buyer_email"),
        *("apply_num", "card_number"),
    )
    return Asked(typed, lambda row: any(wanted in normalise(row[name]) for name in names))


def initials_of(said: str) -> str:
    """Of syllables; anything else breaks the run."""
    letters = unicodedata.normalize("NFKC", said).replace(" ", "").replace("·", "")
    first = [unicodedata.normalize("NFD", one)[0] for one in letters]
    return "".join(one if "\u1100" <= one <= "\u1112" else "*" for one in first)


def initials(typed: str, said: str, *columns: str) -> Asked:
    wanted = initials_of(said)
    names = columns or ("name", "buyer_name")
    return Asked(typed, lambda row: any(wanted in initials_of(row[name]) for name in names))


def amount(typed: str, low: int, high: int | None = None) -> Asked:
    return Asked(
        typed,
        lambda row: row["currency"] == "KRW" and low <= row["amount"] <= (high or low),
    )


def either(one: Asked, other: Asked) -> Asked:
    return Asked(one.typed, lambda row: one.holds(row) or other.holds(row))


def days(typed: str, first: str, last: str) -> Asked:
    start, end = at(f"{first} 00:00"), at(f"{last} 00:00") + DAY
    return Asked(typed, lambda row: start <= row["requested_at"] < end)


def field(typed: str, name: str, *values: Any) -> Asked:
    return Asked(typed, lambda row: row[name] in values)


def company(typed: str, said: str) -> Asked:
    return text(typed, "apply_num", "card_number", "card_name", said=said)


ASKED = [
    *map(text, ["사과", "김하", "kim", "ml", "예매", "1-00", "@EXAMPLE"]),
    text('"배 7"', said="배 7"),
    text("“나주 배”", said="나주 배"),
    initials("ㄱㅎㄴ", "김하나"),
    initials("ㅅㄱ", "사과"),
    initials("ㅈㅂ", "주배"),
    initials("ㄳ", "가사"),
    initials("\u1100\u1101", "가까"),
    initials("name:ㄱㅎ", "김하", "buyer_name"),
    initials("상품:ㄱㄱ", "감귤", "name"),
    *(
        either(amount(typed, low), text(typed))
        for typed, low in (("10,000", 10_000), ("5만원", 50_000), ("1천원", 1_000), ("50", 50))
    ),
    either(amount("0원", 0), text("0원")),
    amount("amount:1만원", 10_000),
    amount("amount:>1000", 1_001, 10**9),
    amount("금액:<=1천원", 0, 1_000),
    amount("amount:50..1만원", 50, 10_000),
    days("오늘", "2026-08-21", "2026-08-21"),
    days("어제", "2026-08-20", "2026-08-20"),
    days("지난주 금요일", "2026-08-14", "2026-08-14"),
    days("8월", "2026-08-01", "2026-08-31"),
    days("date:2026-07-20..2026-08-10", "2026-07-20", "2026-08-10"),
    days("날짜:..어제", "2000-01-01", "2026-08-20"),
    field("status:paid", "state", "paid"),
    field("상태:취소", "state", "partial", "cancelled"),
    field("상태:결제완료,실패", "state", "paid", "failed"),
    field("method:vbank", "method", "vbank"),
    field("결제수단:카드,카카오페이", "method", "card", "kakaopay"),
    field("method:other", "method", "newpay"),
    field("method:기타,payco", "method", "newpay", "payco"),
    text("tel:12", "buyer_tel", said="12"),
    text("name:김하", "buyer_name", said="김하"),
    text('goods:"배 7"', "name", said="배 7"),
    text("no: 21-0001", "merchant_uid", said="21-0001"),
    text("imp:00002", "imp_uid", said="00002"),
    text("mail:b@b", "buyer_email", said="b@b"),
    text("card:12", "apply_num", "card_number", said="12"),
    field("test:yes", "sandbox", 1),
    field("escrow:예", "escrow", 1),
    field("test:no", "sandbox", 0),
    text("colour:red", said="colour:red"),
    initials("이름:ㄱ ㅎ", "김하", "buyer_name"),
    amount("금액:1만 이하", 0, 10_000),
    amount("amount:> 1000", 1_001, 10**9),
    amount("금액:＞1000", 1_001, 10**9),
    amount("금액:1천 ~ 1만 원", 1_000, 10_000),
    amount("1천~1만", 1_000, 10_000),
    either(amount("금액:1만, 50", 10_000), amount("", 50)),
    days("8/1~8/20", "2026-08-01", "2026-08-20"),
    days("어제 ~ 오늘", "2026-08-20", "2026-08-21"),
    days("8월 21일 금요일", "2026-08-21", "2026-08-21"),
    field("상태:확인 필요", "state", "check"),
    field("상태: 입금 대기, 결제완료", "state", "waiting", "paid"),
    field("method:mobile phone billing", "method", "phone"),
    text("tel:010 12", "buyer_tel", said="01012"),
    text("tel:+82 10 1", "buyer_tel", said="0101"),
    company("카드:신한", "신한"),
    company('카드:"신한 카드"', "신한카드"),
    company('카드:"KB 국민-카드"', "kb국민카드"),
    company("카드:ＢＣ", "bc"),
    company("카드:체크)", "체크"),
]
PHRASES = [  # of several words: a - excludes the first alone
    text("나주 배"),
    text("나주 ㅂ"),  # syllables among initials are text
    initials("ㅅ ㄱ", "사과"),
    initials("ㅎㅅ ㄱ", "햇사과"),
]
ASKED += [one._replace(typed=unicodedata.normalize("NFD", one.typed)) for one in ASKED]
"""As a Mac hands it on, too: every syllable in its letters."""


def but(asked: Asked) -> Asked:
    return Asked(f"-{asked.typed}", lambda row: not asked.holds(row))


class Shop(NamedTuple):
    db: Database
    rows: list[Row]

    def __repr__(self) -> str:
        return "<300 orders>"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    db = open_shelf(tmp_path_factory.mktemp("query") / "shop.db")
    draw = random.Random(7)
    goods = ["햇사과 5kg", "나주 배 7.5kg", "사과즙 100ml", "Apple Jam", "감귤칩·곶감", "가까운 배"]
    given = [
        order(
            state=draw.choice(STATES),
            amount=draw.choice([0, 50, 1_000, 10_000, 50_000]),
            currency=draw.choice(["KRW"] * 6 + ["USD"]),
            sandbox=int(draw.random() < 0.2),
            escrow=int(draw.random() < 0.2),
            name=draw.choice([*goods, "colour:red 사과"]),
            buyer_name=draw.choice(["김하나", "김하늘", "Kim Ha", "박하", "이", "강 사라"]),
            buyer_tel=f"010-{draw.randrange(10**4):04d}-{draw.randrange(10**4):04d}",
            buyer_email=draw.choice(["hana@example.com", "b@b.kr", ""]),
            pay_method=draw.choice(["card", "vbank", "phone", "payco", "newpay"]),
            emb_pg_provider=draw.choice(["", "", "", "kakaopay"]),
            card_name=draw.choice(["신한카드", "KB국민카드", "BC 카드", "[신한] 체크", ""]),
            apply_num=str(draw.randrange(10**8)),
            card_number=f"4579{draw.randrange(10**2):02d}******{draw.randrange(10**4):04d}",
            requested_at=NOW - draw.randrange(40 * DAY) // 7200 * 7200,
        )
        for _ in range(300)
    ]
    known = dict(zip(put(db, *given), given, strict=True))
    hidden = ("apply_num", "card_number")
    rows = [
        dict(row) | {name: known[row["id"]][name] for name in hidden}
        for row in db.conn.execute("SELECT * FROM orders")
    ]
    yield Shop(db, rows)
    db.close()


def check(shop: Shop, asked: list[Asked], tab: str = "", together: str = " ") -> None:
    wanted = parse(
        {"q": together.join(one.typed for one in asked), "unfold": "1", "state": tab}, NOW
    )
    assert not wanted.problems
    expected = [
        row
        for row in shop.rows
        if row["state"] in (tab or STATES) and all(one.holds(row) for one in asked)
    ]
    found = find_page(shop.db, wanted, now=NOW, size=500).rows
    assert {row["id"] for row in found} == {row["id"] for row in expected}
    assert find_totals(shop.db, wanted, now=NOW).count == len(expected)


@pytest.mark.parametrize("asked", ASKED, ids=repr)
def test_one_term_and_its_opposite(shop: Shop, asked: Asked):
    check(shop, [asked])
    check(shop, [but(asked)])


@pytest.mark.parametrize("asked", PHRASES, ids=repr)
def test_a_phrase(shop: Shop, asked: Asked):
    check(shop, [asked])


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from(ASKED) | st.sampled_from(ASKED).map(but), min_size=2, max_size=4),
    st.sampled_from(["", "", "paid", "partial"]),
    st.sampled_from([" ", " , "]),
)
def test_terms_together(shop: Shop, asked: list[Asked], tab: str, together: str):
    if any("tel:" in one.typed for one in asked):
        together = " , "  # figures after a phone number belong to it
    if len(unicodedata.normalize("NFC", together.join(one.typed for one in asked))) <= 100:
        check(shop, asked, tab, together)


@pytest.mark.parametrize("q", ["10만 9천", "금액:10만이상", "-테스트", "카드:신한", "사과" * 50])
def test_a_text_from_a_mac_is_the_same_text(q: str):
    apart = parse({"q": unicodedata.normalize("NFD", q)}, NOW)
    assert apart.query == parse({"q": q}, NOW).query and not apart.problems


def test_days_are_about_the_time_the_list_is_about(shop: Shop):
    wanted = parse({"q": "어제", "base": "cancelled"}, NOW)
    start = at("2026-08-20 00:00")
    assert {row["id"] for row in find_page(shop.db, wanted, now=NOW, size=500).rows} == {
        row["id"] for row in shop.rows if start <= (row["cancelled_at"] or 0) < start + DAY
    }


@pytest.mark.parametrize(
    ("q", "index"),
    [
        ("status:paid", "orders_state_requested"),
        ("method:vbank 어제", "orders_method_requested"),
        ("상태:취소", "orders_requested"),
        ("어제 -test", "orders_requested"),
        ("-status:paid", "orders_requested"),
    ],
)
def test_an_index_gives_the_rows_in_order(shop: Shop, q: str, index: str):
    asked: list[str] = []
    shop.db.conn.set_trace_callback(asked.append)
    find_page(shop.db, parse({"q": q}, NOW), now=NOW)
    shop.db.conn.set_trace_callback(None)
    plan = [row["detail"] for row in shop.db.conn.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert len(plan) == 1 and f"USING INDEX {index}" in plan[0]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([one for one in ASKED if ":" not in one.typed]))
def test_every_row_shows_why_it_was_found(shop: Shop, asked: Asked):
    """In marked letters, in its amount or day, or as the name of the field that matched."""
    wanted = parse({"q": asked.typed, "unfold": "1"}, NOW)
    query = wanted.query
    rows = find_page(shop.db, wanted, now=NOW).rows
    told = out_of_sight(shop.db, rows, query)
    for row in rows if query.found_in_text else ():
        seen = [("name", row["name"]), ("merchant_uid", row["merchant_uid"])]
        seen.append(("buyer_tel", f"{row['buyer_tel'][:4]}****{row['buyer_tel'][-5:]}"))
        marked = any(hit for name, said in seen for _, hit in pieces(said, query, name))
        assert marked or row["amount"] in query.amounts or told[row["id"]]


@pytest.mark.parametrize(
    ("q", "said", "marked"),
    [
        ("사과 나주", "나주 사과", ["나주", "사과"]),
        ("ㄴㅈㅂ", "햇나주 배", ["나주 배"]),
        ("ㅈ배", "나주 배", []),
        ("사과 과즙", "사과즙", ["사과즙"]),
        ("-사과", "사과", []),
        ("tel:1234", "1234", []),
        ("goods:12 34", "1234", ["1234"]),
        ('"나주 배"', "나주배", ["나주배"]),
        ("ab", "a*b", []),
    ],
)
def test_what_is_marked(q: str, said: str, marked: list[str]):
    found = pieces(said, parse_query(q, parse({}, NOW).query.today), "name")
    assert [piece for piece, hit in found if hit] == marked
    assert "".join(piece for piece, _ in found) == said


@given(st.text(max_size=20), st.text(max_size=12))
def test_pieces_are_the_text(said: str, q: str):
    found = pieces(said, parse_query(q, parse({}, NOW).query.today), "name")
    assert "".join(piece for piece, _ in found) == said


def test_the_field_that_matched(tmp_path):
    db = open_shelf(tmp_path / "shop.db")
    put(
        db,
        order(
            buyer_name="정하윤", buyer_tel="+82 10-7777-5176", apply_num="30012345",
            card_number="457973******4321", buyer_email="yun@example.com",
        ),
    )  # fmt: skip

    def told(q: str) -> tuple[str, ...]:
        wanted = parse({"q": q}, NOW)
        (row,) = find_page(db, wanted, now=NOW).rows
        return tuple(out_of_sight(db, [row], wanted.query).get(row["id"], ()))

    assert told("정하윤") == ("buyer_name",)
    assert told("ㅎㅇ") == ("buyer_name",)
    assert told("5176") == ()
    assert told("0107777") == ("buyer_tel",)
    assert told("30012345") == ("apply_num",)
    assert told("card:4321") == ("card_number",)
    assert told("card:신한") == ()
    assert told('카드:"신한 카드"') == ()
    assert told("tel:+821077775176") == ()
    assert told("ㅎ ㅇ") == ("buyer_name",)
    assert told("yun@ 정하 사과") == ("buyer_email", "buyer_name")
    assert told("10,000") == ()
    db.close()
