"""Routes of all receipts: the list with its sums, sales without one, one on paper."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext as _

from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.receipts import known, service
from dashboard.receipts.blueprint import blueprint
from dashboard.receipts.listing import KINDS, STATE_WORDS, Entry, Missing, question
from dashboard.refunds.history import PERIODS
from dashboard.runtime import runtime

PAGE = 50


@blueprint.get("/receipts")
@needs("see_orders")
def index() -> str:
    """The receipts of the question in the address; with ``missing=1`` the sales without one."""
    db, now = get_db(), runtime().now()
    missing_count = known.count_missing(db, now)
    if request.args.get("missing") == "1":
        return render_template(
            "receipts/missing.html",
            entries=[Missing(row=row) for row in known.missing(db, now)],
            count=missing_count,
        )
    asked = question(request.args, now)
    at = (asked.page - 1) * PAGE
    rows = service.search(db, **asked.choice, limit=PAGE + 1, offset=at)
    return render_template(
        "receipts/index.html",
        entries=[Entry(row=row) for row in rows[:PAGE]],
        more=len(rows) > PAGE,
        sums=service.sums(db, **asked.choice),
        asked=asked,
        kinds=list(KINDS.items()),
        states=list(STATE_WORDS.items()),
        periods=list(PERIODS.items()),
        problems={
            name: _("날짜를 다시 확인해 주세요.")
            for name in asked.period.problems
            if name in ("from", "to")
        },
        missing_count=missing_count,
    )


@blueprint.get("/receipts/<receipt_id>/print")
@needs("see_orders")
def print_one(receipt_id: str) -> str:
    """What the buyer is given on paper; only of one that was issued."""
    row = service.find(get_db(), receipt_id)
    if row is None:
        abort(404)
    return render_template("receipts/print.html", one=Entry(row=row), now=runtime().now())
