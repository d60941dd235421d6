"""Who gets in: host, origin, permissions; and the headers on everything that goes out."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from dashboard.door import guard, origin, reading
from dashboard.door.hosts import Door, allowed_hosts
from dashboard.door.row_ids import RowId

__all__ = ["allowed_hosts", "init_app"]


def init_app(app: Flask) -> None:
    """Stand before every request: first the host, then origin, permission, pace, token."""
    app.config.update(
        MAX_CONTENT_LENGTH=10_000_000,  # bytes (SEC-41)
        MAX_FORM_PARTS=100,
        MAX_FORM_MEMORY_SIZE=origin.LONGEST_TYPED,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session that holds it
    )
    app.url_map.converters["int"] = RowId  # before any view is registered
    hosts = allowed_hosts(app.extensions["jangbu"].config)
    app.wsgi_app = Door(app.wsgi_app, hosts)  # type: ignore[method-assign]
    app.before_request(origin.check)
    app.before_request(guard.check)
    app.before_request(reading.check)
    CSRFProtect(app)
