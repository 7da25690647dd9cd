"""Payout link signatures, pure (docs/payout-link.md §1)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

VERSION: Final = "payout-link/1"
WINDOW: Final = timedelta(minutes=5)
_NAMES: Final = ("party", "timestamp", "nonce", "signature")


def digest(body: bytes) -> str:
    """Return a body's SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def lines(*parts: str) -> bytes:
    """Return what is signed."""
    return "".join(f"{part}\n" for part in (VERSION, *parts)).encode()


def headers(key: rsa.RSAPrivateKey, party: str, at: str, nonce: str, said: bytes) -> dict[str, str]:
    """Sign a message and return its headers."""
    signature = base64.b64encode(key.sign(said, padding.PKCS1v15(), hashes.SHA256())).decode()
    values = (party, at, nonce, signature)
    return {f"Payout-Link-{n.title()}": v for n, v in zip(_NAMES, values, strict=True)}


def read(headers: Mapping[str, str]) -> dict[str, str]:
    """Read a message's headers by their short names; names of `headers` are lower case."""
    return {name: headers.get(f"payout-link-{name}", "") for name in _NAMES}


def is_signed(key: rsa.RSAPublicKey, said: bytes, signature: str) -> bool:
    """Tell whether `signature` is that of `said`; never raises."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, said, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Tell whether a signed time is within the window."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()
