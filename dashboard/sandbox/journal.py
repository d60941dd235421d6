"""The requests received, byte for byte, so that a test can count what was on the wire."""

from __future__ import annotations

import base64
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

LONGEST = 10_000  # entries kept; older ones fall out


@dataclass
class Entry:
    """One request as it came off the socket. ``at`` is UNIX seconds of the sandbox's clock."""

    at: float
    raw: bytes = field(repr=False)
    method: str = ""
    target: str = ""  # path and query exactly as sent
    headers: list[tuple[str, str]] = field(default_factory=list, repr=False)
    body: bytes = field(default=b"", repr=False)
    status: int | None = None  # answered; None: no whole answer was sent
    fault: int | None = None  # number of the script that was applied

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        for found, value in self.headers:
            if found.lower() == name.lower():
                return value
        return None

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "method": self.method,
            "target": self.target,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers],
            "body": self.body.decode("utf-8", "replace"),
            "body_base64": base64.b64encode(self.body).decode(),
            "raw_base64": base64.b64encode(self.raw).decode(),
            "status": self.status,
            "fault": self.fault,
        }


class Journal:
    """Thread-safe; control calls are not written down."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LONGEST)
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def entries(self, method: str | None = None, path: str | None = None) -> list[Entry]:
        """What was received, oldest first, optionally only one method or path."""
        with self._lock:
            found = list(self._entries)
        return [
            entry
            for entry in found
            if (method is None or entry.method == method) and (path is None or entry.path == path)
        ]
