"""How far back the feed remembers what is gone: tombstones are kept for a time, then pruned.

Rules (MONEY §3)
- A waymark a day says which number was the last one then. The horizon is the newest waymark older
  than `KEPT_FOR`; a counter whose cursor is below it rebuilds, since it may have missed something.
- The horizon moves first; what lies below is deleted from the next step on, so that no page that is
  just being read misses a tombstone its cursor still allows for.
- Tombstones of faces stay: that a face was withdrawn, and who has read it, is told from them.
"""

from datetime import datetime, timedelta

from server.feed.epoch import ONLY
from server.feed.models import Marker, Sequence, Waymark
from sync.messages import FeedKind

KEPT_FOR = timedelta(days=35)
"""As long as a counter keeps what was acknowledged: away for longer, it starts anew anyway."""
WAYMARK_EVERY = timedelta(days=1)
LOOKED_EVERY = timedelta(hours=1)
PRUNED_AT_ONCE = 1_000
"""Some 10 ms on SQLite; the rest at the next step."""


def keep_horizon(now: datetime) -> int:
    """Prune, move the horizon and set a waymark; return how many were pruned.

    Inside the sequencer's transaction, which holds the feed's own row.
    """
    state = Sequence.objects.get(id=ONLY)
    pruned = _prune(state.horizon)
    newest = Waymark.objects.order_by("-passed_at").first()
    if newest is None or now - newest.passed_at >= WAYMARK_EVERY:
        Waymark.objects.create(passed_at=now, number=state.last_number)
    passed = Waymark.objects.filter(passed_at__lte=now - KEPT_FOR).order_by("-passed_at").first()
    if passed is not None:
        horizon = max(state.horizon, passed.number)
        Sequence.objects.filter(id=ONLY).update(horizon=horizon)
        Waymark.objects.filter(passed_at__lt=passed.passed_at).delete()
    return pruned


def _prune(horizon: int) -> int:
    # Not scoped: numbers are the whole feed's
    gone = Marker.objects.filter(tombstone=True, number__lte=horizon).exclude(
        kind=FeedKind.TEMPLATE
    )
    numbers = list(gone.order_by("number").values_list("number", flat=True)[:PRUNED_AT_ONCE])
    if not numbers:
        return 0
    pruned, _ = gone.filter(number__lte=numbers[-1]).delete()
    return pruned
