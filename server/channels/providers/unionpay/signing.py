"""ACP 5.1.0 signatures, pure: what is signed, and whose certificate may sign for UnionPay.

Rules (UnionPay's open platform, "平台接入接口规范", signMethod 01)
- Signed are all fields but `signature`, empty ones left out, as `k=v&…` in the order of the names'
  bytes, values as they are (not URL-encoded): SHA-256 as lower-case hex, and that text is signed
  SHA256withRSA (PKCS #1 v1.5), base64.
- An answer is `k=v&…` as plain text, values as they are; one in braces or brackets may hold `&`.
  A notice is a URL-encoded form.
- UnionPay sends its signing certificate along (`signPubKeyCert`). It counts only when the pinned
  middle certificate issued it, it is valid now, and its common name is that of the signer.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

SIGNER: Final = "中国银联股份有限公司"
_OPEN: Final = {"{": 1, "[": 1, "}": -1, "]": -1}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who we are: our key, and its certificate's serial number in decimal (`certId`)."""

    key: rsa.RSAPrivateKey = field(repr=False)
    cert_id: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count: certificates of `middle`, itself of `root`, made out to `name`."""

    root: x509.Certificate
    middle: x509.Certificate
    name: str = SIGNER


def digest(fields: Mapping[str, str]) -> bytes:
    """Return the text that is signed."""
    parts = (
        f"{name}={fields[name]}"
        for name in sorted(fields)
        if name != "signature" and fields[name] != ""
    )
    return hashlib.sha256("&".join(parts).encode()).hexdigest().encode()


def sign(fields: Mapping[str, str], signer: Signer) -> dict[str, str]:
    """Return the fields with what a signed message needs."""
    whole = {**fields, "certId": signer.cert_id, "signMethod": "01"}
    raw = signer.key.sign(digest(whole), padding.PKCS1v15(), hashes.SHA256())
    return {**whole, "signature": base64.b64encode(raw).decode()}


def flaw(fields: Mapping[str, str], trust: Trust, now: datetime) -> str | None:
    """Say why a message is not UnionPay's, or None when it is."""
    if fields.get("signMethod") != "01" or not fields.get("signature"):
        return "not signed"
    try:
        leaf = certificate(fields.get("signPubKeyCert", ""))
        raw = base64.b64decode(fields["signature"], validate=True)
    except (ValueError, binascii.Error):
        return "no readable certificate or signature"
    wrong = _stranger(leaf, trust, now)
    if wrong is not None:
        return wrong
    try:
        key_of(leaf).verify(raw, digest(fields), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return "the signature is wrong"
    return None


def read_answer(body: bytes) -> dict[str, str]:
    """Read an answer. Raises `ValueError`."""
    text = body.decode().strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    fields = dict[str, str]()
    for part in _split(text):
        name, equals, value = part.partition("=")
        if not equals or not name or name in fields:
            raise ValueError("not an answer of fields")
        fields[name] = value
    return fields


def read_form(body: bytes) -> dict[str, str]:
    """Read a notice. Raises `ValueError`, also for a field that comes twice."""
    pairs = parse_qsl(
        body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100
    )
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field comes twice")
    return fields


def certificate(pem: str) -> x509.Certificate:
    """Read the certificate of an RSA key in PEM form. Raises `ValueError`."""
    try:
        read = x509.load_pem_x509_certificate(pem.encode())
    except x509.InvalidVersion as wrong:
        raise ValueError("not a certificate of a known version") from wrong
    key_of(read)
    return read


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Read an RSA key in PEM form. Raises `ValueError`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError as wrong:
        raise ValueError("a key without a password is wanted") from wrong
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def key_of(read: x509.Certificate) -> rsa.RSAPublicKey:
    """Return a certificate's key. Raises `ValueError`."""
    try:
        key = read.public_key()
    except UnsupportedAlgorithm as wrong:
        raise ValueError("not an RSA certificate") from wrong
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA certificate")
    return key


def is_issued(read: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether `issuer` signed `read`.

    By hand: libraries refuse SHA-1 by now, and UnionPay's issuer (CFCA OCA1) signs with it. The
    signature comes first: names that nobody signed may be anything, and are not read.
    """
    try:
        digest = read.signature_hash_algorithm
        if digest is None:
            return False
        key_of(issuer).verify(
            read.signature, read.tbs_certificate_bytes, padding.PKCS1v15(), digest
        )
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return read.issuer == issuer.subject


def name_of(read: x509.Certificate) -> str:
    """Return who a certificate is made out to: the third part of its common name."""
    named = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    parts = str(named[0].value).split("@") if named else []
    return parts[2] if len(parts) > 2 else ""


def is_valid(read: x509.Certificate, now: datetime) -> bool:
    """Tell whether a certificate is valid now."""
    return read.not_valid_before_utc <= now <= read.not_valid_after_utc


def _stranger(leaf: x509.Certificate, trust: Trust, now: datetime) -> str | None:
    if not is_issued(leaf, trust.middle):
        return "the certificate is not of UnionPay's issuer"
    if not is_valid(leaf, now) or not is_valid(trust.middle, now):
        return "the certificate is not valid now"
    if name_of(leaf) != trust.name:
        return "the certificate is made out to somebody else"
    return None


def _split(text: str) -> list[str]:
    parts, depth, start = list[str](), 0, 0
    for at, character in enumerate(text):
        depth = max(0, depth + _OPEN.get(character, 0))
        if character == "&" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
