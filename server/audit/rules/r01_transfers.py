"""Rule 1: each transfer has two or more non-zero postings that sum to zero per unit, one cause,
and no orphan; all accounts of an organisation sum to zero per unit.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r01_transfers"

TOO_FEW = """
SELECT t.id, count(p.transfer) FROM ledger_transfer t
LEFT JOIN ledger_posting p ON p.transfer = t.id AND p.amount <> 0
GROUP BY t.id HAVING count(p.transfer) < 2
"""
NOT_ZERO = """
SELECT p.transfer, a.unit, sum(p.amount) FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account
GROUP BY p.transfer, a.unit HAVING sum(p.amount) <> 0
"""
EMPTY = "SELECT p.transfer, p.account FROM ledger_posting p WHERE p.amount = 0"
ORPHAN = """
SELECT p.transfer, p.account FROM ledger_posting p
LEFT JOIN ledger_transfer t ON t.id = p.transfer LEFT JOIN ledger_account a ON a.id = p.account
WHERE t.id IS NULL OR a.id IS NULL
"""
TWICE = """
SELECT cause_id, cause_kind, purpose, count(*) FROM ledger_transfer
GROUP BY organisation, cause_kind, cause_id, purpose HAVING count(*) > 1
"""
ALL_ACCOUNTS = """
SELECT organisation, unit, sum(balance) FROM ledger_account
GROUP BY organisation, unit HAVING sum(balance) <> 0
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check transfers and postings against each other."""
    for statement, text in (
        (TOO_FEW, "a transfer has {} postings"),
        (NOT_ZERO, "a transfer's postings in {} sum to {}"),
        (EMPTY, "a posting of nothing on account {}"),
        (ORPHAN, "a posting without its transfer or its account {}"),
        (TWICE, "{} {} is booked {} times"),
        (ALL_ACCOUNTS, "all accounts in {} sum to {}"),
    ):
        yield from findings(connection, RULE, statement, text)
