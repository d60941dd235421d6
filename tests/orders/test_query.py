"""What the text of the search box means."""

from datetime import date
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.orders.amount_words import parse_amount
from dashboard.orders.date_words import read_days
from dashboard.orders.filters import METHODS, OTHER_METHODS
from dashboard.orders.query import Query, Term, parse_query
from dashboard.orders.query_values import FLAG_WORDS, KEYS, METHOD_WORDS, STATE_WORDS
from dashboard.orders.search_index import normalise
from dashboard.orders.states import STATES

TODAY = date(2026, 8, 21)  # a Friday


def only(text: str) -> Term:
    (term,) = parse_query(text, TODAY).terms
    return term


def read(text: str) -> list[tuple[str, str]]:
    return [
        ("-" * term.negated + term.kind, term.text or term.source)
        for term in parse_query(text, TODAY).terms
    ]


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("사과 김하나", [("text", "사과"), ("text", "김하나")]),
        ('"나주 배" 사과', [("text", "나주 배"), ("text", "사과")]),
        ("“나주 배”", [("text", "나주 배")]),
        ("-사과", [("-text", "사과")]),
        ('-"나주 배"', [("-text", "나주 배")]),
        ('"사과', [("text", "사과")]),
        ("나주 배", [("text", "나주 배")]),  # one letter goes with its neighbour
        ("배 나주 5", [("text", "배 나주 5")]),
        ("사과, 배추", [("text", "사과"), ("text", "배추")]),
        ("apple j", [("text", "apple j")]),
        ("010-1234-5678", [("text", "010-1234-5678")]),
        ("12:30", [("text", "12:30")]),
        ("ㅎㄱㄷ", [("initials", "ㅎㄱㄷ")]),
        ("-ㄲㅊ", [("-initials", "ㄲㅊ")]),
        ("ㄳ", [("initials", "ㄳ")]),  # how a keyboard joins ㄱ and ㅅ
        ("\u1112\u1100\u1103", [("initials", "\u1112\u1100\u1103")]),
        ("ㅎ길동", [("text", "ㅎ길동")]),
        ("ㅎ ㄱ ㄷ", [("initials", "ㅎ ㄱ ㄷ")]),
        ("ㅎㄱ ㄷ", [("initials", "ㅎㄱ ㄷ")]),
        ("ㅎㄱ ㄴㅂ", [("initials", "ㅎㄱ"), ("initials", "ㄴㅂ")]),
        ("사과 ㅎㄱ", [("text", "사과"), ("initials", "ㅎㄱ")]),
        ("사과 ㄳ", [("text", "사과"), ("initials", "ㄳ")]),
        ("나주 ㅂ", [("text", "나주 ㅂ")]),
        ("109,000", [("amount", "109,000")]),
        ("10만 9천", [("amount", "10만 9천")]),
        ("10,000 원", [("amount", "10,000 원")]),
        ("500 200", [("amount", "500"), ("amount", "200")]),
        ("3만 5176", [("amount", "3만"), ("amount", "5176")]),
        ("1천 5만원", [("amount", "1천"), ("amount", "5만원")]),
        ("1만 5000원", [("amount", "1만 5000원")]),
        ("1억 2천만 5천 원", [("amount", "1억 2천만 5천 원")]),
        ("₩5", [("amount", "₩5")]),
        ("01012345678", [("text", "01012345678")]),
        ("-test", [("test", "-test")]),
        ("test", [("text", "test")]),
        ("지난주 금요일", [("days", "지난주 금요일")]),
        ("금요일 지난주", [("text", "금요일"), ("days", "지난주")]),
        ('"어제"', [("text", "어제")]),
        ("지난주, 금요일", [("days", "지난주,"), ("text", "금요일")]),
        ("지난주 , 금요일", [("days", "지난주"), ("text", "금요일")]),
        ("김하나,사과", [("text", "김하나"), ("text", "사과")]),
        ("김하나，사과、포도", [("text", "김하나"), ("text", "사과"), ("text", "포도")]),
        ('"나주 배",사과', [("text", "나주 배"), ("text", "사과")]),
        ("사과,109,000,포도", [("text", "사과"), ("amount", "109,000"), ("text", "포도")]),
        ("12,5kg", [("text", "12,5kg")]),
        ("~", []),
        ("!?", []),
        ("- , ~ --", []),
        ("사과 - 포도", [("text", "사과"), ("text", "포도")]),
        ("나주 - 배", [("text", "나주 배")]),
        ("－사과", [("-text", "사과")]),
        ("–사과 —포도 −배추", [("-text", "사과"), ("-text", "포도"), ("-text", "배추")]),
        ("–테스트", [("test", "–테스트")]),
        ("＂나주 배＂", [("text", "나주 배")]),
        ("０１０", [("text", "０１０")]),
        ("１０", [("amount", "１０")]),
        ("1만2", [("text", "1만2")]),
        ("1억2", [("text", "1억2")]),
        ("10만~20만", [("sum", "10만~20만")]),
        ("-10만 ~ 20만", [("-sum", "-10만 ~ 20만")]),
        ("1,000..2,000원", [("sum", "1,000..2,000원")]),
        ("500 200~300", [("amount", "500"), ("sum", "200~300")]),
        ("010~020", [("text", "010~020")]),
        ("사과~포도", [("text", "사과~포도")]),
        ("10만 ~ 사과", [("amount", "10만"), ("text", "사과")]),
        ("어제~오늘 사과", [("days", "어제~오늘"), ("text", "사과")]),
        ("june", [("text", "june")]),
        ("May kim", [("text", "May"), ("text", "kim")]),
        ("june july", [("text", "june"), ("text", "july")]),
    ],
)
def test_words(text: str, terms: list[tuple[str, str]]):
    assert read(text) == terms


