"""All a stranger may reach: the buyer's page and its result, PortOne's question and its webhooks.

A small application on a port of its own, so that a tunnel to it leads nowhere else; it knows no
sign-in, no session and nothing of the dashboard's routes (SEC-34).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from flask import Flask, Response, abort, make_response, render_template, request
from flask_babel import Babel
from werkzeug.exceptions import HTTPException

from dashboard import assets, formatting, settings, words
from dashboard.checkout import public_calls, public_pages
from dashboard.checkout.inbox import LONGEST_BODY
from dashboard.config import ROOT
from dashboard.database import close_db, connect
from dashboard.door.headers import SECURITY_HEADERS
from dashboard.door.hosts import Door
from dashboard.gateway import PAY_PATH
from dashboard.i18n import LANGUAGES, TRANSLATIONS
from dashboard.runtime import Runtime

_log = logging.getLogger(__name__)

_ASSETS = frozenset(
    {
        "css/tokens.css",
        "css/pay.css",
        "js/pay.js",
        "js/pay-result.js",
        "js/copy.js",
        "js/say.js",
        "icons.svg",
        "favicon.svg",
    }
)
_STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_public_app(dashboard: Flask) -> Flask:
    """The buyers' application beside ``dashboard``, over the same shop.

    Serve it only after ``runtime.public_port`` is known: that port is part of the hosts it answers.
    """
    app = Flask("jangbu-public", template_folder=str(ROOT / "templates"), static_folder=None)
    app.secret_key = dashboard.secret_key
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_BODY, MAX_FORM_PARTS=20, TESTING=dashboard.testing)
    runtime: Runtime = dashboard.extensions["jangbu"]
    app.extensions["jangbu"] = runtime
    files: assets.Assets = dashboard.extensions["jangbu-assets"]
    app.teardown_appcontext(close_db)
    Babel(
        app,
        default_locale="ko",
        default_timezone="Asia/Seoul",
        default_translation_directories=TRANSLATIONS,
        locale_selector=language,
    )
    formatting.init_app(app)
    words.init_app(app)
    app.jinja_env.globals.update(
        asset_url=lambda path: files.url(path).replace("/assets/", f"{PAY_PATH}/assets/", 1),
        lang=language,
        kept=assets.kept,
    )

    @app.get(f"{PAY_PATH}/assets/<build>/<path:path>")
    def pay_assets(build: str, path: str) -> Response:
        if path not in _ASSETS:
            abort(404)
        return assets.answer(files, build, path)

    app.register_blueprint(public_pages.blueprint)
    app.register_blueprint(public_calls.blueprint)
    app.register_error_handler(Exception, _trouble)
    hosts = _Hosts(runtime)
    app.wsgi_app = Door(app.wsgi_app, hosts, _secure)  # type: ignore[method-assign]
    return app


def language() -> str:
    """What the page's own link asks for, else the browser's; Korean if unsure."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="ko") or "ko"


class _Hosts:
    """The values of the Host header that are answered: this PC's port, and the public address."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def __contains__(self, host: object) -> bool:
        return host in set(self._names())

    def _names(self) -> Iterator[str]:
        for name in ("127.0.0.1", "localhost", "[::1]"):
            yield f"{name}:{self._runtime.public_port}"
        try:
            with closing(connect(self._runtime.database_path)) as db:
                public = urlsplit(settings.get(db, "public_url") or "")
                if public.netloc:
                    yield public.netloc
        except (sqlite3.Error, ValueError):
            return


def _secure(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The dashboard's headers; the page with PortOne's script brings a policy of its own."""
    said = {name.lower() for name, _value in headers}
    ours = SECURITY_HEADERS | {"Content-Security-Policy": _STRICT}
    if "cache-control" not in said:
        ours |= {"Cache-Control": "no-store"}
    ours |= {"X-Robots-Tag": "noindex, nofollow"}
    return headers + [(name, value) for name, value in ours.items() if name.lower() not in said]


def _trouble(error: Exception) -> Response:
    """A page that says what happened; no stack, no path, nothing that tells strangers more."""
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status >= 500:
        if isinstance(error, sqlite3.OperationalError):
            status = 503
            _log.warning("a buyer's page could not use the database: %s", error)
        else:
            _log.exception("a buyer's page failed")
    response = make_response(render_template("pay/trouble.html", status=status), status)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
    return response
