"""Counts and sums: kept by day through every change, and bounded where only the rows can tell."""

import random
from pathlib import Path

import pytest
from sqlite_utils import Database

from dashboard.orders import totals
from dashboard.orders.filters import parse
from dashboard.orders.search import find_page
from dashboard.orders.totals import find_totals
from tests.orders.shelf import NOW, open_shelf, order, put
from tests.orders.test_list_search import DAY, STATES, make_orders

KEPT = "SELECT base, day, state, method, sandbox, currency, count, paid, cancelled, by_hand"
AFRESH = """
    SELECT base, (at + 32400) / 86400 AS day, state, method, sandbox, currency, count(*) AS count,
        sum(paid_amount) AS paid, sum(cancelled_amount) AS cancelled,
        sum(manual_refunded) AS by_hand
    FROM (SELECT 'requested' AS base, requested_at AS at, * FROM orders
        UNION ALL SELECT 'paid', paid_at, * FROM orders
        UNION ALL SELECT 'cancelled', cancelled_at, * FROM orders)
    WHERE at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"""


@pytest.fixture
def db(tmp_path: Path):
    db = open_shelf(tmp_path / "shop.db")
    yield db
    db.close()


def sums_of(db: Database, **args: str) -> totals.Totals:
    return find_totals(db, parse(args, NOW), now=NOW)


@pytest.mark.parametrize("seed", range(4))
def test_the_days_equal_the_orders_through_every_change(db: Database, seed: int):
    draw = random.Random(seed)
    known = put(db, *make_orders(seed, 120))
    for _change in range(150):
        one = draw.choice(known)
        column, value = draw.choice(
            [
                ("state", draw.choice(STATES)),
                ("paid_at", draw.choice([None, NOW - draw.randrange(10**7)])),
                ("cancelled_at", draw.choice([None, NOW - draw.randrange(10**7)])),
                ("requested_at", NOW - draw.randrange(10**7)),
                ("pay_method", draw.choice(["card", "phone"])),
                ("cancelled_amount", draw.randrange(10**5)),
                ("manual_refunded", draw.randrange(10**4)),
                ("name", "다른 이름"),
            ]
        )
        db.conn.execute(f"UPDATE orders SET {column} = ? WHERE id = ?", (value, one))
    kept = db.conn.execute(f"{KEPT} FROM order_days WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6")
    assert [tuple(row) for row in kept] == [tuple(row) for row in db.conn.execute(AFRESH)]


def test_kept_sums_read_the_days_and_not_the_orders(db: Database):
    put(db, *make_orders(1, 30))
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    sums_of(db, state="paid", method="card", when="month", base="paid", test="hide", unfold="1")
    db.conn.set_trace_callback(None)
    plan = [row["detail"] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert len(asked) == 1
    assert plan[0].startswith("SEARCH order_days USING PRIMARY KEY")


def test_beyond_the_bound_it_says_so_and_leaves_the_sums_out(db: Database, monkeypatch):
    monkeypatch.setattr(totals, "MOST", 5)
    put(db, *(order(name="사과") for _ in range(4)), order(name="사과", state="failed"))
    found = sums_of(db, q="사과")
    assert (found.count, found.more, found.tabs_known) == (5, False, True)
    put(db, order(name="사과"))
    found = sums_of(db, q="사과")
    assert (found.count, found.more, found.tabs_known, found.paid) == (5, True, False, 0)
    found = sums_of(
        db, q="사과", state="failed"
    )  # few enough: the tab is known, not its neighbours
    assert (found.count, found.more, found.tabs_known) == (1, False, False)


def test_folded_windows_are_not_counted_as_rows(db: Database, monkeypatch):
    monkeypatch.setattr(totals, "MOST", 5)
    old = {"state": "ready", "requested_at": NOW - 2 * DAY, "paid_amount": 0}
    put(db, *(order(name="사과", **old) for _ in range(9)), *(order(name="사과") for _ in range(3)))
    found = sums_of(db, q="사과")
    assert (found.count, found.more, found.counts) == (3, False, {"paid": 3})
    assert (found.folded, found.folded_many) == (0, True)  # nobody counted to the end
    found = sums_of(db, q="사과", state="ready")
    assert (found.count, found.more, found.folded_many) == (0, False, True)
    assert sums_of(db, q="사과", state="paid").folded_many is False
    assert sums_of(db, q="사과", unfold="1").more
    monkeypatch.setattr(totals, "MOST", 9)
    found = sums_of(db, q="사과")
    assert (found.count, found.folded, found.folded_many) == (3, 9, False)


def test_it_never_takes_long(db: Database, monkeypatch):
    monkeypatch.setattr(totals, "WITHIN_S", 0)
    put(db, *make_orders(2, 400))
    db.conn.executemany(
        "INSERT INTO order_search (rowid, name) VALUES (?, ?)",
        [(number, "aa aa") for number in range(10_000, 30_000)],
    )
    found = sums_of(db, q="aa")
    assert found.unknown and not found.tabs_known
    assert sums_of(db).count == len(find_page(db, parse({}, NOW), now=NOW, size=999).rows)
