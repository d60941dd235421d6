"""Health; importing this module attaches every route of the feature to its blueprint."""

from __future__ import annotations

import sqlite3

from flask import jsonify

from dashboard.accounts.permissions import public
from dashboard.database import get_db
from dashboard.runtime import runtime
from dashboard.setup import (
    contract_views,
    doctor_views,
    first_run_views,
    gateway_views,
    guard_views,
    practice_views,
    settings_views,
)
from dashboard.setup.blueprint import blueprint
from dashboard.version import VERSION

__all__ = [
    "blueprint",
    "contract_views",
    "doctor_views",
    "first_run_views",
    "gateway_views",
    "guard_views",
    "practice_views",
    "settings_views",
]


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
        version=VERSION,
        mode=runtime().chosen_mode,
        database=database,
        run=runtime().run_id,
    )
    answer.status_code = 200 if database == "ok" else 503
    return answer