@pytest.mark.parametrize("text", ["배", "ㅎ", "7", '"배"', "-배", "name:김", "tel:5"])
def test_too_short(text: str):
    assert only(text).problem == "too_short"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("나주 ㅂ", "ㄴㅈㅂ"),
        ("홍ㄱㄷ", "ㅎㄱㄷ"),
        ("홍길ㄷ", "ㅎㄱㄷ"),
        ("-홍길ㄷ", "ㅎㄱㄷ"),
        ("이름:홍ㄱㄷ", "ㅎㄱㄷ"),
        ("홍길동", ""),
        ("5ㄱ", ""),
        ('"나주 ㅂ"', ""),
        ("mail:나주ㅂ", ""),
    ],
)
def test_syllables_among_initials_are_text_with_a_note(text: str, said: str):
    term = only(text)
    assert (term.kind, term.mixed, term.problem) == ("text", said, None)
    assert parse_query(text, TODAY).notes == ((term,) if said else ())


def test_a_short_word_beside_an_operator_is_named():
    short, known = parse_query("배 status:paid", TODAY).terms
    assert (short.source, short.problem, known.problem) == ("배", "too_short", None)


# -- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("3만", 30_000),
        ("10만9천", 109_000),
        ("10만 9천 원", 109_000),
        ("1억2천만원", 120_000_000),
        ("1억 2천3백4십5만 6천7백8십9원", 123_456_789),
        ("1만5,000", 15_000),
        ("2천", 2_000),
        ("1.5만", 15_000),
        ("1.23456만", None),
        ("10만9만", None),
        ("10만15000", None),
        ("만원", None),
        ("천", None),
        ("9천10만", None),
        ("1억만", None),
        ("20000억", None),
        ("￦3만", 30_000),
        ("1만2", None),  # some say so for 12,000
        ("1억2", None),
        ("1억2천", None),  # and so for 120,000,000
        ("1만2원", 10_002),
        ("1만 2원", 10_002),
        ("1억2천원", 100_002_000),
        ("1만20", 10_020),
    ],
)
def test_korean_amounts(text: str, won: int | None):
    assert parse_amount(text) == won


