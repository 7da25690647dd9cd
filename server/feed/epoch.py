"""The feed's own state: its epoch, its last number, its horizon."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from domain.ids import RandomBytes
from server.feed.models import Marker, Sequence

ONLY = 1
"""There is one row."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """Where the feed stands: all numbers up to `last_number` are committed and visible."""

    epoch: str
    last_number: int
    horizon: int


def read_state() -> FeedState:
    """Read the state; before the first start there is none, and the epoch is empty."""
    row = Sequence.objects.filter(id=ONLY).first()
    return (
        FeedState("", 0, 0) if row is None else FeedState(row.epoch, row.last_number, row.horizon)
    )


def ensure_epoch(random: RandomBytes) -> str:
    """Return the epoch, starting the first one when there is none."""
    Sequence.objects.get_or_create(id=ONLY, defaults={"epoch": _new_epoch(random)})
    return read_state().epoch


def rebuild(random: RandomBytes) -> str:
    """Start a new epoch: every counter builds its replica anew, beside the one it uses.

    For a restored backup, whose numbers some counters have already seen go further, and for
    whoever doubts the replicas. Tombstones are dropped: nobody who starts anew needs them.
    """
    epoch = _new_epoch(random)
    with transaction.atomic():
        Sequence.objects.update_or_create(id=ONLY, defaults={"epoch": epoch})
        # Not scoped: an epoch is the whole feed's
        Marker.objects.filter(tombstone=True, number__isnull=False).delete()
    return epoch


def _new_epoch(random: RandomBytes) -> str:
    return str(UUID(bytes=random(16), version=4))
