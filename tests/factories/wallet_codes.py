"""A payer's phone that shows wallet codes, certified by an issuer key of the fleet."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from domain.offline_policy import Assurance
from domain.wallet_code import (
    Certificate,
    certificate_message,
    encode_certificate,
    encode_code,
    key_id_of,
    payment_message,
)
from server.fleet.models import IssuerKey
from sync.messages import CredentialKind, Evidence
from sync.signing import TerminalKey
from tests.factories.payments import Till

_nonces = itertools.count(1)


class Phone:
    """The till's payer with a phone whose certificate is good for a month and ¥30 offline."""

    def __init__(self, till: Till, cap_amount: int = 3_000) -> None:
        rows = till.rows
        self.till = till
        issuer = TerminalKey.generate(rows.random)
        self.key = TerminalKey.generate(rows.random)
        key_id = key_id_of(issuer.public_key)
        IssuerKey.objects.create(
            id=rows.id(), organisation=rows.organisation, key_id=key_id,
            public_key=issuer.public_key, sealed_private_key=b"", created_at=till.now,
        )  # fmt: skip
        certificate = Certificate(
            till.organisation, till.person.id, self.key.public_key, cap_amount,
            till.now + timedelta(days=30), key_id,
        )  # fmt: skip
        signature = issuer.sign(certificate_message(certificate))
        self.certificate = encode_certificate(certificate, signature)

    def code(self, at: datetime) -> str:
        """Return the code shown at `at`, a new one each time."""
        nonce = next(_nonces).to_bytes(8, "big")
        signature = self.key.sign(payment_message(self.certificate, at, nonce))
        return encode_code(self.certificate, at, nonce, signature)

    def evidence(self, at: datetime) -> dict[str, Any]:
        """The changes that make a till's request one by this phone."""
        return {
            "evidence": Evidence(
                credential=CredentialKind.WALLET_CODE,
                assurance=int(Assurance.SIGNED_CODE),
                wallet_code=self.code(at),
            )
        }
