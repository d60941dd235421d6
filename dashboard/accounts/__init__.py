"""Sign-in, people, roles."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach sign-in to the application."""
