"""How long somebody stays signed in: the signed cookie, by the injected clock (SEC-12, 13, 16).

The cookie holds the person's id and session version, two moments, the form token and, for five
minutes, that the password was said again (``proof``); nothing else.
"""

from __future__ import annotations

import re

from flask import Flask, request, session
from flask_login import LoginManager, login_user

from dashboard.accounts import store
from dashboard.accounts.person import Person, Stranger
from dashboard.database import get_db
from dashboard.runtime import runtime

_USER_ID = re.compile(r"[1-9][0-9]{0,17}\.[1-9][0-9]*")

CLOCK_SLACK_S = 300  # a PC's clock may be set back a little; further back ends the session


def init_app(app: Flask) -> None:
    """Name the cookie after the port (cookies do not keep ports apart) and attach flask-login."""
    port = app.extensions["jangbu"].config.port
    app.config.update(
        SESSION_COOKIE_NAME=f"jangbu_session_{port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        # Plain http on loopback: Secure would make some browsers drop the cookie. Nothing but
        # loopback is ever served.
        SESSION_COOKIE_SECURE=False,
    )
    manager = LoginManager(app)
    manager.session_protection = None  # the session version and two time limits do its work
    manager.anonymous_user = Stranger
    manager.user_loader(load)


def load(user_id: str) -> Person | None:
    """The person whom the cookie names, while the session lives and its version is current."""
    if not _USER_ID.fullmatch(user_id) or not _alive():
        return None
    person = store.find(get_db(), int(user_id.partition(".")[0]))
    if person is None or not person.is_active or person.get_id() != user_id:
        return None
    return person


def begin(person: Person) -> None:
    """A new session for ``person``; nothing of the one before sign-in survives (SEC-15)."""
    session.clear()
    login_user(person, remember=False)
    session["since"] = session["seen"] = runtime().now()


def keep_awake(person: Person) -> None:
    """Count this request as activity, unless the page made it by itself."""
    if person.is_authenticated and "X-Background" not in request.headers:
        session["seen"] = runtime().now()


def _alive() -> bool:
    config, now = runtime().config, runtime().now()
    since, seen = session.get("since"), session.get("seen")
    if not isinstance(since, int) or not isinstance(seen, int):
        return False
    return (
        -CLOCK_SLACK_S <= now - since < config.absolute_session_s
        and -CLOCK_SLACK_S <= now - seen < config.idle_session_s
    )
