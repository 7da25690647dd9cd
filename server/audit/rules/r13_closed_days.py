"""Rule 13: the triggers that keep transfers, postings and increments as written exist and are
switched on, and what they guard looks as if they always had been.

Nothing is booked before the day it belongs to began; what was closed is checked by `r13_digests`.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings
from server.ledger.triggers import missing_triggers

RULE = "r13_closed_days"

BOOKED_EARLY = """
SELECT id, booked_on, business_on FROM ledger_transfer WHERE booked_on < business_on
"""
MISSING_VERSION = """
SELECT p.account, p.version FROM ledger_posting p
WHERE p.version > 1 AND NOT EXISTS (
    SELECT 1 FROM ledger_posting q WHERE q.organisation = p.organisation
      AND q.account = p.account AND q.version = p.version - 1)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check that facts cannot be changed, and that none has gone missing."""
    for name in missing_triggers(connection):
        yield Finding(RULE, "a trigger that keeps facts unchanged is missing or off", name)
    yield from findings(connection, RULE, BOOKED_EARLY, "booked on {}, before its day {}")
    yield from findings(
        connection, RULE, MISSING_VERSION, "the posting before version {} has gone missing"
    )
