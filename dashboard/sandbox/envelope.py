"""Every answer, good or bad, inside ``{code, message, response}``.

Source: portone-v1-api 1.1. Numbers other than 0 are not documented; the sandbox uses 1 for what
PortOne itself refuses (also for what does not exist) and -1 for a missing token and a gateway's no.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)

NOT_AUTHORISED = -1
REFUSED = 1
GATEWAY_REFUSED = -1


class Refusal(Exception):
    """PortOne says no: ``message`` in Korean, ``http`` the status, ``code`` the envelope's."""

    def __init__(self, message: str, *, http: int = 200, code: int = REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.http = http
        self.code = code


class Malformed(Refusal):
    """A parameter is missing or has no meaning."""

    def __init__(self, message: str) -> None:
        super().__init__(message, http=400)


class NotThere(Refusal):
    """What the path names does not exist."""

    def __init__(self, message: str = "존재하지 않는 결제정보입니다.") -> None:
        super().__init__(message, http=404)


def answer(response: Any, *, http: int = 200, **beside: Any) -> Response:
    """A success; ``beside`` names fields next to ``response``."""
    return _envelope(0, None, response, http, **beside)


def _envelope(code: int, message: str | None, response: Any, http: int, **beside: Any) -> Response:
    made = jsonify({"code": code, "message": message, "response": response, **beside})
    made.status_code = http
    return made


_HTTP_MESSAGES = {
    400: "요청 형식이 올바르지 않습니다.",
    404: "존재하지 않는 경로입니다.",
    405: "허용되지 않는 HTTP METHOD입니다.",
    413: "요청 본문이 너무 큽니다.",
}


def init_app(app: Flask) -> None:
    """Keep the envelope around errors nobody raised on purpose, too."""

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _envelope(error.code, error.message, None, error.http)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        http = error.code or 500
        made = _envelope(REFUSED, _HTTP_MESSAGES.get(http, error.name), None, http)
        for name, value in error.get_headers():
            if name == "Allow":
                made.headers[name] = value
        return made

    @app.errorhandler(Exception)
    def broken(_error: Exception) -> Response:
        logger.exception("the sandbox itself failed")
        return _envelope(GATEWAY_REFUSED, "서버 오류가 발생하였습니다.", None, 500)
