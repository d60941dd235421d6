"""Where a process dies by its own hand: the crash points of refund-safety 1.5.

The product knows nothing of them: what they hang on is wrapped here, in the process that is to
die, before it does anything.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from typing import Any

from dashboard.portone import connection
from dashboard.portone.cancels import CancelCalls

POINTS = {
    "C1": "before refund.intent",  # the wish is not kept yet
    "C2": "after refund.intent",
    "C2b": "before refund.sending",
    "C3": "after refund.sending",  # nothing has left the machine
    "C3b": "half of the request is out",
    "C4": "request is out",
    "C5": "answer is in",
    "C5b": "before refund.unknown",
    "C6": "after refund.unknown",
    "C6b": "before refund.succeeded",
    "C7": "after refund.succeeded",
    "C8": "before refund.not_executed",
    "C8b": "after refund.not_executed",
    "C9": "before refund.rejected",
    "C9b": "after refund.rejected",
    "R1": "after receipt.intent",
    "R2": "after receipt.sending",
    "R3": "before receipt.unknown",
    "R4": "before receipt.issued",
    "R5": "after receipt.cancel_sending",
    "R6": "before receipt.cancelled",
    "R7": "after receipt.cancelled",  # the new one has not been issued yet
}
"""Crash points by name: what happens at them, as :func:`_pass` says it."""

_target: str | None = None
_here = threading.local()


def arm(name: str | None) -> None:
    """Let this process be killed, as hard as the machine can, when it first gets to ``name``."""
    global _target
    _target = POINTS[name] if name else None
    if _target is None:
        return
    _watch_database()
    _watch_line()


def _pass(place: str) -> None:
    if place == _target:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


# -- the database: right before and right after a commit ------------------------------------------


class _Watched(sqlite3.Connection):
    """Notes which refund events stand in the open transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: list[str] = []

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql.startswith("INSERT INTO events") and isinstance(parameters, dict):
            self.kinds.append(str(parameters["kind"]))
        return super().execute(sql, parameters)

    def commit(self) -> None:
        kinds, self.kinds = self.kinds, []
        for kind in kinds:
            _pass(f"before {kind}")
        super().commit()
        for kind in kinds:
            _pass(f"after {kind}")

    def rollback(self) -> None:
        self.kinds = []
        super().rollback()


def _watch_database() -> None:
    connect = sqlite3.connect

    def watched(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return connect(*args, factory=_Watched, **kwargs)

    sqlite3.connect = watched


# -- the line: before, in and after a cancel ------------------------------------------------------


def _watch_line() -> None:
    send, read, cancel = connection._Watched.send, connection._Bounded.readinto, CancelCalls._cancel

    def watched_send(self: Any, data: Any) -> None:
        head = isinstance(data, bytes) and data.startswith(b"POST /payments/cancel")
        send(self, data)
        if head:
            _here.sending = True
            _pass("half of the request is out")  # the body is a second send

    def watched_read(self: Any, buffer: Any) -> int | None:
        if getattr(_here, "sending", False):
            _pass("request is out")
        return read(self, buffer)

    def watched_cancel(self: Any, *args: Any) -> Any:
        try:
            return cancel(self, *args)
        finally:
            _here.sending = False
            _pass("answer is in")

    connection._Watched.send = watched_send
    connection._Bounded.readinto = watched_read
    CancelCalls._cancel = watched_cancel
