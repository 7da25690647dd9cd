"""PINs as scrypt text, made and checked alike at the server and at a counter without a network.

A PIN has few digits, so the hash is slow on purpose (RFC 7914: N = 2^14, r = 8, p = 1, 16 MiB,
about 50 ms) and the counter counts wrong tries; the hash alone does not protect a PIN.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from uuid import UUID

SALT_LENGTH = 16
_COST, _BLOCK, _PARALLEL = 1 << 14, 8, 1
_HASH_LENGTH = 32
_MEMORY_LIMIT = 64 * 1024 * 1024
"""Stored parameters that would need more are refused, so a bad row cannot exhaust a counter."""


def hash_pin(pin: str, salt: bytes) -> str:
    """Return the text to store: "scrypt$N$r$p$salt$hash". `salt` is 16 random bytes."""
    if len(salt) < SALT_LENGTH:
        raise ValueError(f"a salt needs {SALT_LENGTH} bytes, not {len(salt)}")
    digest = _derive(pin, salt, _COST, _BLOCK, _PARALLEL)
    parts = ("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), _text(salt), _text(digest))
    return "$".join(parts)


def verify_pin(pin: str, stored: str) -> bool:
    """Say whether `pin` belongs to `stored`, in constant time; unreadable text fits no PIN.

    A person without a PIN (empty text) costs as much time as one with, so that the time an
    answer takes does not tell who has one.
    """
    try:
        salt, digest, cost, block, parallel = _parsed(stored)
        return hmac.compare_digest(_derive(pin, salt, cost, block, parallel), digest)
    except (ValueError, Base64Error, OverflowError):
        _derive(pin, b"\x00" * SALT_LENGTH, _COST, _BLOCK, _PARALLEL)
        return False


def refund_approval(stored: str, refund_id: UUID, payment_id: UUID, amount: int) -> bytes:
    """Return what proves that the owner of `stored` was asked for their PIN about this refund.

    HMAC-SHA256 (RFC 2104) under the hash, over the refund: of use for no other one. The caller has
    verified the PIN; whoever holds the hash could make it too, so it counts in a signed message
    only. Empty for a stored text that is none.
    """
    try:
        _, digest, *_ = _parsed(stored)
    except (ValueError, Base64Error):
        return b""
    said = b"refund/1" + refund_id.bytes + payment_id.bytes + amount.to_bytes(8, "big", signed=True)
    return hmac.digest(digest, said, "sha256")


def _parsed(stored: str) -> tuple[bytes, bytes, int, int, int]:
    name, cost, block, parallel, salt, digest = stored.split("$")
    if name != "scrypt":
        raise ValueError(name)
    hashed = b64decode(digest, validate=True)
    if len(hashed) != _HASH_LENGTH:
        raise ValueError("length")
    numbers = [int(text) for text in (cost, block, parallel)]
    if min(numbers) < 1:
        raise ValueError("parameters")
    return b64decode(salt, validate=True), hashed, numbers[0], numbers[1], numbers[2]


def _derive(pin: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        pin.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=_MEMORY_LIMIT,
        dklen=_HASH_LENGTH,
    )


def _text(data: bytes) -> str:
    return b64encode(data).decode()
