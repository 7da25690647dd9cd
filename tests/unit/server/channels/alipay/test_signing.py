"""Signatures against openssl and against what Alipay itself signed; certificates by their SNs."""

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server.channels.providers.alipay import signing
from server.sandbox.keys import Keys, certificate_pem
from tests.unit.server.channels.alipay import published

PARAMS = {
    "method": "alipay.trade.pay",
    "app_id": "2021000000000001",
    "biz_content": '{"subject":"红烧肉/米饭 \\"大\\" & 汤","total_amount":"12.50"}',
    "sign_type": "RSA2",
    "notify_url": "",
    "sign": "to be left out",
    "charset": "utf-8",
}
TEXT = (
    'app_id=2021000000000001&biz_content={"subject":"红烧肉/米饭 \\"大\\" & 汤",'
    '"total_amount":"12.50"}&charset=utf-8&method=alipay.trade.pay&sign_type=RSA2'
).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("openssl")
    openssl("genrsa", "-traditional", "-out", str(made / "key.pem"), "2048")
    openssl("pkey", "-in", str(made / "key.pem"), "-pubout", "-out", str(made / "public.pem"))
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", str(made / "key.pem"), "-out",
            str(made / "key8.pem"))  # fmt: skip
    return made


def openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *words], input=given, capture_output=True, check=True, timeout=30
    ).stdout


def bare(pem: str) -> str:
    """A key as Alipay's tool and pages show it: one line, no frame."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-"))


def test_a_request_is_signed_over_its_sorted_non_empty_parameters() -> None:
    assert signing.request_text(PARAMS) == TEXT


def test_a_notice_leaves_its_sign_type_out_as_well() -> None:
    assert signing.notice_text(PARAMS) == TEXT.removesuffix(b"&sign_type=RSA2")


def test_our_signature_is_openssl_s_to_the_bit(folder: Path) -> None:
    raw = openssl("dgst", "-sha256", "-sign", str(folder / "key.pem"), given=TEXT)
    key = signing.private_key((folder / "key.pem").read_text())
    assert signing.sign(key, TEXT) == base64.b64encode(raw).decode()


def test_openssl_s_signature_is_right_and_any_other_is_wrong(folder: Path) -> None:
    raw = openssl("dgst", "-sha256", "-sign", str(folder / "key.pem"), given=TEXT)
    key = signing.public_key((folder / "public.pem").read_text())
    good = base64.b64encode(raw).decode()
    assert signing.is_signed(key, TEXT, good)
    assert not signing.is_signed(key, TEXT + b" ", good)
    for wrong in ("", "!", good[:-4], "=" + good, good.replace(good[10], "é")):
        assert not signing.is_signed(key, TEXT, wrong)
    sha1 = openssl("dgst", "-sha1", "-sign", str(folder / "key.pem"), given=TEXT)
    assert not signing.is_signed(key, TEXT, base64.b64encode(sha1).decode())


def test_keys_are_read_with_and_without_their_frame(folder: Path) -> None:
    pkcs1, pkcs8 = (folder / "key.pem").read_text(), (folder / "key8.pem").read_text()
    keys = [signing.private_key(text) for text in (pkcs1, pkcs8, bare(pkcs1), bare(pkcs8))]
    numbers = {key.private_numbers().d for key in keys}
    assert len(numbers) == 1
    public = (folder / "public.pem").read_text()
    for text in (public, bare(public), f"  {bare(public)}\r\n"):
        assert signing.is_same_key(signing.public_key(text), keys[0].public_key())


@pytest.mark.parametrize("text", ["", "hello", "AAAA", "-----BEGIN X-----\nAAAA\n-----END X-----"])
def test_what_is_no_key_or_certificate_is_refused(text: str) -> None:
    for read in (signing.private_key, signing.public_key, signing.certificates):
        with pytest.raises(ValueError, match="not"):
            read(text)


def test_a_key_of_another_art_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ValueError, match="RSA"):
        signing.private_key(private.decode())
    with pytest.raises(ValueError, match="RSA"):
        signing.public_key(public.decode())


def test_what_alipay_signed_verifies() -> None:
    key = signing.public_key(published.ALIPAY_KEY)
    for text, sign in (
        (published.PAID, published.PAID_SIGN),
        (published.NOT_EXIST, published.NOT_EXIST_SIGN),
    ):
        assert signing.is_signed(key, text.encode(), sign)
        assert not signing.is_signed(key, text.replace("0.00", "0.01").encode(), sign)


def test_the_notice_that_alipay_signed_verifies_with_its_plus_sign() -> None:
    key = signing.public_key(published.ALIPAY_KEY)
    notice = published.NOTICE
    assert signing.is_signed(key, signing.notice_text(notice), notice["sign"])
    spoiled = {**notice, "subject": notice["subject"].replace("+", " ")}
    assert not signing.is_signed(key, signing.notice_text(spoiled), notice["sign"])


def certificate(issuer: str, serial: int, key: object) -> x509.Certificate:
    """A certificate with another's issuer and serial number, signed by whoever."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string("CN=somebody,C=CN"))
        .issuer_name(x509.Name.from_rfc4514_string(issuer))
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(serial)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9))
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("issuer", sorted(published.ISSUERS))
def test_a_certificate_has_the_sn_that_alipay_gives_it(
    issuer: str, rsa_key: rsa.RSAPrivateKey
) -> None:
    serial, sn = published.ISSUERS[issuer]
    assert signing.certificate_sn(certificate(issuer, serial, rsa_key)) == sn


def test_the_root_s_sn_joins_the_rsa_certificates_of_the_file(rsa_key: rsa.RSAPrivateKey) -> None:
    roots = [certificate(name, published.ISSUERS[name][0], rsa_key)
             for name in list(published.ISSUERS)[:2]]  # fmt: skip
    other_art = certificate("CN=ROOTCA,O=NRCAC,C=CN", 77, ec.generate_private_key(ec.SECP384R1()))
    file = "\n\n".join(map(certificate_pem, [other_art, roots[0], other_art, roots[1]]))
    assert signing.root_sn(signing.certificates(file)) == published.ROOT_SN


def test_the_first_certificate_of_a_file_is_the_one_meant(keys: Keys) -> None:
    keys.certificate("test-root", common_name="Root")
    leaf = keys.certificate("test-leaf", common_name="Leaf", issuer="test-root")
    root = keys.certificate("test-root", common_name="Root")
    found = signing.certificates(f"# a remark\n{certificate_pem(leaf)}{certificate_pem(root)}")
    assert [one.serial_number for one in found] == [leaf.serial_number, root.serial_number]
    assert signing.is_same_key(signing.key_of(found[0]), keys.pair("test-leaf").public)
    with pytest.raises(ValueError, match="damaged"):
        signing.certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
