"""What one sandbox holds: its clock, its switches, its state file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flask import current_app

from dashboard.sandbox.faults import Faults
from dashboard.sandbox.journal import Journal
from dashboard.sandbox.notices import Notices
from dashboard.sandbox.store import Store

Clock = Callable[[], float]


class TestClock:
    """A clock that tests and the practice page may move. UNIX seconds."""

    __test__ = False  # not a test class

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset_s = 0.0
        self._stopped_at: float | None = None
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            if self._stopped_at is not None:
                return self._stopped_at
            return self._base() + self._offset_s

    def stop_at(self, at: float) -> None:
        """Stand still at ``at`` until moved again."""
        with self._lock:
            self._stopped_at = at

    def advance(self, seconds: float) -> None:
        with self._lock:
            if self._stopped_at is not None:
                self._stopped_at += seconds
            else:
                self._offset_s += seconds

    def reset(self) -> None:
        """Follow the base clock again."""
        with self._lock:
            self._stopped_at, self._offset_s = None, 0.0


@dataclass
class Switches:
    """What the documents leave open, or what a gateway may do wrong."""

    night: bool = False  # K5: refuse virtual-account refunds 23:00-06:00 KST
    partial_status: Literal["paid", "cancelled"] = "paid"  # nobody documents it
    atomic_checksum: bool = True  # False: compare first, write a moment later
    race_pause_s: float = 0.05  # that moment
    strip_reason: bool = False  # the gateway loses the cancel reason
    stale_reads_s: float = 0.0  # look-ups show a changed payment as it was this long ago
    external_reuse: bool = True  # POST an external receipt again after DELETE: not documented
    refuse_receipts: str = ""  # the gateway's words with which it refuses receipts (HTTP 500)
    refuse_partial: str = ""  # the card company's words with which it refuses partial cancels (K14)
    confirm_timeout_s: float = 5.0  # for an answer of confirm_url
    notice_url: str = ""  # where webhooks go that have no URL of their own (the console's setting)
    notice_form: bool = False  # webhooks as a form instead of JSON
    notice_retries: int = 0  # up to 5: deliver again after a network error or a 5xx
    notice_pause_s: float = 60.0  # before each of those
    notice_copies: int = 1  # 2: every webhook comes twice
    notice_late_s: float = 0.0  # how long after the event
    notice_dropped: bool = False  # webhooks are lost


@dataclass
class Sandbox:
    """``app.extensions["sandbox"]``; one per sandbox."""

    store: Store
    clock: TestClock
    key: str
    secret: str = field(repr=False)
    control_token: str = field(repr=False)
    switches: Switches
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    notices: Notices = field(default_factory=Notices)
    paying: set[str] = field(default_factory=set)  # windows that are just approving
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def now(self) -> int:
        """The present moment, whole UNIX seconds."""
        return int(self.clock())

    @property
    def path(self) -> Path:
        return self.store.path


def sandbox() -> Sandbox:
    """The current application's sandbox."""
    found: Sandbox = current_app.extensions["sandbox"]
    return found
