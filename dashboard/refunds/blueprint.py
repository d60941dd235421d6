"""The one blueprint of refunds and tasks; the modules with routes attach themselves to it."""

from __future__ import annotations

from flask import Blueprint, abort, request

from dashboard.refunds.progress import refund_sign

blueprint = Blueprint("refunds", __name__)
blueprint.app_template_global()(refund_sign)


@blueprint.before_request
def one_value_each() -> None:
    """Which of two amounts counts must never be a matter of luck (SEC-31)."""
    if any(len(values) > 1 for _name, values in request.form.lists()):
        abort(400)
