"""The shop's guards of refunds, out of its settings."""

from __future__ import annotations

from sqlite_utils import Database

from dashboard import settings
from dashboard.refunds.policy import PASSWORD_ABOVE, Guards


def read_guards(db: Database) -> Guards:
    """What the shop decided; where it said nothing, nothing waits and nothing is limited."""
    password_above = settings.get(db, "refund_password_above", PASSWORD_ABOVE)
    return Guards(
        approval=settings.get(db, "refund_approval", "off"),
        approval_above=settings.get(db, "refund_approval_above"),
        limit_manager=settings.get(db, "refund_limit_manager"),
        limit_staff=settings.get(db, "refund_limit_staff"),
        day_limit_manager=settings.get(db, "refund_day_limit_manager"),
        day_limit_staff=settings.get(db, "refund_day_limit_staff"),
        password_above=None if password_above == settings.NEVER else password_above,
    )
