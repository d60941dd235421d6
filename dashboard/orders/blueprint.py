"""The one blueprint of the order pages; list and order routes attach themselves to it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("orders", __name__)
