"""The search index finds exactly what a slow look at every text would find."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.orders.search_index import (
    COLUMNS,
    match_query,
    mixed_initials,
    normalise,
    pairs,
    phones,
    typed_phone,
)

SCHEMA = (
    f"CREATE VIRTUAL TABLE found USING fts5 ({', '.join(COLUMNS)},"
    ' tokenize = "unicode61 remove_diacritics 0")'
)


def matches(texts: list[str], query: str | None) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(SCHEMA)
        connection.execute("INSERT INTO found (name) VALUES (?)", (pairs(*texts),))
        rows = connection.execute("SELECT 1 FROM found WHERE found MATCH ?", (query,))
        return rows.fetchone() is not None


letters = st.text(st.sampled_from("가나다라 -aAbB12é½ﬁＡ㎏ﾊﾟİßǅ\u0301ᄒ"), max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.lists(letters | st.text(max_size=8), min_size=1, max_size=3), letters)
@example(["나주 배"], "주배")
@example(["ab", "cd"], "bc")
@example(["\U0001e900\U0001e901"], "\U0001e922\U0001e923")  # letters younger than SQLite's tables
def test_index_equals_a_plain_scan(texts: list[str], wanted: str):
    query = match_query(wanted)
    if query is None:
        assert len(normalise(wanted)) < 2
    else:
        assert matches(texts, query) == any(normalise(wanted) in normalise(t) for t in texts)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12), st.integers(0, 11), st.integers(2, 12))
def test_every_part_of_a_text_is_found(text: str, start: int, length: int):
    part = normalise(text)[start : start + length]
    if (query := match_query(part)) is not None:
        assert matches([text], query)


@pytest.mark.parametrize(
    "wanted", ["선물", "물세", "물 세", "세트7", "7.5", "5KG", "５ｋｇ", "나주배"]
)
def test_middle_of_a_word_from_two_characters(wanted: str):
    assert matches(["나주 배 선물세트 7.5kg"], match_query(wanted))


@pytest.mark.parametrize("wanted", ["", " ", "배", "-", '"', "*", "a*"])
def test_less_than_two_characters_is_no_search(wanted: str):
    assert match_query(wanted) is None


@pytest.mark.parametrize("wanted", ['a" OR "b', "name:x", "ab*", "(ab", "a AND b", "^ab", "]--;ab"])
def test_query_language_is_quoted(wanted: str):
    matches(["무엇이든"], match_query(wanted))


@pytest.mark.parametrize("number", ["010-1234-5678", "+82 10-1234-5678", "01012345678"])
@pytest.mark.parametrize("wanted", ["5678", "010-1234", "01012345678", "1234-5678"])
def test_phone_with_or_without_hyphens(number: str, wanted: str):
    assert matches(phones([number]), match_query(wanted))


@pytest.mark.parametrize("number", ["010-1234-5678", "+82 10-1234-5678", "+82 010 1234 5678"])
@pytest.mark.parametrize("wanted", ["+821012345678", "+82 10 1234", "+82-010-1234-5678"])
def test_phone_as_it_is_called_from_abroad(number: str, wanted: str):
    assert matches(phones([number]), match_query(typed_phone(wanted)))


@given(st.text("0123456789", max_size=11))
def test_other_numbers_are_looked_for_as_typed(number: str):
    assert typed_phone(number) == number


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("나주 ㅂ", "ㄴㅈㅂ"),
        ("ㅎ길\u1103", "ㅎㄱㄷ"),
        ("홍길동", ""),
        ("ㅎㄱㄷ", ""),
        ("홍ㄱ1", ""),
        ("", ""),
    ],
)
def test_syllables_and_initials_together(text: str, initials: str):
    assert mixed_initials(text) == initials


def test_a_search_can_be_kept_to_columns():
    assert matches(["선물세트"], match_query("선물", ["name", "imp_uid"]))
    assert not matches(["선물세트"], match_query("선물", ["buyer_name"]))
    with pytest.raises(ValueError, match="no such"):
        match_query("선물", ["name} : x"])
