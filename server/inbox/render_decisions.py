"""The feed's bodies of decisions on parked records."""

from collections.abc import Sequence
from uuid import UUID

from server.http import TerminalIdentity
from server.inbox.models import Record
from sync.messages import DecisionRow, encode


def render_decisions(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return the decisions on this terminal's records; an entity is "<journal>/<sequence>"."""
    journals = {entity.partition("/")[0] for entity in entities}
    rows = Record.objects.filter(
        organisation=terminal.organisation_id,
        terminal=terminal.terminal_id,
        journal__in=[UUID(journal) for journal in journals],
    ).exclude(resolution="")
    found = {
        f"{row.journal}/{row.sequence}": encode(
            DecisionRow(
                journal_id=row.journal,
                sequence=row.sequence,
                decision=row.resolution,
                code=row.code,
            )
        )
        for row in rows
    }
    return {entity: found[entity] for entity in entities if entity in found}
