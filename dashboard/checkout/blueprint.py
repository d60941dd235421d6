"""The one blueprint of payment requests; the modules with routes attach themselves to it."""

from __future__ import annotations

from flask import Blueprint, abort, request

blueprint = Blueprint("checkout", __name__)


@blueprint.before_request
def one_value_each() -> None:
    """Which of two amounts counts must never be a matter of luck (SEC-31)."""
    if any(len(values) > 1 for _name, values in request.form.lists()):
        abort(400)
