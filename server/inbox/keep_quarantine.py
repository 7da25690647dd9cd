"""Keep what was rejected, bounded, for whoever looks into a broken or forged counter."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from domain.ids import new_id
from server.http import TerminalIdentity
from server.inbox.models import Quarantined
from server.inbox.open_records import Rejected

QUARANTINE_MAX = 1_000
"""Rows kept per terminal; the oldest go first."""
QUARANTINED_BYTES_MAX = 16_384
"""Of each; more is cut, since custody is at the counter."""


def keep_quarantine(
    terminal: TerminalIdentity,
    rejected: Sequence[Rejected],
    now: datetime,
    random: Callable[[int], bytes],
) -> None:
    """Store `rejected` bytes of `terminal` and forget the oldest beyond the bound."""
    now_ms = int(now.timestamp() * 1000)
    rows = [
        Quarantined(
            id=new_id(now_ms, random),
            organisation=terminal.organisation_id,
            terminal=terminal.terminal_id,
            code=item.code,
            data=item.data[:QUARANTINED_BYTES_MAX],
            received_at=now,
        )
        for item in rejected
    ]
    mine = Quarantined.objects.filter(
        organisation=terminal.organisation_id, terminal=terminal.terminal_id
    )
    with transaction.atomic():
        Quarantined.objects.bulk_create(rows)
        newest = mine.order_by("-received_at", "-id").values("id")[QUARANTINE_MAX:]
        mine.filter(id__in=[row["id"] for row in newest]).delete()
