"""The one blueprint of cash receipts; the modules with routes attach themselves to it."""

from __future__ import annotations

from flask import Blueprint

from dashboard.one_value_each import one_value_each

blueprint = Blueprint("receipts", __name__)
blueprint.before_request(one_value_each)
