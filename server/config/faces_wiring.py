"""What biometrics needs of apps it may not know: counters that hold templates, people by name."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from server.biometrics.confirm_removal import CounterStanding
from server.fleet.models import DataKey


def read_counters(organisation_id: UUID, site_id: UUID) -> Sequence[CounterStanding]:
    """Return every terminal of a site that was ever given a key to templates."""
    keys: dict[UUID, list[DataKey]] = defaultdict(list)
    rows = DataKey.objects.filter(
        organisation_id=organisation_id, terminal__store__site_id=site_id
    ).select_related("terminal")
    for key in rows.order_by("terminal_id", "created_at"):
        keys[key.terminal_id].append(key)
    return [_standing(held) for held in keys.values()]


def _standing(held: list[DataKey]) -> CounterStanding:
    terminal = held[0].terminal
    return CounterStanding(
        terminal_id=terminal.id,
        name=terminal.name,
        epoch=terminal.epoch,
        cursor=terminal.cursor,
        last_seen_at=terminal.last_seen_at,
        held_since=held[0].created_at,
        lease_until=max(key.lease_until for key in held),
    )
