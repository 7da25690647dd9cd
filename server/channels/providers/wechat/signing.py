"""WeChat Pay v3 cryptography, pure: what is signed, how it is checked, how it is unsealed.

Rules (pay.weixin.qq.com, "接口规则"; checked against its published examples in the tests)
- A request signs five lines, an answer or notice three, each ended by a line feed; the body is
  the bytes as sent and as received, never a re-serialised object. An empty body still has its line.
- SHA256withRSA, PKCS #1 v1.5, base64. Sealed content is AES-256-GCM under the APIv3 key, its tag
  the last 16 bytes of the ciphertext.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
API_KEY_BYTES: Final = 32
PROBE_PREFIX: Final = "WECHATPAY/SIGNTEST/"
"""WeChat sometimes signs wrongly on purpose, to see whether merchants look."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who signs: the merchant's number, its API certificate's serial and its private key."""

    mchid: str
    serial: str
    key: rsa.RSAPrivateKey = field(repr=False)


def request_message(method: str, target: str, timestamp: int, nonce: str, body: bytes) -> bytes:
    """Return what a request signs. `target` is the path with its query, as sent."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return what an answer or a notice is signed over."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """Sign as WeChat Pay wants it: base64 text."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether the base64 `signature` is that of `message`; never raises."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def authorization(
    merchant: Merchant, method: str, target: str, timestamp: int, nonce: str, body: bytes
) -> str:
    """Return the `Authorization` header of a request."""
    signature = sign(merchant.key, request_message(method, target, timestamp, nonce, body))
    return (
        f'{SCHEME} mchid="{merchant.mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{timestamp}",serial_no="{merchant.serial}"'
    )


def launch_signature(
    key: rsa.RSAPrivateKey, appid: str, timestamp: int, nonce: str, package: str
) -> str:
    """Sign what a page or app hands to WeChat to start paying (`paySign`, `sign`).

    `package` is "prepay_id=…" on a page and the bare prepay id in an app.
    """
    return sign(key, f"{appid}\n{timestamp}\n{nonce}\n{package}\n".encode())


def unsealed(api_key: bytes, sealed: Mapping[str, Any]) -> bytes | None:
    """Open a sealed resource or certificate; None when the key or the content is wrong."""
    if sealed.get("algorithm") != "AEAD_AES_256_GCM" or len(api_key) != API_KEY_BYTES:
        return None
    try:
        ciphertext = base64.b64decode(str(sealed["ciphertext"]), validate=True)
        nonce = str(sealed["nonce"]).encode()
        associated = str(sealed.get("associated_data") or "").encode()
        return AESGCM(api_key).decrypt(nonce, ciphertext, associated)
    except (KeyError, InvalidTag, binascii.Error, ValueError):
        return None


def serial_of(certificate: x509.Certificate) -> str:
    """Return a certificate's serial number as WeChat writes it."""
    return f"{certificate.serial_number:X}"


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Read `apiclient_key.pem`. Raises `ValueError`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError) as problem:
        raise ValueError("not a private key in PEM form") from problem
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def public_key(pem: str) -> rsa.RSAPublicKey:
    """Read `pub_key.pem`. Raises `ValueError`."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError as problem:
        raise ValueError("not a public key in PEM form") from problem
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def certificate(pem: bytes) -> x509.Certificate:
    """Read a certificate of an RSA key. Raises `ValueError`."""
    try:
        read = x509.load_pem_x509_certificate(pem)
    except (ValueError, x509.InvalidVersion) as problem:
        raise ValueError("not a certificate in PEM form") from problem
    key_of(read)
    return read


def key_of(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    """Return a certificate's key. Raises `ValueError`."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm as wrong:
        raise ValueError("not an RSA certificate") from wrong
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA certificate")
    return key
