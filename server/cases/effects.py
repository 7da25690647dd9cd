"""Cases as effects of a command: opened once per (kind, subject), closed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from server import sql
from server.writes import Writes

CASE = sql.Table.of(
    "cases_case",
    {
        "id": "uuid", "organisation": "uuid", "kind": "text", "subject_kind": "text",
        "subject_id": "uuid", "amount": "int8", "data": "jsonb", "terminal": "uuid",
        "opened_at": "timestamptz", "resolution": "text", "closed_by": "text",
    },
)  # fmt: skip
CLOSING = sql.Table.of(
    "cases_case",
    {"id": "uuid", "closed_at": "timestamptz", "resolution": "text", "closed_by": "text"},
)


def case_id(organisation_id: UUID, kind: str, subject_kind: str, subject_id: UUID) -> UUID:
    """The id of a case, which follows from what it is about."""
    return uuid5(subject_id, f"{organisation_id}/{kind}/{subject_kind}")


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """Somebody must look at `subject_id`. Reported again, the first report stands."""

    organisation_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    amount: int
    opened_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    terminal_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The id, which follows from what the case is about."""
        return case_id(self.organisation_id, self.kind, self.subject_kind, self.subject_id)

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["CaseOpened"], /) -> None:
        """Insert those that are not there yet."""
        first: dict[UUID, tuple[Any, ...]] = {}
        for e in effects:
            first.setdefault(
                e.id,
                (e.id, e.organisation_id, e.kind, e.subject_kind, e.subject_id, e.amount,
                 sql.to_json(e.data), e.terminal_id, e.opened_at, "", ""),
            )  # fmt: skip
        writes.insert(CASE, [first[id] for id in sorted(first)], "ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """A person or a rule has dealt with it; one already closed stays as it was closed."""

    id: UUID
    closed_at: datetime
    resolution: str
    closed_by: str

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["CaseClosed"], /) -> None:
        """Close those still open."""
        rows = [(e.id, e.closed_at, e.resolution, e.closed_by) for e in effects]
        writes.update(CLOSING, rows, guard="t.closed_at IS NULL")
