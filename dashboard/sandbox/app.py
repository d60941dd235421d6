"""The sandbox's Flask application: wiring only."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from flask import Flask
from werkzeug.routing import UnicodeConverter

from dashboard.sandbox import (
    cancels,
    channels,
    control,
    envelope,
    escrows,
    payments,
    prepare,
    receipts,
    tokens,
    vbanks,
    window_actions,
    windows,
)
from dashboard.sandbox.core import Clock, Sandbox, Switches, TestClock
from dashboard.sandbox.store import Store, close_db
from dashboard.sandbox.wire import SLASH

MOST_BODY_BYTES = 2_000_000


class Segment(UnicodeConverter):
    """One segment of a path: an id or an order number, which may hold a slash (as %2F)."""

    def to_python(self, value: str) -> str:
        return value.replace(SLASH, "/")


def create_sandbox(
    path: Path,
    *,
    clock: Clock = time.time,
    night: bool = False,
    key: str | None = None,
    secret: str | None = None,
    control_token: str | None = None,
) -> Flask:
    """A PortOne over the state file at ``path`` (made when missing; fill it with ``fill``).

    :param clock: the present moment in UNIX seconds
    :param night: refuse virtual-account refunds from 23:00 to 06:00 KST (K5)
    :param key: REST API key; made up when not given, like the secret and the control token
    :raise sqlite3.Error: the file cannot be opened
    :raise ValueError: the file belongs to another version of the sandbox
    """
    app = Flask("jangbu-sandbox", static_folder=None, template_folder=str(windows.PAGES))
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["default"] = Segment
    app.extensions["sandbox"] = Sandbox(
        store=Store(path),
        clock=TestClock(clock),
        key=key or f"{secrets.randbelow(10**16):016d}",
        secret=secret or secrets.token_hex(40),
        control_token=control_token or secrets.token_urlsafe(24),
        switches=Switches(night=night),
    )
    app.teardown_appcontext(close_db)
    app.before_request(tokens.check_token)
    envelope.init_app(app)
    parts = (tokens, payments, cancels, prepare, receipts, vbanks, escrows, channels, control)
    for part in (*parts, windows, window_actions):
        app.register_blueprint(part.blueprint)
    return app
