"""Where events may be sent: never into our own network, unless a setting says which part of it.

A merchant types the address, and the server sends to it from inside: so the name is resolved once,
every address it stands for must be public, and it is this address that is connected to (a name
that changes its mind meanwhile gains nothing).
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from domain.errors import Refused

SETTING: Final = "FANPIAO_WEBHOOK_NETWORKS"
"""Networks that are not public and may be sent to all the same, as in "10.20.0.0/16, ::1"."""
MAX_URL: Final = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What stands for another address: 6to4 (RFC 3056), NAT64 (RFC 6052), Teredo (RFC 4380)
_DISGUISED: Final = tuple(
    ipaddress.ip_network(text) for text in ("2002::/16", "64:ff9b::/96", "2001::/32")
)


class Forbidden(Exception):
    """An address is not to be sent to; the text is a dotted code."""


def allowed_networks(setting: str | None = None) -> tuple[Network, ...]:
    """Read the setting; raises `ValueError` for a text that is no network."""
    text = os.environ.get(SETTING, "") if setting is None else setting
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def check_url(url: str, allowed: Sequence[Network]) -> str:
    """Return the URL as it is kept; raises `Refused` for one that cannot be sent to."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as malformed:
        raise Refused("webhooks.bad_url") from malformed
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    if not host or not is_plain or parts.username or parts.password or parts.fragment:
        raise Refused("webhooks.bad_url")
    if parts.scheme not in ("http", "https"):
        raise Refused("webhooks.bad_url")
    literal = _literal(host)
    is_loopback = host == "localhost" or (literal is not None and literal.is_loopback)
    if parts.scheme == "http" and not is_loopback:
        raise Refused("webhooks.not_https")
    if host == "localhost":
        literal = ipaddress.ip_address("127.0.0.1")
    if literal is not None and not is_permitted(literal, allowed):
        raise Refused("webhooks.private_address")
    return url


def is_permitted(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether events may be sent to an address."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in network for network in allowed):
        return True
    is_disguised = any(plain in network for network in _DISGUISED)
    return plain.is_global and not plain.is_multicast and not is_disguised


def resolve(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """Return the addresses to connect to, in order; raises `Forbidden` unless all that the host has
    are permitted, and `OSError` when it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses:
        raise OSError("no address")
    if not all(is_permitted(one, allowed) for one in addresses):
        raise Forbidden("webhooks.private_address")
    return list(dict.fromkeys(str(one) for one in addresses))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
