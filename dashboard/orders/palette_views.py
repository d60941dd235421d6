"""The palette's one route: what it offers for what was typed, as a fragment."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.i18n import language
from dashboard.orders.blueprint import blueprint
from dashboard.orders.palette import offers
from dashboard.runtime import runtime


@blueprint.get("/palette")
@needs("see_orders")
def palette() -> ResponseReturnValue:
    """Without a script the address leads to the search of the order list."""
    typed = request.args.get("q", "")
    if "X-Fragment" not in request.headers:
        return redirect(url_for(".index", _anchor="find"))
    found = offers(
        get_db(),
        typed,
        person_id=current_user.id,
        language=language(),
        now=runtime().now(),
    )
    return render_template("palette/options.html", groups=found)
