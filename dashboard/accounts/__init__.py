"""Sign-in, people, roles."""

from __future__ import annotations

from flask import Flask

from dashboard.accounts import sessions


def init_app(app: Flask) -> None:
    """Attach sign-in to the application."""
    sessions.init_app(app)
