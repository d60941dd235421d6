"""Rows, pages and sums against a plain look through everything."""

import random
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dashboard.orders import search
from dashboard.orders.filters import OrderFilter, parse
from dashboard.orders.search import ABANDONED_AFTER_S, find_page, find_rows
from dashboard.orders.search_index import normalise
from dashboard.orders.totals import find_totals
from tests.orders.shelf import NOW, at, open_shelf, order, put

DAY = 86_400


@pytest.fixture
def db(tmp_path: Path):
    db = open_shelf(tmp_path / "shop.db")
    yield db
    db.close()


def ids(db: Database, size: int = 500, **args: str) -> list[int]:
    wanted = parse(args, NOW)
    assert not wanted.problems
    return [row["id"] for row in find_page(db, wanted, now=NOW, size=size).rows]


def walk(db: Database, size: int, meanwhile: Any = None, **args: str) -> list[int]:
    """Every row from the newest to the oldest page."""
    seen, place = [], {}
    while True:
        page = find_page(db, parse(args | place, NOW), now=NOW, size=size)
        seen += [row["id"] for row in page.rows]
        if page.older is None:
            return seen
        place = {"before": str(page.older)}
        if meanwhile:
            meanwhile()


def test_newest_first_then_the_later_id(db: Database):
    a, b, c = put(db, order(requested_at=5), order(requested_at=9), order(requested_at=9))
    assert ids(db) == [c, b, a]


def test_base_decides_time_and_order(db: Database):
    old, new = put(
        db,
        order(requested_at=at("2026-08-01 10:00"), paid_at=at("2026-08-20 10:00")),
        order(requested_at=at("2026-08-10 10:00"), paid_at=at("2026-08-10 10:01")),
    )
    unpaid = put(db, order(state="failed", requested_at=at("2026-08-20 09:00")))[0]
    assert ids(db) == [unpaid, new, old]
    assert ids(db, base="paid") == [old, new]
    assert ids(db, base="paid", when="yesterday") == [old]
    assert ids(db, when="yesterday") == [unpaid]
    assert ids(db, base="cancelled") == []


def test_a_day_is_a_korean_day(db: Database):
    _, first, last, _ = put(
        db,
        *(
            order(requested_at=at(text))
            for text in (
                "2026-08-19 23:59:59",
                "2026-08-20 00:00:00",
                "2026-08-20 23:59:59",
                "2026-08-21 00:00:00",
            )
        ),
    )
    assert ids(db, **{"from": "2026-08-20", "to": "2026-08-20"}) == [last, first]


def test_partial_stands_apart_from_full(db: Database):
    part, full = put(db, order(state="partial"), order(state="cancelled"))
    assert ids(db, state="partial") == [part]
    assert ids(db, state="cancelled") == [full]


def test_a_wallet_inside_the_card_window_is_that_wallet(db: Database):
    card, inside, wallet, new = put(
        db,
        order(),
        order(emb_pg_provider="kakaopay"),
        order(pay_method="kakaopay"),
        order(pay_method="somethingnew"),
    )
    assert ids(db, method="card") == [card]
    assert ids(db, method="kakaopay") == [wallet, inside]
    assert ids(db, method="other") == [new]


def test_amount_range_knows_won_only(db: Database):
    cheap, dear, dollars = put(
        db, order(amount=5_000), order(amount=9_000), order(amount=5_000, currency="USD")
    )
    assert ids(db, min="5,000", max="5000원") == [cheap]
    assert ids(db, min="5,001") == [dear]
    assert ids(db, test="hide") == [dollars, dear, cheap]


def test_tests_are_rows_but_no_money(db: Database):
    put(db, order(amount=1_000), order(amount=500, sandbox=1), order(amount=999, currency="USD"))
    totals = find_totals(db, parse({}, NOW), now=NOW)
    assert (totals.count, totals.paid, totals.test_count, totals.foreign_count) == (3, 1_000, 1, 1)
    assert len(ids(db, test="hide")) == 2
    assert len(ids(db, test="only")) == 1


