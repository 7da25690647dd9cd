"""Open pushed records: authentic and readable, or rejected one by one with a reason.

A record is authentic when it names the terminal that pushes it and its signature verifies under
a key this terminal has or once had (a retired key's old records verify for ever). Nothing here
touches the database but the key lookup; nothing here stops at the first bad record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from server.fleet.read_standing import KeyStanding
from server.http import TerminalIdentity
from sync import messages, signing

BODIES: Mapping[messages.RecordKind, type[messages.Message]] = {
    messages.RecordKind.ACCEPTANCE: messages.Acceptance,
    messages.RecordKind.CANCELLATION: messages.Cancellation,
    messages.RecordKind.REFUND: messages.RefundRequest,
    messages.RecordKind.SHIFT_OPENED: messages.ShiftOpened,
    messages.RecordKind.SHIFT_CLOSED: messages.ShiftClosed,
    messages.RecordKind.CASH_MOVED: messages.CashMoved,
    messages.RecordKind.EVENT: messages.Event,
    messages.RecordKind.JOURNAL_OPENED: messages.JournalOpened,
    messages.RecordKind.LOST: messages.Lost,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """An authentic, readable record with its decoded body."""

    record: messages.Record
    body: Any
    hash: bytes
    key: KeyStanding


@dataclass(frozen=True, slots=True)
class Rejected:
    """Bytes of which custody stays at the counter; `journal_id`/`sequence` as far as readable."""

    journal_id: UUID
    sequence: int
    code: str
    data: bytes


class _Place(messages.Message, kw_only=True, frozen=True):
    """The least that must be readable to answer about a record."""

    journal_id: UUID = UUID(int=0)
    sequence: int = 0


class _RawPush(messages.Message, kw_only=True, frozen=True):
    """A push whose records are decoded one by one."""

    records: tuple[msgspec.Raw, ...]


def split_push(data: bytes) -> tuple[bytes, ...]:
    """Split a push into its records' bytes; raises `msgspec.MsgspecError` when it is no push."""
    return tuple(bytes(raw) for raw in messages.decode(_RawPush, data).records)


def open_records(
    terminal: TerminalIdentity, keys: Mapping[str, KeyStanding], raws: Sequence[bytes]
) -> list[Opened | Rejected]:
    """Open each of `raws` (JSON of one `Record`), in order."""
    return [_open(terminal, keys, raw) for raw in raws]


def _open(
    terminal: TerminalIdentity, keys: Mapping[str, KeyStanding], raw: bytes
) -> Opened | Rejected:
    try:
        record = messages.decode(messages.Record, raw)
    except (msgspec.MsgspecError, ValueError):
        return _reject(raw, "records.unreadable")
    key = keys.get(record.key_id)
    if record.terminal_id != terminal.terminal_id or key is None or record.sequence < 1:
        return _reject(raw, "envelopes.not_authentic")
    if not signing.verify(key.public_key, signing.record_bytes(record), record.signature):
        return _reject(raw, "envelopes.not_authentic")
    try:
        body = messages.decode(BODIES[record.kind], record.body)
    except (msgspec.MsgspecError, ValueError):
        return _reject(raw, "records.unreadable")
    return Opened(record, body, signing.record_hash(record), key)


def _reject(raw: bytes, code: str) -> Rejected:
    try:
        place = messages.decode(_Place, raw)
    except (msgspec.MsgspecError, ValueError):
        place = _Place()
    return Rejected(place.journal_id, place.sequence, code, raw)
