"""Our own payment code, which pays while both the payer's phone and the counter are offline.

It has the shape of China's transit codes: the issuer signs a *certificate* of the payer's key with
an offline cap and an expiry; the phone signs the time and a nonce with that key. A counter that
holds the issuer's public keys can verify both without asking anyone. Rules:

- A code is good for ``VALIDITY_S`` seconds from its own time, plus the tolerance for clocks.
- (certificate, nonce) pays once; whoever keeps the books enforces that (``codes.replayed``).
- Signing and verifying come in as functions (Ed25519 outside), so this file is bytes only.

Layout, big-endian; the text is ``FP1:`` and RFC 4648 base32 without padding: upper-case letters and
digits survive keyboard-wedge scanners and take the dense alphanumeric mode of a QR code.

====== ======= ======================================================
offset length  field
====== ======= ======================================================
0      1       version, 1
1      16      organisation id
17     16      person id
33     32      payer's public key
65     4       offline cap, fen
69     5       not after, Unix seconds
74     8       issuer key id
82     64      issuer's signature over the domain tag and bytes 0–81
146    5       time, Unix seconds
151    8       nonce
159    64      payer's signature over the domain tag and bytes 0–158
====== ======= ======================================================
"""

import hashlib
from base64 import b32decode, b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final
from uuid import UUID

from domain.errors import Refused
from domain.payment_codes import WALLET_CODE_PREFIX, cleaned

VALIDITY_S: Final = 30
NONCE_LENGTH: Final = 8
SIGNATURE_LENGTH: Final = 64
PUBLIC_KEY_LENGTH: Final = 32
KEY_ID_LENGTH: Final = 8

IssuerKey = Callable[[str], bytes | None]
Verify = Callable[[bytes, bytes, bytes], bool]

_VERSION: Final = 1
_CERTIFICATE_TAG: Final = b"fanpiao wallet certificate\x00"
_PAYMENT_TAG: Final = b"fanpiao wallet payment\x00"
_BODY = Struct(f">B16s16s{PUBLIC_KEY_LENGTH}sI5s{KEY_ID_LENGTH}s")
_PAYMENT = Struct(f">5s{NONCE_LENGTH}s")
_CERTIFICATE_LENGTH = _BODY.size + SIGNATURE_LENGTH
_CODE_LENGTH = _CERTIFICATE_LENGTH + _PAYMENT.size + SIGNATURE_LENGTH


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the issuer vouches for: this key speaks for this person, to this much, until then.

    ``not_after`` is aware, in UTC, with whole seconds. ``issuer_key_id`` is ``key_id_of`` the
    issuer's public key. ``offline_cap_amount`` is in fen.
    """

    organisation_id: UUID
    person_id: UUID
    payer_key: bytes
    offline_cap_amount: int
    not_after: datetime
    issuer_key_id: str


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A certificate, its exact bytes with the issuer's signature, and nothing verified yet."""

    certificate: Certificate
    data: bytes

    @property
    def certificate_id(self) -> str:
        """32 hex digits that name these exact bytes; with a nonce the key of single use."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    @property
    def issuer_signature(self) -> bytes:
        """The issuer's 64 bytes over ``certificate_message``."""
        return self.data[_BODY.size :]


@dataclass(frozen=True, slots=True)
class WalletCode:
    """A code as read: structure checked, signatures not."""

    signed_certificate: SignedCertificate
    issued_at: datetime
    nonce: bytes
    payer_signature: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A code whose two signatures, expiry and time hold. ``nonce`` is 16 hex digits.

    Nothing here says that the code is unused: (certificate_id, nonce) must be unique in the books.
    """

    certificate: Certificate
    certificate_id: str
    nonce: str
    issued_at: datetime


def key_id_of(public_key: bytes) -> str:
    """Name a public key by 16 hex digits of its SHA-256, so that key ids need no registry."""
    return hashlib.sha256(public_key).hexdigest()[: 2 * KEY_ID_LENGTH]


def certificate_message(certificate: Certificate) -> bytes:
    """Return the bytes the issuer signs."""
    return _CERTIFICATE_TAG + _body(certificate)


def encode_certificate(certificate: Certificate, issuer_signature: bytes) -> bytes:
    """Return the certificate's bytes as the payer's phone keeps them."""
    if len(issuer_signature) != SIGNATURE_LENGTH:
        raise ValueError("an issuer's signature has 64 bytes")
    return _body(certificate) + issuer_signature


def parse_certificate(data: bytes) -> SignedCertificate:
    """Read a certificate's bytes; ``Refused("codes.malformed")`` when they are not one."""
    if len(data) != _CERTIFICATE_LENGTH or data[0] != _VERSION:
        raise Refused("codes.malformed")
    _, organisation, person, payer_key, cap, not_after, key_id = _BODY.unpack_from(data)
    certificate = Certificate(
        UUID(bytes=organisation), UUID(bytes=person), payer_key, cap, _time(not_after), key_id.hex()
    )
    return SignedCertificate(certificate, data)


