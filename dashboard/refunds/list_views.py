"""Routes of all refunds: what is open first, then the history of a stretch of time."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from dashboard.accounts.permissions import allowed, needs
from dashboard.database import get_db
from dashboard.orders.filters import METHODS
from dashboard.refunds import approvals, bulk, by_hand, history_store, service
from dashboard.refunds.blueprint import blueprint
from dashboard.refunds.by_hand_words import tell_all_by_hand
from dashboard.refunds.history import (
    PERIODS,
    RESULT_WORDS,
    SOURCE_WORDS,
    Entry,
    question,
    reason_bars,
)
from dashboard.refunds.progress import tell_all
from dashboard.refunds.request_words import tell_requests
from dashboard.runtime import runtime
from dashboard.words import method_word

PAGE = 50


@blueprint.get("/refunds")
@needs("see_orders")
def index() -> str:
    """Everything open, then the history with its sums."""
    db, now = get_db(), runtime().now()
    asked = question(request.args, now)
    at = (max(asked.page, 1) - 1) * PAGE
    rows = history_store.find(db, asked.choice, limit=PAGE + 1, offset=at)
    waiting = tell_requests(approvals.waiting(db))
    by_hands = tell_all_by_hand(by_hand.waiting(db))
    sums = history_store.sums(db, asked.choice)
    return render_template(
        "refunds/index.html",
        opened=tell_all(service.open_refunds(db), now=now),
        requested=[one for one in waiting if one.state == "requested"],
        by_hand_requested=[one for one in by_hands if one.state == "requested"],
        by_hand_approved=[one for one in by_hands if one.state == "approved"],
        scheduled=[one for one in waiting if one.state == "scheduled"],
        bulks=bulk.recent(db) if allowed(current_user.role, "bulk_refund") else [],
        entries=[Entry(row=row) for row in rows[:PAGE]],
        more=len(rows) > PAGE,
        asked=asked,
        results=list(RESULT_WORDS.items()),
        sources=list(SOURCE_WORDS.items()),
        methods=[(name, method_word(name)) for name in METHODS],
        periods=list(PERIODS.items()),
        problems={
            name: _("날짜를 다시 확인해 주세요.")
            for name in asked.period.problems
            if name in ("from", "to")
        },
        count=sum(count for count, _won in sums.values()),
        sums=sums,
        bars=reason_bars(history_store.reasons(db, asked.choice)),
        now=now,
    )
