"""Rule 15, the feed's part: nothing committed waits more than 5 s for its number, numbers are
unique and within the sequence, and no terminal has read past the end.

A marker without an instant of its own counts from when the sequencer last looked.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows

RULE = "r15_feed"
PATIENCE = timedelta(seconds=5)

WAITING = "SELECT count(*), min(changed_at) FROM feed_marker WHERE number IS NULL"
STATE = "SELECT stepped_at FROM feed_sequence WHERE id = 1"
TWICE = """
SELECT number, count(*) FROM feed_marker WHERE number IS NOT NULL
GROUP BY number HAVING count(*) > 1
"""
BEYOND = """
SELECT m.entity, m.kind, m.number, s.last_number FROM feed_marker m
LEFT JOIN feed_sequence s ON s.id = 1
WHERE m.number IS NOT NULL AND (s.id IS NULL OR m.number > s.last_number OR m.number < 1)
"""
CURSORS = """
SELECT t.id, t.cursor, s.last_number FROM fleet_terminal t JOIN feed_sequence s
  ON s.id = 1 AND s.epoch = t.epoch
WHERE t.cursor > s.last_number OR t.cursor < 0
"""


def check(connection: Any, now: datetime) -> Iterator[Finding]:
    """Check the feed's numbers and everybody's cursors."""
    yield from _waiting(connection, now)
    for statement, text in (
        (TWICE, "a number is given {} times"),
        (BEYOND, "a marker of kind {} has number {}, but the sequence ends at {}"),
        (CURSORS, "a terminal has read up to {}, but the feed ends at {}"),
    ):
        yield from findings(connection, RULE, statement, text)


def _waiting(connection: Any, now: datetime) -> Iterator[Finding]:
    ((count, changed_at),) = rows(connection, WAITING)
    if not count:
        return
    stepped = next(rows(connection, STATE), (None,))[0]
    since = changed_at or stepped
    if since is None or now - sql.to_instant(since) > PATIENCE:
        yield Finding(RULE, f"{count} changes wait for a number, the oldest since {since}")
