"""How a call is made: token, repeats, deadline. Every endpoint goes through here.

The table of refund-safety 1.6, in code: a read is repeated, a write only when it was proven not
sent, or once with a new token after a 401; its bytes are made once and never change.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from dashboard.portone import token, verdict
from dashboard.portone.address import check_base_url
from dashboard.portone.answers import BrokenAnswer, Envelope
from dashboard.portone.errors import (
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    PortOneRejected,
    Why,
)
from dashboard.portone.limits import Deadline, Limits
from dashboard.portone.token import Token, TokenKeeper
from dashboard.portone.wire import Answer, Failure, Request, exchange

T = TypeVar("T")

_READ_PAUSES_S = (0.5, 1.0, 2.0)
_WRITE_PAUSES_S = (0.5, 1.0)
_TOKEN_PAUSES_S = (0.5, 1.0)
_MESSAGE_LENGTH = 500
_random = secrets.SystemRandom()


class Caller:
    """Calls PortOne; knows nothing of single endpoints.

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

    # -- reads ------------------------------------------------------------------------------

    def read(
        self,
        path: str,
        into: Callable[[Any], T],
        *,
        query: Sequence[tuple[str, str]] = (),
        list_of: int = 1,
        ok: frozenset[int] = verdict.OK,
    ) -> T:
        """GET ``path``, repeated up to three times, and read ``response`` by ``into``.

        :raise PortOneError: what :mod:`~dashboard.portone.verdict` says of the last answer
        """
        request = Request(method="GET", path=path, query=tuple(query), list_of=list_of)
        deadline = Deadline(self._limits.total_s)
        renewed, pauses = False, list(_READ_PAUSES_S)
        while True:
            access = self._tokens.get(deadline, left_s=token.READ_LEFT_S)
            outcome = self._exchange(request, deadline, access)
            judged = _read_into(self._judge(outcome, request, access, ok=ok), into)
            if not isinstance(judged, PortOneError):
                return judged[0]
            if judged.http_status == 401 and not renewed:
                renewed = True
                self._tokens.drop(access)
                continue
            if not _worth_repeating(judged):
                raise judged
            self._pause(pauses, judged, deadline)

    # -- writes -----------------------------------------------------------------------------

    def write(
        self,
        method: str,
        path: str,
        into: Callable[[Any], T],
        *,
        body: Mapping[str, Any] | None = None,
        private: Sequence[str] = (),
        refusals: frozenset[int] = frozenset(),
    ) -> T:
        """Send a POST, PUT or DELETE at most once, and read ``response`` by ``into``.

        :param private: values of ``body`` that must not come back in a message
        :raise PortOneNotSent: proven: PortOne was asked nothing
        :raise PortOneOutcomeUnknown: it may have been done; also a second 401
        """
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        request = Request(method=method, path=path, body=data)
        deadline = Deadline(self._limits.total_s)
        access = self._token_for_write(deadline)
        judged = self._send_unless_sent(request, deadline, access, private, refusals)
        if isinstance(judged, PortOneError) and judged.http_status == 401:
            judged = self._send_again(request, deadline, access, private, refusals)
        result = _read_into(judged, into)
        if isinstance(result, PortOneError):
            raise result
        return result[0]

    def _send_again(
        self,
        request: Request,
        deadline: Deadline,
        refused: Token,
        private: Sequence[str],
        refusals: frozenset[int],
    ) -> Envelope | PortOneError:
        """After a 401, documented as refused before execution: a new token, once, same bytes.

        Whatever keeps this from an answer leaves the first request's fate to a read-back.
        """
        self._tokens.drop(refused)
        try:
            access = self._token_for_write(deadline)
        except PortOneError as error:
            return PortOneOutcomeUnknown(error.code, 401, error.user_message, why=error.why)
        judged = self._send_unless_sent(request, deadline, access, private, refusals)
        if isinstance(judged, PortOneNotSent) or (
            isinstance(judged, PortOneError) and judged.http_status == 401
        ):
            return PortOneOutcomeUnknown(judged.code, 401, judged.user_message, why=judged.why)
        return judged

    def _send_unless_sent(
        self,
        request: Request,
        deadline: Deadline,
        access: Token,
        private: Sequence[str],
        refusals: frozenset[int],
    ) -> Envelope | PortOneError:
        """Send; up to twice more, soon, where it was proven that nothing went out."""
        soon = Deadline(self._limits.resend_within_s)
        for pause in (*_WRITE_PAUSES_S, None):
            if deadline.left() < self._limits.write_needs_s:
                return PortOneNotSent(why=Why.NO_TIME)
            outcome = self._exchange(request, deadline, access)
            judged = self._judge(outcome, request, access, private=private, refusals=refusals)
            if not isinstance(judged, PortOneNotSent) or judged.why is not Why.NO_CONNECTION:
                return judged  # TLS does not heal within seconds
            if pause is None or pause > min(soon.left(), deadline.left()):
                return judged
            self._sleep(_jittered(pause))
        raise AssertionError("the last round returns")  # pragma: no cover

    def _token_for_write(self, deadline: Deadline) -> Token:
        """:raise PortOneNotSent: no token came, so the write itself was never asked for"""
        try:
            return self._tokens.get(deadline, left_s=token.WRITE_LEFT_S)
        except (PortOneOutcomeUnknown, PortOneRateLimited, PortOneRejected) as error:
            problem = error
        raise PortOneNotSent(
            problem.code, problem.http_status, problem.user_message, why=problem.why
        )

    # -- the token --------------------------------------------------------------------------

    def check_keys(self) -> None:
        """Get a token now.

        :raise PortOneNotAuthorised: the key or secret is wrong, or this PC's address is refused
        :raise PortOneError: PortOne could not be asked
        """
        self._tokens.renew(Deadline(self._limits.total_s))

    def _ask_token(self, deadline: Deadline) -> Token:
        body = json.dumps({"imp_key": self._key, "imp_secret": self._secret}).encode()
        request = Request(method="POST", path="/users/getToken", body=body)
        pauses = list(_TOKEN_PAUSES_S)
        while True:
            asked = self._tokens.moment()
            outcome = self._exchange(request, deadline, None)
            # As harmless as a read: asked again, PortOne answers the same token.
            judged = _read_into(
                self._judge(outcome, request, None, read=True),
                partial(Token.from_json, asked=asked),
            )
            if not isinstance(judged, PortOneError):
                return judged[0]
            if isinstance(judged, PortOneRejected):
                raise PortOneNotAuthorised(
                    judged.code, judged.http_status, judged.user_message, why=Why.KEY
                )
            if not _worth_repeating(judged):
                raise judged
            self._pause(pauses, judged, deadline)

    # -- below both -------------------------------------------------------------------------

    def _exchange(
        self, request: Request, deadline: Deadline, access: Token | None
    ) -> Answer | Failure:
        headers = {"Authorization": f"Bearer {access.value}"} if access else {}
        before = self._clock()
        outcome = exchange(self._base, request, headers, self._limits, deadline)
        if isinstance(outcome, Answer):
            said = verdict.http_date(outcome.headers.get("Date", ""))
            if said is not None:
                self.clock_skew = (before + self._clock()) / 2 - said
        return outcome

    def _judge(
        self,
        outcome: Answer | Failure,
        request: Request,
        access: Token | None,
        *,
        read: bool | None = None,
        private: Sequence[str] = (),
        ok: frozenset[int] = verdict.OK,
        refusals: frozenset[int] = frozenset(),
    ) -> Envelope | PortOneError:
        hidden = [self._secret, self._key, *([access.value] if access else []), *private]
        return verdict.judge(
            outcome,
            read=request.is_read if read is None else read,
            clean=lambda message: _one_line(message, hidden),
            ok=ok,
            refusals=refusals,
        )

    def _pause(self, pauses: list[float], error: PortOneError, deadline: Deadline) -> None:
        """Wait before a repeat.

        :raise PortOneError: ``error`` itself, when there are no repeats or no time left, or
            PortOne asks to wait for longer than a page can
        """
        pause = _jittered(pauses.pop(0)) if pauses else None
        asked = error.retry_after
        if pause is None or (asked is not None and asked > self._limits.retry_after_s):
            raise error
        pause = max(pause, asked or 0.0)
        if pause >= deadline.left():
            raise error
        self._sleep(pause)


