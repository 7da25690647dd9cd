"""Rule 1, "one cause, no orphan", for money that enters and leaves wallets: each top-up and each
pay-out is in the books with its own sum, the person's side included, and nothing else is.

A subsidy's cause is rule 9's, a payment's and a refund's rule 3's.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r01_causes"

NO_CAUSE = """
SELECT t.id, t.cause_kind FROM ledger_transfer t
LEFT JOIN wallets_topup u ON u.organisation = t.organisation AND u.id = t.cause_id
LEFT JOIN wallets_payout o ON o.organisation = t.organisation AND o.id = t.cause_id
WHERE (t.cause_kind = 'top_up' AND u.id IS NULL) OR (t.cause_kind = 'pay_out' AND o.id IS NULL)
"""
TOPPED_UP = """
SELECT u.id, u.amount, coalesce(b.amount, 0) FROM wallets_topup u
LEFT JOIN (
    SELECT t.organisation, t.cause_id, a.owner_id, sum(p.amount) AS amount FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id JOIN ledger_account a ON a.id = p.account
    WHERE t.cause_kind = 'top_up' AND a.owner_kind = 'person' AND a.kind IN ('cash', 'debt')
    GROUP BY t.organisation, t.cause_id, a.owner_id
) b ON b.organisation = u.organisation AND b.cause_id = u.id AND b.owner_id = u.person
WHERE coalesce(b.amount, 0) <> u.amount
"""
DRAWER = """
SELECT u.id, u.amount, coalesce(b.amount, 0) FROM wallets_topup u
LEFT JOIN (
    SELECT t.organisation, t.cause_id, a.owner_id, sum(p.amount) AS amount FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id JOIN ledger_account a ON a.id = p.account
    WHERE t.cause_kind = 'top_up' AND a.owner_kind = 'shift' AND a.kind = 'drawer'
    GROUP BY t.organisation, t.cause_id, a.owner_id
) b ON b.organisation = u.organisation AND b.cause_id = u.id AND b.owner_id = u.shift
WHERE u.shift IS NOT NULL AND coalesce(b.amount, 0) <> -u.amount
"""
PAID_OUT = """
SELECT o.id, o.state, o.amount, -coalesce(b.amount, 0) FROM wallets_payout o
LEFT JOIN (
    SELECT t.organisation, t.cause_id, a.owner_id, sum(p.amount) AS amount FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id JOIN ledger_account a ON a.id = p.account
    WHERE t.cause_kind = 'pay_out' AND a.owner_kind = 'person' AND a.kind = 'cash'
    GROUP BY t.organisation, t.cause_id, a.owner_id
) b ON b.organisation = o.organisation AND b.cause_id = o.id AND b.owner_id = o.person
WHERE -coalesce(b.amount, 0) <> CASE WHEN o.state = 'paid' THEN o.amount ELSE 0 END
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check top-ups and pay-outs against the transfers they caused, both ways."""
    for statement, text in (
        (NO_CAUSE, "a {} is booked that is not on file"),
        (TOPPED_UP, "a top-up of {} gave its person {}"),
        (DRAWER, "cash of {} for a top-up moved its drawer by {}"),
        (PAID_OUT, "a pay-out that is {}, of {}, drew {}"),
    ):
        yield from findings(connection, RULE, statement, text)