def test_abandoned_windows_are_folded(db: Database):
    young, old = put(
        db,
        order(state="ready", requested_at=NOW - ABANDONED_AFTER_S),
        order(state="ready", requested_at=NOW - ABANDONED_AFTER_S - 1),
    )
    paid = put(db, order())[0]
    assert ids(db) == [paid, young]
    assert ids(db, state="ready") == [young]
    assert ids(db, unfold="1") == [paid, young, old]
    for args, folded in (({}, 1), ({"unfold": "1"}, 0), ({"state": "paid"}, 0), ({"q": "포도"}, 0)):
        assert find_totals(db, parse(args, NOW), now=NOW).folded == folded


def test_counts_cover_all_tabs_and_sums_the_open_one(db: Database):
    put(db, order(amount=700), order(state="partial", amount=300), order(state="failed"))
    totals = find_totals(db, parse({"state": "partial"}, NOW), now=NOW)
    assert totals.counts == {"paid": 1, "partial": 1, "failed": 1}
    assert (totals.count, totals.paid, totals.cancelled, totals.net) == (1, 300, 150, 150)


def test_pages_have_both_neighbours(db: Database):
    put(db, *(order(requested_at=n) for n in range(1, 8)))
    first = find_page(db, parse({}, NOW), now=NOW, size=3)
    second = find_page(db, parse({"before": str(first.older)}, NOW), now=NOW, size=3)
    last = find_page(db, parse({"before": str(second.older)}, NOW), now=NOW, size=3)
    assert [row["id"] for row in last.rows] == [1]
    assert (first.newer, last.older) == (None, None)
    back = find_page(db, parse({"after": str(last.newer)}, NOW), now=NOW, size=3)
    assert [row["id"] for row in back.rows] == [row["id"] for row in second.rows]
    top = find_page(db, parse({"after": str(back.newer)}, NOW), now=NOW, size=3)
    assert [row["id"] for row in top.rows] == [row["id"] for row in first.rows]
    assert (top.newer, top.older) == (None, first.older)


def test_a_jump_begins_with_the_last_order_of_a_day(db: Database):
    old, wanted, _ = put(
        db,
        *(
            order(requested_at=at(t))
            for t in ("2026-08-01 10:00", "2026-08-10 23:59:59", "2026-08-11 00:00")
        ),
    )
    assert ids(db, on="2026-08-10") == [wanted, old]
    assert ids(db, on="2026-08-09") == [old]


def test_rows_of_ids_in_their_order(db: Database):
    a, b = put(db, order(), order())
    assert [row["id"] for row in find_rows(db, [b, 99, a])] == [b, a]
    assert find_rows(db, []) == []


@pytest.mark.parametrize(
    "text",
    [
        "20260821-00001",
        "0821-0000",
        "imp_0000",
        "사과",
        "과 5k",
        "과5K",
        "김하",
        "01012345678",
        "010-1234-5678",
        "5678",
        "HANA@example",
        "30012345",
        "4579-73**-****-1234",
        "10,000원",
        "₩10000",
    ],
)
def test_the_search_box_finds(db: Database, text: str):
    wanted = put(db, order(apply_num="30012345", card_number="457973******1234"))
    put(
        db,
        order(
            merchant_uid="B-2",
            imp_uid="imp_777",
            name="포도",
            buyer_name="박둘",
            buyer_tel="010-9999-9999",
            buyer_email="b@b.kr",
            amount=77,
        ),
    )
    assert ids(db, q=text) == wanted


def test_dollars_are_not_found_by_won(db: Database):
    put(db, order(amount=10_000, currency="USD"))
    assert ids(db, q="10,000원") == []


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE orders;--", '"xx" OR "yy"', "NEAR(aa bb)", "aa*", "x]y"]
)
def test_query_language_is_only_text(db: Database, text: str):
    put(db, order(name="사과"))
    assert ids(db, q=text) == []


