"""The recovery page: what Jangbu serves while the shop's database cannot be opened (F59-F62).

An application of its own: no database, no session, no sign-in, nothing of the shop but the name of
the file. Every address answers with the one page, whatever the method, and nothing is changed.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import Babel
from flask_babel.speaklater import LazyString

from dashboard import assets, formatting
from dashboard.config import LOOPBACK, ROOT, Config
from dashboard.door import allowed_hosts
from dashboard.door.hosts import Door
from dashboard.i18n import LANGUAGES, TRANSLATIONS
from dashboard.i18n import lazy_gettext as _l
from dashboard.problems import Kind, NeedsRecovery
from dashboard.version import VERSION

_NOTICED: dict[Kind, LazyString] = {
    "missing": _l("전에 있던 장부 파일이 없어졌습니다. 지워졌거나 다른 곳으로 옮겨졌습니다."),
    "damaged": _l("장부 파일이 손상되었거나 일부만 남아 있어 읽을 수 없습니다."),
    "record": _l(
        "장부 파일에 적힌 기록이 중간에서 끊겼습니다. 파일이 손상되었거나 누군가 직접 고쳤습니다."
    ),
    "unwritable": _l("장부 파일에 쓸 수 없습니다. 읽기 전용이거나 디스크에 남은 공간이 없습니다."),
}


def create_recovery_app(config: Config, trouble: NeedsRecovery, run_id: str) -> Flask:
    """The application that says what is wrong with the database, and what to do.

    :param run_id: of this process, by which a second start recognises it
    """
    app = Flask("jangbu-recovery", template_folder=str(ROOT / "templates"), static_folder=None)
    Babel(
        app,
        default_locale="ko",
        default_translation_directories=TRANSLATIONS,
        locale_selector=_language,
    )
    assets.init_app(app)
    formatting.init_app(app)  # the macros it shares with other pages need these filters
    app.wsgi_app = Door(app.wsgi_app, allowed_hosts(config))  # type: ignore[method-assign]

    @app.route("/healthz")
    def healthz() -> tuple[Response, int]:
        """What a second start and whoever watches want to know; no secrets."""
        found = {"status": "recovery", "version": VERSION, "database": trouble.kind, "run": run_id}
        return jsonify(found), 503

    @app.before_request
    def only_the_page() -> Response | None:
        if request.endpoint in ("healthz", "assets") and request.method in ("GET", "HEAD"):
            return None
        return _page(config, trouble)

    return app


def _page(config: Config, trouble: NeedsRecovery) -> Response:
    page = render_template(
        "recovery/page.html",
        kind=trouble.kind,
        noticed=_NOTICED[trouble.kind],
        file=trouble.file.name,
        lang=_language(),
        theme="auto",
        no_forms=True,
        only_this_pc=config.host in LOOPBACK,
    )
    return make_response(page, 503)


def _language() -> str:
    """What the page's own link asks for, else the browser's; Korean if unsure."""
    chosen = request.args.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, default="ko") or "ko"
