"""How a call is made; every endpoint goes through here.

The table of refund-safety 1.6, in code: a read is repeated; a write only when it was proven not
sent, or once with a new token after a 401. Its bytes are made once and never change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dashboard.portone import token
from dashboard.portone.answers import Envelope
from dashboard.portone.errors import (
    PortOneError,
    PortOneNotAuthorised,
    PortOneNotSent,
    PortOneOutcomeUnknown,
    PortOneRateLimited,
    Why,
)
from dashboard.portone.limits import Deadline
from dashboard.portone.line import Line, jittered, read_into, worth_repeating
from dashboard.portone.messages import Request
from dashboard.portone.token import Token

T = TypeVar("T")

_READ_PAUSES_S = (0.5, 1.0, 2.0)
_WRITE_PAUSES_S = (0.5, 1.0)


class Caller(Line):
    """Reads and writes; knows nothing of single endpoints."""

    def read(
        self,
        path: str,
        into: Callable[[Any], T],
        *,
        query: Sequence[tuple[str, str]] = (),
        list_of: int = 1,
        ok: frozenset[int] = frozenset({200}),
    ) -> T:
        """GET ``path``, repeated up to three times, and read ``response`` by ``into``.

        :raise PortOneError: what the last answer means
        """
        request = Request(method="GET", path=path, query=tuple(query), list_of=list_of, ok=ok)
        deadline = Deadline(self._limits.total_s)
        renewed, pauses = False, list(_READ_PAUSES_S)
        while True:
            access = self._tokens.get(deadline, left_s=token.READ_LEFT_S)
            result = read_into(self._exchange(request, deadline, access), into)
            if not isinstance(result, PortOneError):
                return result[0]
            if result.http_status == 401 and not renewed:
                renewed = True
                self._tokens.drop(access)
            elif worth_repeating(result):
                self._pause(pauses, result, deadline)
            else:
                raise result

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
        :param refusals: 5xx statuses documented as a plain refusal of this call
        :raise PortOneNotSent: proven: PortOne was asked nothing
        :raise PortOneOutcomeUnknown: it may have been done; also a second 401
        """
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        request = Request(
            method=method, path=path, body=data, private=tuple(private), refusals=refusals
        )
        deadline = Deadline(self._limits.total_s)
        access = self._token_for_write(deadline)
        judged = self._send(request, deadline, access)
        if isinstance(judged, PortOneError) and judged.http_status == 401:
            judged = self._send_again(request, deadline, access)
        result = read_into(judged, into)
        if isinstance(result, PortOneError):
            raise result
        return result[0]

    def _send_again(
        self, request: Request, deadline: Deadline, refused: Token
    ) -> Envelope | PortOneError:
        """After a 401, documented as refused before execution: a new token, once, same bytes.

        Whatever keeps this from an answer leaves the first request's fate to a read-back.
        """
        self._tokens.drop(refused)
        try:
            access = self._token_for_write(deadline)
        except PortOneError as error:
            return _undecided(error)
        judged = self._send(request, deadline, access)
        if isinstance(judged, PortOneNotSent) or (
            isinstance(judged, PortOneError) and judged.http_status == 401
        ):
            return _undecided(judged)
        return judged

    def _send(self, request: Request, deadline: Deadline, access: Token) -> Envelope | PortOneError:
        """Send; up to twice more, soon, where it was proven that nothing went out."""
        soon = Deadline(self._limits.resend_within_s)
        pauses = list(_WRITE_PAUSES_S)
        while True:
            if deadline.left() < self._limits.write_needs_s:
                return PortOneNotSent(why=Why.NO_TIME)
            judged = self._exchange(request, deadline, access)
            healing = isinstance(judged, PortOneNotSent) and judged.why is Why.NO_CONNECTION
            pause = jittered(pauses.pop(0)) if healing and pauses else None
            if pause is None or pause >= min(soon.left(), deadline.left()):
                return judged  # TLS, for one, does not heal within seconds
            self._sleep(pause)

    def _token_for_write(self, deadline: Deadline) -> Token:
        """:raise PortOneNotSent: no token came, so the write itself was never asked for"""
        try:
            return self._tokens.get(deadline, left_s=token.WRITE_LEFT_S)
        except PortOneNotAuthorised as error:
            error.nothing_asked = True
            raise
        except (PortOneOutcomeUnknown, PortOneRateLimited) as error:
            problem = error
        raise PortOneNotSent(
            problem.code, problem.http_status, problem.user_message, why=problem.why
        )


def _undecided(error: PortOneError) -> PortOneOutcomeUnknown:
    return PortOneOutcomeUnknown(error.code, 401, error.user_message, why=error.why)
