"""How often one person may look (SEC-66): twenty people could not read as fast as one script.

A page that waits for a refund asks once a second, a bulk refund every 1.5 s, and hidden tabs not at
all: what people open stays far below the limit. Files and the health check are not counted.
"""

from __future__ import annotations

from flask import current_app, request
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from dashboard.door.guard import FILES
from dashboard.pace import WINDOW_S, Pace


def check() -> None:
    """Count one look of whoever is signed in; one too many is turned away for a minute."""
    if request.method not in {"GET", "HEAD"} or request.endpoint in FILES:
        return
    if current_user.is_authenticated is not True:
        return
    runtime = current_app.extensions["jangbu"]
    pace: Pace = current_app.extensions.setdefault(
        "jangbu-reading", Pace(runtime.config.looks_per_minute)
    )
    if not pace.may(current_user.id, runtime.now()):
        raise TooManyRequests(retry_after=WINDOW_S)
