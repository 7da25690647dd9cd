"""Change many people at once: try, confirm, work off.

Rules
- A trial run changes nothing and finds every mistake; with one mistake nothing is confirmed.
- What is confirmed is finished, whatever happens: chunks small enough not to keep a counter
  waiting (MONEY §4), sized by how long the one before held its locks, each in one transaction
  with the mark of how far the work is, so that a stop in the middle repeats and omits nothing.
  Due work goes on after a restart.
- A chunk looks at the rows as they are then, under their locks, not as the trial run saw them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fresh import fresh_id
from server.people.models import BulkChange, ChangeState
from server.spreadsheets import CellError
from server.work.effects import DueRow
from server.work.handlers import Claimed, register
from server.writes import write_now

KIND = "people.bulk_change"
FIRST_CHUNK, LARGEST_CHUNK = 10, 500
"""Items per transaction: the first of a step is small, the next are as large as time allows."""
CHUNK_TIME_S = 0.035
"""What a chunk is sized for: a write on SQLite waits for one no longer than 50 ms (MONEY §4)."""
CHUNKS_PER_STEP = 100
"""Then the worker looks after other work; the rest is due at once."""
PLAN_LIFE = timedelta(hours=24)
"""A trial run older than this is tried again before it is confirmed."""

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial run found: the items to work off, what they come to, what is wrong."""

    kind: str
    title: str
    items: Sequence[Item]
    tally: Mapping[str, int]
    errors: Sequence[CellError] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some items of a confirmed change, to be worked off inside the open transaction."""

    organisation_id: UUID
    change_id: UUID
    settings: Mapping[str, Any]
    items: Sequence[Item]
    now: datetime
    random: RandomBytes
    by: str


Meter = Callable[[], float]
"""Seconds of a clock that only goes forward; it sizes chunks and decides nothing else."""
Apply = Callable[[Chunk], Mapping[str, int]]
"""Works off a chunk; returns what was done as {word: count}."""

_applies: dict[str, Apply] = {}


def register_change(kind: str, apply: Apply) -> None:
    """Let `apply` work off changes of `kind`; registering again replaces it."""
    _applies[kind] = apply


def keep_trial(
    organisation_id: UUID, trial: Trial, *, now: datetime, random: RandomBytes, by: str
) -> BulkChange:
    """Store a trial run, so that exactly what was shown can be confirmed."""
    return BulkChange.objects.create(
        id=fresh_id(now, random),
        organisation_id=organisation_id,
        kind=trial.kind,
        title=trial.title[:200],
        settings=dict(trial.settings),
        items=list(trial.items),
        errors=[_as_json(error) for error in trial.errors],
        tally={word: count for word, count in trial.tally.items() if count},
        total_count=len(trial.items),
        planned_at=now,
        planned_by=by,
    )


def errors_of(change: BulkChange) -> list[CellError]:
    """Return what the trial run found wrong, by row."""
    return [CellError(**error) for error in change.errors]


def confirm_change(change: BulkChange, *, now: datetime, random: RandomBytes, by: str) -> None:
    """Let the change be worked off; raises `Refused` ("lists.…") when it may not be."""
    with transaction.atomic():
        held = _locked(change.organisation_id, change.id)
        if held.state != ChangeState.PLANNED:
            raise Refused("lists.confirmed_already")
        if held.errors:
            raise Refused("lists.has_errors", count=len(held.errors))
        if not held.total_count:
            raise Refused("lists.no_change")
        if now - held.planned_at > PLAN_LIFE:
            raise Refused("lists.too_old")
        held.state = ChangeState.CONFIRMED
        held.confirmed_at, held.confirmed_by = now, by
        held.save(update_fields=["state", "confirmed_at", "confirmed_by"])
        due = DueRow(fresh_id(now, random), held.organisation_id, KIND, held.id, now)
        with connection.cursor() as cursor:
            write_now(cursor, [due])
    change.refresh_from_db()


def work_off(
    organisation_id: UUID,
    change_id: UUID,
    *,
    now: datetime,
    random: RandomBytes,
    chunks: int = CHUNKS_PER_STEP,
    meter: Meter = monotonic,
) -> bool:
    """Work off up to `chunks` chunks of a confirmed change; return whether all of it is done."""
    change = BulkChange.objects.filter(organisation_id=organisation_id, id=change_id).first()
    if change is None or change.state == ChangeState.PLANNED:
        return True
    size = FIRST_CHUNK
    for _ in range(chunks):
        is_done, took_s = _one_chunk(change, now, random, size, meter)
        if is_done:
            return True
        size = next_size(size, took_s)
    return False


def next_size(size: int, took_s: float) -> int:
    """Return how many items to take next, when `size` of them took `took_s`.

    Never more than twice as many: the first rows of a list may be the easy ones.
    """
    fitting = int(size * CHUNK_TIME_S / max(took_s, 1e-6))
    return max(1, min(fitting, 2 * size, LARGEST_CHUNK))


def register_work(random: RandomBytes) -> None:
    """Register the due work that finishes confirmed changes."""

    def go_on(due: Claimed, now: datetime) -> datetime | None:
        is_done = work_off(due.organisation_id, due.subject_id, now=now, random=random)
        return None if is_done else now

    register(KIND, go_on)


def _one_chunk(
    change: BulkChange, now: datetime, random: RandomBytes, size: int, meter: Meter
) -> tuple[bool, float]:
    """Work off the next chunk; say whether all is done, and for how long locks were held.

    `change.items` was read before and never changes.
    """
    with transaction.atomic():
        began_s = meter()
        held = _locked(change.organisation_id, change.id)
        if held.state != ChangeState.CONFIRMED:
            return True, 0.0
        start = held.done_count
        chunk = Chunk(
            held.organisation_id, held.id, held.settings, change.items[start : start + size],
            now, random, held.confirmed_by,
        )  # fmt: skip
        done = _applies[held.kind](chunk)
        held.outcome = dict(Counter(held.outcome) + Counter(done))
        held.done_count = start + len(chunk.items)
        if held.done_count == held.total_count:
            held.state, held.finished_at = ChangeState.DONE, now
        held.save(update_fields=["outcome", "done_count", "state", "finished_at"])
    return held.state == ChangeState.DONE, meter() - began_s


def _locked(organisation_id: UUID, change_id: UUID) -> BulkChange:
    rows = BulkChange.objects.select_for_update().defer("items")
    return rows.get(organisation_id=organisation_id, id=change_id)


def _as_json(error: CellError) -> dict[str, Any]:
    return {
        "row": error.row, "column": error.column, "value": error.value, "code": error.code,
        "data": dict(error.data),
    }  # fmt: skip
