"""Asked before every view: may this person do this? What is unclear is a no (SEC-25, SEC-62)."""

from __future__ import annotations

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from dashboard.accounts import sessions, store
from dashboard.accounts.permissions import allowed
from dashboard.database import get_db

_UNMARKED = object()

FILES = frozenset({"assets", "setup.healthz"})
"""Endpoints that hold nothing of the shop and must answer even without a database."""

_BEFORE_ANYBODY = frozenset({"accounts.language", "accounts.theme"})
"""What the first-run pages need besides the views of ``setup``."""


def check() -> Response | None:
    """Let the request through (None), lead it to set-up or sign-in, or refuse it."""
    endpoint = request.endpoint
    if request.routing_exception is not None or endpoint in FILES:
        return None  # an error page shows nothing of the shop
    view = current_app.view_functions.get(endpoint or "")
    permission = getattr(view, "jangbu_permission", _UNMARKED)
    if permission is not None and not isinstance(permission, str):
        abort(403)
    if current_user.is_authenticated is True:
        if permission is not None and not allowed(current_user.role, permission):
            abort(403)
        sessions.keep_awake(current_user)
        return None
    if not store.anybody(get_db()):
        return _first_run(endpoint or "", permission)
    if permission is None:
        return None
    return _ask_to_sign_in()


def _first_run(endpoint: str, permission: str | None) -> Response | None:
    """Until there is an owner every page leads to set-up."""
    open_now = endpoint in _BEFORE_ANYBODY or endpoint.startswith("setup.")
    if permission is None and open_now:
        return None
    return redirect("/setup", code=303)


def _ask_to_sign_in() -> Response:
    """A page is worth coming back to; a fragment or a form is told that nobody is signed in."""
    fragment = "X-Fragment" in request.headers or "X-Background" in request.headers
    if request.method not in {"GET", "HEAD"} or fragment:
        abort(401)
    target = request.full_path if request.query_string else request.path
    return redirect(url_for("accounts.sign_in", next=None if target == "/" else target), code=303)
