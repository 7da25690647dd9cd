"""The one that numbers: committed markers get the next numbers, one sequencer at a time.

A marker is numbered only after the transaction that made it has committed, and a batch of
numbers becomes visible at once with `last_number`. So whoever read up to `last_number` has
missed nothing: not even of a transaction that stayed open for an hour.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from domain.ids import RandomBytes
from server.feed.epoch import ONLY, ensure_epoch
from server.feed.models import Marker, Sequence

ADVISORY_LOCK = 0x66656564
"""Of all processes on one PostgreSQL, the holder numbers ("feed" in ASCII)."""
BATCH = 5_000
"""Markers per step: some 50 ms of work, which is what a write on SQLite may have to wait."""
SIGN_OF_LIFE = timedelta(seconds=1)
"""An idle sequencer says that it is there this often; the audit allows 5 s."""

_POSTGRES = """
WITH waiting AS (
    SELECT organisation, scope, kind, entity FROM feed_marker WHERE number IS NULL
    LIMIT %s FOR UPDATE SKIP LOCKED
), numbered AS (SELECT *, %s + row_number() OVER () AS next FROM waiting)
UPDATE feed_marker m SET number = n.next FROM numbered n
WHERE m.organisation = n.organisation AND m.scope = n.scope
  AND m.kind = n.kind AND m.entity = n.entity
"""
_SQLITE = """
UPDATE feed_marker SET number = n.next FROM (
    SELECT rowid AS place, %s + row_number() OVER () AS next FROM
    (SELECT rowid FROM feed_marker WHERE number IS NULL LIMIT %s)
) AS n WHERE feed_marker.rowid = n.place
"""


class Sequencer:
    """Numbers markers; `step` is called by one thread."""

    def __init__(self, random: RandomBytes) -> None:
        self._random = random
        self._seen_at: datetime | None = None

    def step(self, now: datetime) -> int:
        """Number what is committed and waits; return how many, at most `BATCH`."""
        if not Marker.objects.filter(number__isnull=True).exists() and not self._is_quiet(now):
            return 0
        ensure_epoch(self._random)
        with transaction.atomic(), connection.cursor() as cursor:
            if not _is_mine(cursor):
                return 0
            count = _number(cursor, now)
        self._seen_at = now
        return count

    def _is_quiet(self, now: datetime) -> bool:
        return self._seen_at is None or abs(now - self._seen_at) >= SIGN_OF_LIFE


def _is_mine(cursor: Any) -> bool:
    if connection.vendor != "postgresql":
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    return bool(cursor.fetchone()[0])


def _number(cursor: Any, now: datetime) -> int:
    state = Sequence.objects.select_for_update().get(id=ONLY)
    if connection.vendor == "postgresql":
        cursor.execute(_POSTGRES, [BATCH, state.last_number])
    else:
        cursor.execute(_SQLITE, [state.last_number, BATCH])
    count = int(cursor.rowcount)
    state.last_number += count
    state.stepped_at = now
    state.save(update_fields=("last_number", "stepped_at"))
    return count
