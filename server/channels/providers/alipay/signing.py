"""Alipay OpenAPI cryptography, pure: what is signed, how it is checked, how certificates are named.

Rules (opendocs.alipay.com, "自行实现签名", "公钥证书方式"; held to published values in tests)
- A request signs its non-empty parameters but `sign`, sorted by name, as `name=value` joined by
  `&`, unencoded; a notice drops `sign_type` as well, and its values are URL-decoded first.
- RSA2 is SHA256withRSA, PKCS #1 v1.5, base64.
- A certificate's SN is the MD5 of its issuer (RFC 4514, `CN=…,OU=…,O=…,C=…`) followed by its serial
  number in decimal. The root's SN joins those of all RSA-signed certificates of the file with `_`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SIGN_TYPE: Final = "RSA2"
_RSA_OID: Final = "1.2.840.113549.1.1"
"""PKCS #1: the file of roots holds certificates of other arts (ECDSA, SM2), which do not count."""
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)
_FRAME: Final = re.compile(r"-----[^-]+-----|\s")


def request_text(params: Mapping[str, str]) -> bytes:
    """Return what a request is signed over."""
    return _joined(params, frozenset({"sign"}))


def notice_text(params: Mapping[str, str]) -> bytes:
    """Return what a notice is signed over; values are decoded already."""
    return _joined(params, frozenset({"sign", "sign_type"}))


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """Sign; base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, text: bytes, signature: str) -> bool:
    """Tell whether the base64 `signature` is that of `text`; never raises."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def private_key(text: str) -> rsa.RSAPrivateKey:
    """Read our key: PEM, or bare base64 as Alipay's key tool writes it. Raises `ValueError`."""
    der = _der(text)
    try:
        # Reads PKCS #1 and PKCS #8 alike
        key = serialization.load_der_private_key(der, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as problem:
        raise ValueError("not an unencrypted private key") from problem
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def public_key(text: str) -> rsa.RSAPublicKey:
    """Read a public key: PEM, or bare base64 as the open platform shows it. Raises `ValueError`."""
    der = _der(text)
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise ValueError("not a public key") from problem
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def certificates(text: str) -> Sequence[x509.Certificate]:
    """Read the certificates of a PEM file, the first one first; raises `ValueError` for none.

    One of a curve that the library does not know (SM2) is left out: it never counts here.
    """
    found = []
    for block in _CERTIFICATE.findall(text):
        try:
            found.append(x509.load_pem_x509_certificate(block.encode()))
        except (ValueError, x509.InvalidVersion) as problem:
            raise ValueError("a damaged certificate") from problem
    if not found:
        raise ValueError("not a certificate in PEM form")
    return found


def key_of(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    """Return a certificate's key. Raises `ValueError`."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as problem:
        raise ValueError("not an RSA certificate") from problem
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA certificate")
    return key


def certificate_sn(certificate: x509.Certificate) -> str:
    """Return `app_cert_sn` or `alipay_cert_sn`."""
    name = certificate.issuer.rfc4514_string() + str(certificate.serial_number)
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def root_sn(roots: Sequence[x509.Certificate]) -> str:
    """Return `alipay_root_cert_sn`."""
    return "_".join(certificate_sn(root) for root in roots if is_rsa_signed(root))


def is_rsa_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is signed with RSA, as those that count are."""
    return certificate.signature_algorithm_oid.dotted_string.startswith(_RSA_OID)


def is_issued_by(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> bool:
    """Tell whether the first certificate leads, over the others of its file, to one of `roots`."""
    present, others = chain[0], list(chain[1:])
    for _ in range(len(chain)):
        if any(_is_issuer(root, present) for root in roots):
            return True
        above = [one for one in others if _is_issuer(one, present)]
        if not above:
            return False
        present = above[0]
        others.remove(present)
    return False


def is_same_key(one: rsa.RSAPublicKey, other: rsa.RSAPublicKey) -> bool:
    """Tell whether two public keys are one."""
    return one.public_numbers() == other.public_numbers()


def _joined(params: Mapping[str, str], without: frozenset[str]) -> bytes:
    kept = sorted((name, value) for name, value in params.items() if value and name not in without)
    return "&".join(f"{name}={value}" for name, value in kept).encode()


def _der(text: str) -> bytes:
    try:
        return base64.b64decode(_FRAME.sub("", text), validate=True)
    except binascii.Error as problem:
        raise ValueError("not base64") from problem


def _is_issuer(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True
