"""Bank direct link signatures, pure (docs/bank-link.md §2).

What is signed is five or six lines, each ended by a line feed, over the bytes as sent and as
received: a request's own, an answer's (which names the nonce it answers, so that no answer serves
twice), and a notice's. SHA256withRSA, PKCS #1 v1.5, base64.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

VERSION: Final = "bank-link/1"
WINDOW: Final = timedelta(minutes=5)
"""How far a signed time may be from ours."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who signed, when, and the number that is used once."""

    party: str
    key_id: str
    timestamp: str
    nonce: str
    signature: str = field(repr=False)


def request_message(
    method: str, target: str, party: str, timestamp: str, nonce: str, body: bytes
) -> bytes:
    """Return what a request signs. `target` is the path with its query, as sent."""
    return _lines("request", method, target, party, timestamp, nonce, _digest(body))


def answer_message(asked_nonce: str, status: int, party: str, timestamp: str, body: bytes) -> bytes:
    """Return what an answer signs: the nonce is the request's."""
    return _lines("answer", asked_nonce, str(status), party, timestamp, _digest(body))


def notice_message(party: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return what a notice signs: no path, since it may pass through others' hands."""
    return _lines("notice", party, timestamp, nonce, _digest(body))


def sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """Return the signature as base64 text."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether `signature` is that of `message`; never raises."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read_stamp(headers: Mapping[str, str]) -> Stamp | None:
    """Read the headers of a signed message; None when one is missing. Names are lower case."""
    names = ("party", "key", "timestamp", "nonce", "signature")
    values = [headers.get(f"bank-link-{name}", "") for name in names]
    return Stamp(*values) if all(values) else None


def headers(stamp: Stamp) -> dict[str, str]:
    """Write the headers of a signed message."""
    return {
        "Bank-Link-Party": stamp.party,
        "Bank-Link-Key": stamp.key_id,
        "Bank-Link-Timestamp": stamp.timestamp,
        "Bank-Link-Nonce": stamp.nonce,
        "Bank-Link-Signature": stamp.signature,
    }


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Tell whether a signed time is within the window."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Read an RSA key in PEM form. Raises `ValueError`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError as wrong:
        raise ValueError("a key without a password is wanted") from wrong
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def public_key(pem: str) -> rsa.RSAPublicKey:
    """Read an RSA key in PEM form. Raises `ValueError`."""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def key_id(key: rsa.RSAPublicKey) -> str:
    """Return a key's id: the first 16 hex digits of the SHA-256 of its DER form."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:16]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (VERSION, *lines)).encode()
