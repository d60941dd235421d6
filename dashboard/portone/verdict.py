"""What an exchange means: an envelope to read, or the error to raise. Pure.

Sources: refund-safety 1.3 and 1.6; PortOne V1, 1.1.
"""

from __future__ import annotations

import email.utils
from collections.abc import Callable, Mapping

from dashboard.portone.answers import BrokenAnswer, Envelope, envelope
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
from dashboard.portone.messages import Answer, Failure, Request


def judge(
    outcome: Answer | Failure, request: Request, *, clean: Callable[[str], str]
) -> Envelope | PortOneError:
    """Sort one outcome into the envelope of a success or an error.

    For a read a bad status is an error like another; for a write only a whole, well-formed no is
    a no, and all else is "unknown".

    :param clean: makes PortOne's words fit for people and logs
    """
    if isinstance(outcome, Failure):
        return (PortOneOutcomeUnknown if outcome.sent else PortOneNotSent)(why=outcome.why)
    found = _envelope(outcome)
    message = clean(found.message) if found else ""
    status, code = outcome.status, found.code if found else None
    if found is not None and found.code == 0 and status in request.ok:
        return found
    why = _why(outcome, found)
    if status in (401, 403):
        return PortOneNotAuthorised(code, status, _unless_ours(message, why), why=why)
    if status == 404 and request.is_read and outcome.is_empty_on_purpose:
        return PortOneNotFound(code, status, why=Why.NOT_FOUND)
    kind: type[PortOneError]
    refused = status in request.ok | request.refusals or (
        400 <= status < 500 and status not in (408, 429)
    )
    if found is not None and found.code != 0 and refused:
        kind = PortOneNotFound if status == 404 else PortOneRejected
    else:
        kind = PortOneRateLimited if status == 429 and request.is_read else PortOneOutcomeUnknown
    error = kind(code, status, message, why=why)
    error.retry_after = retry_after(outcome.headers)
    return error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds PortOne asks to wait; None when it does not say, or says nonsense."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit() and len(said) <= 9:
        return float(said)
    until, now = http_date(said), http_date(headers.get("Date", ""))
    return max(0.0, until - now) if until is not None and now is not None else None


def http_date(text: str) -> float | None:
    """An HTTP date in UNIX seconds, None when it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _envelope(answer: Answer) -> Envelope | None:
    try:
        return envelope(answer.body)
    except BrokenAnswer:
        return None


def _why(answer: Answer, found: Envelope | None) -> Why:
    by_status = {401: Why.KEY, 403: Why.IP, 429: Why.TOO_MANY}
    if answer.status in by_status:
        return by_status[answer.status]
    if 300 <= answer.status < 400:
        return Why.REDIRECT
    if answer.status == 511 or (answer.status < 300 and found is None and answer.is_web_page):
        return Why.LOGIN_PAGE
    if answer.status >= 500:
        return Why.SERVER_ERROR
    if found is None or found.code == 0:
        return Why.BROKEN_ANSWER
    return Why.NOT_FOUND if answer.status == 404 else Why.SAID_NO


def _unless_ours(message: str, why: Why) -> str:
    """PortOne's 401 says "Unauthorized"; our sentence says what to do."""
    return "" if why is Why.KEY else message
