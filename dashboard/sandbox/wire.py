"""HTTP/1.1 on a socket: one request in, one answer out, and the WSGI call between them."""

from __future__ import annotations

import email.parser
import email.utils
import io
import json
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.test import run_wsgi_app

from dashboard.sandbox.faults import Fault

MOST_HEAD_BYTES = 64 * 1024
MOST_BODY_BYTES = 4_000_000
SLASH = "\ue000"  # a "%2F" inside one segment of a path, until the route has been found


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One request, with the bytes it came in."""

    raw: bytes = field(repr=False)
    method: str
    target: str
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    keep_alive: bool
    fault: Fault | None = None  # a script that struck before the body was read

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Outgoing:
    """One answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def encode(self, *, keep_alive: bool, chunked: bool = False) -> bytes:
        """The answer as bytes, framing added."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        skipped = {"content-length", "connection", "transfer-encoding"}
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers if name.lower() not in skipped]
        lines.append(
            "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(self.body)}"
        )
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
        body = self.body
        if chunked:
            body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class NotHttp(Exception):
    """What came in is no request that can be read; ``status`` is 400 or 413."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def answer(self) -> Outgoing:
        """A refusal in the envelope, like every other."""
        body = json.dumps({"code": 1, "message": HTTPStatus(self.status).phrase, "response": None})
        return Outgoing(self.status, [("Content-Type", "application/json")], body.encode())


def read_request(
    connection: socket.socket, early_fault: Callable[[str, str], Fault | None]
) -> Incoming | None:
    """The next request; None when the caller has gone.

    :param early_fault: asked with method and path before the body is read
    :raise NotHttp: it does not speak HTTP, or sends too much
    """
    received = b""
    while b"\r\n\r\n" not in received:
        if len(received) >= MOST_HEAD_BYTES:
            raise NotHttp(400)
        chunk = connection.recv(65536)
        if not chunk:
            return None
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, _, rest = head.decode("latin-1").partition("\r\n")
    try:
        method, target, protocol = first.split(" ")
    except ValueError as error:
        raise NotHttp(400) from error
    headers = list(email.parser.HeaderParser().parsestr(rest).items())
    named = {name.lower(): value for name, value in headers}
    fault = early_fault(method, target.partition("?")[0])
    if fault is None:
        if named.get("expect", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        whole = _read_body(connection, named, body)
        if whole is None:
            return None
        body = whole
    keep = named.get("connection", "").lower() != "close" and protocol == "HTTP/1.1"
    return Incoming(
        raw=head + b"\r\n\r\n" + body,
        method=method,
        target=target,
        headers=headers,
        body=body,
        keep_alive=keep,
        fault=fault,
    )


def _read_body(connection: socket.socket, named: dict[str, str], start: bytes) -> bytes | None:
    if "chunked" in named.get("transfer-encoding", "").lower():
        return _read_chunks(connection, start)
    length = named.get("content-length", "0")
    if not length.isdecimal():
        raise NotHttp(400)
    if int(length) > MOST_BODY_BYTES:
        raise NotHttp(413)
    body = start
    while len(body) < int(length):
        chunk = connection.recv(65536)
        if not chunk:
            return None
        body += chunk
    return body[: int(length)]


def _read_chunks(connection: socket.socket, received: bytes) -> bytes | None:
    body = b""
    while True:
        while b"\r\n" not in received:
            chunk = connection.recv(65536)
            if not chunk:
                return None
            received += chunk
        line, _, received = received.partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError as error:
            raise NotHttp(400) from error
        while len(received) < size + 2:
            chunk = connection.recv(65536)
            if not chunk:
                return None
            received += chunk
        if size == 0:
            return body
        body, received = body + received[:size], received[size + 2 :]
        if len(body) > MOST_BODY_BYTES:
            raise NotHttp(413)


def call_app(
    app: Flask, incoming: Incoming, *, play: bool = False, admitted: bool = False
) -> Outgoing:
    """Let the application answer.

    :param play: only rehearse: whatever would be written is rolled back
    :param admitted: the caller's token was looked at before
    """
    path, _, query = incoming.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": incoming.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _decoded(path),
        "QUERY_STRING": query,
        "RAW_URI": incoming.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(incoming.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(incoming.body)),
        "sandbox.play": play,
        "sandbox.admitted": admitted,
    }
    for name, value in incoming.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ["CONTENT_TYPE"] = value
        elif key != "CONTENT_LENGTH":
            environ[f"HTTP_{key}"] = value
    body, status, headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    try:
        whole = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    if incoming.method == "HEAD":
        whole = b""
    headers["Date"] = email.utils.formatdate(app.extensions["sandbox"].now(), usegmt=True)
    return Outgoing(int(status.split(" ", 1)[0]), headers.to_wsgi_list(), whole)


def _decoded(path: str) -> str:
    """The path as WSGI wants it; an order number with a slash in it stays one segment."""
    return unquote_to_bytes(re.sub("%2f", SLASH, path, flags=re.IGNORECASE)).decode("latin-1")
