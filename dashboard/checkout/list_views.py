"""The list of payment requests."""

from __future__ import annotations

from flask import render_template, request
from flask_login import current_user

from dashboard.accounts.permissions import allowed, needs
from dashboard.checkout import service
from dashboard.checkout.blueprint import blueprint
from dashboard.checkout.listing import TABS, Entry, question, tab_counts
from dashboard.database import get_db

PAGE = 50


@blueprint.get("/requests")
@needs("see_orders")
def index() -> str:
    """The requests of the question in the address."""
    db, asked = get_db(), question(request.args)
    at = (asked.page - 1) * PAGE
    rows = service.search(
        db,
        **asked.choice,
        personal=allowed(current_user.role, "see_personal_data"),
        limit=PAGE + 1,
        offset=at,
    )
    return render_template(
        "checkout/index.html",
        entries=[Entry(row) for row in rows[:PAGE]],
        more=len(rows) > PAGE,
        asked=asked,
        tabs=list(TABS.items()),
        tab_counts=tab_counts(service.counts(db)),
    )