@given(st.integers(0, 10**12))
def test_amounts_in_words_are_read_back(won: int):
    ones, rest = won % 10_000, won // 10_000
    man, eok = rest % 10_000, rest // 10_000
    said = "".join(f"{n}{u}" for n, u in ((eok, "억"), (man, "만"), (ones, "")) if n) or "0"
    assert parse_amount(said + "원") == won
    assert parse_amount(f"{won:,}") == won


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (">10000", 10_001, None),
        (">=1만", 10_000, None),
        ("<10,000", None, 9_999),
        ("<=10000", None, 10_000),
        ("10000", 10_000, 10_000),
        ("10000..20000", 10_000, 20_000),
        ("10만~20만", 100_000, 200_000),
        ("10만..", 100_000, None),
        ("..20만", None, 200_000),
        ("10만이상", 100_000, None),
        ("3만미만", None, 29_999),
        ("10만 9천", 109_000, 109_000),
        ("10만 이상", 100_000, None),
        ("10만 9천원 이하", None, 109_000),
        ("1만원 초과", 10_001, None),
        ("1만 미만", None, 9_999),
        ("> 10000", 10_001, None),
        (" >= 1만", 10_000, None),
        ("＞10000", 10_001, None),
        ("≤ 1만", None, 10_000),
        ("10만 ~ 20만", 100_000, 200_000),
        ("1억 2천만 5천 원 ~ 2억 3천만 5천 원", 120_005_000, 230_005_000),
        ("10만 ..", 100_000, None),
        ("~ 20만", None, 200_000),
        ("10만∼20만", 100_000, 200_000),
        ("10만…20만", 100_000, 200_000),
    ],
)
def test_amounts_asked_for(value: str, low: int | None, high: int | None):
    term = only(f"amount:{value}")
    assert (term.kind, term.low, term.high, term.problem) == ("sum", low, high, None)


@pytest.mark.parametrize(
    ("value", "amounts"),
    [
        ("1만, 2만", (10_000, 20_000)),
        ("1만,2만", (10_000, 20_000)),
        ("10,000, 20,000원,3만", (10_000, 20_000, 30_000)),
        ("10,000,20,000", (10_000, 20_000)),
        ("1만, 0", (10_000, 0)),
    ],
)
def test_several_amounts(value: str, amounts: tuple[int, ...]):
    term = only(f"-금액:{value}")
    assert term.negated and term.amounts == amounts and term.problem is None


def test_an_amount_ends_where_it_makes_no_sense():
    assert read("금액:1만, 사과") == [("sum", "1만"), ("text", "사과")]
    assert read("금액:3만 5176") == [("sum", "3만"), ("amount", "5176")]
    assert read("금액:10만 이상 사과") == [("sum", "10만 이상"), ("text", "사과")]
    assert only("금액:1만, 2만").source == "금액:1만, 2만"


# -- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("오늘", "2026-08-21", "2026-08-21"),
        ("어제", "2026-08-20", "2026-08-20"),
        ("그저께", "2026-08-19", "2026-08-19"),
        ("이번 주", "2026-08-17", "2026-08-23"),
        ("지난주", "2026-08-10", "2026-08-16"),
        ("지난 주 금요일", "2026-08-14", "2026-08-14"),
        ("이번주 월요일", "2026-08-17", "2026-08-17"),
        ("지난 금요일", "2026-08-14", "2026-08-14"),
        ("이번 달", "2026-08-01", "2026-08-31"),
        ("지난달", "2026-07-01", "2026-07-31"),
        ("8월", "2026-08-01", "2026-08-31"),
        ("9월", "2025-09-01", "2025-09-30"),
        ("8월 21일", "2026-08-21", "2026-08-21"),
        ("8월22일", "2025-08-22", "2025-08-22"),
        ("2월 29일", "2024-02-29", "2024-02-29"),
        ("2026년 2월", "2026-02-01", "2026-02-28"),
        ("2026년 8월 1일", "2026-08-01", "2026-08-01"),
        ("작년", "2025-01-01", "2025-12-31"),
        ("작년 12월", "2025-12-01", "2025-12-31"),
        ("2026-08-01", "2026-08-01", "2026-08-01"),
        ("2026. 8. 1.", "2026-08-01", "2026-08-01"),
        ("8/21", "2026-08-21", "2026-08-21"),
        ("8/22", "2025-08-22", "2025-08-22"),
        ("최근 7일", "2026-08-15", "2026-08-21"),
        ("Today", "2026-08-21", "2026-08-21"),
        ("yesterday", "2026-08-20", "2026-08-20"),
        ("last friday", "2026-08-14", "2026-08-14"),
        ("last thursday", "2026-08-20", "2026-08-20"),
        ("last week", "2026-08-10", "2026-08-16"),
        ("august 2026", "2026-08-01", "2026-08-31"),
        ("august 21", "2026-08-21", "2026-08-21"),
        ("21 Aug 2024", "2024-08-21", "2024-08-21"),
    ],
)
def test_days_in_words(text: str, first: str, last: str):
    for said in (text, f"date:{text}", f"날짜:{text}"):
        term = only(said)
        assert (term.kind, str(term.first), str(term.last)) == ("days", first, last)


