"""How the bank checks and signs what crosses the direct link: the bank's own reading of §2."""

import base64
import hashlib
from collections.abc import Mapping

from server.sandbox.frame import Request
from server.sandbox.keys import KeyPair, is_signed

FIELDS = ("party", "key", "timestamp", "nonce", "signature")


def text(*lines: object) -> bytes:
    """Return what is signed: the version first, each line ended."""
    return ("\n".join(["bank-link/1", *map(str, lines)]) + "\n").encode("utf-8")


def hexed(body: bytes) -> str:
    """Return a body's digest."""
    return hashlib.new("sha256", body).hexdigest()


def id_of(pair: KeyPair) -> str:
    """Return a key's id, from the DER form inside its PEM."""
    lines = pair.public_pem.strip().splitlines()[1:-1]
    return hexed(base64.b64decode("".join(lines)))[:16]


def stamped(
    pair: KeyPair, party: str, timestamp: int, nonce: str, message: bytes
) -> dict[str, str]:
    """Return the headers of a message."""
    values = (party, id_of(pair), str(timestamp), nonce,
              base64.b64encode(pair.sign(message)).decode())  # fmt: skip
    return {f"Bank-Link-{name.title()}": v for name, v in zip(FIELDS, values, strict=True)}


def stamps(headers: Mapping[str, str]) -> dict[str, str]:
    """Read the headers of a message by their short names."""
    return {name: headers.get(f"bank-link-{name}", "") for name in FIELDS}


def is_from(request: Request, pair: KeyPair, party: str) -> bool:
    """Tell whether `party` signed a request with `pair`."""
    stamp = stamps(request.headers)
    message = text("request", request.method, request.target, stamp["party"], stamp["timestamp"],
                   stamp["nonce"], hexed(request.body))  # fmt: skip
    try:
        raw = base64.b64decode(stamp["signature"], validate=True)
    except ValueError:
        return False
    named = (stamp["party"], stamp["key"]) == (party, id_of(pair))
    return named and is_signed(pair.public, message, raw)
