"""Rule 9: a subsidy that was granted is spent, given back to its budget or left, and nothing else
happens to it; a closed shift's drawer stands at zero once all its records are here.

The second is "float + cash sales − cash refunds ± moves = counted ± booked difference", since
closing a shift books the difference and takes the counted cash out.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r09_subsidies_and_drawers"

NOT_GRANTED = """
SELECT s.id, s.amount, coalesce(sum(p.amount), 0) FROM wallets_share s
LEFT JOIN ledger_account a ON a.organisation = s.organisation AND a.owner_kind = 'grant_share'
  AND a.owner_id = s.id
LEFT JOIN ledger_transfer t ON t.organisation = s.organisation AND t.cause_kind = 'share'
  AND t.cause_id = s.id AND t.purpose = 'grant'
LEFT JOIN ledger_posting p ON p.account = a.id AND p.transfer = t.id
GROUP BY s.id, s.amount HAVING coalesce(sum(p.amount), 0) <> s.amount
"""
NO_SHARE = """
SELECT a.id, a.balance FROM ledger_account a
LEFT JOIN wallets_share s ON s.organisation = a.organisation AND s.id = a.owner_id
WHERE a.owner_kind = 'grant_share' AND a.version > 0 AND s.id IS NULL
"""
STRANGE_CAUSE = """
SELECT t.id, t.cause_kind, p.amount FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account JOIN ledger_transfer t ON t.id = p.transfer
WHERE a.owner_kind = 'grant_share'
  AND t.cause_kind NOT IN ('share', 'payment', 'refund', 'expiry', 'clear_out')
"""
BUDGET = """
SELECT g.id, coalesce(shares.granted, 0), coalesce(returned.amount, 0), -coalesce(b.balance, 0)
FROM wallets_grant g
LEFT JOIN (
    SELECT organisation, "grant", sum(amount) AS granted FROM wallets_share
    GROUP BY organisation, "grant"
) shares ON shares.organisation = g.organisation AND shares."grant" = g.id
LEFT JOIN ledger_account b ON b.organisation = g.organisation AND b.owner_kind = 'grant'
  AND b.owner_id = g.id AND b.kind = 'subsidy_funder'
LEFT JOIN (
    SELECT p.account, sum(p.amount) AS amount FROM ledger_posting p
    JOIN ledger_transfer t ON t.id = p.transfer WHERE t.cause_kind <> 'share' GROUP BY p.account
) returned ON returned.account = b.id
WHERE coalesce(shares.granted, 0) - coalesce(returned.amount, 0) <> -coalesce(b.balance, 0)
"""
ANOTHER_GRANT = """
SELECT t.id, t.cause_kind FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'grant_share'
JOIN wallets_share s ON s.id = a.owner_id AND s.organisation = a.organisation
JOIN ledger_posting q ON q.transfer = t.id
JOIN ledger_account b ON b.id = q.account AND b.owner_kind = 'grant'
WHERE b.owner_id <> s."grant"
"""
DRAWER = """
SELECT s.id, -a.balance FROM inbox_shift s
JOIN ledger_account a ON a.organisation = s.organisation AND a.owner_kind = 'shift'
  AND a.owner_id = s.id AND a.kind = 'drawer'
WHERE s.closed_at IS NOT NULL AND s.opened_at IS NOT NULL AND a.balance <> 0
  AND NOT EXISTS (
    SELECT 1 FROM inbox_record r WHERE r.organisation = s.organisation AND r.shift = s.id
      AND r.status IN ('waiting', 'parked') AND r.resolution = '')
  AND NOT EXISTS (
    SELECT 1 FROM cases_case c WHERE c.organisation = s.organisation
      AND c.terminal = s.terminal AND c.kind IN ('gap', 'fork') AND c.closed_at IS NULL)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check grants against shares and postings, and drawers against their shifts."""
    for statement, text in (
        (NOT_GRANTED, "a share of {} was booked as {}"),
        (NO_SHARE, "an account with {} of a subsidy that nobody was granted"),
        (STRANGE_CAUSE, "a {} moved {} of a subsidy"),
        (BUDGET, "granted {}, given back {}, but the budget says {}"),
        (ANOTHER_GRANT, "a {} moved a subsidy into another grant's budget"),
        (DRAWER, "a closed shift's drawer holds {}"),
    ):
        yield from findings(connection, RULE, statement, text)