@pytest.mark.parametrize(
    ("today", "text", "first", "last"),
    [
        ((2026, 1, 1), "어제", (2025, 12, 31), (2025, 12, 31)),
        ((2026, 1, 1), "이번 주", (2025, 12, 29), (2026, 1, 4)),
        ((2026, 1, 1), "지난달", (2025, 12, 1), (2025, 12, 31)),
        ((2026, 1, 1), "지난주 수요일", (2025, 12, 24), (2025, 12, 24)),
        ((2026, 1, 1), "12월", (2025, 12, 1), (2025, 12, 31)),
        ((2026, 1, 1), "1월", (2026, 1, 1), (2026, 1, 31)),
        ((2026, 1, 1), "1월 2일", (2025, 1, 2), (2025, 1, 2)),
        ((2026, 12, 31), "12월 31일", (2026, 12, 31), (2026, 12, 31)),
        ((2028, 2, 29), "2/29", (2028, 2, 29), (2028, 2, 29)),
        ((2028, 2, 28), "2/29", (2024, 2, 29), (2024, 2, 29)),
    ],
)
def test_days_at_the_turn_of_the_year(today, text, first, last):
    assert read_days(text, date(*today)) == (date(*first), date(*last))


@pytest.mark.parametrize(
    "text",
    ["13월", "2월 30일", "2026-02-30", "0000-01-01", "8/2 1", "8월9", "월요일", "내일", "may be"],
)
def test_no_days(text: str):
    assert read_days(text, TODAY) is None


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-08-01..2026-08-21", "2026-08-01", "2026-08-21"),
        ("지난주..오늘", "2026-08-10", "2026-08-21"),
        ("7월~8월", "2026-07-01", "2026-08-31"),
        ("8월..", "2026-08-01", "2999-12-31"),
        ("..8/1", "2000-01-01", "2026-08-01"),
        ("8월 1일 ~ 8월 20일", "2026-08-01", "2026-08-20"),
        ("2026년 8월 1일 토요일 ~ 2026년 8월 21일 금요일", "2026-08-01", "2026-08-21"),
        ("June", "2026-06-01", "2026-06-30"),
        ("december", "2025-12-01", "2025-12-31"),
        ("may ~ june", "2026-05-01", "2026-06-30"),
        ('"지난주 금요일"', "2026-08-14", "2026-08-14"),
    ],
)
def test_periods(value: str, first: str, last: str):
    term = only(f"date:{value}")
    assert (str(term.first), str(term.last), term.problem) == (first, last, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("8/1~8/21", "2026-08-01", "2026-08-21"),
        ("8/1～8/21", "2026-08-01", "2026-08-21"),
        ("8/1–8/21", "2026-08-01", "2026-08-21"),
        ("8/1 ~ 8/31", "2026-08-01", "2026-08-31"),  # the days to come are in the same year
        ("7월~9월", "2026-07-01", "2026-09-30"),
        ("12/20~1/5", "2025-12-20", "2026-01-05"),
        ("8/30~9/5", "2025-08-30", "2025-09-05"),
        ("2024년 3월 1일~3월 31일", "2024-03-01", "2024-03-31"),
        ("aug 1 ~ aug 31", "2026-08-01", "2026-08-31"),
        ("어제~오늘", "2026-08-20", "2026-08-21"),
        ("2026/8/1..2026/8/21", "2026-08-01", "2026-08-21"),
        ("8월 21일 금요일", "2026-08-21", "2026-08-21"),
        ("2026. 8. 21. 금요일", "2026-08-21", "2026-08-21"),
        ("8/21(금)", "2026-08-21", "2026-08-21"),
        ("8/21 (금)", "2026-08-21", "2026-08-21"),
        ("august 21 friday", "2026-08-21", "2026-08-21"),
        ("8월 1일 토요일 ~ 8월 21일 금요일", "2026-08-01", "2026-08-21"),
    ],
)
def test_days_from_one_to_another(text: str, first: str, last: str):
    for said in (text, f"-{text}", f"date:{text}"):
        term = only(said)
        assert (term.kind, str(term.first), str(term.last)) == ("days", first, last)
        assert term.problem is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [("오늘~어제", "ends_before_start"), ("8/21~8/1", "ends_before_start"),
     ("20만~10만", "max_below_min")],
)  # fmt: skip
def test_the_wrong_way_round(text: str, problem: str):
    assert only(text).problem == problem


