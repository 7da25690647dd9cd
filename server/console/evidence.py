"""What is known about the subject of a case or of a parked record, for a person to judge by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from server.fleet.models import Terminal
from server.inbox.models import Record
from server.payments.models import Payment, Refund
from sync import messages
from sync.messages import RecordKind

KINDS: dict[str, type[messages.Message]] = {
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
SECRET = frozenset(
    {"auth_code", "pin", "wallet_code", "fingerprint", "server_mac", "supervisor_proof"}
)
"""Not for the eyes of whoever decides: what would pay, and bytes that say nothing to people."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The payments, refunds and records that name the subject."""

    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    terminals: dict[UUID, str] = field(default_factory=dict)


def evidence_of(
    organisation: UUID, kind: str, subject: UUID, others: Iterable[UUID] = ()
) -> Evidence:
    """Read what names `subject`, whatever kind of thing it is, and `others`, payments beside it."""
    refunds = list(Refund.objects.filter(organisation=organisation, id=subject))
    wanted = {subject, *others, *(refund.payment for refund in refunds)}
    payments = list(Payment.objects.filter(organisation=organisation, id__in=wanted))
    payments += list(
        Payment.objects.filter(organisation=organisation, order=subject).exclude(id__in=wanted)
    )
    refunds += list(
        Refund.objects.filter(
            organisation=organisation, payment__in=[payment.id for payment in payments]
        ).exclude(id=subject)
    )
    records = Record.objects.filter(organisation=organisation, subject_id__in=wanted)
    if kind == "record":
        records = records | Record.objects.filter(organisation=organisation, id=subject)
    found = list(records.order_by("received_at")[:50])
    return Evidence(payments, refunds, found, _names(organisation, payments, found))


def decoded(record: Record) -> list[tuple[str, Any]]:
    """Return the record's body as lines of (name, value), nested names joined by dots."""
    kind = KINDS.get(record.kind)
    if kind is None:
        return [("?", bytes(record.body).decode("utf-8", "replace")[:2000])]
    try:
        message = messages.decode(kind, bytes(record.body))
    except msgspec.MsgspecError:
        return [("?", bytes(record.body).decode("utf-8", "replace")[:2000])]
    return list(_lines("", msgspec.to_builtins(message)))


def _lines(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        for inner, part in value.items():
            if inner not in SECRET:
                yield from _lines(f"{name}.{inner}".strip("."), part)
    elif isinstance(value, list):
        for place, part in enumerate(value, 1):
            yield from _lines(f"{name}.{place}", part)
    elif value not in (None, "", b""):
        yield name, value


def _names(organisation: UUID, payments: list[Payment], records: list[Record]) -> dict[UUID, str]:
    ids = {row.terminal for row in payments} | {row.terminal for row in records}
    rows = Terminal.objects.filter(organisation_id=organisation, id__in=ids)
    return {row.id: row.name for row in rows}
