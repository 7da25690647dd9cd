"""What the server has of a journal, for the heartbeat's answer."""

from uuid import UUID

from server.fleet.record_heartbeat import Head
from server.inbox.models import Journal


def read_head(organisation_id: UUID, terminal_id: UUID, journal_id: UUID) -> Head | None:
    """Return the head of `journal_id` at this terminal; None when nothing of it has come."""
    row = Journal.objects.filter(
        organisation=organisation_id, terminal=terminal_id, id=journal_id
    ).first()
    return None if row is None else Head(row.id, row.head_sequence, bytes(row.head_hash))
