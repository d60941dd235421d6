"""The access token: one for all threads, its life counted by PortOne's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dashboard.portone import fields
from dashboard.portone.answers import BrokenAnswer
from dashboard.portone.errors import PortOneNotSent, Why
from dashboard.portone.limits import Deadline

# Asked again with less than a minute left, PortOne adds five; before that it answers the same
# token with the same end. So asking earlier than this wins nothing (PortOne V1, 1.2).
READ_LEFT_S = 55
WRITE_LEFT_S = 120  # refund-safety, P5
_LONGEST_LIFE_S = 24 * 60 * 60


@dataclass(frozen=True)
class Moment:
    """One moment on this PC's two clocks."""

    monotonic: float
    wall: float


@dataclass(frozen=True)
class Token:
    """A token and how long it lives from the moment it was asked for."""

    value: str = field(repr=False)
    life_s: float
    asked: Moment

    @classmethod
    def from_json(cls, response: object, asked: Moment) -> Token:
        """Read the answer to a question of the moment ``asked``.

        :raise BrokenAnswer: no token, or one that is over already by PortOne's own clock
        """
        obj = fields.record(response)
        value = fields.required(obj, "access_token")
        now, expired_at = fields.moment(obj, "now"), fields.moment(obj, "expired_at")
        if now is None or expired_at is None or expired_at <= now:
            raise BrokenAnswer("times of the token")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise BrokenAnswer("token")  # it could not travel in a header
        return cls(value, min(expired_at - now, _LONGEST_LIFE_S), asked)

    def left(self, wall: float) -> float:
        """Seconds left by the clock that has gone further: a monotonic clock stands still while
        the PC sleeps, and a wall clock can be set."""
        gone = max(time.monotonic() - self.asked.monotonic, wall - self.asked.wall)
        return self.life_s - gone


class TokenKeeper:
    """Hands out a token with enough life left; asks PortOne for one at a time."""

    def __init__(self, ask: Callable[[Deadline], Token], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def get(self, deadline: Deadline, *, left_s: float) -> Token:
        """A token with ``left_s`` seconds left, or the best PortOne gives.

        :raise PortOneNotSent: another thread's question took all the time there was
        :raise PortOneError: the question failed
        """
        with self._alone(deadline):
            if self._token is None or self._token.left(self._clock()) < left_s:
                self._token = None
                self._token = self._ask(deadline)
            return self._token

    def renew(self, deadline: Deadline) -> None:
        """Ask for a token whatever we hold. Raises as :meth:`get`."""
        with self._alone(deadline):
            self._token = None
            self._token = self._ask(deadline)

    def drop(self, token: Token) -> None:
        """Forget a token that PortOne refused, unless another thread has replaced it already.

        Takes no lock: at worst a newer token is asked for once more.
        """
        if self._token is token:
            self._token = None

    def moment(self) -> Moment:
        """The present moment."""
        return Moment(time.monotonic(), self._clock())

    @contextmanager
    def _alone(self, deadline: Deadline) -> Iterator[None]:
        if not self._lock.acquire(timeout=deadline.left()):
            raise PortOneNotSent(why=Why.NO_TIME)
        try:
            yield
        finally:
            self._lock.release()
