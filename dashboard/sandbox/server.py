"""Serves a sandbox over real HTTP on loopback, and misbehaves on the wire when told to.

An own small server, because the faults of ``refund-safety`` 3 (no byte, RST, half an answer, one
byte at a time) need the bare socket, which no WSGI server hands out.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import struct
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask

from dashboard.sandbox.app import create_sandbox
from dashboard.sandbox.core import Clock, Sandbox
from dashboard.sandbox.faults import Fault
from dashboard.sandbox.journal import Entry
from dashboard.sandbox.wire import Incoming, NotHttp, Outgoing, call_app, read_request

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
CONTROL_PATH = "/_control"
_LATE_POLL_S = 0.02
NOT_ADMITTED = 401
_IDLE_S = 60  # a connection kept open without a request


class SandboxServer:
    """One sandbox on a loopback port; ``port`` 0 takes a free one.

    :param clock: the present moment in UNIX seconds
    :raise OSError: the port is taken
    """

    def __init__(
        self,
        path: Path,
        *,
        port: int = 0,
        key: str | None = None,
        secret: str | None = None,
        control_token: str | None = None,
        clock: Clock = time.time,
        night: bool = False,
    ) -> None:
        self.app: Flask = create_sandbox(
            path, clock=clock, night=night, key=key, secret=secret, control_token=control_token
        )
        self.sandbox: Sandbox = self.app.extensions["sandbox"]
        self._server = _Server((HOST, port), self.app)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def key(self) -> str:
        return self.sandbox.key

    @property
    def secret(self) -> str:
        return self.sandbox.secret

    @property
    def control_token(self) -> str:
        return self.sandbox.control_token

    def start(self) -> SandboxServer:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """End every connection, the hanging ones too, and forget what was still to happen.

        A webhook that is just being delivered is waited for, a few seconds at most.
        """
        self._server.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.drop_connections()
        self.sandbox.notices.stop()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: Flask) -> None:
        self.app = app
        self.sandbox: Sandbox = app.extensions["sandbox"]
        self.stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Connection)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open[connection] = threading.current_thread()

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.pop(connection, None)

    def drop_connections(self) -> None:
        with self._lock:
            waiting = list(self._open.items())
        for connection, _thread in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _connection, thread in waiting:
            thread.join(1)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        logger.debug("a connection ended early", exc_info=True)

    # -- taking effect ----------------------------------------------------------------------

    def answer(self, incoming: Incoming, fault: Fault | None) -> Outgoing:
        """What the sandbox answers; with a fault that executes otherwise, only a rehearsal."""
        rehearsal = fault is not None and fault.execute != "before"
        return call_app(self.app, incoming, play=rehearsal)

    def execute_after(self, incoming: Incoming, fault: Fault) -> None:
        """Let a request take effect after its answer: at once, or late by the sandbox's clock.

        It was admitted when it came: a token that has expired since does not stop it.
        """
        if fault.execute == "after":
            call_app(self.app, incoming, admitted=True)
        elif fault.execute == "late":
            due = self.sandbox.clock() + fault.late_s
            threading.Thread(
                target=self._execute_late, args=(incoming, due), name="sandbox-late", daemon=True
            ).start()

    def _execute_late(self, incoming: Incoming, due: float) -> None:
        while not self.stopping.wait(_LATE_POLL_S):
            if self.sandbox.clock() >= due:
                call_app(self.app, incoming, admitted=True)
                return


class _Connection(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        self.server.opened(self.request)
        try:
            self.request.settimeout(_IDLE_S)
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                while not self.server.stopping.is_set() and self._one():
                    pass
        finally:
            self.server.closed(self.request)

    def _one(self) -> bool:
        """Read and answer one request; whether another may follow on this connection."""
        try:
            incoming = read_request(self.request, self._early_fault)
        except NotHttp as error:
            self.request.sendall(error.answer().encode(keep_alive=False))
            return False
        if incoming is None:
            return False
        if incoming.path.startswith(CONTROL_PATH):
            outgoing = call_app(self.server.app, incoming)
            self.request.sendall(outgoing.encode(keep_alive=incoming.keep_alive))
            return incoming.keep_alive
        box = self.server.sandbox
        fault = incoming.fault or box.faults.take(incoming.method, incoming.path)
        entry = Entry(
            at=box.clock(),
            raw=incoming.raw,
            method=incoming.method,
            target=incoming.target,
            headers=incoming.headers,
            body=incoming.body,
            fault=fault.id if fault else None,
        )
        box.journal.add(entry)
        if fault is None:
            outgoing = self.server.answer(incoming, None)
            entry.status = outgoing.status
            self.request.sendall(outgoing.encode(keep_alive=incoming.keep_alive))
            return incoming.keep_alive
        return self._misbehave(incoming, fault, entry)

    def _early_fault(self, method: str, path: str) -> Fault | None:
        """The script that strikes before the body is read, if that is the next one."""
        return self.server.sandbox.faults.take(method, path, early=True)

    def _misbehave(self, incoming: Incoming, fault: Fault, entry: Entry) -> bool:
        outgoing = None
        if not fault.before_read:
            outgoing = self.server.answer(incoming, fault)
        if fault.delay_s and self.server.stopping.wait(fault.delay_s):
            return False
        try:
            if outgoing is not None:
                entry.status = self._send(outgoing, fault)
            elif fault.answer == "rst":
                self._reset()
        finally:
            # Whether the caller is still there does not matter to the gateway.
            if outgoing is not None and outgoing.status != NOT_ADMITTED:
                self.server.execute_after(incoming, fault)
        return False

    def _send(self, outgoing: Outgoing, fault: Fault) -> int | None:
        """The answer as the script wants it; the status when the whole of it went out."""
        if fault.answer in {"status", "body"}:
            status = fault.status or (500 if fault.answer == "status" else 200)
            outgoing = Outgoing(status, list(fault.headers.items()), (fault.body or "").encode())
        elif fault.headers:
            said = {name.lower() for name in fault.headers}
            kept = [(name, value) for name, value in outgoing.headers if name.lower() not in said]
            outgoing = Outgoing(outgoing.status, kept + list(fault.headers.items()), outgoing.body)
        match fault.answer:
            case "close":
                return None
            case "rst":
                self._reset()
            case "hang":
                self.server.stopping.wait(fault.hang_s)
            case "trunc":
                self.request.sendall(_half(outgoing, fault))
            case "slow":
                return self._drip(outgoing, fault)
            case _:
                self.request.sendall(outgoing.encode(keep_alive=False))
                return outgoing.status
        return None

    def _reset(self) -> None:
        """Close with RST instead of FIN."""
        linger = struct.pack("ii" if struct.calcsize("P") else "hh", 1, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.request.close()

    def _drip(self, outgoing: Outgoing, fault: Fault) -> int | None:
        whole = outgoing.encode(keep_alive=False)
        start = len(whole) - len(outgoing.body) if fault.part == "body" else 0
        self.request.sendall(whole[:start])
        for place in range(start, len(whole), fault.step_bytes):
            if self.server.stopping.wait(fault.step_s):
                return None
            self.request.sendall(whole[place : place + fault.step_bytes])
        return outgoing.status


def _half(outgoing: Outgoing, fault: Fault) -> bytes:
    whole = outgoing.encode(keep_alive=False, chunked=fault.chunked)
    head = whole.index(b"\r\n\r\n") + 4
    if fault.part == "head":
        return whole[: fault.keep_bytes if fault.keep_bytes is not None else head // 2]
    kept = fault.keep_bytes if fault.keep_bytes is not None else (len(whole) - head) // 2
    return whole[: head + min(kept, len(whole) - head - 1)]
