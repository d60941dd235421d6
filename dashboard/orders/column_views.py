"""Routes of the list's columns: one form that shows, hides and moves them."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db, write
from dashboard.orders import columns
from dashboard.orders.blueprint import blueprint
from dashboard.orders.filters import parse
from dashboard.orders.question import read_question
from dashboard.runtime import runtime

_STEPS = {"up": -1, "down": 1}


@blueprint.get("/orders/columns")
@needs("see_orders")
def back_to_list() -> ResponseReturnValue:
    """The address bar of the form, loaded again."""
    return redirect(url_for(".index"))


@blueprint.post("/orders/columns")
@needs("see_orders")
def choose_columns() -> ResponseReturnValue:
    """Remember the ticked columns in their order; a move leaves the menu open."""
    order = request.form.getlist("order")
    step, _dash, name = request.form.get("move", "").partition("-")
    if step in _STEPS:
        order = columns.moved(order, name, _STEPS[step])
    db = get_db()
    with write(db):
        if "reset" in request.form:
            columns.forget(db, current_user.id)
        else:
            chosen = columns.choose(order, request.form.getlist("show"))
            columns.keep(db, current_user.id, chosen)
    here = parse(read_question(request.form.get("here", "")), runtime().now()).here()
    back: dict[str, Any] = here | ({"columns": "open"} if step in _STEPS else {})
    return redirect(url_for(".index", **back), 303)
