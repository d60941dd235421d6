"""Order list and order page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("orders", __name__)