@pytest.mark.parametrize(
    ("args", "index"),
    [
        ({}, "orders_requested"),
        ({"unfold": "1"}, "orders_requested"),
        ({"before": f"{NOW}-5"}, "orders_requested"),
        ({"after": f"{NOW}-5"}, "orders_requested"),
        ({"when": "today"}, "orders_requested"),
        ({"when": "6m", "min": "1000", "test": "hide"}, "orders_requested"),
        ({"state": "paid"}, "orders_state_requested"),
        ({"state": "ready"}, "orders_state_requested"),
        ({"state": "check", "before": f"{NOW}-5"}, "orders_state_requested"),
        ({"state": "partial", "when": "month"}, "orders_state_requested"),
        ({"method": "card"}, "orders_method_requested"),
        ({"method": "kakaopay", "when": "7d", "before": f"{NOW}-5"}, "orders_method_requested"),
        ({"base": "paid"}, "orders_paid"),
        ({"base": "paid", "when": "yesterday"}, "orders_paid"),
        ({"base": "cancelled", "before": f"{NOW}-5"}, "orders_cancelled"),
    ],
)
def test_an_index_gives_the_rows_in_order(db: Database, args: dict[str, str], index: str):
    """No table is read whole and nothing is sorted, however many orders there are."""
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    find_page(db, parse(args, NOW), now=NOW)
    db.conn.set_trace_callback(None)
    plan = [row["detail"] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert len(plan) == 1 and f"USING INDEX {index}" in plan[0]
    assert not any("TEMP B-TREE" in step for step in plan)


# -- against a plain look through everything -----------------------------------------------------

GOODS = ["햇사과 5kg", "나주 배 7.5kg", "사과즙 100ml", "Apple Jam", "감귤칩·곶감", "배"]
PEOPLE = ["김하나", "김하늘", "Kim Ha", "박하", "이"]
QUERIES = ["사과", "배 7", "김하", "kim", "ml", "1234", "10,000", "50", "0원", "apple j", "예매"]
STATES = ["ready", "waiting", "paid", "partial", "cancelled", "failed", "check"]


def make_orders(seed: int, count: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        order(
            state=draw.choice(STATES),
            amount=draw.choice([0, 50, 1_000, 10_000, 50_000]),
            currency=draw.choice(["KRW"] * 9 + ["USD"]),
            sandbox=int(draw.random() < 0.1),
            name=draw.choice(GOODS),
            buyer_name=draw.choice(PEOPLE),
            buyer_tel=f"010-{draw.randrange(10**4):04d}-{draw.randrange(10**4):04d}",
            pay_method=draw.choice(["card", "vbank", "phone", "payco", "newpay"]),
            emb_pg_provider=draw.choice(["", "", "", "kakaopay", "strange"]),
            apply_num=str(draw.randrange(10**8)),
            requested_at=NOW - draw.randrange(40 * DAY) // 7200 * 7200,  # many at the same second
        )
        for _ in range(count)
    ]


ARGS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(QUERIES),
        "state": st.sampled_from(STATES),
        "base": st.sampled_from(["requested", "paid", "cancelled"]),
        "when": st.sampled_from(["today", "yesterday", "7d", "month", "last-month", "3m"]),
        "method": st.sampled_from(["card", "vbank", "kakaopay", "other"]),
        "min": st.sampled_from(["0", "50", "10,000"]),
        "max": st.sampled_from(["10000", "99,999"]),
        "test": st.sampled_from(["hide", "only"]),
        "unfold": st.just("1"),
    },
)


def plainly(rows: list[dict[str, Any]], wanted: OrderFilter) -> list[dict[str, Any]]:
    """What the filter means, said once more without SQL."""
    column = {"requested": "requested_at", "paid": "paid_at", "cancelled": "cancelled_at"}
    time = column[wanted.base]
    return [
        row
        for row in rows
        if row[time] is not None
        and (wanted.state in ("", row["state"]))
        and (wanted.start is None or row[time] >= wanted.start)
        and (wanted.end is None or row[time] < wanted.end)
        and (not wanted.method or wanted.method == _method(row))
        and ((wanted.min_amount is None and wanted.max_amount is None) or row["currency"] == "KRW")
        and (wanted.min_amount is None or row["amount"] >= wanted.min_amount)
        and (wanted.max_amount is None or row["amount"] <= wanted.max_amount)
        and (not wanted.test or bool(row["sandbox"]) == (wanted.test == "only"))
        and (wanted.unfold or row["state"] != "ready" or row["requested_at"] >= NOW - 3600)
        and (not wanted.q or _says(row, wanted.q))
    ]


