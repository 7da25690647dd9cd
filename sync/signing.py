"""Terminal keys and what they sign: records in a hash chain, requests, activations.

Rules
- Every signed byte string starts with its own purpose ("fanpiao/1 record", "… request", …), so a
  signature made for one purpose never verifies for another.
- Fields are length-prefixed; nothing is signed as JSON, so a peer that knows more fields, or
  encodes in another order, still verifies.
- The hash of a record covers what its signature covers. It is the `previous_hash` of the next.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from sync.messages import Record

TERMINAL_HEADER = "fanpiao-terminal"
"""The terminal's id as UUID text. Header names are lower-case, as servers see them."""
KEY_HEADER = "fanpiao-key"
"""The id of the key that signed."""
TIME_HEADER = "fanpiao-time"
"""The terminal's corrected time, in Unix milliseconds, as decimal text."""
SIGNATURE_HEADER = "fanpiao-signature"
"""The signature over `request_bytes`, standard base64."""

CHAIN_START = b"\x00" * 32
"""The `previous_hash` of the first record of a journal."""

_SEED_LENGTH = 32


@dataclass(frozen=True, slots=True)
class TerminalKey:
    """A terminal's Ed25519 private key. `key_id` is the server's name for it, "" before activation.

    `seed` is 32 random bytes and never appears in a repr.
    """

    seed: bytes = field(repr=False)
    key_id: str = ""

    @classmethod
    def generate(cls, random: Callable[[int], bytes]) -> "TerminalKey":
        """Make a new key from `random(n)`, a source of n random bytes."""
        return cls(random(_SEED_LENGTH))

    @property
    def public_key(self) -> bytes:
        """The 32 bytes the server keeps."""
        return bytes(SigningKey(self.seed).verify_key)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature (RFC 8032) of `message`."""
        return SigningKey(self.seed).sign(message).signature

    def sign_record(self, record: Record) -> Record:
        """Return `record` under this key's id, signed."""
        named = msgspec.structs.replace(record, key_id=self.key_id)
        return msgspec.structs.replace(named, signature=self.sign(record_bytes(named)))


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` over `message` is by `public_key`; malformed input is a no."""
    try:
        _verifier(public_key).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


@lru_cache(maxsize=4_096)
def _verifier(public_key: bytes) -> VerifyKey:
    """The same terminals sign all day."""
    return VerifyKey(public_key)


def record_bytes(record: Record) -> bytes:
    """What the signature of a record covers: every field but the signature itself."""
    return _joined(
        "record",
        str(record.version).encode(),
        record.terminal_id.bytes,
        record.key_id.encode(),
        record.journal_id.bytes,
        str(record.sequence).encode(),
        record.previous_hash,
        record.kind.value.encode(),
        record.body,
    )


def record_hash(record: Record) -> bytes:
    """The link of the chain: SHA-256 of `record_bytes`, 32 bytes."""
    return hashlib.sha256(record_bytes(record)).digest()


def request_bytes(
    method: str, path: str, time_ms: int, body: bytes, query: Mapping[str, str] | None = None
) -> bytes:
    """What the signature of a request covers. `query` is decoded; its order does not matter."""
    pairs = sorted((query or {}).items())
    parameters = [text.encode() for pair in pairs for text in pair]
    digest = hashlib.sha256(body).digest()
    named = (method.upper().encode(), path.encode(), str(time_ms).encode(), digest)
    return _joined("request", *named, *parameters)


def activation_bytes(code: str, public_key: bytes) -> bytes:
    """What the `proof` of an activation covers: the code and the key that is to be bound."""
    return _joined("activation", code.encode(), public_key)


def card_reference(key: bytes, uid: bytes) -> str:
    """Return the `card_key` of a card: a keyed hash of its UID, so that no UID is stored."""
    return hmac.new(key, _joined("card", uid), hashlib.sha256).hexdigest()


def digits_reference(key: bytes, person_id: UUID, digits: str) -> str:
    """Return the `digits_hash` of a person's last digits, under the organisation's card key."""
    return hmac.new(
        key, _joined("digits", person_id.bytes, digits.encode()), hashlib.sha256
    ).hexdigest()


def _joined(purpose: str, *parts: bytes) -> bytes:
    prefixed = [len(part).to_bytes(4, "big") + part for part in parts]
    return b"".join((f"fanpiao/1 {purpose}\n".encode(), *prefixed))
