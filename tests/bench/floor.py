"""The floor: what Flask, sqlite3 and waitress take when they do nothing but answer.

One SELECT by the index that answers it, one Jinja table of the list's columns; no layout, no
sign-in, no count, no sums. ``python -m tests.bench.floor DATABASE PORT``. Nothing of the product is
imported: the search asks the same index with the pairs it is made of.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import waitress
from flask import Flask, g, render_template, request
from jinja2 import DictLoader

SIZE = 50

LIST = """<!doctype html><title>orders</title><table>
{% for row in rows %}<tr><td>{{ row.requested_at }}</td><td>{{ row.state }}</td>
<td><a href="/orders/{{ row.id }}">{{ row.name }}</a> {{ row.merchant_uid }}</td>
<td>{{ row.buyer_name }} {{ row.buyer_tel }}</td><td>{{ row.method }} {{ row.card_name }}</td>
<td>{{ row.paid_amount }}</td><td>{{ row.cancelled_amount }}</td><td>{{ row.paid_at }}</td></tr>
{% endfor %}</table>"""

ORDER = """<!doctype html><title>order</title><h1>{{ order.name }}</h1><dl>
{% for name in order.keys() %}<dt>{{ name }}</dt><dd>{{ order[name] }}</dd>{% endfor %}</dl>
{% for row in payments %}<dl>
{% for name in row.keys() %}<dt>{{ name }}</dt><dd>{{ row[name] }}</dd>{% endfor %}</dl>{% endfor %}
"""

NEWEST = " ORDER BY requested_at DESC, id DESC LIMIT ?"


def match_query(text: str) -> str:
    """The pairs of letters that the index holds, as a phrase."""
    letters = "".join(filter(str.isalnum, text.lower()))
    return '"' + " ".join(map("".join, zip(letters, letters[1:], strict=False))) + '"'


def create_floor(database: str) -> Flask:
    """The bare application over a shop's file."""
    app = Flask("floor")
    app.jinja_loader = DictLoader({"list.html": LIST, "order.html": ORDER})

    def ask(statement: str, *values: Any) -> list[sqlite3.Row]:
        if "db" not in g:
            g.db = sqlite3.connect(database)
            g.db.row_factory = sqlite3.Row
        return g.db.execute(statement, values).fetchall()

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        if "db" in g:
            g.db.close()

    @app.get("/orders")
    def orders() -> str:
        conditions, values = [], []
        if "q" in request.args:
            conditions.append("id IN (SELECT rowid FROM order_search WHERE order_search MATCH ?)")
            values.append(match_query(request.args["q"]))
        for name in ("state", "method"):
            if name in request.args:
                conditions.append(f"{name} = ?")
                values.append(request.args[name])
        if "before" in request.args:
            conditions.append("(requested_at, id) < (?, ?)")
            values += map(int, request.args["before"].split("-"))
        where = "WHERE " + " AND ".join(conditions) if conditions else ""
        rows = ask(f"SELECT * FROM orders {where}{NEWEST}", *values, SIZE)
        return render_template("list.html", rows=rows)

    @app.get("/orders/<int:order_id>")
    def order(order_id: int) -> str:
        found = ask("SELECT * FROM orders WHERE id = ?", order_id)
        payments = ask("SELECT * FROM payments WHERE order_id = ?", order_id)
        return render_template("order.html", order=found[0], payments=payments)

    return app


if __name__ == "__main__":
    waitress.serve(create_floor(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), threads=8)