def test_another_day_of_the_week_is_a_word_of_its_own():
    assert read("8월 21일 월요일") == [("days", "8월 21일"), ("text", "월요일")]
    assert only("date:지난주금요일").last == date(2026, 8, 14)


@given(st.dates(date(2001, 1, 1), date(2900, 1, 1)), st.text(max_size=12))
def test_any_text_is_days_or_none(today: date, text: str):
    days = read_days(text, today)
    assert days is None or days[0] <= days[1]


# -- key:value ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("tel:5176", "tel", "5176"),
        ("전화: 5176", "tel", "5176"),
        ("이름:김하나", "name", "김하나"),
        ('name:"kim ha"', "name", "kim ha"),
        ("상품：사과", "goods", "사과"),
        ("NO:2026", "no", "2026"),
        ("imp_uid:imp_1", "imp", "imp_1"),
        ("승인번호:30012345", "card", "30012345"),
        ("mail:a@b.kr", "mail", "a@b.kr"),
        ('이름: "김 하나"', "name", "김 하나"),
        ("tel:010 1234 5678", "tel", "010 1234 5678"),
        ("tel: (02) 123 4567", "tel", "(02) 123 4567"),
        ("전화:010-1234 5678", "tel", "010-1234 5678"),
        ("tel:+821012345678", "tel", "01012345678"),
        ("tel:+82 10 1234 5678", "tel", "01012345678"),
        ("tel:+82-010-1234", "tel", "0101234"),
        ("tel:821012345678", "tel", "01012345678"),
        ("tel:8210", "tel", "8210"),  # may stand in the middle
    ],
)
def test_keys_of_text(text: str, key: str, said: str):
    term = only(text)
    assert (term.kind, term.key, term.text, term.problem) == ("text", key, said, None)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("tel:5176 사과", [("text", "5176"), ("text", "사과")]),
        ("tel:5176, 5000", [("text", "5176"), ("amount", "5000")]),
        ("tel:5176 10,000", [("text", "5176"), ("amount", "10,000")]),
        ("tel:01012345678 10000", [("text", "01012345678"), ("amount", "10000")]),
        ('tel:"010 1234" 5678', [("text", "010 1234"), ("amount", "5678")]),
        ("이름:ㅎ ㄱ ㄷ", [("initials", "ㅎ ㄱ ㄷ")]),
        ("이름:ㅎㄱ ㄴㅂ", [("initials", "ㅎㄱ"), ("initials", "ㄴㅂ")]),
        ("이름:김하나,사과", [("text", "김하나"), ("text", "사과")]),
    ],
)
def test_what_belongs_to_a_value_of_text(text: str, terms: list[tuple[str, str]]):
    assert read(text) == terms


def test_every_word_of_a_value_is_read():
    for table, key in ((STATE_WORDS, "status"), (METHOD_WORDS, "결제수단")):
        for name, words in table.items():
            for word in words:
                for said in (f'"{word.upper()}"', word, f" {word}"):
                    term = only(f"{key}:{said}")
                    assert (term.choices, term.problem) == (tuple(name.split()), None)
                    assert term.source == f"{key}:{said}"
    assert set(" ".join(STATE_WORDS).split()) == set(STATES)
    assert set(METHOD_WORDS) == {*METHODS, OTHER_METHODS}
    for table in (KEYS, STATE_WORDS, METHOD_WORDS, FLAG_WORDS):
        every = [normalise(word) for words in table.values() for word in words]
        assert len(every) == len(set(every))


