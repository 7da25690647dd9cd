"""The key that seals templates on one terminal's disk: made, leased, opened, ended.

The lease is 30 days and grows with every heartbeat (MONEY §6), so a stolen device that is never
online again stops recognising anybody.
"""

from datetime import datetime, timedelta
from uuid import UUID

from domain.ids import RandomBytes
from server.fleet.models import DataKey, Terminal
from server.fleet.sealing import open_key, seal_key
from server.fresh import fresh_id
from server.runtime import Secrets

LEASE = timedelta(days=30)
RENEWED_AFTER = timedelta(hours=6)
"""A lease is written again only when it has grown by this much: not at every heartbeat."""
KEY_LENGTH = 32


def replace_data_key(
    terminal: Terminal, *, now: datetime, random: RandomBytes, secrets: Secrets
) -> tuple[str, bytes]:
    """End the terminal's data key and make another; returns (key id, key)."""
    end_data_key(terminal, now=now)
    row_id, key = fresh_id(now, random), random(KEY_LENGTH)
    row = DataKey.objects.create(
        id=row_id,
        organisation_id=terminal.organisation_id,
        terminal=terminal,
        key_id=row_id.hex,
        sealed=seal_key(secrets, terminal.organisation_id, row_id, key, random),
        created_at=now,
        lease_until=now + LEASE,
    )
    return row.key_id, key


def end_data_key(terminal: Terminal, *, now: datetime) -> None:
    """End whatever data key the terminal has: nothing more is sealed for it."""
    DataKey.objects.filter(
        organisation_id=terminal.organisation_id, terminal=terminal, ended_at__isnull=True
    ).update(ended_at=now)


def read_data_key(
    organisation_id: UUID, terminal_id: UUID, secrets: Secrets
) -> tuple[str, bytes] | None:
    """Return (key id, key) that the terminal holds now; None: it may hold no templates."""
    row = DataKey.objects.filter(
        organisation_id=organisation_id, terminal_id=terminal_id, ended_at__isnull=True
    ).first()
    if row is None:
        return None
    return row.key_id, open_key(secrets, organisation_id, row.id, bytes(row.sealed))


def renew_lease(terminal: Terminal, *, now: datetime) -> datetime | None:
    """Lengthen the lease to 30 days from `now`; returns its end, None without a data key."""
    row = DataKey.objects.filter(
        organisation_id=terminal.organisation_id, terminal=terminal, ended_at__isnull=True
    ).first()
    if row is None:
        return None
    if now + LEASE - row.lease_until >= RENEWED_AFTER:
        row.lease_until = now + LEASE
        row.save(update_fields=["lease_until"])
    return row.lease_until
