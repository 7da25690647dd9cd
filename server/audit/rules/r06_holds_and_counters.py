"""Rule 6: holds end once, by their owner; every counter is the sum of its increments and within
its limit, or whoever forced it has a case.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r06_holds_and_counters"

HALF_ENDED = """
SELECT id, owner_kind FROM ledger_hold
WHERE (ended_at IS NULL) <> (posted IS NULL) OR amount <= 0 OR ended_at < opened_at
"""
NOT_POSTED = """
SELECT h.id, h.amount, h.owner_kind, h.owner_id FROM ledger_hold h
WHERE h.posted AND NOT EXISTS (
    SELECT 1 FROM ledger_transfer t JOIN ledger_posting p ON p.transfer = t.id
    WHERE t.organisation = h.organisation AND t.cause_id = h.owner_id
      AND p.account = h.account AND p.amount < 0)
"""
STRANGE_ACCOUNT = """
SELECT h.id, h.account FROM ledger_hold h LEFT JOIN ledger_account a ON a.id = h.account
WHERE a.id IS NULL OR a.organisation <> h.organisation
"""
USED = """
SELECT c.id, c.rule, c.used, coalesce(i.total, 0) FROM ledger_counter c LEFT JOIN (
    SELECT counter, sum(amount) AS total FROM ledger_increment GROUP BY counter
) i ON i.counter = c.id
WHERE c.used <> coalesce(i.total, 0) OR c.used < 0
"""
UNCOUNTED = """
SELECT i.cause_id, i.counter FROM ledger_increment i
LEFT JOIN ledger_counter c ON c.id = i.counter WHERE c.id IS NULL
"""
OVER_LIMIT = """
SELECT c.id, c.subject, c.rule, c."window", c.used, c.limit_amount FROM ledger_counter c
WHERE c.limit_amount IS NOT NULL AND c.used > c.limit_amount AND NOT EXISTS (
    SELECT 1 FROM ledger_increment i JOIN cases_case k
      ON k.organisation = i.organisation AND k.subject_id = i.cause_id
    WHERE i.counter = c.id AND i.forced)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check holds against transfers, and counters against increments and cases."""
    for statement, text in (
        (HALF_ENDED, "a hold of a {} has ended by half, or before it began"),
        (NOT_POSTED, "a hold of {} is posted, but its {} {} drew nothing from the account"),
        (STRANGE_ACCOUNT, "a hold on account {}, which is not its organisation's"),
        (USED, "counter {} says {} with increments of {}"),
        (UNCOUNTED, "an increment of a counter {} that is not there"),
        (OVER_LIMIT, "{} {} {} used {} of {} and nobody has a case"),
    ):
        yield from findings(connection, RULE, statement, text)
