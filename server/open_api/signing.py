"""Signatures of events, by the open convention of standardwebhooks.com (version 1).

Signed is "<id>.<timestamp>.<body>" with HMAC-SHA256 (RFC 2104) under the secret's bytes; the
secret is given to the merchant as "whsec_" and base64. There are libraries in most languages.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.runtime import Secrets

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
PURPOSE: Final = "webhook secrets"
NONCE_BYTES: Final = 12


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    said = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, said, "sha256")).decode()


def headers_of(secret: str, id: UUID, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers that an event is sent with."""
    return {
        "content-type": "application/json",
        "user-agent": "Fanpiao-Webhooks/1",
        "webhook-id": str(id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, str(id), timestamp, body),
    }


def make_secret(random: Callable[[int], bytes]) -> str:
    """Draw a secret, as the merchant is given it."""
    return PREFIX + base64.b64encode(random(SECRET_BYTES)).decode()


def seal(
    secret: str, organisation_id: UUID, endpoint_id: UUID, secrets: Secrets,
    random: Callable[[int], bytes],
) -> str:  # fmt: skip
    """Return the secret sealed (AES-256-GCM, NIST SP 800-38D), bound to its endpoint."""
    nonce = random(NONCE_BYTES)
    cipher = AESGCM(secrets.key(PURPOSE, organisation_id))
    text = cipher.encrypt(nonce, secret.encode(), _place(organisation_id, endpoint_id))
    return base64.b64encode(nonce + text).decode()


def unsealed(sealed: str, organisation_id: UUID, endpoint_id: UUID, secrets: Secrets) -> str:
    """Return the secret; raises `ValueError` for a text that was damaged or moved."""
    cipher = AESGCM(secrets.key(PURPOSE, organisation_id))
    try:
        raw = base64.b64decode(sealed, validate=True)
        place = _place(organisation_id, endpoint_id)
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place).decode()
    except (InvalidTag, ValueError) as damaged:
        raise ValueError("the secret does not open") from damaged


def _place(organisation_id: UUID, endpoint_id: UUID) -> bytes:
    return f"{organisation_id}/{endpoint_id}".encode()
