"""URL arguments become a filter, or an error beside the field they came from."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.orders.amount_words import parse_amount
from dashboard.orders.filters import PRESETS, Cursor, parse, preset_days
from tests.orders.shelf import NOW, at


def test_nothing_asked_is_everything():
    wanted = parse({}, NOW)
    assert (wanted.start, wanted.end, wanted.state, wanted.base) == (None, None, "", "requested")
    assert not wanted.problems and not wanted.narrowed and wanted.args() == {}


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2026-08-21", "2026-08-21"),
        ("yesterday", "2026-08-20", "2026-08-20"),
        ("7d", "2026-08-15", "2026-08-21"),
        ("month", "2026-08-01", "2026-08-21"),
        ("last-month", "2026-07-01", "2026-07-31"),
        ("3m", "2026-05-22", "2026-08-21"),
        ("6m", "2026-02-22", "2026-08-21"),
    ],
)
def test_presets(preset: str, first: str, last: str):
    wanted = parse({"when": preset}, NOW)
    assert (str(wanted.from_day), str(wanted.to_day)) == (first, last)
    assert wanted.start == at(f"{first} 00:00")
    assert wanted.end == at(f"{last} 00:00") + 86_400


def test_today_is_korean():
    """At 23:59 UTC it is already 08:59 tomorrow in Seoul."""
    wanted = parse({"when": "today"}, at("2026-08-22 08:59"))
    assert wanted.from_day == date(2026, 8, 22)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 5, 31), date(2026, 3, 1)),  # no 31 February: 28 February, the day after
        (date(2026, 1, 15), date(2025, 10, 16)),
        (date(2026, 3, 31), date(2026, 1, 1)),
    ],
)
def test_three_months_over_short_months_and_years(today: date, first: date):
    assert preset_days("3m", today) == (first, today)


@given(st.dates(date(2000, 1, 1), date(2900, 1, 1)), st.sampled_from(PRESETS))
def test_presets_end_before_tomorrow(today: date, preset: str):
    days = preset_days(preset, today)
    assert (days is None) == (preset == "custom")
    if days:
        assert days[0] <= days[1] <= today


def test_own_days_need_no_preset():
    wanted = parse({"from": "2026-08-01", "to": "2026-08-03"}, NOW)
    assert (wanted.when, wanted.start, wanted.end) == (
        "custom",
        at("2026-08-01 00:00"),
        at("2026-08-04 00:00"),
    )


@pytest.mark.parametrize("when", ["all", "today"])
def test_a_chosen_period_leaves_own_days_behind(when: str):
    wanted = parse({"when": when, "from": "2026-08-01", "to": "nonsense"}, NOW)
    assert not wanted.problems and {"from", "to"}.isdisjoint(wanted.typed)
    assert ("when" in wanted.typed) == (when == "today")


@pytest.mark.parametrize(
    ("args", "field", "problem"),
    [
        ({"q": "배"}, "q", "too_short"),
        ({"q": "!?"}, "q", "too_short"),
        ({"q": "가" * 101}, "q", "too_long"),
        ({"state": "refunded"}, "state", "unknown"),
        ({"base": "x"}, "base", "unknown"),
        ({"when": "century"}, "when", "unknown"),
        ({"method": "cash"}, "method", "unknown"),
        ({"test": "maybe"}, "test", "unknown"),
        ({"from": "2026-02-30"}, "from", "not_a_date"),
        ({"to": "어제"}, "to", "not_a_date"),
        ({"to": "9999-12-31"}, "to", "not_a_date"),
        ({"from": "0001-01-01"}, "from", "not_a_date"),
        ({"on": "tomorrow"}, "on", "not_a_date"),
        ({"from": "2026-08-02", "to": "2026-08-01"}, "to", "ends_before_start"),
        ({"min": "만원"}, "min", "not_an_amount"),
        ({"max": "-5"}, "max", "not_an_amount"),
        ({"max": "1,00"}, "max", "not_an_amount"),
        ({"min": "2,000", "max": "1,000"}, "max", "max_below_min"),
    ],
)
def test_nonsense_is_an_error_and_is_kept(args: dict[str, str], field: str, problem: str):
    wanted = parse(args, NOW)
    assert wanted.problems == {field: problem}
    assert wanted.typed == args


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("109,000", 109_000),
        ("109000", 109_000),
        ("109,000원", 109_000),
        (" 109,000 원 ", 109_000),
        ("₩109,000", 109_000),
        ("109 000", 109_000),
        ("１０９，０００", 109_000),
        ("0", 0),
        ("", None),
        ("원", None),
        ("1.5", None),
        ("10,9000", None),
        ("1" * 40, None),
        ("٣٠٠٠", None),
    ],
)
def test_amounts(text: str, won: int | None):
    assert parse_amount(text) == won


@pytest.mark.parametrize("text", ["", "x", "12", "1-", "-", "1--2", "1-2-3", "9" * 40 + "-1"])
def test_a_mangled_place_is_the_newest_page(text: str):
    wanted = parse({"before": text}, NOW)
    assert wanted.before is None and not wanted.problems


def test_a_place_survives_the_url():
    assert parse({"before": str(Cursor(NOW, 7))}, NOW).before == Cursor(NOW, 7)


def test_a_change_leaves_the_page_but_keeps_the_rest():
    wanted = parse({"q": "사과", "state": "paid", "before": "5-1", "min": "1,000"}, NOW)
    assert wanted.args(state="failed") == {"q": "사과", "state": "failed", "min": "1,000"}
    assert wanted.args(q=None, before="9-9") == {"state": "paid", "min": "1,000", "before": "9-9"}


NAMES = ["q", "state", "base", "when", "from", "to", "method", "min", "max", "test", "unfold", "on"]


@given(st.dictionaries(st.sampled_from([*NAMES, "before", "after", "other"]), st.text()))
def test_any_text_is_a_filter_or_an_error(args: dict[str, str]):
    wanted = parse(args, NOW)
    assert set(wanted.problems) <= set(wanted.typed) <= {*NAMES, "before", "after"}
    assert parse(wanted.here(), NOW) == wanted
