"""Products to pick from, and the arithmetic of what is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from dashboard.checkout import products, stock
from dashboard.database import connect, write
from dashboard.migrations import migrations

NOW = 1_787_288_700


def save(db, name="사과", product_id=None, stock=None):
    return products.save(
        db,
        product_id,
        name=name,
        unit_price=5_000,
        tax_free=True,
        stock=stock,
        person_id=1,
        now=NOW,
    )


def test_saved_changed_hidden_and_shown_again(db):
    apple = save(db)
    with pytest.raises(products.NameTaken):
        save(db)
    assert save(db, "배", apple, 3) == apple and products.find(db, apple)["stock"] == 3
    pear = products.find_by_name(db, "배")
    assert pear["id"] == apple
    products.hide(db, apple, hidden=True, person_id=1, now=NOW)
    assert products.listed(db, now=NOW) == [] and products.find_by_name(db, "배") is None
    assert len(products.listed(db, now=NOW, hidden=True)) == 1
    other = save(db, "배")
    with pytest.raises(products.NameTaken):
        products.hide(db, apple, hidden=False, person_id=1, now=NOW)
    with write(db):
        assert products.remember(db, name="배", unit_price=1, tax_free=False, now=NOW) == other
        new = products.remember(db, name="감", unit_price=1, tax_free=False, now=NOW)
    assert products.find(db, new)["unit_price"] == 1


def test_a_form_that_was_open_while_pieces_were_sold(db):
    apple = save(db, stock=5)
    with write(db):
        db.conn.execute("UPDATE products SET stock = 2")  # three were paid for meanwhile

    def change(**given) -> int:
        return products.save(
            db, apple, unit_price=6_000, name="사과", tax_free=True, person_id=1, now=NOW, **given
        )

    change(stock=5, shown_stock=5)  # only the price was changed
    assert products.find(db, apple)["stock"] == 2
    with pytest.raises(products.StockMoved) as moved:
        change(stock=9, shown_stock=5)
    assert moved.value.left == 2
    change(stock=9, shown_stock=2)
    assert products.find(db, apple)["stock"] == 9
    change(stock=None, shown_stock=9)
    assert products.find(db, apple)["stock"] is None


steps = st.lists(
    st.tuples(
        st.sampled_from(["hold", "sell", "let_go", "later"]),
        st.integers(0, 3),  # which request
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Database:
    """One ledger for all examples; each rolls back what it did."""
    db = connect(tmp_path_factory.mktemp("stock") / "ledger.db", create=True)
    migrations.apply(db)
    db.conn.execute("PRAGMA foreign_keys = OFF")
    yield db
    db.close()


@given(pieces=st.integers(0, 4), wants=st.tuples(*[st.integers(1, 3)] * 4), steps=steps)
def test_held_pieces_are_never_more_than_there_are(empty, pieces, wants, steps):
    db, now = empty, NOW
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        db.conn.execute(
            "INSERT INTO products VALUES (1, '사과', 5000, 1, ?, NULL, ?)", (pieces, NOW)
        )
        for number, quantity in enumerate(wants):
            db.conn.execute(
                "INSERT INTO payment_request_lines VALUES (?, 1, 1, '사과', 5000, ?, 1)",
                (str(number), quantity),
            )
        sold: set[int] = set()
        left = pieces
        for what, number in steps:
            if what == "hold":
                missing = stock.hold(db, str(number), now, until=now + stock.HOLD_S)
                assert missing is None or missing.left < wants[number]
            elif what == "sell":
                short = stock.sell(db, str(number), now)
                if number not in sold:
                    assert (short is not None) == (left < wants[number])
                    left = max(left - wants[number], 0)
                else:
                    assert short is None
                sold.add(number)
            elif what == "let_go":
                stock.let_go(db, str(number))
            else:
                now += stock.HOLD_S // 2
            row = products.listed(db, now=now)[0]
            assert row["stock"] == left
            held_for = {
                one["request_id"]
                for one in db.query("SELECT * FROM stock_holds WHERE state = 'held'")
            }
            assert not {int(one) for one in held_for} & sold
            if not sold:
                assert row["held"] <= pieces
    finally:
        db.conn.rollback()
