"""What goes out to PortOne, and what comes back: a whole answer, or what is known without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.portone.errors import Why


@dataclass(frozen=True, kw_only=True)
class Request:
    """What goes out, and how its answer is to be read. Made once per call: a repeat sends the
    very same bytes."""

    method: str
    path: str  # percent-encoded already
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)
    private: tuple[str, ...] = field(default=(), repr=False)  # never repeated in a message
    harmless: bool = False  # a write that changes nothing, however often it is sent
    list_of: int = 1  # how many payments the answer may hold
    ok: frozenset[int] = frozenset({200})  # HTTP statuses that come with `code` 0
    refusals: frozenset[int] = frozenset()  # 5xx documented as a plain refusal of this call

    @property
    def is_read(self) -> bool:
        return self.method == "GET" or self.harmless


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_web_page(self) -> bool:
        kind = self.headers.get("Content-Type", "").lower()
        return "text/html" in kind or self.body.lstrip()[:1] == b"<"

    @property
    def is_empty_on_purpose(self) -> bool:
        """An empty body that the head announced; a head cut off has none either, by accident."""
        framed = (
            "Content-Length" in self.headers
            or self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        )
        return framed and not self.body.strip()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """No whole answer. ``sent`` False is a proof; True means "perhaps"."""

    sent: bool
    why: Why
