"""How many pieces of a product are left, and for whom they are held back.

A product's ``stock`` are the pieces not sold yet. A request holds its own from the moment PortOne
asks whether it may approve (payment-window, 5) until the payment is known; only that makes two
buyers of one last piece meet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlite_utils import Database

from dashboard.database import all_rows

HOLD_S = 30 * 60
"""So long an approval, and the news of it, may take."""


@dataclass(frozen=True)
class RanOut:
    """A product of which less is left than is asked for."""

    name: str
    left: int


def short_of(db: Database, request_id: str, now: int) -> RanOut | None:
    """The first product of a request that there is not enough of, or None."""
    for product_id, quantity in _asked(db, request_id).items():
        row = db.conn.execute(
            "SELECT name, stock - (SELECT ifnull(sum(quantity), 0) FROM stock_holds"
            " WHERE product_id = products.id AND state = 'held' AND request_id <> ?1"
            " AND (until IS NULL OR until > ?2)) AS left"
            " FROM products WHERE id = ?3 AND stock IS NOT NULL",
            (request_id, now, product_id),
        ).fetchone()
        if row is not None and row["left"] < quantity:
            return RanOut(row["name"], max(row["left"], 0))
    return None


def hold(db: Database, request_id: str, now: int, *, until: int | None) -> RanOut | None:
    """Hold back what a request asks for, or say what there is not enough of.

    Inside the caller's write transaction: whoever comes second finds what the first one holds.

    :param until: UNIX seconds; None: until it is let go
    """
    if (missing := short_of(db, request_id, now)) is not None:
        return missing
    for product_id, quantity in _asked(db, request_id).items():
        db.conn.execute(
            "INSERT INTO stock_holds (request_id, product_id, quantity, state, held_at, until)"
            " VALUES (?1, ?2, ?3, 'held', ?4, ?5) ON CONFLICT (request_id, product_id) DO UPDATE"
            " SET state = 'held', held_at = excluded.held_at, until = excluded.until"
            " WHERE state <> 'sold'",
            (request_id, product_id, quantity, now, until),
        )
    return None


def sell(db: Database, request_id: str, now: int) -> RanOut | None:
    """Take what was paid for out of the stock, once; says when there was less than that."""
    missing = None
    for product_id, quantity in _asked(db, request_id).items():
        done = db.conn.execute(
            "INSERT INTO stock_holds (request_id, product_id, quantity, state, held_at)"
            " VALUES (?, ?, ?, 'sold', ?) ON CONFLICT (request_id, product_id) DO UPDATE"
            " SET state = 'sold', until = NULL WHERE state <> 'sold'",
            (request_id, product_id, quantity, now),
        )
        if done.rowcount != 1:
            continue
        row = db.conn.execute(
            "SELECT name, stock FROM products WHERE id = ? AND stock IS NOT NULL", (product_id,)
        ).fetchone()
        if row is None:
            continue
        if row["stock"] < quantity:
            missing = missing or RanOut(row["name"], row["stock"])
        db.conn.execute(
            "UPDATE products SET stock = max(stock - ?, 0) WHERE id = ?", (quantity, product_id)
        )
    return missing


def let_go(db: Database, request_id: str) -> None:
    """Nobody pays for it any more."""
    db.conn.execute(
        "UPDATE stock_holds SET state = 'released', until = NULL"
        " WHERE request_id = ? AND state = 'held'",
        (request_id,),
    )


def _asked(db: Database, request_id: str) -> Counter[int]:
    """Pieces by product; goods that are no product of the shop's list have no stock."""
    asked: Counter[int] = Counter()
    for line in all_rows(
        db,
        "SELECT product_id, quantity FROM payment_request_lines"
        " WHERE request_id = ? AND product_id IS NOT NULL",
        request_id,
    ):
        asked[line["product_id"]] += line["quantity"]
    return asked
