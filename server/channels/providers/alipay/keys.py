"""The keys of one account: ours to sign with, Alipay's to check with; by key or by certificate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from server.channels.channel import Account
from server.channels.providers.alipay import signing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The three files of certificate mode; `alipay` may bring the chain up to a root."""

    app: x509.Certificate
    alipay: Sequence[x509.Certificate]
    roots: Sequence[x509.Certificate]


@dataclass(frozen=True, slots=True)
class Keys:
    """`certificates` None: key mode."""

    own: rsa.RSAPrivateKey = field(repr=False)
    alipay: rsa.RSAPublicKey = field(repr=False)
    certificates: Certificates | None = None

    @property
    def params(self) -> dict[str, str]:
        """What certificate mode adds to each request."""
        if self.certificates is None:
            return {}
        return {
            "app_cert_sn": signing.certificate_sn(self.certificates.app),
            "alipay_root_cert_sn": signing.root_sn(self.certificates.roots),
        }

    @property
    def alipay_sn(self) -> str:
        """The SN under which answers are signed in certificate mode."""
        return signing.certificate_sn(self.certificates.alipay[0]) if self.certificates else ""


def keys_of(account: Account) -> Keys:
    """Read an account's keys; raises `ValueError` naming the setting that is no good."""
    own = _read("private_key", account.secrets, signing.private_key)
    files = ("app_certificate", "alipay_certificate", "root_certificate")
    given = [name for name in files if account.settings.get(name)]
    if not given:
        alipay = _read("alipay_public_key", account.settings, signing.public_key)
        return Keys(own, alipay)
    app, chain, roots = (_read(name, account.settings, signing.certificates) for name in files)
    try:
        alipay = signing.key_of(chain[0])
    except ValueError as problem:
        raise ValueError(f"alipay_certificate: {problem}") from problem
    return Keys(own, alipay, Certificates(app[0], chain, roots))


def _read(name: str, values: Mapping[str, str], read: Callable[[str], T]) -> T:
    text = values.get(name, "")
    if not text.strip():
        raise ValueError(f"{name}: missing")
    try:
        return read(text)
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from problem
