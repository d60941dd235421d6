"""The public address of a shop: where a tunnel's other end is on the internet.

Pure. PortOne and buyers reach nothing else of a shop, so an address that cannot be reached from
outside, or that says more than a host, is refused before it is kept.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit

MOST = 200
_MOST_HOST = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*")  # 0x7f and 1 are numbers, so ends of an IP address
_AT_HOME = ("localhost", "local", "internal", "lan", "home.arpa", "invalid", "test", "example")
"""Ends of names that lead nowhere, or no farther than the shop. Source: RFC 6761, 6762, 8375."""


class Wrong(StrEnum):
    """What is wrong with an address."""

    SCHEME = "scheme"  # not https
    MORE = "more"  # a path, a query, a fragment, a name or a password
    HOST = "host"  # no name with a dot
    NUMBERS = "numbers"  # an IP address
    HOME = "home"  # this PC, or the shop's own network


class WrongAddress(ValueError):
    """This is no public address."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong)
        self.wrong = wrong


def read_public_url(text: str) -> str:
    """The address in one spelling, ``https://host`` or ``https://host:port``; "" stays "".

    :raise WrongAddress: it can be no public address
    """
    text = text.strip()
    if not text:
        return ""
    if not text.isprintable() or " " in text or "\\" in text or len(text) > MOST:
        raise WrongAddress(Wrong.HOST)
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise WrongAddress(Wrong.HOST) from None
    if parts.scheme != "https" or not text.lower().startswith("https://"):
        raise WrongAddress(Wrong.SCHEME)
    if parts.path not in ("", "/") or "?" in text or "#" in text or "@" in parts.netloc:
        raise WrongAddress(Wrong.MORE)
    host = _ascii(host)
    _check(host)
    if port == 0:
        raise WrongAddress(Wrong.HOST)
    return f"https://{host}" if port in (None, 443) else f"https://{host}:{port}"


def _ascii(host: str) -> str:
    """A Korean name as browsers send it."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise WrongAddress(Wrong.HOST) from None


def _check(host: str) -> None:
    labels = host.split(".")
    if host.startswith("[") or ":" in host or all(label.isdigit() for label in labels):
        raise WrongAddress(Wrong.NUMBERS if host else Wrong.HOST)
    if any(host == end or host.endswith(f".{end}") for end in _AT_HOME):
        raise WrongAddress(Wrong.HOME)
    if len(labels) < 2 or len(host) > _MOST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise WrongAddress(Wrong.HOST)
    if not _LAST_LABEL.fullmatch(labels[-1]):
        raise WrongAddress(Wrong.NUMBERS)
