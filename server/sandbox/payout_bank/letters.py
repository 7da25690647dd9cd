"""How the payout bank checks and signs: its own reading of docs/payout-link.md §1."""

import base64
import hashlib
from collections.abc import Mapping

from server.sandbox.frame import Request
from server.sandbox.keys import KeyPair, is_signed

FIELDS = ("party", "timestamp", "nonce", "signature")


def text(*lines: object) -> bytes:
    """Return what is signed: the version first, each line ended."""
    return "".join(f"{line}\n" for line in ("payout-link/1", *lines)).encode()


def hexed(body: bytes) -> str:
    """Return a body's digest."""
    return hashlib.sha256(body).hexdigest()


def stamped(
    pair: KeyPair, party: str, timestamp: int, nonce: str, message: bytes
) -> dict[str, str]:
    """Return the headers of a message."""
    values = (party, str(timestamp), nonce, base64.b64encode(pair.sign(message)).decode())
    return {f"Payout-Link-{name.title()}": v for name, v in zip(FIELDS, values, strict=True)}


def stamps(headers: Mapping[str, str]) -> dict[str, str]:
    """Read the headers of a message by their short names."""
    return {name: headers.get(f"payout-link-{name}", "") for name in FIELDS}


def is_from(request: Request, pair: KeyPair, party: str) -> bool:
    """Tell whether `party` signed a request with `pair`."""
    stamp = stamps(request.headers)
    message = text("request", request.method, request.target, stamp["party"], stamp["timestamp"],
                   stamp["nonce"], hexed(request.body))  # fmt: skip
    try:
        raw = base64.b64decode(stamp["signature"], validate=True)
    except ValueError:
        return False
    return stamp["party"] == party and is_signed(pair.public, message, raw)
