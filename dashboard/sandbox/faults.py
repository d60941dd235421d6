"""Scripts for what goes wrong with single requests.

``execute`` says when the request takes effect: ``before`` the answer (as normal), ``after`` it,
``never``, or ``late`` (``late_s`` seconds of the sandbox's clock afterwards). ``answer`` says what
the caller sees of it: ``ok``, ``close`` and ``rst`` (no byte, then FIN or RST), ``hang``,
``trunc``, ``slow``, ``status`` or ``body``. Source: refund-safety 3.
"""

from __future__ import annotations

import fnmatch
import itertools
import re
import threading
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Execute = Literal["before", "after", "never", "late"]
Answer = Literal["ok", "close", "rst", "hang", "trunc", "slow", "status", "body"]

WINDOW_PATHS = ("/v1/iamport.js", "/window")

_LATE = re.compile(r"late\((\d+(?:\.\d+)?)\)\Z")


@dataclass(kw_only=True)
class Fault:
    """One script. ``method`` and ``path`` are shell patterns; ``count`` None means for ever."""

    method: str = "*"
    path: str = "*"
    count: int | None = 1
    skip: int = 0  # let this many matching requests through first
    execute: Execute = "before"
    late_s: float = 0.0
    answer: Answer = "ok"
    before_read: bool = False  # close or rst before the body is read: nothing was received
    status: int | None = None  # of "status" and "body"; 500 and 200 when not given
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None  # of "status" and "body"; empty when not given
    delay_s: float = 0.0  # before the first byte of the answer
    hang_s: float = 300.0  # of "hang": then the connection closes
    part: Literal["head", "body"] = "body"  # of "slow" and "trunc"
    chunked: bool = False  # of "trunc": chunked instead of Content-Length
    step_bytes: int = 1  # of "slow"
    step_s: float = 5.0  # of "slow"
    keep_bytes: int | None = None  # of "trunc": how much arrives; half when not given
    id: int = 0
    used: int = 0

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Fault:
        """:raise ValueError: unknown names or words"""
        known = {part.name for part in fields(cls)} - {"id", "used"}
        if unknown := set(given) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        given = dict(given)
        if isinstance(written := given.get("execute"), str) and (late := _LATE.match(written)):
            given |= {"execute": "late", "late_s": float(late[1])}
        fault = cls(**given)
        if fault.execute not in get_args(Execute) or fault.answer not in get_args(Answer):
            raise ValueError(f"unknown execute or answer: {fault.execute}, {fault.answer}")
        if fault.before_read:
            fault.execute = "never"
        return fault

    def matches(self, method: str, path: str) -> bool:
        """Whether it strikes here. The buyer's window is struck only by a script that names it."""
        if self.path == "*" and path.startswith(WINDOW_PATHS):
            return False
        return fnmatch.fnmatchcase(method, self.method) and fnmatch.fnmatchcase(path, self.path)

    def to_json(self) -> dict[str, Any]:
        return {part.name: getattr(self, part.name) for part in fields(self)}


class Faults:
    """The scripts waiting, the first match wins. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._numbers)
            self._waiting.append(fault)
        return fault

    def script(self, **given: Any) -> Fault:
        """Add a script written as keywords. :raise ValueError: unknown names or words"""
        return self.add(Fault.from_json(given))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, method: str, path: str, *, early: bool = False) -> Fault | None:
        """The script for this request, counted as used.

        :param early: its body has not been read yet: only a script that strikes before that
        """
        with self._lock:
            passed = []
            for fault in self._waiting:
                if not fault.matches(method, path):
                    continue
                if fault.skip > 0:
                    passed.append(fault)
                    continue
                if early and not fault.before_read:
                    return None
                self._use(fault, passed)
                return fault
            if not early:
                self._use(None, passed)
        return None

    def _use(self, fault: Fault | None, passed: list[Fault]) -> None:
        for other in passed:
            other.skip -= 1
        if fault is not None:
            fault.used += 1
            if fault.count is not None and fault.used >= fault.count:
                self._waiting.remove(fault)
