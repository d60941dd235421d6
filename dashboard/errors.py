"""Turns an error into a page: what happened, why, what to do now. Never a stack or a path (SEC-61).

The page tells a request id and nothing else; the same id stands in the log.
"""

from __future__ import annotations

import errno
import logging
import secrets
import sqlite3
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from dashboard.i18n import lazy_gettext as _l
from dashboard.i18n import person
from dashboard.portone.errors import SENTENCES, PortOneError
from dashboard.runtime import NoKeys

_log = logging.getLogger(__name__)

_KEPT_HEADERS = ("Allow", "Retry-After")
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Trouble:
    """The three sentences of one kind of error."""

    title: LazyString
    why: LazyString
    now: LazyString


TROUBLES: dict[str, Trouble] = {
    "400": Trouble(
        _l("요청을 이해하지 못했습니다"),
        _l("주소나 보낸 내용이 올바르지 않습니다. 아무것도 바뀌지 않았습니다."),
        _l("앞 화면으로 돌아가 다시 해 주세요."),
    ),
    "csrf": Trouble(
        _l("화면을 연 지 오래되었습니다"),
        _l(
            "안전을 위해 오래 열어 둔 화면에서 온 요청은 받지 않습니다. 아무것도 바뀌지 않았습니다."
        ),
        _l("화면을 새로 열고 다시 해 주세요."),
    ),
    "401": Trouble(
        _l("다시 로그인해 주세요"),
        _l("로그인하지 않았거나 오래 쓰지 않아 로그아웃되었습니다. 아무것도 바뀌지 않았습니다."),
        _l("로그인한 뒤 다시 해 주세요."),
    ),
    "403": Trouble(
        _l("이 화면을 볼 권한이 없습니다"),
        _l("맡은 역할로는 할 수 없는 일이거나, 다른 곳에서 온 요청입니다."),
        _l("필요한 일이면 가게 주인에게 권한을 부탁해 주세요."),
    ),
    "404": Trouble(
        _l("찾는 화면이 없습니다"),
        _l("주소가 틀렸거나, 찾는 것이 이 장부에 없습니다."),
        _l("주문은 처음 화면의 찾기 칸에서 찾아 주세요."),
    ),
    "405": Trouble(
        _l("이 주소는 바로 열 수 없습니다"),
        _l("버튼을 눌러야 하는 일의 주소입니다. 아무것도 바뀌지 않았습니다."),
        _l("앞 화면으로 돌아가 버튼을 눌러 주세요."),
    ),
    "413": Trouble(
        _l("보낸 내용이 너무 큽니다"),
        _l("장부가 한 번에 받을 수 있는 크기를 넘었습니다. 아무것도 저장하지 않았습니다."),
        _l("내용을 줄여 다시 보내 주세요."),
    ),
    "429": Trouble(
        _l("요청이 너무 많습니다"),
        _l("짧은 시간에 너무 많은 요청이 와서 잠시 받지 않습니다."),
        _l("1분쯤 기다린 뒤 다시 해 주세요."),
    ),
    "500": Trouble(
        _l("장부에 문제가 생겼습니다"),
        _l("뜻하지 않은 오류입니다. 하던 일이 끝났는지 확실하지 않습니다."),
        _l("주문 화면에서 결과를 먼저 확인해 주세요. 계속되면 요청 번호를 알려 주세요."),
    ),
    "503": Trouble(
        _l("지금은 답할 수 없습니다"),
        _l("장부가 준비되지 않았거나 매우 바쁩니다."),
        _l("잠시 뒤 다시 열어 주세요."),
    ),
    "locked": Trouble(
        _l("장부 파일이 바쁩니다"),
        _l("다른 작업이 장부 파일을 쓰고 있습니다. 이번 요청은 저장하지 않았습니다."),
        _l("잠시 뒤 다시 해 주세요."),
    ),
    "full": Trouble(
        _l("저장할 공간이 없습니다"),
        _l("이 PC의 디스크가 가득 찼습니다. 이번 요청은 저장하지 않았습니다."),
        _l("필요 없는 파일을 지운 뒤 다시 해 주세요."),
    ),
    "read_only": Trouble(
        _l("장부 파일에 쓸 수 없습니다"),
        _l("파일이나 폴더가 읽기 전용입니다. 이번 요청은 저장하지 않았습니다."),
        _l("장부 폴더의 권한을 고친 뒤 다시 해 주세요."),
    ),
    "database": Trouble(
        _l("장부 파일을 읽을 수 없습니다"),
        _l("파일이 없거나 옮겨졌거나 손상되었습니다. 포트원의 결제에는 영향이 없습니다."),
        _l("장부를 껐다가 다시 켜 주세요. 시작 화면이 무엇이 문제인지 알려 줍니다."),
    ),
    "portone": Trouble(
        _l("포트원에서 답을 받지 못했습니다"),
        _l("포트원이 답하지 않았거나 요청을 받아 주지 않았습니다."),
        _l("잠시 뒤 다시 해 주세요. 계속되면 설정의 포트원 연결을 확인해 주세요."),
    ),
    "no_keys": Trouble(
        _l("포트원 키가 없습니다"),
        _l("가게의 REST API Key와 Secret이 이 PC에 없어 포트원에 묻지 않았습니다."),
        _l("주인이 설정의 포트원 연결에서 키를 넣어 주세요."),
    ),
}


