"""The differences of a channel as they stand after a matching: pooled, open, or gone.

A lone item waits in the pool, since a cut-off may explain it, until three days' bills have come
without its other half; then it is open for a person. What a later matching no longer finds has
resolved itself.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from server.channels.channel import channel_owner_id
from server.reconciliation.matching.columns import Kind
from server.reconciliation.models import Difference, DifferenceState

if TYPE_CHECKING:
    from server.reconciliation.match_day import Found

POOL_DAYS: Final = 2
"""A lone item is open once its own day's bill and two more have come without the other half."""
MATCHED_LATER: Final = "matched_later"


def keep_differences(
    organisation_id: UUID, channel: str, found: Iterable["Found"], on: date, now: datetime
) -> None:
    """Write what was found, and resolve what was not found again."""
    rows = Difference.objects.filter(organisation=organisation_id, channel=channel)
    before = {row.id: row for row in rows.exclude(state=DifferenceState.RESOLVED)}
    present = [_row(organisation_id, channel, one, on) for one in found]
    for row in present:
        known = before.pop(row.id, None)
        row.first_on = min(row.first_on, known.first_on) if known else row.first_on
        row.state = _state(row)
    fields = [
        field.name for field in Difference._meta.concrete_fields if not field.primary_key
    ]  # fmt: skip
    Difference.objects.bulk_create(
        present, batch_size=500, update_conflicts=True, update_fields=fields, unique_fields=["id"]
    )
    gone = [row.id for row in before.values() if row.last_on <= on]
    rows.filter(id__in=gone).update(
        state=DifferenceState.RESOLVED, resolution=MATCHED_LATER, resolved_at=now
    )


def _state(row: Difference) -> DifferenceState:
    is_lone = row.kind in (Kind.MISSING_OURS, Kind.MISSING_THEIRS)
    if is_lone and row.age_days < POOL_DAYS:
        return DifferenceState.POOLED
    return DifferenceState.OPEN


def _row(organisation_id: UUID, channel: str, one: "Found", on: date) -> Difference:
    our, line = one.ours, one.line
    item = line.item if line is not None else our.item if our is not None else ""
    owner = channel_owner_id(organisation_id, channel)
    # Two lines of one item are two differences
    name = f"difference/{item}" if our is not None else f"difference/{item}/{line and line.id}"
    return Difference(
        id=uuid5(owner, name), organisation=organisation_id, channel=channel, kind=one.kind,
        item=item, line=line.id if line is not None else None,
        our_amount=our.amount if our else None, our_fee=our.fee if our else None,
        our_status=our.status if our else "",
        their_amount=line.amount if line else None, their_fee=line.fee_amount if line else None,
        their_status=line.status if line else "", currency=line.currency if line else "CNY",
        first_on=line.on if line is not None else on, last_on=on,
    )  # fmt: skip
