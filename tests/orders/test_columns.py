"""Which columns of the list somebody sees, and in which order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.orders.columns import COLUMNS, USUAL, choose, moved
from tests.orders.shelf import order, put

NAMES = [column.name for column in COLUMNS]
SHOWN = [column.name for column in USUAL.shown]


def heads(client, path="/orders") -> list[str]:
    """The names of the columns as the page has them."""
    return re.findall(r'<th class="c-([a-z]+)[^"]*" role="columnheader"', client.get(path).text)[
        1:-1
    ]


def cells(client) -> list[str]:
    row = client.get("/orders").text.partition("data-row")[2].partition("</tr>")[0]
    return re.findall(r'<t[dh] class="c-([a-z]+)', row)[1:-1]


def choose_on(client, **data):
    return client.send("/orders/columns", {"order": NAMES, "show": SHOWN} | data)


@given(st.lists(st.sampled_from([*NAMES, "none", ""])), st.lists(st.sampled_from([*NAMES, "x"])))
def test_whatever_arrives_every_column_stands_once_and_the_goods_stay(order, shown):
    found = choose(order, shown)
    assert sorted(column.name for column in found.order) == sorted(NAMES)
    assert "goods" in {column.name for column in found.shown}
    assert found.names <= set(NAMES)


@given(st.permutations(NAMES), st.sampled_from([*NAMES, "none"]), st.sampled_from([-1, 1]))
def test_a_move_changes_places_with_one_neighbour(order, name, step):
    after = moved(order, name, step)
    assert sorted(after) == sorted(order)
    assert sum(one != other for one, other in zip(after, order, strict=True)) in (0, 2)


def test_everybody_starts_with_the_same(client, db):
    put(db, order())
    assert heads(client) == cells(client) == SHOWN


def test_a_choice_is_remembered_for_one_person(client, client_as, db):
    put(db, order(buyer_email="hana@example.com", tax_free=3_000))
    order_of = ["goods", "amt", "email", "free", *NAMES]
    answer = choose_on(client, order=order_of, show=["email", "free", "amt"], here="state=paid")
    assert answer.status_code == 303 and answer.location == "/orders?state=paid"
    assert heads(client) == cells(client) == ["goods", "amt", "email", "free"]
    page = client.get("/orders").text
    assert "h****@example.com" in page and "hana@example.com" not in page and "3,000" in page
    assert heads(client_as("staff")) == SHOWN
    choose_on(client, reset="1")
    assert heads(client) == SHOWN


def test_without_a_script_a_move_keeps_the_ticks_and_the_open_menu(client, db):
    put(db, order())
    answer = choose_on(client, show=["st", "buyer"], move="up-st")
    assert answer.location == "/orders?columns=open"
    assert heads(client) == ["st", "goods", "buyer"]
    page = client.get(answer.location).text
    assert 'id="column-menu" open' in page
    first = re.findall(r'name="order" value="([a-z]+)"', page)[:3]
    assert first == ["st", "when", "goods"]


@pytest.mark.parametrize("state", ["paid", "partial", "ready", "failed"])
def test_every_column_has_something_to_say_about_every_row(client, db, state):
    put(db, order(state=state, card_name="", card_quota=None, buyer_email="", paid_at=None))
    choose_on(client, show=NAMES)
    assert cells(client) == NAMES


def test_fresh_rows_of_the_live_answer_have_the_same_columns(client, db):
    put(db, order())
    choose_on(client, show=["amt"])
    data = {"ids": "1", "csrf_token": client.csrf()}
    answer = client.post("/orders/live", data=data, headers={"X-Fragment": "1"})
    row = answer.text.partition("data-row")[2]
    if row:  # nothing was learnt when PortOne is out of reach
        assert 'class="c-goods"' in row and 'class="c-st"' not in row


def test_a_day_leads_to_its_last_order(client, db):
    day = 86_400
    put(db, *(order(requested_at=1_787_281_200 - number * day) for number in range(6)))
    page = client.get("/orders?on=2026-08-19&state=paid").text
    assert re.findall(r'id="order-(\d+)"', page) == ["3", "4", "5", "6"]
    assert (
        'name="on" type="date" value="2026-08-19"' in page and 'name="state" value="paid"' in page
    )