def init_app(app: Flask) -> None:
    """Attach to the application."""
    app.before_request(_number_request)
    app.register_error_handler(HTTPException, _http_page)
    app.register_error_handler(CSRFError, _csrf_page)
    app.register_error_handler(sqlite3.Error, _database_page)
    app.register_error_handler(OSError, _os_page)
    app.register_error_handler(PortOneError, _portone_page)
    app.register_error_handler(NoKeys, _no_keys_page)


def request_id() -> str:
    """Eight signs that name this request on the error page and in the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4)
    found: str = g.request_id
    return found


def _number_request() -> None:
    request_id()


def _http_page(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    code = error.code
    kind = str(code) if str(code) in TROUBLES else ("400" if code < 500 else "500")
    if isinstance(error, InternalServerError):
        _log.error("request %s failed", request_id())  # Flask logged the exception itself
    page = _page(kind, code)
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            page.headers[name] = value
    return page


def _csrf_page(_error: CSRFError) -> Response:
    return _page("csrf", 400)


def _database_page(error: sqlite3.Error) -> Response:
    # sqlite3 tells the kinds apart by name (Python 3.11)
    name = getattr(error, "sqlite_errorname", "") or ""
    if str(error).startswith("Could not decode"):  # Python's, about a text of damaged bytes
        name = "SQLITE_CORRUPT"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        kind = "locked"
    elif name.startswith("SQLITE_FULL"):
        kind = "full"
    elif name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        kind = "read_only"
    elif name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        kind = "database"
    else:  # a mistake of ours, not a state of the file
        raise error
    _log.error("request %s: %s", request_id(), name, exc_info=error)
    return _page(kind, 503)


def _os_page(error: OSError) -> Response:
    if error.errno not in _FULL:
        raise error
    _log.error("request %s: no space left", request_id())
    return _page("full", 503)


def _portone_page(error: PortOneError) -> Response:
    _log.error("request %s: %s %s", request_id(), type(error).__name__, error)
    why = gettext(SENTENCES[error.why])
    return _page("portone", 502, why=why, words=error.user_message)


def _no_keys_page(_error: NoKeys) -> Response:
    return _page("no_keys", 503)


def _page(kind: str, code: int, *, why: str = "", words: str = "") -> Response:
    g.pop("frame", None)  # what was found out before the error may no longer hold
    if person() is None:
        # flask-login puts current_user into every template and would fail with the database
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    trouble = TROUBLES[kind]
    try:
        page = make_response(
            render_template(
                "errors/error.html",
                trouble=trouble,
                why=why or trouble.why,
                words=words if words != why else "",
                code=code,
                request_id=request_id(),
                back=_back(),
                no_forms=True,  # their token would start a session for a missing favicon
            ),
            code,
        )
    except Exception:  # the page about the error must not fail
        _log.exception("request %s: the error page failed", request_id())
        page = make_response(f"{trouble.title}\n{trouble.now}\n{request_id()}\n", code)
        page.mimetype = "text/plain"
    page.headers["Cache-Control"] = "no-store"
    return page


def _back() -> str:
    """The page the person came from, if it is one of ours; else the start."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc == request.host and came_from.path.startswith("/"):
        path = "/" + came_from.path.lstrip("/")
        if path != request.path or request.method != "GET":
            return path + (f"?{came_from.query}" if came_from.query else "")
    return "/"
