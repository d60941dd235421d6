"""First run, settings, practice page, health."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, jsonify

import dashboard
from dashboard.accounts.permissions import public
from dashboard.database import get_db
from dashboard.runtime import runtime

blueprint = Blueprint("setup", __name__)


@blueprint.route("/healthz")
@public
def healthz():
    """Whether Jangbu works, for a second start and for whoever watches; no secrets."""
    try:
        get_db().conn.execute("SELECT 1 FROM meta").fetchone()
        database = "ok"
    except sqlite3.Error:
        database = "unreachable"
    answer = jsonify(
        status="ok" if database == "ok" else "failing",
        version=dashboard.__version__,
        mode=runtime().chosen_mode,
        database=database,
        run=runtime().run_id,
    )
    answer.status_code = 200 if database == "ok" else 503
    return answer
