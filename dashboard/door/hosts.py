"""The first thing a request meets: is it meant for this address at all? (SEC-02, SEC-09)

Any web page can point a name of its own at 127.0.0.1. Flask's TRUSTED_HOSTS is not enough: it
ignores the port, refuses ``[::1]`` and comes after ``before_request``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING, Any

from dashboard.config import Config
from dashboard.door.headers import secure

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_REFUSAL = """<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>장부</title></head>
<body><h1>이 주소로는 장부를 열 수 없습니다</h1>
<p>장부를 시작할 때 나온 주소를 브라우저 주소창에 그대로 입력해 주세요.</p>
<p lang="en">Jangbu cannot be opened at this address. Use the address shown when it started.</p>
</body></html>
""".encode()


def allowed_hosts(config: Config) -> frozenset[str]:
    """The only values of the Host header that are answered.

    The loopback names, and ``config.host`` when it is one particular address.
    """
    names = {"127.0.0.1", "localhost", "[::1]"}
    try:
        address = ipaddress.ip_address(config.host.strip("[]"))
    except ValueError:
        names.add(config.host.lower())
    else:
        if not address.is_unspecified:
            names.add(f"[{address}]" if address.version == 6 else str(address))
    hosts = {f"{name}:{config.port}" for name in names}
    if config.port == 80:  # browsers leave the port out
        hosts |= names
    return frozenset(hosts)


class Door:
    """Wraps an application: refuses foreign hosts, puts the security headers on every answer."""

    def __init__(
        self,
        inner: WSGIApplication,
        hosts: Container[str | None],
        secure: Callable[[list[tuple[str, str]]], list[tuple[str, str]]] = secure,
    ) -> None:
        self._inner = inner
        self._hosts = hosts
        self._secure = secure

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            return start_response(status, self._secure(headers), exc_info)

        if not self._is_ours(environ):
            start(
                "400 Bad Request",
                [
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("Content-Length", str(len(_REFUSAL))),
                ],
            )
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [_REFUSAL]
        return self._inner(environ, start)

    def _is_ours(self, environ: WSGIEnvironment) -> bool:
        # Two Host headers arrive joined by a comma, so they match nothing here. An absolute-form
        # target (`GET http://evil.com/ HTTP/1.1`) would overrule Host, so it must be a path.
        target = environ.get("REQUEST_URI", "/")
        return environ.get("HTTP_HOST") in self._hosts and target.startswith("/")
