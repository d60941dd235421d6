"""From order to order in the list one came from."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.database import write
from dashboard.orders.filters import parse
from dashboard.orders.neighbours import find_neighbours
from dashboard.orders.search import find_page
from tests.orders.shelf import NOW, open_shelf, order, put

DAY = 86_400
STATES = st.sampled_from(["paid", "partial", "failed"])
PLACES = st.lists(st.tuples(st.integers(1, 5), STATES), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def shelf_db(tmp_path_factory):
    with closing(open_shelf(tmp_path_factory.mktemp("shelf") / "s.db")) as db:
        db.conn.execute("PRAGMA synchronous = OFF")
        yield db


@settings(max_examples=40)
@given(
    shelf=PLACES,
    later=st.lists(st.tuples(st.integers(-5, 0), STATES), max_size=6),
    args=st.sampled_from([{}, {"state": "paid"}, {"base": "paid"}, {"q": "햇사과"}]),
    data=st.data(),
)
def test_walking_next_meets_every_row_once_while_orders_arrive(shelf_db, shelf, later, args, data):
    """From any row to the end; orders that arrive meanwhile stand above and shift nothing."""
    db = shelf_db
    with write(db):
        db.conn.execute("DELETE FROM order_search")
        db.conn.execute("DELETE FROM orders")

    def add(*rows):
        put(db, *(order(state=state, requested_at=NOW - ago) for ago, state in rows))

    add(*shelf)
    wanted = parse(args, NOW)
    rows = [row["id"] for row in find_page(db, wanted, now=NOW).rows]
    if not rows:
        return
    start = data.draw(st.integers(0, len(rows) - 1))
    arriving, met, at = list(later), [rows[start]], rows[start]
    while (at := find_neighbours(db, wanted, at, now=NOW).older) is not None:
        met.append(at)
        if arriving:
            add(arriving.pop())
    assert met == rows[start:]
    back, at = [rows[-1]], rows[-1]
    while (at := find_neighbours(db, wanted, at, now=NOW).newer) is not None:
        back.append(at)
    assert back == [row["id"] for row in find_page(db, wanted, now=NOW).rows][::-1]


@pytest.fixture
def five(db):
    put(db, *(order(requested_at=NOW - number * DAY) for number in range(5)))


def page_of(client, order_id, question=""):
    path = f"/orders/{order_id}"
    return client.get(path + (f"?list={quote(question, safe='')}" if question else "")).text


def test_the_page_leads_up_and_down_and_back(client, five):
    page = page_of(client, 3, "state=paid&when=6m")
    beside = "list=state%3Dpaid%26when%3D6m"
    assert f'rel="prev" href="/orders/2?{beside}"' in page
    assert f'rel="next" href="/orders/4?{beside}"' in page
    assert 'href="/orders?state=paid&amp;when=6m#order-3"' in page


def test_a_row_carries_the_question_of_its_list(client, five):
    page = client.get("/orders?state=paid&on=2026-08-20").text
    assert 'href="/orders/3?list=on%3D2026-08-20%26state%3Dpaid" data-row-link' in page
    assert 'href="/orders/3" data-row-link' in client.get("/orders").text


def test_the_place_in_the_pages_only_leads_back(client, five):
    """Down and up know no page ends."""
    page = page_of(client, 3, "on=2026-08-19")
    assert 'href="/orders/2?list=on%3D2026-08-19"' in page
    assert 'href="/orders?on=2026-08-19#order-3"' in page


def test_the_ends_of_the_list_lead_nowhere(client, five):
    assert 'data-way="prev"' not in page_of(client, 1)
    assert 'data-way="next"' not in page_of(client, 5)


@pytest.mark.parametrize("question", ["state=nonsense", "q=x", "%%%", "on=yesterday", "x" * 9000])
def test_a_mangled_question_is_the_whole_list(client, five, question):
    page = page_of(client, 3, question)
    assert 'href="/orders/2"' in page and 'href="/orders#order-3"' in page


def test_an_order_that_left_the_list_keeps_its_place(client, five, db):
    db.execute("UPDATE orders SET state = 'partial' WHERE id = 3")
    page = page_of(client, 3, "state=paid")
    assert 'href="/orders/2?list=state%3Dpaid"' in page
    assert 'href="/orders/4?list=state%3Dpaid"' in page


def test_what_was_never_paid_has_no_place_among_the_paid(client, five, db):
    db.execute("UPDATE orders SET paid_at = NULL WHERE id = 3")
    assert 'data-way="next"' not in page_of(client, 3, "base=paid")


def test_a_note_does_not_lose_the_list(client, five):
    path = "/orders/3/notes?list=state%3Dpaid"
    assert f'action="{path}"' in page_of(client, 3, "state=paid")
    answer = client.send(path, {"text": "전화함"})
    assert answer.location == "/orders/3?list=state%3Dpaid#order-notes"
