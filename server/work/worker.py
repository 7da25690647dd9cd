"""The worker: claims what is due, does it with no transaction open, and settles the row.

Rules
- A claim is a lease of `LEASE`: a worker that dies loses it and another takes the row over, so
  a handler must bear to run twice.
- A handler's exception is an attempt: the row comes back later, each time later, for ever; after
  `MAX_ATTEMPTS` or `OVERDUE` a case is opened, and the row is still tried.
- A row changed while it was being done (due again, or done) stays as the change left it, and
  nobody else begins with it before whoever holds it has let go.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from server import sql
from server.work.gates import Place
from server.work.handlers import Claimed, Unanswered, handler_of, registered_kinds
from server.work.models import Due

BATCH = 32
"""Rows claimed at once."""
LEASE = timedelta(minutes=2)
"""Long enough for the longest handler, begun in its first half: four calls of 10 s."""
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=15)
MAX_ATTEMPTS = 8
OVERDUE = timedelta(minutes=30)
"""Work this late is somebody's case."""
PUT_OFF_AFTER = OVERDUE / 3
ERROR_LENGTH = 200

RELEASED = sql.Table.of(
    "work_due",
    {
        "id": "uuid", "due_at": "timestamptz", "first_due_at": "timestamptz", "attempts": "int4",
        "last_error": "text", "claimed_until": "timestamptz",
    },
)  # fmt: skip

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
    now: datetime,
    limit: int = BATCH,
    *,
    newer_than: datetime | None = None,
    older_than: datetime | None = None,
    besides: Collection[Place] = (),
) -> list[Claimed]:
    """Claim rows that are due, that nobody holds, and whose kind somebody here can do.

    With `newer_than` (or `older_than`, that instant included) only matters of that age; none of
    the gates in `besides`.
    """
    waiting = Due.objects.filter(due_at__lte=now, kind__in=registered_kinds()).filter(
        Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    )
    if newer_than is not None:
        waiting = waiting.filter(since__gt=newer_than)
    if older_than is not None:
        waiting = waiting.filter(since__lte=older_than)
    for place in besides:
        waiting = waiting.exclude(_is_of(place))
    is_postgres = connection.vendor == "postgresql"
    if not is_postgres and not waiting.exists():
        return []  # an idle worker writes nothing and locks nobody out
    held_until = now + LEASE
    with transaction.atomic():
        rows = list(waiting.select_for_update(skip_locked=is_postgres).order_by("due_at")[:limit])
        if not rows:
            return []
        ids = [row.id for row in rows]
        Due.objects.filter(id__in=ids).update(claimed_until=held_until, attempts=F("attempts") + 1)
    return [_claimed(row, held_until) for row in rows]


def let_go(claimed: Iterable[Claimed]) -> None:
    """Give up claims whose work has not begun, so that nobody waits for their lease."""
    leases: dict[datetime | None, list[UUID]] = {}
    for due in claimed:
        leases.setdefault(due.held_until, []).append(due.id)
    for held_until, ids in leases.items():
        Due.objects.filter(id__in=ids, claimed_until=held_until).update(
            claimed_until=None, attempts=Greatest(F("attempts") - 1, 0)
        )


def put_off(place: Place, now: datetime) -> None:
    """What waits at a closed gate is late for no fault of its own: it is due from now on.

    It would become a case for every row; only what is late for `PUT_OFF_AFTER` is touched.
    """
    waiting = Due.objects.filter(_is_of(place), due_at__lt=now - PUT_OFF_AFTER, attempts=0)
    waiting.filter(claimed_until=None).update(due_at=now, first_due_at=now)


def let_all_go() -> None:
    """Give up every claim: only for a process that knows itself to be the only one there is."""
    # Not scoped: the worker serves all organisations of its database
    Due.objects.filter(claimed_until__isnull=False).update(claimed_until=None)


@dataclass(frozen=True, slots=True)
class Done:
    """How a claimed row went: due again at `again_at`, after `error` or by its handler's word."""

    due: Claimed
    again_at: datetime | None
    error: str = ""
    is_answered: bool = True


def do(due: Claimed, now: datetime) -> None:
    """Do one claimed row and settle it: gone, due again, or to be tried later."""
    settle([attempt(due, now)])


def attempt(due: Claimed, now: datetime) -> Done:
    """Do one claimed row; what its handler raises comes back later."""
    try:
        said = handler_of(due.kind)(due, now)
    except Exception as error:
        log.exception("work %s for %s failed", due.kind, due.subject_id)
        return Done(due, now + backoff(due.attempts), type(error).__name__[:ERROR_LENGTH])
    if isinstance(said, Unanswered):
        return Done(due, said.again_at, is_answered=False)
    return Done(due, said)


def settle(done: Collection[Done]) -> None:
    """Let go of rows that were done, all at once: gone, or due again.

    A row that was changed meanwhile stays as the change left it; one whose lease was lost belongs
    to whoever holds it now.
    """
    ended = {one.due.id: one for one in done}
    if not ended:
        return
    # In the order of the writer's upserts, so that neither waits for the other in a ring
    order = ("organisation", "kind", "subject_id")
    with transaction.atomic():
        rows = Due.objects.select_for_update().filter(id__in=ended).order_by(*order)
        held = [row for row in rows if row.claimed_until == ended[row.id].due.held_until]
        gone = [row.id for row in held if _is_gone(row, ended[row.id])]
        if gone:
            Due.objects.filter(id__in=gone).delete()
        stay = [_settled(row, ended[row.id]) for row in held if row.id not in set(gone)]
        with connection.cursor() as cursor:
            sql.update(cursor, RELEASED, stay)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubling, bounded."""
    doublings = max(0, min(attempts - 1, 16))
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def overdue(now: datetime) -> Sequence[Due]:
    """Rows that somebody should look at, longest due first."""
    # Not scoped: the worker serves all organisations of its database
    is_late = Q(first_due_at__lt=now - OVERDUE) | Q(attempts__gte=MAX_ATTEMPTS)
    return list(Due.objects.filter(is_late, due_at__lte=now + LONGEST_DELAY).order_by("due_at"))


def _is_as_claimed(row: Due, due: Claimed) -> bool:
    """Whether nobody made it due again meanwhile: that starts its attempts anew."""
    return (row.due_at, row.attempts) == (due.due_at, due.attempts)


def _is_gone(row: Due, done: Done) -> bool:
    return _is_as_claimed(row, done.due) and done.again_at is None


def _settled(row: Due, done: Done) -> tuple[Any, ...]:
    """What `RELEASED` writes: `row` let go of and, if nobody changed it meanwhile, due again."""
    if not _is_as_claimed(row, done.due) or done.again_at is None:
        return (row.id, row.due_at, row.first_due_at, row.attempts, row.last_error, None)
    if done.error:
        return (row.id, done.again_at, row.first_due_at, row.attempts, done.error, None)
    return (row.id, done.again_at, done.again_at, 0, "", None)


def _is_of(place: Place) -> Q:
    organisation_id, gate = place
    return Q(gate=gate) if organisation_id is None else Q(organisation=organisation_id, gate=gate)


def _claimed(row: Due, held_until: datetime) -> Claimed:
    return Claimed(
        row.id, row.organisation, row.kind, row.subject_id, row.due_at, row.data,
        row.attempts + 1, row.gate, held_until,
    )  # fmt: skip
