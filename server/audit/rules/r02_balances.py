"""Rule 2: each balance is the sum of its postings, each version their number, what is held the
sum of the open holds; floors hold and no debt is negative.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r02_balances"

POSTED = """
SELECT a.id, a.balance, coalesce(p.total, 0), a.version, coalesce(p.number, 0),
       coalesce(p.last, 0)
FROM ledger_account a LEFT JOIN (
    SELECT account, sum(amount) AS total, count(*) AS number, max(version) AS last
    FROM ledger_posting GROUP BY account
) p ON p.account = a.id
WHERE a.balance <> coalesce(p.total, 0) OR a.version <> coalesce(p.number, 0)
   OR a.version <> coalesce(p.last, 0)
"""
HELD = """
SELECT a.id, a.held, coalesce(h.total, 0) FROM ledger_account a LEFT JOIN (
    SELECT account, sum(amount) AS total FROM ledger_hold WHERE ended_at IS NULL GROUP BY account
) h ON h.account = a.id
WHERE a.held <> coalesce(h.total, 0) OR a.held < 0
"""
BELOW = """
SELECT id, balance, held, floor FROM ledger_account
WHERE floor IS NOT NULL AND balance - held < floor
"""
FLOORLESS = """
SELECT id, kind, floor FROM ledger_account
WHERE kind IN ('subsidy', 'meal') AND owner_kind IN ('person', 'grant_share')
  AND (floor IS NULL OR floor <> 0)
"""
NEGATIVE_DEBT = "SELECT id, balance FROM ledger_account WHERE kind = 'debt' AND balance > 0"


def check(connection: Any) -> Iterator[Finding]:
    """Check what accounts say of themselves against postings and holds."""
    for statement, text in (
        (POSTED, "balance {} with postings of {}; version {} with {} postings, the last {}"),
        (HELD, "{} held with open holds of {}"),
        (BELOW, "balance {} with {} held is below the floor {}"),
        (FLOORLESS, "a {} account whose floor is {}, not 0"),
        (NEGATIVE_DEBT, "a debt account of {}, which is none"),
    ):
        yield from findings(connection, RULE, statement, text)
