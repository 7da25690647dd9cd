"""Our own code pays while phone and counter are both offline: once, fresh, and from our issuer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.authorization import Mode
from domain.wallet_code import (
    Certificate,
    certificate_message,
    encode_certificate,
    encode_code,
    key_id_of,
    payment_message,
)
from sync.messages import FeedKind, IssuerKeyRow
from sync.signing import TerminalKey
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import PERSON, Bench
from tests.unit.sync import makers

ISSUER = TerminalKey(b"i" * 32)
PHONE = TerminalKey(b"p" * 32)


def show(
    bench: Bench,
    nonce: bytes = b"nonce--1",
    age_s: float = 0.0,
    cap_amount: int = 5000,
    issuer: TerminalKey = ISSUER,
    organisation_id: UUID = makers.ORGANISATION,
) -> str:
    certificate = Certificate(
        organisation_id=organisation_id,
        person_id=PERSON,
        payer_key=PHONE.public_key,
        offline_cap_amount=cap_amount,
        not_after=bench.clock.at + timedelta(days=1),
        issuer_key_id=key_id_of(issuer.public_key),
    )
    data = encode_certificate(certificate, issuer.sign(certificate_message(certificate)))
    issued_at = (bench.clock.at - timedelta(seconds=age_s)).replace(microsecond=0)
    signature = PHONE.sign(payment_message(data, issued_at, nonce))
    return encode_code(data, issued_at, nonce, signature)


@pytest.fixture
def offline(bench: Bench) -> Bench:
    """Nobody to ask, and the issuer's key in the replica."""
    key_id = key_id_of(ISSUER.public_key)
    row = IssuerKeyRow(key_id=key_id, public_key=ISSUER.public_key)
    position = bench.replica.position()
    page = makers.page(
        makers.feed_row(position.cursor + 1, FeedKind.ISSUER_KEY, key_id, row), epoch="E1"
    )
    bench.replica.apply_page(page, position)
    bench.server.is_online_first = False
    bench.wait(1.1)
    return bench


def test_it_is_verified_here_and_journalled_with_its_evidence(offline: Bench) -> None:
    text = show(offline)
    offline.code(text)
    assert offline.phase is Phase.APPROVED
    (acceptance,) = offline.accepted
    assert acceptance.mode is Mode.OFFLINE
    assert acceptance.request.intent.payer == f"person:{PERSON}"
    assert acceptance.request.evidence.wallet_code == text


def test_the_same_code_pays_once(offline: Bench) -> None:
    text = show(offline)
    offline.code(text)
    offline.take_phone()
    offline.wait(0.4)
    offline.code(text)
    assert offline.view.hint.code == "codes.replayed"
    assert len(offline.accepted) == 1


def test_its_own_cap_bounds_what_it_may_pay_offline(offline: Bench) -> None:
    offline.code(show(offline, cap_amount=1000))
    assert offline.phase is Phase.DECLINED
    assert offline.view.code == "limits.offline_credential"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"age_s": 61}, "codes.expired"),
        ({"age_s": -31}, "codes.from_the_future"),
        ({"issuer": TerminalKey(b"x" * 32)}, "codes.foreign"),
        ({"organisation_id": UUID(int=9)}, "codes.foreign"),
    ],
)
def test_what_is_not_ours_or_not_now_is_refused_with_its_reason(
    offline: Bench, changes: dict, code: str
) -> None:
    offline.code(show(offline, **changes))
    assert offline.phase is Phase.ARMED
    assert offline.view.hint.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FP1:AAAA", "codes.malformed"),
        ("hello", "codes.unknown"),
        ("", "codes.unknown"),
        ("9" * 600, "codes.unknown"),
        ("\ufffd\x00\x1d", "codes.unknown"),
    ],
)
def test_malformed_texts_are_refused_and_nothing_breaks(
    offline: Bench, text: str, code: str
) -> None:
    offline.code(text)
    assert offline.phase is Phase.ARMED
    assert offline.view.hint.code == code


def test_a_tampered_code_is_refused(offline: Bench) -> None:
    text = show(offline)
    offline.code(text[:-20] + ("B" if text[-20] != "B" else "C") + text[-19:])
    assert offline.view.hint.code in {"codes.bad_signature", "codes.malformed"}
    assert offline.accepted == []
