"""Products to pick from when a payment is asked for, and how many of each are left."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlite_utils import Database

from dashboard import events
from dashboard.database import all_rows, one_row, write

MOST = 1000
Row = dict[str, Any]


class NameTaken(Exception):
    """Another product is called so."""


class StockMoved(Exception):
    """Pieces were sold while the form was open; ``left`` is the count now."""

    def __init__(self, left: int | None) -> None:
        super().__init__(left)
        self.left = left


def listed(db: Database, *, now: int, hidden: bool = False) -> list[Row]:
    """Products by name, with ``held``: pieces held back for buyers who are paying.

    :param hidden: also those that are not offered any more
    """
    return all_rows(
        db,
        "SELECT products.*, (SELECT ifnull(sum(quantity), 0) FROM stock_holds"
        " WHERE product_id = products.id AND state = 'held' AND (until IS NULL OR until > ?1))"
        " AS held FROM products WHERE ?2 OR hidden_at IS NULL ORDER BY name LIMIT ?3",
        now,
        hidden,
        MOST,
    )


def find(db: Database, product_id: int) -> Row | None:
    return one_row(db, "SELECT * FROM products WHERE id = ?", product_id)


def find_by_name(db: Database, name: str) -> Row | None:
    """The product offered under this name."""
    return one_row(db, "SELECT * FROM products WHERE name = ? AND hidden_at IS NULL", name)


def save(
    db: Database,
    product_id: int | None,
    *,
    name: str,
    unit_price: int,
    tax_free: bool,
    stock: int | None,
    shown_stock: int | None = None,
    person_id: int,
    now: int,
) -> int:
    """Add a product, or change one; answers its id.

    The count is only touched by who changed it: pieces sold while a form was open stay sold.

    :param unit_price: won, VAT included
    :param stock: pieces not sold yet; None: not counted
    :param shown_stock: what the form had shown
    :raise NameTaken: another one that is offered has this name
    :raise StockMoved: the count was changed in the form, and by a sale meanwhile
    """
    values = {"name": name, "unit_price": unit_price, "tax_free": int(tax_free), "stock": stock}
    try:
        with write(db):
            if product_id is None:
                product_id = _add(db, values, now)
            else:
                there = (find(db, product_id) or {}).get("stock")
                if stock == shown_stock:
                    values["stock"] = there
                elif there != shown_stock:
                    raise StockMoved(there)
                db.conn.execute(
                    "UPDATE products SET name = :name, unit_price = :unit_price,"
                    " tax_free = :tax_free, stock = :stock WHERE id = :id",
                    values | {"id": product_id},
                )
            _record(db, "product.saved", now, person_id, values | {"product_id": product_id})
    except sqlite3.IntegrityError as error:
        raise NameTaken from error
    return product_id


def remember(db: Database, *, name: str, unit_price: int, tax_free: bool, now: int) -> int:
    """Keep what was typed as a product, inside the caller's transaction; a known name stays.

    :return: its id
    """
    if (known := find_by_name(db, name)) is not None:
        return int(known["id"])
    values = {"name": name, "unit_price": unit_price, "tax_free": int(tax_free), "stock": None}
    return _add(db, values, now)


def hide(db: Database, product_id: int, *, hidden: bool, person_id: int, now: int) -> None:
    """Stop offering a product, or offer it again; requests that name it stay as they are.

    :raise NameTaken: meanwhile another one has this name
    """
    try:
        with write(db):
            db.conn.execute(
                "UPDATE products SET hidden_at = ? WHERE id = ?",
                (now if hidden else None, product_id),
            )
            detail = {"product_id": product_id, "hidden": hidden}
            _record(db, "product.hidden", now, person_id, detail)
    except sqlite3.IntegrityError as error:
        raise NameTaken from error


def _add(db: Database, values: Row, now: int) -> int:
    return int(
        db.conn.execute(
            "INSERT INTO products (name, unit_price, tax_free, stock, created_at)"
            " VALUES (:name, :unit_price, :tax_free, :stock, :now)",
            values | {"now": now},
        ).lastrowid
        or 0
    )


def _record(db: Database, kind: str, now: int, person_id: int, detail: Row) -> None:
    events.record(db, kind, at=now, actor="person", person_id=person_id, detail=detail)
