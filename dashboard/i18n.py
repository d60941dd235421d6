"""Korean first, English second: which language a request speaks, and the catalogue's commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_translations, ngettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup

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
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined] # i18n is an extension
    app.jinja_env.globals["_"] = markup  # the same without the way round


def gettext(message: str, **values: object) -> str:
    """``message`` in this request's language: Flask-Babel's answer, the catalogue looked up once.

    A page of the list asks for hundreds of words; finding out the language for each of them took
    more time than anything else on it.
    """
    said = _catalogue()(message)
    return said % values if values else said


def lazy_gettext(message: str, **values: object) -> LazyString:
    """``message`` in the language of the request that prints it."""
    return LazyString(gettext, message, **values)


def markup(message: str, **values: object) -> Markup:
    """``message`` for a template: our own text is markup, what is put into it is escaped."""
    return Markup(_catalogue()(message)) % values  # noqa: S704 - our catalogue's text


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Another language for a while, whatever this request speaks."""
    with force_locale(chosen):
        g.pop("catalogue", None)
        try:
            yield
        finally:
            g.pop("catalogue", None)


def _catalogue() -> Callable[[str], str]:
    try:
        found: Callable[[str], str] = g.catalogue
    except AttributeError:
        found = g.catalogue = get_translations().ugettext
    except RuntimeError:  # no application: a module under test, say
        return str
    return found


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
        found = current_user._get_current_object()  # asked for a hundred times a page
        return found if found.is_authenticated else None
    except Exception:  # whatever it is, the page must still be drawn; guards ask for themselves
        return None
