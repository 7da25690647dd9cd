"""Give a record that waits or is parked its later disposition.

Three ways lead here: another record's command settles it in its own commit (`write_settled`),
due work puts it to its command again (`retry_waiting`), or a person decides (`decide_parked`).
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server import sql
from server.fleet.read_standing import read_standing
from server.http import TerminalIdentity
from server.inbox.models import Record
from server.inbox.open_records import BODIES, Opened
from server.payments.arrivals import RecordSettled
from server.writes import Writes
from sync import messages
from sync.messages import RecordKind

FATE = sql.Table.of(
    "inbox_record", {"organisation": "uuid", "id": "uuid", "status": "text", "code": "text"}
)


def write_settled(writes: Writes, effects: Sequence[RecordSettled]) -> None:
    """Write the dispositions that other records' commands brought about."""
    rows = [
        (e.organisation_id, e.record_id, _fate(e.booked.status), e.booked.code) for e in effects
    ]
    writes.update(FATE, rows, keys=2, guard="t.status IN ('waiting', 'parked')")


def _fate(status: messages.Status) -> str:
    is_booked = status in (messages.Status.APPLIED, messages.Status.REPLAYED)
    return str(messages.Status.APPLIED if is_booked else status)


def reopen(row: Record) -> tuple[TerminalIdentity, Opened]:
    """Read a stored record back: its bytes were authentic when they came."""
    standing = read_standing(row.organisation, [row.terminal])[row.terminal]
    key = standing.keys[row.key_id]
    kind = RecordKind(row.kind)
    record = messages.Record(
        version=row.version,
        terminal_id=row.terminal,
        key_id=row.key_id,
        journal_id=row.journal,
        sequence=row.sequence,
        previous_hash=bytes(row.previous_hash),
        kind=kind,
        body=bytes(row.body),
        signature=bytes(row.signature),
    )
    body: msgspec.Struct = messages.decode(BODIES[kind], record.body)
    present = standing.bindings[max(standing.bindings)]
    terminal = TerminalIdentity(
        terminal_id=row.terminal,
        organisation_id=row.organisation,
        site_id=present.site_id,
        merchant_id=present.merchant_id,
        store_id=present.store_id,
        binding_version=present.version,
        key_id=row.key_id,
        public_key=key.public_key,
        state=key.state,
        name="",
    )
    return terminal, Opened(record, body, bytes(row.hash), key)


def open_record_of(organisation_id: UUID, record_id: UUID) -> Record | None:
    """Return the record if it still waits or is parked."""
    return Record.objects.filter(
        organisation=organisation_id, id=record_id, status__in=("waiting", "parked")
    ).first()