def _read_into(
    judged: Envelope | PortOneError, into: Callable[[Any], T]
) -> tuple[T] | PortOneError:
    """``response`` as a record; in a tuple, for a record may be None."""
    if isinstance(judged, PortOneError):
        return judged
    try:
        return (into(judged.response),)
    except BrokenAnswer as error:
        why = error.why
    return PortOneOutcomeUnknown(judged.code, 200, why=why)


def _worth_repeating(error: PortOneError) -> bool:
    if isinstance(error, PortOneRateLimited):
        return True
    if isinstance(error, PortOneNotSent):
        return error.why is Why.NO_CONNECTION
    return isinstance(error, PortOneOutcomeUnknown) and error.why in (
        Why.NO_ANSWER,
        Why.BROKEN_ANSWER,
        Why.SERVER_ERROR,
    )


def _jittered(pause_s: float) -> float:
    return pause_s * _random.uniform(1.0, 1.25)


def _one_line(message: str, hidden: Sequence[str]) -> str:
    """PortOne's words in one line, without what must not be repeated (SEC-49, SEC-52)."""
    for value in hidden:
        if value:
            message = message.replace(value, "***")
    message = "".join(c if c.isprintable() else " " for c in message)
    return re.sub(" +", " ", message).strip()[:_MESSAGE_LENGTH]
