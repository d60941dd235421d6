"""The one blueprint of refunds and tasks; the modules with routes attach themselves to it."""

from __future__ import annotations

from flask import Blueprint

from dashboard.one_value_each import one_value_each
from dashboard.refunds.progress import refund_sign

blueprint = Blueprint("refunds", __name__)
blueprint.app_template_global()(refund_sign)
blueprint.before_request(one_value_each)
