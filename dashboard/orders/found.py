"""Why a row was found, when nothing marked in it shows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlite_utils import Database

from dashboard.formatting import mask_tel
from dashboard.orders.query import Query, Term
from dashboard.orders.search_index import (
    TEXT_COLUMNS,
    initial,
    initial_phrase,
    normalise,
    pairs,
    phones,
    typed_initials,
)

_SHOWN = ("name", "merchant_uid")
_ON_ROW = ("buyer_name", "buyer_tel", "buyer_email", "imp_uid")


def out_of_sight(
    db: Database, orders: Sequence[sqlite3.Row], query: Query
) -> Mapping[int, Sequence[str]]:
    """By order id, the columns of the search index that answer the query out of sight.

    For the rows of one page: most of it is seen in the rows themselves, the index is asked about
    the rest only (numbers of cards and approvals, earlier attempts to pay).
    """
    found: dict[int, list[str]] = {}
    unexplained: list[tuple[int, Term]] = []
    for term in query.found_in_text:
        if term.key and term.key != "card":
            continue  # the term itself says where
        for order in orders:
            if _in_sight(order, term):
                continue
            columns = [name for name in _ON_ROW if _says(_texts(order, name), term)]
            if columns and term.key != "card":
                found.setdefault(order["id"], []).append(columns[0])
            else:
                unexplained.append((order["id"], term))
    indexed = _indexed(db, [order_id for order_id, _ in unexplained])
    for order_id, term in unexplained:
        columns = _answering(indexed[order_id], term) if order_id in indexed else []
        found.setdefault(order_id, []).extend(columns[:1])
    return {order_id: tuple(dict.fromkeys(columns)) for order_id, columns in found.items()}


def _in_sight(order: sqlite3.Row, term: Term) -> bool:
    if term.kind == "amount" and order["amount"] == term.low and order["currency"] == "KRW":
        return True
    if term.key == "card":
        return normalise(term.text) in normalise(order["card_name"])
    shown = [order[name] for name in _SHOWN]
    return _says([*shown, *mask_tel(order["buyer_tel"]).split("*")], term)


def _texts(order: sqlite3.Row, column: str) -> Sequence[str]:
    return phones([order[column]]) if column == "buyer_tel" else [order[column] or ""]


def _says(texts: Sequence[str], term: Term) -> bool:
    if term.kind == "initials":
        wanted = typed_initials(term.text)
        return any(wanted in "".join(initial(char) or "*" for char in normalise(t)) for t in texts)
    wanted = normalise(term.text)
    return any(wanted in _letters(text) for text in texts)


_letters = lru_cache(maxsize=4_096)(normalise)  # the same rows are looked at again and again


def _indexed(db: Database, ids: Sequence[int]) -> Mapping[int, sqlite3.Row]:
    """What the index has of these orders. Reading it is cheaper than asking column by column."""
    marks = ", ".join("?" * len(ids))
    rows = db.conn.execute(f"SELECT rowid, * FROM order_search WHERE rowid IN ({marks})", ids)  # noqa: S608 - question marks
    return {row["rowid"]: row for row in rows} if ids else {}


def _answering(indexed: sqlite3.Row, term: Term) -> list[str]:
    """The columns whose tokens have the term's one after the other."""
    if term.kind == "initials":
        phrase = initial_phrase(typed_initials(term.text))
        columns = {"buyer_initials": "buyer_name", "name_initials": "name"}
    else:
        phrase = pairs(term.text)
        columns = {name: name for name in term.columns or TEXT_COLUMNS}
    return [
        said
        for column, said in columns.items()
        if phrase and f" {phrase} " in f" {indexed[column]} "
    ]
