"""The one that numbers: committed markers get the next numbers, one sequencer at a time.

A marker is numbered only after the transaction that made it has committed, and a batch of
numbers becomes visible at once with `last_number`. So whoever read up to `last_number` has
missed nothing: not even of a transaction that stayed open for an hour.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from domain.ids import RandomBytes
from server import sql
from server.feed.epoch import ONLY, ensure_epoch
from server.feed.horizon import LOOKED_EVERY, PRUNED_AT_ONCE, keep_horizon

ADVISORY_LOCK = 0x66656564
"""Of all processes on one PostgreSQL, the holder numbers ("feed" in ASCII)."""
BATCH = 5_000
"""Markers per step: some 50 ms of work, which is what a write on SQLite may have to wait."""
SIGN_OF_LIFE = timedelta(seconds=1)
"""An idle sequencer says that it is there this often; the audit allows 5 s."""

# By hand: a step is taken many times a second, and through the ORM it cost as much as ten payments
_WAITS = "SELECT 1 FROM feed_marker WHERE number IS NULL LIMIT 1"
_LAST = "SELECT last_number FROM feed_sequence WHERE id = %s"
_MOVE = "UPDATE feed_sequence SET last_number = %s, stepped_at = %s WHERE id = %s"
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
        self._looked_back_at: datetime | None = None

    def step(self, now: datetime) -> int:
        """Number what is committed and waits; return how many, at most `BATCH`."""
        if not _is_waiting() and not self._is_quiet(now):
            return 0
        with transaction.atomic(), connection.cursor() as cursor:
            if not _is_mine(cursor):
                return 0
            count = _number(cursor, now, self._random)
            self._look_back(now)
        self._seen_at = now
        return count

    def _look_back(self, now: datetime) -> None:
        """Move the horizon now and then; come again at once while there is much to prune."""
        at = self._looked_back_at
        if at is None or abs(now - at) >= LOOKED_EVERY:
            is_done = keep_horizon(now) < PRUNED_AT_ONCE
            self._looked_back_at = now if is_done else None

    def _is_quiet(self, now: datetime) -> bool:
        return self._seen_at is None or abs(now - self._seen_at) >= SIGN_OF_LIFE


def _is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        return cursor.fetchone() is not None


def _is_mine(cursor: Any) -> bool:
    if not sql.is_postgres(cursor):
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    return bool(cursor.fetchone()[0])


def _number(cursor: Any, now: datetime, random: RandomBytes) -> int:
    last = _last(cursor)
    if last is None:
        ensure_epoch(random)
        last = _last(cursor)
        assert last is not None, "an epoch that was ensured is there"
    if sql.is_postgres(cursor):
        cursor.execute(_POSTGRES, [BATCH, last])
    else:
        cursor.execute(_SQLITE, [last, BATCH])
    count = int(cursor.rowcount)
    cursor.execute(_MOVE, [last + count, now, ONLY])
    return count


def _last(cursor: Any) -> int | None:
    """Lock the feed's own row and return its last number; None when there is none yet."""
    cursor.execute(_LAST + (" FOR UPDATE" if sql.is_postgres(cursor) else ""), [ONLY])
    row = cursor.fetchone()
    return None if row is None else int(row[0])
