"""The server's word on a journal: how far it has every record."""

from uuid import UUID

from server.fleet.record_heartbeat import Head
from server.inbox.models import Journal


def read_head(organisation_id: UUID, terminal_id: UUID, journal_id: UUID) -> Head | None:
    """Return the last record in an unbroken row from the journal's start; None without any."""
    journal = Journal.objects.filter(
        organisation=organisation_id, terminal=terminal_id, id=journal_id
    ).first()
    if journal is None:
        return None
    return Head(journal.id, journal.head_sequence, bytes(journal.head_hash))
