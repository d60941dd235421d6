"""The line to PortOne: the token, one exchange, its verdict, the wait before a repeat."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from dashboard.portone import verdict
from dashboard.portone.address import check_base_url
from dashboard.portone.answers import BrokenAnswer, Envelope
from dashboard.portone.errors import (
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotFound,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    PortOneRejected,
    Why,
)
from dashboard.portone.limits import Deadline, Limits
from dashboard.portone.messages import Answer, Failure, Request
from dashboard.portone.token import Token, TokenKeeper

T = TypeVar("T")

_TOKEN_PAUSES_S = (0.5, 1.0)
_MESSAGE_LENGTH = 500
_random = secrets.SystemRandom()


class Line:
    """What reads and writes have in common.

    :ivar clock_skew: seconds this PC's clock is ahead of PortOne's (HTTP ``Date``), None before
        the first answer; exact to about a second
    """

    def __init__(
        self,
        base_url: str,
        imp_key: str,
        imp_secret: str,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        limits: Limits,
    ) -> None:
        for value in (imp_key, imp_secret):
            if not value or not value.isascii() or not value.isprintable() or " " in value:
                raise ValueError("the API key and secret must be visible characters only")
        self._base = check_base_url(base_url)
        self._key, self._secret = imp_key, imp_secret
        self._clock, self._sleep, self._limits = clock, sleep, limits
        self._tokens = TokenKeeper(self._ask_token, clock)
        self.clock_skew: float | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base.url}>"

    def check_keys(self) -> None:
        """Get a token now.

        :raise PortOneNotAuthorised: the key or secret is wrong, or this PC's address is refused
        :raise PortOneError: PortOne could not be asked
        """
        self._tokens.renew(Deadline(self._limits.total_s))

    def _ask_token(self, deadline: Deadline) -> Token:
        body = json.dumps({"imp_key": self._key, "imp_secret": self._secret}).encode()
        request = Request(method="POST", path="/users/getToken", body=body, harmless=True)
        pauses = list(_TOKEN_PAUSES_S)
        while True:
            asked = self._tokens.moment()
            judged = read_into(
                self._exchange(request, deadline, None), partial(Token.from_json, asked=asked)
            )
            if not isinstance(judged, PortOneError):
                return judged[0]
            if not worth_repeating(judged):
                raise _of_token(judged)
            self._pause(pauses, judged, deadline)

    def _exchange(
        self, request: Request, deadline: Deadline, access: Token | None
    ) -> Envelope | PortOneError:
        from dashboard.portone.wire import exchange  # requests is not for the start

        headers = {"Authorization": f"Bearer {access.value}"} if access else {}
        before = self._clock()
        outcome = exchange(self._base, request, headers, self._limits, deadline)
        self._measure_skew(outcome, before)
        hidden = [self._secret, self._key, *([access.value] if access else []), *request.private]
        return verdict.judge(outcome, request, clean=partial(_one_line, hidden=hidden))

    def _measure_skew(self, outcome: Answer | Failure, before: float) -> None:
        if isinstance(outcome, Answer):
            said = verdict.http_date(outcome.headers.get("Date", ""))
            if said is not None:
                self.clock_skew = (before + self._clock()) / 2 - said

    def _pause(self, pauses: list[float], error: PortOneError, deadline: Deadline) -> None:
        """Wait before a repeat.

        :raise PortOneError: ``error`` itself, when there are no repeats or no time left, or
            PortOne asks to wait for longer than a page can
        """
        asked = error.retry_after or 0.0
        if not pauses or asked > self._limits.retry_after_s:
            raise error
        pause = max(jittered(pauses.pop(0)), asked)
        if pause >= deadline.left():
            raise error
        self._sleep(pause)


def _of_token(error: PortOneError) -> PortOneError:
    """A refused token is a wrong key; and no path to it says nothing about any payment."""
    if isinstance(error, PortOneRejected):
        return PortOneNotAuthorised(error.code, error.http_status, error.user_message, why=Why.KEY)
    if isinstance(error, PortOneNotFound):
        return PortOneOutcomeUnknown(error.code, error.http_status, why=Why.BROKEN_ANSWER)
    return error


def read_into(judged: Envelope | PortOneError, into: Callable[[Any], T]) -> tuple[T] | PortOneError:
    """``response`` as a record; in a tuple, so that a record is never taken for an error."""
    if isinstance(judged, PortOneError):
        return judged
    try:
        return (into(judged.response),)
    except BrokenAnswer as error:
        why = error.why
    return PortOneOutcomeUnknown(judged.code, 200, why=why)


def worth_repeating(error: PortOneError) -> bool:
    """Whether a read may go better in a moment."""
    if isinstance(error, PortOneNotSent):
        return error.why is Why.NO_CONNECTION
    passing = (Why.NO_ANSWER, Why.BROKEN_ANSWER, Why.SERVER_ERROR)
    return isinstance(error, PortOneRateLimited) or (
        isinstance(error, PortOneOutcomeUnknown) and error.why in passing
    )


def jittered(pause_s: float) -> float:
    """The pause and up to a quarter more, so that clients do not come back in step."""
    return pause_s * _random.uniform(1.0, 1.25)


def _one_line(message: str, hidden: Sequence[str]) -> str:
    """PortOne's words in one line, without what must not be repeated (SEC-49, SEC-52)."""
    for value in hidden:
        if len(value) > 1:
            message = message.replace(value, "***")
    message = "".join(c if c.isprintable() else " " for c in message)
    return re.sub(" +", " ", message).strip()[:_MESSAGE_LENGTH]
