"""Where to go after signing in: only to a page of our own (SEC-24)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# Printable ASCII but for space, quotes, backslash and angle brackets: how a browser writes a path.
_PATH = re.compile(r"/(?!/)[!#-&(-;=?-\[\]-~]*")


def safe_next(target: str | None) -> str | None:
    """``target`` if it is a path that one of our pages answers, else None."""
    if not target or len(target) > 2000 or not _PATH.fullmatch(target):
        return None
    path, _, query = target.partition("#")[0].partition("?")
    path = unquote(path)
    if "//" in path or "\\" in path or not path.isprintable() or "/." in path:
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        if adapter is None or not adapter.match(path, method="GET", query_args=query):
            return None
    except (HTTPException, RequestRedirect):
        return None
    return target


def here_or(fallback: str) -> str:
    """The page that a form stood on, from its ``next`` field."""
    return safe_next(request.form.get("next")) or fallback
