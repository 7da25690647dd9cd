"""Under which addresses this machine is reached, and so which a browser may ask for."""

import os
import socket

ENVIRONMENT = "FANPIAO_HOSTS"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
EVERYWHERE = ("0.0.0.0", "::")
_OUTSIDE = ("192.0.2.1", 9)
"""An address for documentation (RFC 5737): choosing a route to it sends nothing."""


def own_address() -> str:
    """Return this machine's address on its network; loopback when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_OUTSIDE)
        except OSError:
            return LOOPBACK[1]
        return str(probe.getsockname()[0])


def admit_hosts(listening: str) -> None:
    """Let browsers name the address listened on; FANPIAO_HOSTS, when set, is the whole list.

    Must be called before Django's settings are read.
    """
    if ENVIRONMENT in os.environ or listening in ("127.0.0.1", "localhost", "::1"):
        return
    shown = f"[{listening}]" if ":" in listening else listening
    own = (own_address(), socket.gethostname()) if listening in EVERYWHERE else (shown,)
    os.environ[ENVIRONMENT] = ",".join((*LOOPBACK, *own))


def reachable(url: str) -> str:
    """Return `url` with an address that others can use, when it listens on all of them."""
    return url.replace("//0.0.0.0", f"//{own_address()}").replace("//[::]", "//[::1]")


def public_url(url: str) -> str:
    """Where phones and providers find the server: FANPIAO_HTTPS when stated, else `url` itself."""
    return os.environ.get("FANPIAO_HTTPS", "").rstrip("/") or reachable(url)
