"""No changed letter of a wallet code ever verifies."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from domain.errors import Refused
from domain.wallet_code import (
    Certificate,
    certificate_message,
    encode_certificate,
    encode_code,
    key_id_of,
    parse_code,
    payment_message,
    verify,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ISSUER, PAYER = SigningKey(b"i" * 32), SigningKey(b"p" * 32)
ISSUER_KEY = bytes(ISSUER.verify_key)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public_key).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def signed(certificate: Certificate, issued_at: datetime, nonce: bytes) -> str:
    issuer_signature = ISSUER.sign(certificate_message(certificate)).signature
    data = encode_certificate(certificate, issuer_signature)
    payer_signature = PAYER.sign(payment_message(data, issued_at, nonce)).signature
    return encode_code(data, issued_at, nonce, payer_signature)


def is_good(text: str) -> bool:
    keys = {key_id_of(ISSUER_KEY): ISSUER_KEY}
    try:
        verify(text, issuer_key=keys.get, verify=ed25519, now=NOW, tolerance_s=5)
    except Refused:
        return False
    return True


seconds = st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))
certificates = st.builds(
    Certificate,
    organisation_id=st.uuids(),
    person_id=st.uuids(),
    payer_key=st.just(bytes(PAYER.verify_key)),
    offline_cap_amount=st.integers(0, 2**32 - 1),
    not_after=seconds,
    issuer_key_id=st.just(key_id_of(ISSUER_KEY)),
)
GOOD = signed(
    Certificate(
        UUID(int=1),
        UUID(int=2),
        bytes(PAYER.verify_key),
        5_000,
        NOW + timedelta(days=1),
        key_id_of(ISSUER_KEY),
    ),
    NOW,
    bytes(8),
)


@given(certificates, seconds, st.binary(min_size=8, max_size=8))
def test_what_is_written_is_read(certificate, issued_at, nonce):
    code = parse_code(signed(certificate, issued_at, nonce))
    assert code.signed_certificate.certificate == certificate
    assert (code.issued_at, code.nonce) == (issued_at, nonce)


@given(st.integers(4, len(GOOD) - 1), st.sampled_from(ALPHABET))
def test_one_changed_letter_spoils_the_code(place, letter):
    changed = GOOD[:place] + letter + GOOD[place + 1 :]
    assert is_good(changed) == (changed == GOOD)


@given(st.text(max_size=400) | st.text(ALPHABET, max_size=400).map(lambda tail: "FP1:" + tail))
def test_no_other_text_is_a_code_or_a_crash(text):
    assert not is_good(text)
