"""Due work as effects of a command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from server import sql
from server.writes import Writes

DUE = sql.Table.of(
    "work_due",
    {
        "id": "uuid", "organisation": "uuid", "kind": "text", "subject_id": "uuid",
        "due_at": "timestamptz", "data": "jsonb", "attempts": "int4",
        "first_due_at": "timestamptz", "last_error": "text", "since": "timestamptz",
        "gate": "text",
    },
)  # fmt: skip
# The newest word counts; who is at work on the row holds it still, so nobody else begins beside
UPSERT = (
    "ON CONFLICT (organisation, kind, subject_id) DO UPDATE SET due_at = excluded.due_at,"
    " data = excluded.data, attempts = 0, first_due_at = excluded.first_due_at, last_error = '',"
    " since = excluded.since, gate = excluded.gate"
)
SUBJECT = sql.Table.of("work_due", {"organisation": "uuid", "kind": "text", "subject_id": "uuid"})


@dataclass(frozen=True, slots=True)
class DueRow:
    """`kind` of work is due for `subject_id` at `due_at`; one row per (kind, subject).

    `since`: from when on somebody has been waiting for it, if not from `due_at`; `gate`: what it
    passes through (see `Due`).
    """

    id: UUID
    organisation_id: UUID
    kind: str
    subject_id: UUID
    due_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    gate: str = ""

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["DueRow"], /) -> None:
        """Upsert the rows: the last one of a subject counts."""
        last = {(e.organisation_id, e.kind, e.subject_id): e for e in effects}
        rows = [
            (e.id, e.organisation_id, e.kind, e.subject_id, e.due_at, sql.to_json(e.data), 0,
             e.due_at, "", e.since or e.due_at, e.gate)
            for _, e in sorted(last.items())
        ]  # fmt: skip
        writes.insert(DUE, rows, UPSERT)


@dataclass(frozen=True, slots=True)
class DueDone:
    """That work is no longer due; without a row it changes nothing."""

    organisation_id: UUID
    kind: str
    subject_id: UUID

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["DueDone"], /) -> None:
        """Delete the rows."""
        places = {(e.organisation_id, e.kind, e.subject_id) for e in effects}
        writes.delete(SUBJECT, sorted(places))
