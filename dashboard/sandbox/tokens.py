"""POST /users/getToken, and who may call the rest. Source: portone-v1-api 1.2."""

from __future__ import annotations

import hmac
import secrets

from flask import Blueprint, Response, request

from dashboard.sandbox.core import sandbox
from dashboard.sandbox.envelope import NOT_AUTHORISED, Refusal, answer
from dashboard.sandbox.incoming import text
from dashboard.sandbox.store import get_db, write

blueprint = Blueprint("tokens", __name__)

LIFE_S = 30 * 60
LAST_MINUTE_S = 60
EXTENSION_S = 5 * 60


@blueprint.post("/users/getToken")
def get_token() -> Response:
    """The current token while it lives (longer by five minutes in its last one), else a new one."""
    box = sandbox()
    key, secret = text("imp_key"), text("imp_secret")
    # Both are compared whatever the first says, in constant time.
    if not (_same(key, box.key) & _same(secret, box.secret)):
        raise Refusal("imp_key, imp_secret 인증에 실패하였습니다.", http=401, code=NOT_AUTHORISED)
    now, db = box.now(), get_db()
    with write(db):
        row = db.execute(
            "SELECT * FROM tokens WHERE imp_key = ? AND expired_at > ?", (key, now)
        ).fetchone()
        if row is None:
            db.execute("DELETE FROM tokens")
            token, expired_at = secrets.token_hex(20), now + LIFE_S
            db.execute("INSERT INTO tokens VALUES (?, ?, ?)", (token, key, expired_at))
        else:
            token, expired_at = row["access_token"], row["expired_at"]
            if expired_at - now < LAST_MINUTE_S:
                expired_at += EXTENSION_S
                db.execute("UPDATE tokens SET expired_at = ?", (expired_at,))
    return answer({"access_token": token, "now": now, "expired_at": expired_at})


def check_token() -> None:
    """Let the caller in or answer 401; unknown paths and methods get their own answer.

    The token may stand bare or after ``Bearer``; clients older than that header send it as
    ``X-ImpTokenHeader`` (iamport-rest-client on PyPI still does).
    """
    if (
        request.routing_exception is not None
        or request.environ.get("sandbox.admitted")
        or request.blueprint in {"tokens", "control", "windows", "window_actions"}
    ):
        return
    written = request.headers.get("Authorization") or request.headers.get("X-ImpTokenHeader") or ""
    scheme, _, rest = written.strip().partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else written.strip()
    row = (
        get_db()
        .execute("SELECT expired_at FROM tokens WHERE access_token = ?", (token,))
        .fetchone()
    )
    if row is None or row["expired_at"] <= sandbox().now():
        raise Refusal(
            "Unauthorized: 인증 Token이 전달되지 않았거나 유효하지 않습니다.",
            http=401,
            code=NOT_AUTHORISED,
        )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
