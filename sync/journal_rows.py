"""Rows of the journal table: the signed record, and what is known about it beside it.

What is beside the record (amount, person, shift, state) is an index for the counter's own
questions. It is never signed and can be made again from the body.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from sync import messages, signing
from sync.messages import (
    Acceptance,
    Cancellation,
    Message,
    Mode,
    PaymentRequest,
    Record,
    RecordKind,
    RefundRequest,
    Tender,
)

BODIES: Mapping[RecordKind, type[Message]] = {
    RecordKind.ACCEPTANCE: messages.Acceptance,
    RecordKind.CANCELLATION: messages.Cancellation,
    RecordKind.REFUND: messages.RefundRequest,
    RecordKind.SHIFT_OPENED: messages.ShiftOpened,
    RecordKind.SHIFT_CLOSED: messages.ShiftClosed,
    RecordKind.CASH_MOVED: messages.CashMoved,
    RecordKind.EVENT: messages.Event,
    RecordKind.JOURNAL_OPENED: messages.JournalOpened,
    RecordKind.LOST: messages.Lost,
}
"""Which message the body of a record of each kind is."""

RECORD_COLUMNS = (
    "version, terminal_id, key_id, journal_id, sequence, previous_hash, kind, body, signature"
)
READ_COLUMNS = RECORD_COLUMNS.replace(" body,", " unseal(body),")
"""The same for reading through `LocalStore`."""
INSERT_RECORD = f"""INSERT INTO journal ({RECORD_COLUMNS}, hash, state, written_at, payment_id,
    shift_id, person_id, tally, amount, waiting_amount, is_offline_wallet, portions, meal_period)
    VALUES (?, ?, ?, ?, ?, ?, ?, seal(?), ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
"""Inserts one record with what is known about it; see `inserted`."""


@dataclass(frozen=True, slots=True)
class About:
    """What the counter asks of its own rows. `tally` is the heading in the shift's count:
    a credential kind, "cash", "refund" or "cancellation". `portions` of a full refund is −1.
    """

    payment_id: UUID | None = None
    shift_id: UUID | None = None
    person_id: UUID | None = None
    tally: str = ""
    amount: int = 0
    waiting_amount: int = 0
    is_offline_wallet: bool = False
    portions: int = 0
    meal_period: str = ""


def without_secrets(request: PaymentRequest) -> PaymentRequest:
    """The request as it may lie on a disk: no PIN, no payer's code."""
    return msgspec.structs.replace(request, auth_code="", pin="")


def about_acceptance(acceptance: Acceptance, person_id: UUID | None) -> About:
    """What an acceptance adds to shift, person and caps."""
    request, intent = acceptance.request, acceptance.request.intent
    is_cash = intent.tender is Tender.CASH
    return About(
        payment_id=intent.payment_id,
        shift_id=request.shift_id,
        person_id=person_id or person_of_payer(intent.payer),
        tally="cash" if is_cash else request.evidence.credential.value,
        amount=intent.total,
        waiting_amount=intent.total,
        is_offline_wallet=intent.tender is Tender.WALLET and acceptance.mode is Mode.OFFLINE,
        portions=1 if request.meal_period else 0,
        meal_period=request.meal_period,
    )


def about_refund(refund: RefundRequest, paid: About | None) -> About:
    """What a refund takes back; a full one gives the portion of the meal back too."""
    is_full = paid is not None and refund.amount == paid.amount
    return About(
        payment_id=refund.payment_id,
        shift_id=refund.shift_id,
        person_id=paid.person_id if paid else None,
        tally="refund",
        amount=refund.amount,
        portions=-paid.portions if paid and is_full else 0,
        meal_period=paid.meal_period if paid else "",
    )


def about_cancellation(cancellation: Cancellation) -> About:
    """A cancellation counts; it moves nothing, since no meal was handed over for it."""
    return About(
        payment_id=cancellation.payment_id, shift_id=cancellation.shift_id, tally="cancellation"
    )


def inserted(record: Record, about: About, written_at: float) -> tuple[Any, ...]:
    """The parameters of `INSERT_RECORD`."""
    return (
        record.version,
        record.terminal_id.bytes,
        record.key_id,
        record.journal_id.bytes,
        record.sequence,
        record.previous_hash,
        record.kind.value,
        record.body,
        record.signature,
        signing.record_hash(record),
        written_at,
        bytes_of(about.payment_id),
        bytes_of(about.shift_id),
        bytes_of(about.person_id),
        about.tally,
        about.amount,
        about.waiting_amount,
        int(about.is_offline_wallet),
        about.portions,
        about.meal_period,
    )


def record_of(row: tuple[Any, ...]) -> Record:
    """The record of a row of `RECORD_COLUMNS`; `ValueError` or `TypeError` when it is no record."""
    version, terminal, key_id, journal, sequence, previous, kind, body, signature = row[:9]
    return Record(
        version=version,
        terminal_id=UUID(bytes=terminal),
        key_id=key_id,
        journal_id=UUID(bytes=journal),
        sequence=sequence,
        previous_hash=bytes(previous),
        kind=RecordKind(kind),
        body=bytes(body),
        signature=bytes(signature),
    )


def person_of_payer(payer: str) -> UUID | None:
    """The person a payer reference names directly, if it does."""
    scheme, _, value = payer.partition(":")
    try:
        return UUID(value) if scheme == "person" else None
    except ValueError:
        return None


def bytes_of(id: UUID | None) -> bytes | None:
    """How an optional id lies in the store."""
    return None if id is None else id.bytes


def id_of(stored: bytes | None) -> UUID | None:
    """The optional id that lies in the store."""
    return None if stored is None else UUID(bytes=stored)
