"""RSA keys and certificates of peers and their sample merchants, made once in a folder.

2048 bits, since that is what the providers issue. Files are PEM and readable by their owner only;
what is there is used again, so that accounts made of them keep working over restarts.
"""

import os
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_BITS: Final = 2048
_FROM: Final = datetime(2024, 1, 1, tzinfo=UTC)
_UNTIL: Final = _FROM + timedelta(days=3650)
_MAKING: Final = RLock()


class KeyPair:
    """One RSA key: signs and checks as all four providers do (PKCS #1 v1.5 with SHA-256)."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self.private = private

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        """The other half."""
        return self.private.public_key()

    @cached_property
    def private_pem(self) -> str:
        """PKCS #8, unencrypted: what a merchant pastes into the console."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @cached_property
    def public_pem(self) -> str:
        """SubjectPublicKeyInfo."""
        return self.public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (SHA256withRSA)."""
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


class Keys:
    """A folder of named keys and certificates, made when first asked for. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._known: dict[str, KeyPair] = {}

    def pair(self, name: str) -> KeyPair:
        """Return the key `name`."""
        with _MAKING:
            if name not in self._known:
                self._known[name] = KeyPair(self._read_or_make(name))
            return self._known[name]

    def certificate(self, name: str, *, common_name: str, issuer: str = "") -> x509.Certificate:
        """Return the certificate of key `name`, signed by the key `issuer` (none: by itself).

        An issuer's certificate must have been made before; the same serial number for ever.
        """
        with _MAKING:
            return self._certificate(name, common_name, issuer)

    def _certificate(self, name: str, common_name: str, issuer: str) -> x509.Certificate:
        path = self._folder / f"{name}.crt.pem"
        if path.exists():
            return x509.load_pem_x509_certificate(path.read_bytes())
        signer = self.pair(issuer or name)
        issued_by = _name(common_name)
        if issuer:
            issued_by = x509.load_pem_x509_certificate(
                (self._folder / f"{issuer}.crt.pem").read_bytes()
            ).subject
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(issued_by)
            .public_key(self.pair(name).public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
            .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True)
            .sign(signer.private, hashes.SHA256())
        )
        _write(path, made.public_bytes(serialization.Encoding.PEM))
        return made

    def _read_or_make(self, name: str) -> rsa.RSAPrivateKey:
        path = self._folder / f"{name}.key.pem"
        if path.exists():
            read = serialization.load_pem_private_key(path.read_bytes(), password=None)
            assert isinstance(read, rsa.RSAPrivateKey), path
            return read
        made = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        _write(path, KeyPair(made).private_pem.encode())
        return made


def certificate_pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def is_signed(public: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` is the raw SHA256withRSA signature of `message`."""
    try:
        public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fanpiao sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all, for the owner's eyes only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
