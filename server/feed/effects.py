"""Feed changes as effects of a command, and for code inside atomic()."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from msgspec import Struct

from server import sql
from server.writes import Writes, write_now

MARKER = sql.Table.of(
    "feed_marker",
    {
        "organisation": "uuid", "scope": "text", "kind": "text", "entity": "text",
        "tombstone": "bool", "changed_at": "timestamptz",
    },
)  # fmt: skip
UPSERT = (
    "ON CONFLICT (organisation, scope, kind, entity) DO UPDATE SET number = NULL,"
    " tombstone = excluded.tombstone, changed_at = excluded.changed_at"
)


class FeedChange(Struct, frozen=True):
    """`entity` of `kind` (a `sync.messages.FeedKind`) changed, or is gone, for `scope`.

    Scopes: "organisation:<uuid>", "site:<uuid>", "merchant:<uuid>", "store:<uuid>" and
    "terminal:<uuid>". `changed_at` lets the audit tell how long it waited for its number.
    """

    organisation_id: UUID
    scope: str
    kind: str
    entity: str
    tombstone: bool = False
    changed_at: datetime | None = None

    @classmethod
    def write_all(cls, writes: Writes, effects: Sequence["FeedChange"], /) -> None:
        """Upsert one marker per place (the last change counts), in one order for all writers."""
        last = {(e.organisation_id, e.scope, str(e.kind), e.entity): e for e in effects}
        rows = [(*place, last[place].tombstone, last[place].changed_at) for place in sorted(last)]
        writes.insert(MARKER, rows, UPSERT)


def mark(
    organisation_id: UUID, scope: str, kind: str, entity: str, *, tombstone: bool = False
) -> None:
    """Mark a change inside the atomic() that makes it; call it last, since it locks the marker."""
    assert connection.in_atomic_block, "a feed change belongs to the transaction of its cause"
    with connection.cursor() as cursor:
        change = FeedChange(organisation_id, scope, kind, entity, tombstone)
        write_now(cursor, [change])
