"""Styles, scripts and icons: Bootstrap's local files, content hashes, the icon sprite."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach to the application."""
