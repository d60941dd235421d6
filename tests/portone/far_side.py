"""The far side of HTTP for the client's tests: a raw socket server that does what a script says.

Not PortOne's behaviour (that is the sandbox's work), only what a wire can do to a client.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

TOKEN = "token-canary-1"
KEY, SECRET = "key-canary-1", "secret-canary-1"
IMP_UID = "imp_123456789012"
_LINGER = "hh" if sys.platform == "win32" else "ii"


@dataclass(frozen=True)
class Seen:
    """One request as its bytes came."""

    raw: bytes

    @property
    def line(self) -> str:
        return self.raw.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.split(b"\r\n\r\n", 1)[1]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Step = Callable[["Talk"], None]
"""What the server does with one request it has read."""


@dataclass
class Talk:
    """One connection, its request read."""

    sock: socket.socket
    stop: threading.Event

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            self.sock.sendall(data)

    def drip(self, data: bytes, every_s: float) -> None:
        """Byte by byte, until the client has had enough."""
        for at in range(len(data)):
            if self.stop.wait(every_s):
                return
            try:
                self.sock.sendall(data[at : at + 1])
            except OSError:
                return


class FarSide:
    """A server on loopback. ``script``: one step per request other than for a token; the last
    one goes on for ever. ``tokens``: the same for token requests."""

    def __init__(self, *script: Step, tokens: Sequence[Step] = ()) -> None:
        self.script = list(script)
        self.tokens = list(tokens) or [answer({"code": 0, "response": token_response()})]
        self.seen: list[Seen] = []
        self.connections = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FarSide:
        thread = threading.Thread(target=self._accept)
        self._threads.append(thread)
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    def calls(self, path: str = "") -> list[Seen]:
        """Requests other than for a token, whose target begins with ``path``."""
        return [
            seen
            for seen in self.seen
            if seen.target.startswith(path) and seen.target != "/users/getToken"
        ]

    @property
    def token_calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.target == "/users/getToken"]

    def _accept(self) -> None:
        while not self._stop.is_set():
            connection, _ = self._listener.accept()
            if self._stop.is_set():
                connection.close()
                return
            with self._lock:
                self.connections += 1
            thread = threading.Thread(target=self._talk, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            raw = _read_request(connection)
            if not raw:
                return
            seen = Seen(raw)
            with self._lock:
                self.seen.append(seen)
                steps = self.tokens if seen.target == "/users/getToken" else self.script
                step = steps.pop(0) if len(steps) > 1 else steps[0]
            step(Talk(connection, self._stop))


def _read_request(connection: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        chunk = connection.recv(65536)
        if not chunk:
            return raw
        raw += chunk
    head, _, body = raw.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    missing = int(found.group(1)) - len(body) if found else 0
    while missing > 0:
        chunk = connection.recv(65536)
        if not chunk:
            break
        raw, missing = raw + chunk, missing - len(chunk)
    return raw


# -- steps ----------------------------------------------------------------------------------


def http(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """A whole answer's bytes."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def raw(data: bytes) -> Step:
    return lambda talk: talk.send(data)


def answer(value: Any, status: int = 200, *headers: str) -> Step:
    body = json.dumps(value, ensure_ascii=False).encode()

    def step(talk: Talk) -> None:
        date = f"Date: {formatdate(usegmt=True)}"
        talk.send(http(status, body, "Content-Type: application/json", date, *headers))

    return step


def ok(response: Any, status: int = 200) -> Step:
    return answer({"code": 0, "message": None, "response": response}, status)


def no(message: str, code: int = 1, status: int = 200, *headers: str) -> Step:
    return answer({"code": code, "message": message, "response": None}, status, *headers)


def text(body: bytes | str, status: int = 200, *headers: str) -> Step:
    return raw(http(status, body.encode() if isinstance(body, str) else body, *headers))


def close(talk: Talk) -> None:
    """Close without a byte."""


def reset(talk: Talk) -> None:
    """RST instead of an answer."""
    talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))
    talk.sock.close()


def hang(talk: Talk) -> None:
    """Say nothing until the client gives up."""
    talk.sock.settimeout(0.05)
    until = time.monotonic() + 20
    while not talk.stop.is_set() and time.monotonic() < until:
        try:
            if not talk.sock.recv(1):
                return
        except TimeoutError:
            continue


def dripping(data: bytes, every_s: float = 0.05) -> Step:
    return lambda talk: talk.drip(data, every_s)


# -- PortOne's objects ----------------------------------------------------------------------


def token_response(
    life_s: int = 1800, value: str = TOKEN, now: int | None = None
) -> dict[str, Any]:
    now = int(time.time()) if now is None else now
    return {"access_token": value, "now": now, "expired_at": now + life_s}


def payment_json(**changes: Any) -> dict[str, Any]:
    """A paid card payment as PortOne tells it."""
    return {
        "imp_uid": IMP_UID,
        "merchant_uid": "20260821-0001",
        "pay_method": "card",
        "pg_provider": "ksnet",
        "amount": 48000,
        "cancel_amount": 0,
        "currency": "KRW",
        "status": "paid",
        "sandbox": False,
        "name": "한라봉 3kg",
        "buyer_name": "홍길동",
        "buyer_tel": "010-1234-5678",
        "started_at": 1787280000,
        "paid_at": 1787280060,
        "failed_at": 0,
        "cancelled_at": 0,
        "cancel_history": [],
        "fail_reason": None,
    } | changes
