"""How long and how much: the bounds of one call."""

from __future__ import annotations

import time
from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one call, its repeats and its token included. Source: refund-safety, 1.3."""

    connect_s: float = 5.0  # for each address of the host
    read_s: float = 15.0  # of silence
    total_s: float = 75.0  # from the call to its answer
    resend_within_s: float = 10.0  # a write that was proven not sent is sent again only this soon
    retry_after_s: float = 30.0  # asked to wait longer, a read gives up instead
    body_bytes: int = MIB
    item_bytes: int = 8 * KIB  # room for each payment of a list, where that is more than body_bytes

    @property
    def write_needs_s(self) -> float:
        """A write that cannot wait this long for its answer is better not sent."""
        return min(self.connect_s + self.read_s, self.total_s / 2)

    def list_bytes(self, payments: int) -> int:
        """The body limit of a list of up to ``payments`` payments: 8 MiB for 1000."""
        return max(self.body_bytes, self.item_bytes * payments)


class Deadline:
    """A moment on the monotonic clock that no clock change moves."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._at - time.monotonic())
