"""Follow a removed template until every counter that held it has confirmed that it is gone.

Rules
- A counter confirms by its heartbeat: the cursor it reports, in the present epoch, is past the
  tombstone's number. What it says otherwise does not count.
- A counter that is not heard again is closed when the lease on its data key has ended: what lies
  on its disk opens for nobody from then on (MONEY §6). Until then it is listed, with since when.
- Counters come from an app this one may not know: `server.config` hands in how to read them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from domain.ids import RandomBytes
from server.biometrics.models import Holding, Removal
from server.biometrics.withdraw_consent import CONFIRMATION
from server.feed.epoch import FeedState, read_state
from server.feed.models import Marker
from server.fresh import fresh_id
from server.work.effects import DueDone
from server.work.handlers import Claimed
from server.writes import write_now
from sync.messages import FeedKind

WAITING, CONFIRMED, LEASE_ENDED = "waiting", "confirmed", "lease_ended"
FIRST_LOOK, LAST_LOOK = timedelta(seconds=5), timedelta(minutes=10)
"""How soon it is asked again: a counter pulls every few seconds, one that is off for days."""


@dataclass(frozen=True, slots=True)
class CounterStanding:
    """Where a counter that was ever given a data key stands. `lease_until` ends that key."""

    terminal_id: UUID
    name: str
    epoch: str
    cursor: int
    last_seen_at: datetime | None
    held_since: datetime
    lease_until: datetime


ReadCounters = Callable[[UUID, UUID], Sequence[CounterStanding]]
"""(organisation, site) → its counters, those no longer active included."""


def confirm_removal(
    removal: Removal, read_counters: ReadCounters, *, now: datetime, random: RandomBytes
) -> bool:
    """Note which counters have confirmed by now; returns whether none is waited for any more."""
    counters = {
        one.terminal_id: one for one in read_counters(removal.organisation_id, removal.site_id)
    }
    with transaction.atomic():
        _note_holders(removal, list(counters.values()), now, random)
        waiting = list(
            Holding.objects.select_for_update().filter(
                organisation_id=removal.organisation_id, removal=removal, how=WAITING
            )
        )
        number, state = _number(removal), read_state()
        settled = [_settle(one, counters.get(one.terminal), number, state, now) for one in waiting]
        if all(settled):
            with connection.cursor() as cursor:
                done = DueDone(removal.organisation_id, CONFIRMATION, removal.id)
                write_now(cursor, [done])
        return all(settled)


def removal_follower(
    read_counters: ReadCounters, random: RandomBytes
) -> Callable[[Claimed, datetime], datetime | None]:
    """Return the handler of the due work: comes again, ever more slowly, until all confirmed."""

    def follow(due: Claimed, now: datetime) -> datetime | None:
        removal = Removal.objects.filter(
            organisation_id=due.organisation_id, id=due.subject_id
        ).first()
        if removal is None or confirm_removal(removal, read_counters, now=now, random=random):
            return None
        return now + max(FIRST_LOOK, min((now - removal.removed_at) / 4, LAST_LOOK))

    return follow


def _note_holders(
    removal: Removal, counters: Sequence[CounterStanding], now: datetime, random: RandomBytes
) -> None:
    """Once per counter that could open the template when it was removed."""
    for counter in counters:
        if not counter.held_since <= removal.removed_at < counter.lease_until:
            continue
        Holding.objects.get_or_create(
            organisation_id=removal.organisation_id,
            removal=removal,
            terminal=counter.terminal_id,
            defaults={
                "id": fresh_id(now, random),
                "terminal_name": counter.name,
                "since": removal.removed_at,
            },
        )


def _number(removal: Removal) -> int | None:
    """The tombstone's number in the feed; None while it waits for one.

    A rebuild dropped it: then whoever is in the present epoch started without the template.
    """
    marker = Marker.objects.filter(
        organisation=removal.organisation_id,
        scope=f"site:{removal.site_id}",
        kind=FeedKind.TEMPLATE,
        entity=str(removal.template),
    ).first()
    return 0 if marker is None else marker.number


def _settle(
    holding: Holding,
    counter: CounterStanding | None,
    number: int | None,
    state: FeedState,
    now: datetime,
) -> bool:
    """Return whether this counter need not be waited for, and write down why."""
    if counter is not None and _has_read(counter, number, state, holding.since):
        holding.how, holding.confirmed_at = CONFIRMED, counter.last_seen_at
    elif counter is None or counter.lease_until <= now:
        holding.how, holding.confirmed_at = LEASE_ENDED, now
    else:
        return False
    holding.save(update_fields=["how", "confirmed_at"])
    return True


def _has_read(
    counter: CounterStanding, number: int | None, state: FeedState, removed_at: datetime
) -> bool:
    seen_at = counter.last_seen_at
    if counter.epoch != state.epoch or seen_at is None or seen_at < removed_at:
        return False
    return number is not None and counter.cursor >= number