def test_several_values_and_negation():
    term = only("-상태:결제완료,부분취소")
    assert (term.negated, term.choices) == (True, ("paid", "partial"))
    for text in ("상태:결제완료, 부분취소", "상태: 결제완료 , 부분취소", "상태:결제완료、부분취소"):
        assert parse_query(text, TODAY).terms[0].choices[:2] == (
            ("paid",) if " ," in text else ("paid", "partial")
        )
    assert only("상태:확인 필요, 입금 대기").choices == ("check", "waiting")
    assert read("상태:확인 필요 사과") == [("state", "확인 필요"), ("text", "사과")]
    assert read("상태:결제완료, 사과") == [("state", "결제완료"), ("text", "사과")]
    assert only("상태:결제완료,사과").problem == "unknown_value"
    assert (only("test:yes").flag, only("테스트:아니요").flag) == (True, False)
    assert only("name:ㅎㄱㄷ").kind == "initials"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("status:payed", "unknown_value"),
        ("method:cash", "unknown_value"),
        ("test:maybe", "unknown_value"),
        ("status:", "no_value"),
        ('name:""', "no_value"),
        ("amount:much", "not_an_amount"),
        ("amount:>", "not_an_amount"),
        ("금액:1만,많이", "not_an_amount"),
        ("금액:1만2", "not_an_amount"),
        ("date:8/1,8/2", "not_a_date"),
        ("amount:20..10", "max_below_min"),
        ("date:someday", "not_a_date"),
        ("date:..", "not_a_date"),
        ("date:오늘..어제", "ends_before_start"),
    ],
)
def test_a_value_without_sense_is_a_problem(text: str, problem: str):
    query = parse_query(f"사과 {text}", TODAY)
    assert [term.problem for term in query.terms] == [None, problem]
    assert query.terms[1].source == text


def test_a_word_before_a_colon_that_is_no_key_is_text():
    term = only("colour:red")
    assert (term.kind, term.text, term.unknown_key, term.problem) == (
        "text",
        "colour:red",
        "colour",
        None,
    )


def test_twelve_terms_at_most():
    assert not parse_query("aa " * 12, TODAY).too_many
    assert parse_query("aa " * 13, TODAY).too_many


# -- whatever is typed ----------------------------------------------------------------------------

WORDS = st.sampled_from(
    '사과 배 나주 - -- , -배 -사과 "나주 ○" “가 10만 9천 원 109,000 -3만 지난주 금요일 8월'
    " 21일 last friday 2026. 8. 21. ㅎㄱ ㅎ tel: tel:51 -status:paid date: date:지난주 amount:"
    ' amount:>10만 foo:bar foo: name:"a status:, aa, -test 최근 7일 2026년 5 ~ 20만 이상 >'
    " 금액:1만, 2만, 상태:확인 필요 상태:결제완료, 부분취소 method:mobile phone billing"
    " tel:010 1234 ㄱ ㅎ길 이름:ㄱ 사과,배추 금요일 –사과 어제~오늘 8/1~8/21 june".split()
)
TEXTS = st.text(max_size=40) | st.lists(WORDS, max_size=9).map(" ".join)


def asks_nothing(text: str) -> bool:
    return all(one.isspace() or one in "~～〜∼" or category(one)[0] == "P" for one in text)


@settings(max_examples=400)
@given(TEXTS)
@example("배 name:xy 나주")
@example("- name:xy 배배")
@example("tel: name:xy 51")
@example("지난주 사과 금요일")
@example("10만 사과 9천")
@example("0 10 -: 0")
@example("method:mobile name:xy phone billing")
@example("금액:10만 name:xy ~")
@example("10만 ~ name:xy 20만")
@example('tel: name:xy "51"')
def test_any_text_is_read_and_each_chip_takes_away_one_term(text: str):
    query = parse_query(text, TODAY)
    at = 0
    for term in query.terms:  # nothing typed is lost
        assert at <= term.start < term.end <= len(text)
        assert asks_nothing(text[at : term.start])
        assert text[term.start : term.end] == term.source
        at = term.end
    assert asks_nothing(text[at:])
    for place, term in enumerate(query.terms):
        left = parse_query(query.without(term), TODAY)
        kept = query.terms[:place] + query.terms[place + 1 :]
        assert [one.meaning for one in left.terms] == [one.meaning for one in kept]
        assert len(left.text) < len(text) + 3


@given(TEXTS)
def test_terms_mean_the_same_again(text: str):
    query = parse_query(text, TODAY)
    again = parse_query(" , ".join(term.source for term in query.terms), TODAY)
    assert [term.meaning for term in again.terms] == [term.meaning for term in query.terms]


def test_no_text_asks_for_nothing():
    assert parse_query("", TODAY) == Query("", TODAY)
