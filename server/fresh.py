"""Ids of new rows, from the instant and the randomness that a use-case is handed."""

from datetime import datetime
from uuid import UUID

from domain.ids import RandomBytes, new_id


def fresh_id(now: datetime, random: RandomBytes) -> UUID:
    """Make a UUIDv7 for a row made at `now` (aware)."""
    return new_id(int(now.timestamp() * 1000), random)
