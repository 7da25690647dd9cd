"""The people of a sample canteen, without Django: what a measuring process knows of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from domain.wallet_code import encode_code, payment_message
from sync.signing import TerminalKey


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person with their card, their phone and, if enrolled, a photograph."""

    person_id: UUID
    name: str
    category: str
    card_uid: bytes = field(repr=False)
    phone_seed: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    photograph: Path | None

    def code(self, nonce: bytes) -> str:
        """Return what the phone shows now; `nonce` is 8 bytes, never reused."""
        issued_at = datetime.now(UTC).replace(microsecond=0)
        message = payment_message(self.certificate, issued_at, nonce)
        signature = TerminalKey(self.phone_seed).sign(message)
        return encode_code(self.certificate, issued_at, nonce, signature)


@dataclass(frozen=True, slots=True)
class Sample:
    """The canteen: activation codes by counter; `prices` of a first portion by category, in fen."""

    people: tuple[Person, ...]
    activation_codes: tuple[str, ...] = field(repr=False)
    prices: dict[str, int]
