"""Where calls may go: PortOne, this PC, or an https host somebody named on purpose (SEC-46)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label begins with a letter: 2130706433, 0x7f.1 and 127.1 are addresses in disguise.
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Base:
    """A checked base URL."""

    url: str  # without a slash at its end
    host: str
    loopback: bool

    def allows(self, address: str) -> bool:
        """Whether the host's name may lead to this address: this PC for this PC's names, the
        public internet for all others."""
        found = _address(address.partition("%")[0])
        if found is None:
            return False
        return found.is_loopback if self.loopback else _is_public(found)


def check_base_url(url: str) -> Base:
    """Take a base URL apart.

    :raise ValueError: neither https nor http on loopback; a user, path, query or odd character in
        it; an address that is private, link-local, mapped or written as a number
    """
    if not isinstance(url, str) or not url.isascii() or re.search(r"[\s\\%@\x00-\x20\x7f]", url):
        raise ValueError("the PortOne URL holds characters that do not belong there")
    parts = urlsplit(url)
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise ValueError("the PortOne URL must end after its host")
    host = (parts.hostname or "").lower()
    if parts.netloc.endswith(":") or parts.port == 0:
        raise ValueError("the PortOne URL has no proper port")
    address = _address(host)
    loopback = host == "localhost" or (address is not None and address.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ValueError("the PortOne URL must be https (http only on this PC)")
    if not loopback and not (_NAME.fullmatch(host) if address is None else _is_public(address)):
        raise ValueError("the PortOne URL must name a public host")
    return Base(f"{parts.scheme}://{parts.netloc.lower()}", host, loopback)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address.sixtofour is not None:
            return False
        if address.teredo is not None:
            return False
        if address in _NAT64:
            return _is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return address.is_global and not address.is_multicast
