"""Frozen intents: on disk before the first byte is sent, one outcome each (MONEY §2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.errors import Defect, Refused
from sync import messages
from sync.journal_rows import without_secrets
from sync.messages import (
    Acceptance,
    Cancellation,
    Message,
    Mode,
    PaymentRequest,
    Record,
    RecordKind,
    Stamp,
    Tender,
)
from sync.store import LocalStore

OUTCOMES: Mapping[RecordKind, str] = {
    RecordKind.ACCEPTANCE: "accepted",
    RecordKind.CANCELLATION: "cancelled",
    RecordKind.EVENT: "declined",
}
"""The outcome an intent gets from the kind of row that closes it."""


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A frozen sale without an outcome; `request` has no secrets."""

    request: PaymentRequest
    fingerprint: bytes


def freeze(store: LocalStore, request: PaymentRequest) -> OpenIntent:
    """Put the intent on disk; see `outbox.Journal.freeze`."""
    intent = OpenIntent(without_secrets(request), messages.fingerprint(request.intent))
    payment_id = request.intent.payment_id
    with store.transaction():
        known = store.row(
            "SELECT fingerprint FROM intent WHERE payment_id = ?", (payment_id.bytes,)
        )
        if known is None:
            store.execute(
                "INSERT INTO intent (payment_id, fingerprint, request, frozen_at)"
                " VALUES (?, ?, seal(?), ?)",
                (
                    payment_id.bytes,
                    intent.fingerprint,
                    messages.encode(intent.request),
                    request.stamp.corrected_at.timestamp(),
                ),
            )
        elif known[0] != intent.fingerprint:
            raise Refused("payments.key_reused", payment=payment_id.hex)
    return intent


def close_intent(store: LocalStore, record: Record, message: Message, closes: UUID | None) -> None:
    """Give an intent the outcome that `record` stands for, once and for ever.

    An acceptance and a cancellation close their own payment's intent. A cancellation of a
    payment this store never froze (another store's, a parked one's) closes nothing.
    """
    payment_id = closes or _own_payment(message)
    if payment_id is None:
        return
    if record.kind not in OUTCOMES:
        raise Defect(f"a {record.kind} record gives no outcome")
    found = store.row(
        "SELECT outcome, fingerprint FROM intent WHERE payment_id = ?", (payment_id.bytes,)
    )
    if found is None:
        if isinstance(message, Cancellation) and closes is None:
            return
        raise Refused("journals.intent_unknown", payment=payment_id.hex)
    _check_open(found[0], record.kind, payment_id)
    _check_same(found[1], message, payment_id)
    store.execute(
        "UPDATE intent SET outcome = ?, journal_id = ?, sequence = ? WHERE payment_id = ?",
        (OUTCOMES[record.kind], record.journal_id.bytes, record.sequence, payment_id.bytes),
    )


def open_intents(store: LocalStore) -> list[OpenIntent]:
    """Frozen sales without an outcome, oldest first."""
    rows = store.rows(
        "SELECT unseal(request), fingerprint FROM intent WHERE outcome IS NULL ORDER BY frozen_at"
    )
    return [
        OpenIntent(messages.decode(PaymentRequest, request), bytes(fingerprint))
        for request, fingerprint in rows
    ]


def outcome(store: LocalStore, payment_id: UUID) -> str | None:
    """The outcome of an intent; None while open or unknown."""
    found = store.row("SELECT outcome FROM intent WHERE payment_id = ?", (payment_id.bytes,))
    return None if found is None else found[0]


def _own_payment(message: Message) -> UUID | None:
    if isinstance(message, Acceptance):
        return message.request.intent.payment_id
    return message.payment_id if isinstance(message, Cancellation) else None


def _check_open(outcome: str | None, kind: RecordKind, payment_id: UUID) -> None:
    if outcome is None:
        return
    if outcome == "accepted" and kind is RecordKind.CANCELLATION:
        # The meal was handed over: what follows is a refund (MONEY §2)
        raise Refused("payments.contradiction", payment=payment_id.hex)
    raise Refused("journals.intent_closed", payment=payment_id.hex)


def _check_same(fingerprint: bytes, message: Message, payment_id: UUID) -> None:
    if isinstance(message, Acceptance):
        is_same = messages.fingerprint(message.request.intent) == fingerprint
    elif isinstance(message, Cancellation):
        is_same = message.fingerprint == fingerprint
    else:
        is_same = True
    if not is_same:
        raise Refused("payments.key_reused", payment=payment_id.hex)


def outcome_again(
    store: LocalStore, journal_id: bytes, sequence: int, stamp: Stamp, *, is_offline: bool
) -> Acceptance | Cancellation | None:
    """Say the outcome of an intent anew, when the row that gave it can no longer be read.

    What only the lost row knew (cash given, the server's proof) is left out. A decline is stored
    at the server and needs no second saying.
    """
    found = store.row(
        "SELECT unseal(request), fingerprint, outcome FROM intent"
        " WHERE journal_id = ? AND sequence = ?",
        (journal_id, sequence),
    )
    if found is None or found[2] == "declined":
        return None
    request = messages.decode(PaymentRequest, found[0])
    if found[2] == "accepted":
        is_alone = is_offline or request.intent.tender is Tender.CASH
        return Acceptance(request=request, mode=Mode.OFFLINE if is_alone else Mode.ONLINE)
    return Cancellation(
        payment_id=request.intent.payment_id,
        order_id=request.intent.order_id,
        fingerprint=bytes(found[1]),
        reason="journals.lost",
        stamp=stamp,
        binding_version=request.binding_version,
        operator_id=request.operator_id,
        shift_id=request.shift_id,
    )
