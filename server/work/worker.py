"""The worker: claims what is due, does it with no transaction open, and settles the row.

Rules
- A claim is a lease of `LEASE`: a worker that dies loses it and another takes the row over, so
  a handler must bear to run twice.
- A handler's exception is an attempt: the row comes back later, each time later, for ever; after
  `MAX_ATTEMPTS` or `OVERDUE` a case is opened, and the row is still tried.
- A row changed while it was being done (due again, or done) stays as the change left it.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from server.work.handlers import Claimed, handler_of, registered_kinds
from server.work.models import Due

BATCH = 32
"""Rows claimed at once: with 10 s per call to a channel they still end within the lease."""
LEASE = timedelta(minutes=5)
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=15)
MAX_ATTEMPTS = 8
OVERDUE = timedelta(minutes=30)
"""Work this late is somebody's case."""
ERROR_LENGTH = 200

log = logging.getLogger(__name__)


class Worker:
    """Does due work; `step` is called by one thread, any number of workers may run."""

    def step(self, now: datetime) -> int:
        """Do what is due, at most `BATCH` rows; return how many were done or failed."""
        claimed = claim(now)
        for due in claimed:
            do(due, now)
        return len(claimed)


def claim(
    now: datetime, limit: int = BATCH, *, after: datetime | None = None,
    until: datetime | None = None,
) -> list[Claimed]:  # fmt: skip
    """Claim rows that are due, that nobody holds, and whose kind somebody here can do.

    With `after` and `until` only those that became due in that span, its end included.
    """
    waiting = Due.objects.filter(due_at__lte=until or now, kind__in=registered_kinds()).filter(
        Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    )
    if after is not None:
        waiting = waiting.filter(due_at__gt=after)
    if not waiting.exists():
        return []  # an idle worker writes nothing and, on SQLite, locks nobody out
    is_postgres = connection.vendor == "postgresql"
    with transaction.atomic():
        rows = list(waiting.select_for_update(skip_locked=is_postgres).order_by("due_at")[:limit])
        ids = [row.id for row in rows]
        Due.objects.filter(id__in=ids).update(claimed_until=now + LEASE, attempts=F("attempts") + 1)
    return [_claimed(row) for row in rows]


def let_go(claimed: Iterable[Claimed]) -> None:
    """Give up claims whose work has not begun, so that nobody waits for their lease."""
    ids = [due.id for due in claimed]
    Due.objects.filter(id__in=ids).update(claimed_until=None)


def let_all_go() -> None:
    """Give up every claim: only for a process that knows itself to be the only one there is."""
    # Not scoped: the worker serves all organisations of its database
    Due.objects.filter(claimed_until__isnull=False).update(claimed_until=None)


def do(due: Claimed, now: datetime) -> None:
    """Do one claimed row and settle it: gone, due again, or to be tried later."""
    try:
        again_at = handler_of(due.kind)(due, now)
    except Exception as error:
        log.exception("work %s for %s failed", due.kind, due.subject_id)
        _settle(due, now + backoff(due.attempts), type(error).__name__, attempts=due.attempts)
        return
    _settle(due, again_at, "", attempts=0 if again_at else due.attempts)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubling, bounded."""
    doublings = max(0, min(attempts - 1, 16))
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def overdue(now: datetime) -> Sequence[Due]:
    """Rows that somebody should look at, longest due first."""
    # Not scoped: the worker serves all organisations of its database
    is_late = Q(first_due_at__lt=now - OVERDUE) | Q(attempts__gte=MAX_ATTEMPTS)
    return list(Due.objects.filter(is_late, due_at__lte=now + LONGEST_DELAY).order_by("due_at"))


def _settle(due: Claimed, again_at: datetime | None, error: str, *, attempts: int) -> None:
    # Still as claimed: same due time, our lease; else somebody changed it meanwhile
    row = Due.objects.filter(id=due.id, due_at=due.due_at, claimed_until__isnull=False)
    if again_at is None:
        row.delete()
        return
    changes = {"due_at": again_at, "claimed_until": None, "attempts": attempts}
    if not error:
        changes["first_due_at"] = again_at
    row.update(last_error=error[:ERROR_LENGTH], **changes)


def _claimed(row: Due) -> Claimed:
    return Claimed(
        row.id, row.organisation, row.kind, row.subject_id, row.due_at, row.data, row.attempts + 1
    )
