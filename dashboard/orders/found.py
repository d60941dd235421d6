"""Why a row was found, when nothing marked in it shows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from dashboard.formatting import mask_tel
from dashboard.orders.query import Query, Term
from dashboard.orders.search import match_term
from dashboard.orders.search_index import TEXT_COLUMNS, initial, normalise, phones, typed_initials

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
    for term in query.found_in_text:
        if term.key and term.key != "card":
            continue  # the term itself says where
        unexplained = []
        for order in orders:
            if _in_sight(order, term):
                continue
            columns = [name for name in _ON_ROW if _says(_texts(order, name), term)]
            if columns and term.key != "card":
                found.setdefault(order["id"], []).extend(columns[:1])
            else:
                unexplained.append(int(order["id"]))
        for order_id, column in _asked(db, unexplained, term).items():
            found.setdefault(order_id, []).append(column)
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
    return any(wanted in normalise(text) for text in texts)


def _asked(db: Database, ids: Sequence[int], term: Term) -> Mapping[int, str]:
    """Which column of the index answers, for each of the orders."""
    if not ids or (term.kind == "amount" and len(normalise(term.text)) < 2):
        return {}
    found: dict[int, str] = {}
    marks = ", ".join("?" * len(ids))
    names = {"buyer_initials": "buyer_name", "name_initials": "name"}
    for column in term.columns or (names if term.kind == "initials" else TEXT_COLUMNS):
        rows = db.conn.execute(
            f"SELECT rowid FROM order_search WHERE order_search MATCH ? AND rowid IN ({marks})",  # noqa: S608 - question marks
            (match_term(term, [column]), *ids),
        )
        for row in rows:
            found.setdefault(row["rowid"], names.get(column, column))
    return found
