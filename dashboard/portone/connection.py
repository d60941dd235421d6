"""Connections that keep the total deadline, go only where they may, and know what they sent.

requests' timeouts count silence only: one byte every ten seconds keeps a call alive for hours
(refund-safety, 1.3). So each read waits for what is left of the deadline at most.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import Retry

from dashboard.portone.address import Base
from dashboard.portone.limits import KIB, Deadline

_HEAD_BYTES = 256 * KIB  # room for status line, headers and chunk sizes beside the body


@dataclass
class Watch:
    """What one exchange may do, and what it did."""

    base: Base
    deadline: Deadline
    connect_s: float
    read_s: float
    body_bytes: int
    started_sending: bool = False  # set before the first byte of the request goes out
    refused_address: bool = False
    received_bytes: int = 0
    too_large: bool = False


class Adapter(HTTPAdapter):
    """One exchange on one fresh connection; urllib3 repeats nothing."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__(max_retries=Retry(total=0, read=False, redirect=False), pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pools(HTTPConnectionPool, _PlainConnection, self._watch),
            "https": _pools(HTTPSConnectionPool, _SecureConnection, self._watch),
        }


def _pools(
    pool_class: type[HTTPConnectionPool], connection_class: type[_Watched], watch: Watch
) -> Callable[..., HTTPConnectionPool]:
    def make(*args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = pool_class(*args, **kwargs)
        pool.ConnectionCls = partial(connection_class, watch=watch)  # type: ignore[assignment]
        return pool

    return make


class _Watched(HTTPConnection):
    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = watch
        self.response_class = partial(_Response, watch=watch)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        """Look the name up, refuse what it must not lead to, try each address in turn."""
        addresses = self._look_up()
        if not all(self._watch.base.allows(str(address[0])) for _, address in addresses):
            self._watch.refused_address = True
            raise NewConnectionError(self, "the name leads to a refused address")
        problem: Exception = NewConnectionError(self, "the name has no address")
        for family, address in addresses:
            left = min(self._watch.connect_s, self._watch.deadline.left())
            if left <= 0:
                raise ConnectTimeoutError(self, "no time left")
            try:
                return _open(family, address, left)
            except TimeoutError:
                problem = ConnectTimeoutError(self, "connect timeout")
            except OSError as error:
                problem = NewConnectionError(self, f"connect failed: {type(error).__name__}")
        raise problem

    def _look_up(self) -> list[tuple[int, tuple[Any, ...]]]:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except UnicodeError as error:
            raise NewConnectionError(self, "no host name") from error
        return [(family, address) for family, _, _, _, address in found]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self._watch.started_sending = True
        super().send(data)


class _PlainConnection(_Watched):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


def _open(family: int, address: tuple[Any, ...], timeout_s: float) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(timeout_s)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Bounded(sock, watch))


class _Bounded(io.RawIOBase):
    """Reads a socket within the deadline and the byte limit."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock, self._watch = sock, watch
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._watch.deadline.left()
        if left <= 0:
            raise TimeoutError("total deadline")
        self._sock.settimeout(min(self._watch.read_s, left))
        count = self._file.readinto(buffer)
        self._watch.received_bytes += count or 0
        if self._watch.received_bytes > self._watch.body_bytes + _HEAD_BYTES:
            self._watch.too_large = True
            raise OSError("more bytes than a call may bring")
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
