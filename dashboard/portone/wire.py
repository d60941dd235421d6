"""One HTTP exchange with PortOne: a whole answer, or what is known about its failure.

Failures come back as values and not as exceptions: requests' exceptions hold the request, and
with it the token; nothing of that may hang on an error that reaches a log (SEC-49).
"""

from __future__ import annotations

from collections.abc import Mapping

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.exceptions import SSLError as Urllib3SSLError

from dashboard.portone.address import Base
from dashboard.portone.connection import Adapter, Watch
from dashboard.portone.errors import Why
from dashboard.portone.limits import Deadline, Limits
from dashboard.portone.messages import Answer, Failure, Request

_CHUNK_BYTES = 64 * 1024
_NOT_CONNECTED = (NewConnectionError, NameResolutionError, ConnectTimeoutError)


def exchange(
    base: Base, request: Request, headers: Mapping[str, str], limits: Limits, deadline: Deadline
) -> Answer | Failure:
    """Send ``request`` once on a fresh connection: no redirects, no proxy or netrc of the
    environment, no compression (a small answer could unpack to anything).

    :raise ValueError: the URL that would go out is not the one that was asked for
    """
    watch = Watch(
        base, deadline, limits.connect_s, limits.read_s, limits.list_bytes(request.list_of)
    )
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        session.mount(f"{base.url}/", Adapter(watch))
        prepared = session.prepare_request(
            requests.Request(
                request.method,
                f"{base.url}{request.path}",
                params=list(request.query),
                data=request.body,
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    "User-Agent": "Jangbu",
                    **({"Content-Type": "application/json"} if request.body else {}),
                    **headers,
                },
            )
        )
        if (prepared.path_url or "").partition("?")[0] != request.path:
            raise ValueError("the path did not survive (SEC-48)")
        try:
            return _send(session, prepared, watch)
        except Exception as error:  # whatever it is: after a write it means "unknown"
            return _failure(error, watch)


def _send(
    session: requests.Session, prepared: requests.PreparedRequest, watch: Watch
) -> Answer | Failure:
    with session.send(
        prepared,
        stream=True,
        allow_redirects=False,
        timeout=(watch.connect_s, watch.read_s),
        verify=True,
        proxies={},
    ) as response:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failure(sent=True, why=Why.BROKEN_ANSWER)
        body = bytearray()
        for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
            body += chunk
            if len(body) > watch.body_bytes:
                return Failure(sent=True, why=Why.TOO_LARGE)
        return Answer(
            status=response.status_code, headers=response.headers.copy(), body=bytes(body)
        )


def _failure(error: Exception, watch: Watch) -> Failure:
    """Sort an exception by the rule after the table in refund-safety, 1.3.

    One guard more than the rule: TLS can also fail after the request went out (a connection
    tampered with while we read), and urllib3 wraps that no differently. What was handed to the
    socket is never "not sent".
    """
    reason = _max_retry_reason(error)
    if not watch.started_sending:
        if isinstance(error, requests.exceptions.SSLError) and isinstance(reason, Urllib3SSLError):
            return Failure(sent=False, why=Why.NOT_SECURE)
        if isinstance(error, requests.ConnectTimeout) or (
            isinstance(error, requests.ConnectionError) and isinstance(reason, _NOT_CONNECTED)
        ):
            why = Why.ADDRESS if watch.refused_address else Why.NO_CONNECTION
            return Failure(sent=False, why=why)
    return Failure(sent=True, why=Why.TOO_LARGE if watch.too_large else Why.NO_ANSWER)


def _max_retry_reason(error: Exception) -> Exception | None:
    inner = error.args[0] if error.args else None
    return inner.reason if isinstance(inner, MaxRetryError) else None
