"""Our own payment code, signed and verified with real Ed25519 keys."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from domain.errors import Refused
from domain.payment_codes import CodeKind, KnownCode, recognise
from domain.wallet_code import (
    Certificate,
    certificate_message,
    encode_certificate,
    encode_code,
    key_id_of,
    parse_certificate,
    parse_code,
    payment_message,
    verify,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ISSUER, PAYER, STRANGER = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
ISSUER_KEY = bytes(ISSUER.verify_key)
NONCE = bytes(range(8))


def ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public_key).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def a_certificate(**fields) -> Certificate:
    certificate = Certificate(
        organisation_id=UUID(int=7),
        person_id=UUID(int=8),
        payer_key=bytes(PAYER.verify_key),
        offline_cap_amount=5_000,
        not_after=NOW + timedelta(days=1),
        issuer_key_id=key_id_of(ISSUER_KEY),
    )
    return replace(certificate, **fields)


@dataclass
class Phone:
    certificate: Certificate = field(default_factory=a_certificate)
    issuer: SigningKey = ISSUER
    payer: SigningKey = PAYER

    def code(self, issued_at: datetime = NOW, nonce: bytes = NONCE) -> str:
        issued = self.issuer.sign(certificate_message(self.certificate)).signature
        data = encode_certificate(self.certificate, issued)
        paid = self.payer.sign(payment_message(data, issued_at, nonce)).signature
        return encode_code(data, issued_at, nonce, paid)


def verified(text: str, now: datetime = NOW, tolerance_s: int = 5):
    keys = {key_id_of(ISSUER_KEY): ISSUER_KEY}
    return verify(text, issuer_key=keys.get, verify=ed25519, now=now, tolerance_s=tolerance_s)


def refusal(text: str, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as refused:
        verified(text, now)
    return refused.value.code


def test_a_good_code_names_its_payer():
    found = verified(Phone().code())
    assert found.certificate == a_certificate()
    assert found.nonce == NONCE.hex()
    assert found.issued_at == NOW
    assert len(found.certificate_id) == 32


def test_a_code_fits_a_dense_qr_code_and_is_recognised():
    text = Phone().code()
    assert len(text) == 361
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:")
    assert recognise(text + "\r\n") == KnownCode(CodeKind.WALLET, text)
    assert verified(text + "\r\n") == verified(text)


def test_one_certificate_has_one_id_and_each_code_its_nonce():
    first, second = verified(Phone().code()), verified(Phone().code(nonce=bytes(8)))
    assert first.certificate_id == second.certificate_id
    assert first.nonce != second.nonce


@pytest.mark.parametrize(
    ("age_s", "code"),
    [(-6, "codes.from_the_future"), (36, "codes.expired"), (-5, None), (0, None), (35, None)],
)
def test_a_code_is_good_for_half_a_minute_and_the_tolerance(age_s, code):
    text = Phone().code(issued_at=NOW - timedelta(seconds=age_s))
    if code is None:
        assert verified(text)
    else:
        assert refusal(text) == code


def test_a_certificate_ends_on_its_instant():
    assert refusal(Phone().code(), NOW + timedelta(days=1)) == "codes.certificate_expired"


def test_a_code_of_another_issuer_is_foreign():
    certificate = a_certificate(issuer_key_id=key_id_of(bytes(STRANGER.verify_key)))
    assert refusal(Phone(certificate, issuer=STRANGER).code()) == "codes.foreign"


def test_forged_signatures_are_told():
    assert refusal(Phone(issuer=STRANGER).code()) == "codes.bad_signature"
    assert refusal(Phone(payer=STRANGER).code()) == "codes.bad_signature"


def test_a_forgery_learns_nothing_about_times():
    assert refusal(Phone(payer=STRANGER).code(NOW - timedelta(days=9))) == "codes.bad_signature"


def test_a_payers_signature_does_not_move_to_another_certificate():
    code = parse_code(Phone().code())
    richer = a_certificate(offline_cap_amount=999_999)
    data = encode_certificate(richer, ISSUER.sign(certificate_message(richer)).signature)
    moved = encode_code(data, code.issued_at, code.nonce, code.payer_signature)
    assert refusal(moved) == "codes.bad_signature"


@pytest.mark.parametrize(
    "text",
    ["", "FP1:", "FP1:AAAA", "FP1:!!!!", "FP1:A", "FP1:" + "A" * 357, "FP1:" + "Ä" * 357],
)
def test_what_is_no_code_is_malformed(text):
    assert refusal(text) == "codes.malformed"


def test_a_code_has_one_text_only():
    text = Phone().code()
    lower = "FP1:" + text[4:].lower()
    twin = text[:-1] + chr(ord(text[-1]) + 1)  # differs in bits that no byte uses
    assert {refusal(lower), refusal(twin), refusal(text + "=")} == {"codes.malformed"}


def test_another_version_or_an_endless_time_is_malformed():
    data = encode_certificate(a_certificate(), bytes(64))
    for changed in (b"\x02" + data[1:], data[:69] + b"\xff" * 5 + data[74:], data + b"\x00"):
        with pytest.raises(Refused, match=r"codes\.malformed"):
            parse_certificate(changed)


def test_lengths_are_checked_before_anything_is_encoded():
    data = encode_certificate(a_certificate(), bytes(64))
    with pytest.raises(ValueError, match="64 bytes"):
        encode_certificate(a_certificate(), b"")
    with pytest.raises(ValueError, match="64 bytes"):
        encode_code(data, NOW, NONCE, b"")
    with pytest.raises(ValueError, match="nonce"):
        payment_message(data, NOW, b"")
    with pytest.raises(ValueError, match="32 bytes"):
        certificate_message(a_certificate(payer_key=b""))
