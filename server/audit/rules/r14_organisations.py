"""Rule 14: what is one organisation's stays there: a transfer, its postings, their accounts,
and holds.
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


def check(connection: Any) -> Iterator[Finding]:
    """Check organisations along transfers, and that there are such organisations."""
    yield from findings(
        connection, RULE, CROSSING, "a transfer of organisation {} moves an account of {}"
    )
    yield from findings(connection, RULE, UNKNOWN, "an account of organisation {}, which is none")
