"""A form in which every field arrives once: what blueprints that move things ask before each view.

Source: SEC-31.
"""

from __future__ import annotations

from flask import abort, request


def one_value_each() -> None:
    """Refuse a form that says something twice: which of two amounts counts must never be luck."""
    if any(len(values) > 1 for _name, values in request.form.lists()):
        abort(400)