def payment_message(certificate_data: bytes, issued_at: datetime, nonce: bytes) -> bytes:
    """Return the bytes the payer signs: the certificate binds the signature to this key's use."""
    return _PAYMENT_TAG + _signed_part(certificate_data, issued_at, nonce)


def encode_code(
    certificate_data: bytes, issued_at: datetime, nonce: bytes, payer_signature: bytes
) -> str:
    """Return the text that the payer's phone shows as a QR code."""
    if len(payer_signature) != SIGNATURE_LENGTH:
        raise ValueError("a payer's signature has 64 bytes")
    data = _signed_part(certificate_data, issued_at, nonce) + payer_signature
    return WALLET_CODE_PREFIX + b32encode(data).decode("ascii").rstrip("=")


def parse_code(text: str) -> WalletCode:
    """Read a code's text; ``Refused("codes.malformed")`` when it is not one. Verifies nothing."""
    data = _bytes_of(cleaned(text))
    signed_certificate = parse_certificate(data[:_CERTIFICATE_LENGTH])
    issued_at, nonce = _PAYMENT.unpack_from(data, _CERTIFICATE_LENGTH)
    return WalletCode(signed_certificate, _time(issued_at), nonce, data[-SIGNATURE_LENGTH:])


def verify(
    text: str,
    *,
    issuer_key: IssuerKey,
    verify: Verify,
    now: datetime,
    tolerance_s: int,
) -> Verified:
    """Check a code's two signatures, its certificate's expiry and its own half minute.

    ``issuer_key(key_id)`` returns a trusted issuer's public key or ``None``;
    ``verify(public_key, message, signature)`` tells whether an Ed25519 signature holds. ``now`` is
    aware. Raises ``Refused`` with ``codes.malformed``, ``codes.foreign`` (an issuer we do not
    know), ``codes.bad_signature``, ``codes.certificate_expired``, ``codes.expired`` or
    ``codes.from_the_future``. Signatures are judged before times, so that a forged code never
    learns anything from the answer.
    """
    code = parse_code(text)
    signed = code.signed_certificate
    public_key = issuer_key(signed.certificate.issuer_key_id)
    if public_key is None:
        raise Refused("codes.foreign")
    _verify_signatures(code, public_key, verify)
    _check_times(code, now, timedelta(seconds=tolerance_s))
    return Verified(signed.certificate, signed.certificate_id, code.nonce.hex(), code.issued_at)


def _verify_signatures(code: WalletCode, public_key: bytes, verify: Verify) -> None:
    signed = code.signed_certificate
    certificate = signed.certificate
    if not verify(public_key, certificate_message(certificate), signed.issuer_signature):
        raise Refused("codes.bad_signature")
    message = payment_message(signed.data, code.issued_at, code.nonce)
    if not verify(certificate.payer_key, message, code.payer_signature):
        raise Refused("codes.bad_signature")


def _check_times(code: WalletCode, now: datetime, tolerance: timedelta) -> None:
    if now >= code.signed_certificate.certificate.not_after:
        raise Refused("codes.certificate_expired")
    if code.issued_at > now + tolerance:
        raise Refused("codes.from_the_future")
    if now > code.issued_at + timedelta(seconds=VALIDITY_S) + tolerance:
        raise Refused("codes.expired")


def _body(certificate: Certificate) -> bytes:
    if len(certificate.payer_key) != PUBLIC_KEY_LENGTH:
        raise ValueError("a payer's public key has 32 bytes")
    return _BODY.pack(
        _VERSION,
        certificate.organisation_id.bytes,
        certificate.person_id.bytes,
        certificate.payer_key,
        certificate.offline_cap_amount,
        _time_bytes(certificate.not_after),
        bytes.fromhex(certificate.issuer_key_id),
    )


def _signed_part(certificate_data: bytes, issued_at: datetime, nonce: bytes) -> bytes:
    if len(certificate_data) != _CERTIFICATE_LENGTH or len(nonce) != NONCE_LENGTH:
        raise ValueError("a certificate has 146 bytes and a nonce 8")
    return certificate_data + _PAYMENT.pack(_time_bytes(issued_at), nonce)


def _bytes_of(text: str) -> bytes:
    encoded = text.removeprefix(WALLET_CODE_PREFIX)
    try:
        data = b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        raise Refused("codes.malformed") from None
    # Unused bits of the last letter must be 0: one code has one text
    if len(data) != _CODE_LENGTH or b32encode(data).decode().rstrip("=") != encoded:
        raise Refused("codes.malformed")
    return data


def _time(data: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(int.from_bytes(data, "big"), UTC)
    except (ValueError, OverflowError):
        raise Refused("codes.malformed") from None


def _time_bytes(instant: datetime) -> bytes:
    return int(instant.timestamp()).to_bytes(5, "big")
