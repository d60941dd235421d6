"""Template filters: won, Korean times, masked personal data."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach to the application."""
