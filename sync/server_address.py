"""Where a new terminal may take its code: an address out of a picture is input as any other.

Rules
- It names a server and nothing else: no user, no question, no fragment. What is read on the screen
  before the `@` of a link is not where it leads.
- The answer carries the key that opens face templates. Over http it would be read on the way, so
  http is for this machine and for a network of one's own; everywhere else it is https.
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from domain.errors import Refused

HOST_LENGTH_MAX = 253
OWN_SUFFIXES = (".local", ".lan", ".internal", ".home.arpa")
"""Names that no public server has (RFC 6762, RFC 8375, ICANN's `.internal`)."""


def checked_server(address: str) -> str:
    """Return the address without a trailing slash.

    Raises `Refused`: "activation.no_server" for what names none, "activation.not_private" for
    http to a server that is not on a network of one's own.
    """
    given = address.strip().rstrip("/")
    try:
        parts = urlsplit(given)
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # UnicodeError is one, too
        raise Refused("activation.no_server") from None
    if not _is_plain(given, parts, host):
        raise Refused("activation.no_server")
    if parts.scheme == "http" and not _is_own(host):
        raise Refused("activation.not_private", host=host)
    return given


def _is_plain(given: str, parts: SplitResult, host: str) -> bool:
    is_web = parts.scheme in ("http", "https") and 0 < len(host) <= HOST_LENGTH_MAX
    has_more = "@" in parts.netloc or bool(parts.query or parts.fragment)
    return is_web and not has_more and given.isprintable() and " " not in given


def _is_own(host: str) -> bool:
    try:
        number = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(OWN_SUFFIXES)
    return number.is_private or number.is_loopback or number.is_link_local
