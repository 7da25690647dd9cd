"""Rule 14: what is one organisation's stays there: a transfer, its postings, their accounts,
and holds; and a counter is its store's merchant's, as is the device it is registered with.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r14_organisations"

CROSSING = """
SELECT t.id, t.organisation, a.organisation FROM ledger_posting p
JOIN ledger_transfer t ON t.id = p.transfer JOIN ledger_account a ON a.id = p.account
WHERE a.organisation <> t.organisation OR p.organisation <> t.organisation
"""
UNKNOWN = """
SELECT a.id, a.organisation FROM ledger_account a
LEFT JOIN organisations_organisation o ON o.id = a.organisation WHERE o.id IS NULL
"""
MISPLACED = """
SELECT t.id, t.name, s.name FROM fleet_terminal t JOIN merchants_store s ON s.id = t.store_id
WHERE t.merchant_id <> s.merchant_id OR t.organisation_id <> s.organisation_id
"""
MISREGISTERED = """
SELECT r.id, r.serial, t.name FROM fleet_registration r
JOIN fleet_terminal t ON t.id = r.terminal_id
WHERE r.ended_at IS NULL
  AND (r.merchant_id <> t.merchant_id OR r.organisation_id <> t.organisation_id)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check organisations along transfers, that there are such, and whose counters are."""
    yield from findings(
        connection, RULE, CROSSING, "a transfer of organisation {} moves an account of {}"
    )
    yield from findings(connection, RULE, UNKNOWN, "an account of organisation {}, which is none")
    yield from findings(
        connection, RULE, MISPLACED, "counter {} stands at store {} of another merchant"
    )
    yield from findings(
        connection, RULE, MISREGISTERED, "device {} is registered for another merchant than {}"
    )
