"""The one blueprint of first run, settings and practice page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("setup", __name__)