def _method(row: dict[str, Any]) -> str:
    method = "kakaopay" if row["emb_pg_provider"] == "kakaopay" else row["pay_method"]
    return "other" if method == "newpay" else method


def _says(row: dict[str, Any], text: str) -> bool:
    said = (
        "merchant_uid",
        "imp_uid",
        "name",
        "buyer_name",
        "buyer_tel",
        "buyer_email",
        "apply_num",
    )
    digits = text.removesuffix("원").replace(",", "")
    return any(normalise(text) in normalise(row[name]) for name in said) or (
        digits.isdigit() and row["currency"] == "KRW" and row["amount"] == int(digits)
    )


class Shop(NamedTuple):
    db: Database
    rows: list[dict[str, Any]]

    def __repr__(self) -> str:
        return "<400 orders>"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    db = open_shelf(tmp_path_factory.mktemp("list") / "shop.db")
    given = make_orders(seed=5, count=400)
    known = dict(zip(put(db, *given), given, strict=True))
    stored = db.conn.execute("SELECT * FROM orders").fetchall()
    rows = [dict(row) | {"apply_num": known[row["id"]]["apply_num"]} for row in stored]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_NEAR", 7)  # so that a page begins in one look and ends in another
        yield Shop(db, rows)
    db.close()


@given(ARGS)
@settings(max_examples=300, deadline=None)
def test_rows_and_sums_equal_a_plain_look(shop: Shop, args: dict):
    db, rows = shop
    wanted = parse(args, NOW)
    expected = plainly(rows, wanted)
    found = find_page(db, wanted, now=NOW, size=1_000).rows
    assert {row["id"] for row in found} == {row["id"] for row in expected}
    totals = find_totals(db, wanted, now=NOW)
    money = [row for row in found if row["currency"] == "KRW" and not row["sandbox"]]
    assert totals.count == len(found)
    assert totals.paid == sum(row["paid_amount"] for row in money)
    assert totals.cancelled == sum(row["cancelled_amount"] for row in money)
    assert totals.count == len(money) + totals.test_count + totals.foreign_count
    assert totals.counts.get(wanted.state, totals.count if not wanted.state else 0) == len(found)


@given(ARGS, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_pages_give_each_row_once(shop: Shop, args: dict, size: int):
    db = shop.db
    assert walk(db, size, **args) == ids(db, 1_000, **args)


@given(ARGS, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_the_way_back_meets_the_same_rows(shop: Shop, args: dict, size: int):
    db, forth = shop.db, ids(shop.db, 1_000, **args)
    if not forth:
        return
    column = search.TIME_COLUMNS[args.get("base", "requested")]
    last = next(row for row in find_rows(db, forth[-1:]))
    back, place = [forth[-1]], f"{last[column]}-{last['id']}"
    while place:
        page = find_page(db, parse({**args, "after": place}, NOW), now=NOW, size=size)
        back[:0] = [row["id"] for row in page.rows]
        place = str(page.newer) if page.newer else ""
    assert back == forth


@given(
    size=st.integers(1, 20),
    seed=st.integers(0, 2**16),
    args=st.fixed_dictionaries(
        {"unfold": st.just("1")},
        optional={
            "q": st.sampled_from(QUERIES),
            "state": st.sampled_from(STATES),
            "base": st.sampled_from(["paid", "cancelled"]),
        },
    ),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_do_not_shift_while_rows_arrive(tmp_path_factory, size: int, seed: int, args: dict):
    db = open_shelf(tmp_path_factory.mktemp("arrive") / "shop.db")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search, "_NEAR", 5)
            put(db, *make_orders(seed, 80))
            before = ids(db, 1_000, **args)
            arriving = iter(make_orders(seed + 1, 150))
            seen = walk(db, size, lambda: put(db, *islice(arriving, 2)), **args)
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)
    finally:
        db.close()
