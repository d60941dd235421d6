"""The password said again before something grave, good for five minutes (SEC-28).

Only the right password makes a proof, never signing in. It is a moment in the session's cookie,
good for this person in this session: whatever ends the session ends it as well.
"""

from __future__ import annotations

from flask import current_app, request, session
from flask_login import current_user

from dashboard.accounts import service
from dashboard.database import get_db
from dashboard.runtime import runtime

FRESH_S = 300

_KEY = "proof"


def is_fresh() -> bool:
    """Whether this person said their password here within the last five minutes."""
    proof = session.get(_KEY)
    if not isinstance(proof, dict) or not current_user.is_authenticated:
        return False
    at = proof.get("at")
    if not isinstance(at, int) or proof.get("who") != current_user.get_id():
        return False
    return 0 <= runtime().now() - at < FRESH_S  # a clock that went back proves nothing


def give(password: str) -> None:
    """Check the password of the person who is signed in; a right one is a proof from now on.

    :raise SignInRefused: it is not their password
    :raise SignInMustWait: too many wrong tries lately; the password was not looked at
    """
    now = runtime().now()
    service.confirm_password(
        get_db(),
        current_user.id,
        password,
        now,
        secret=str(current_app.secret_key),
        came_from=request.remote_addr or "",
    )
    session[_KEY] = {"who": current_user.get_id(), "at": now}
