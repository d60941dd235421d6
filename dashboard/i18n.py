"""Korean first, English second: which language a request speaks, and the catalogue's commands."""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request, session
from flask_babel import Babel

from dashboard.catalogue import messages
from dashboard.config import ROOT

LANGUAGES = ("ko", "en")
TRANSLATIONS = str(ROOT / "dashboard" / "translations")


def init_app(app: Flask) -> None:
    """Attach to the application."""
    Babel(
        app,
        default_locale="ko",
        default_timezone="Asia/Seoul",
        default_translation_directories=TRANSLATIONS,
        locale_selector=language,
    )
    app.cli.add_command(messages)


def language() -> str:
    """The signed-in person's language, else this session's, else the browser's; Korean if unsure.

    Never fails: error pages ask, too, when the database is unreadable.
    """
    if not has_request_context():
        return "ko"
    chosen = getattr(person(), "language", None) or session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="ko") or "ko"


def person() -> Any | None:
    """Who is signed in, or None; also when looking it up fails."""
    from flask_login import current_user

    try:
        return current_user if current_user.is_authenticated else None
    except Exception:  # whatever it is, the page must still be drawn; guards ask for themselves
        return None
