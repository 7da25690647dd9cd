"""Rule 7: whatever lies in suspense, disputed or variance has an open case that covers it, and
what a case closed has left them; none of them is overdrawn; nobody has cash to draw and a debt at
the same time.

Net postings are taken per subject: a payment together with its refunds and what approvals moved
about either, or a refund whose payment never came. Its open cases, about the payment or about one
of those refunds, must add up to at least what lies there.
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r07_suspense"

UNCOVERED = """
WITH nets AS (
    SELECT t.organisation, coalesce(r.payment, q.payment, v.subject_id, t.cause_id) AS subject,
           a.kind, sum(p.amount) AS net
    FROM ledger_posting p
    JOIN ledger_transfer t ON t.id = p.transfer
    JOIN ledger_account a ON a.id = p.account
    LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
    LEFT JOIN cases_approval v ON t.cause_kind = 'approval' AND v.id = t.cause_id
    LEFT JOIN payments_refund q ON q.id = v.subject_id
    WHERE a.kind IN ('suspense_long', 'suspense_short', 'disputed', 'drawer_suspense')
       OR (a.kind = 'pricing_variance' AND a.owner_kind = 'organisation')
    GROUP BY t.organisation, coalesce(r.payment, q.payment, v.subject_id, t.cause_id), a.kind
), open_cases AS (
    SELECT c.organisation, coalesce(r.payment, c.subject_id) AS subject,
           sum(abs(c.amount)) AS amount
    FROM cases_case c
    LEFT JOIN payments_refund r ON c.subject_kind = 'refund' AND r.id = c.subject_id
    WHERE c.closed_at IS NULL
    GROUP BY c.organisation, coalesce(r.payment, c.subject_id)
)
SELECT n.subject, n.kind, n.net, coalesce(o.amount, 0) FROM nets n
LEFT JOIN open_cases o ON o.organisation = n.organisation AND o.subject = n.subject
WHERE abs(n.net) > coalesce(o.amount, 0)
"""
UNPAIRED = """
SELECT organisation, sum(balance) FROM ledger_account
WHERE kind IN ('suspense_short', 'disputed') GROUP BY organisation HAVING sum(balance) <> 0
"""
WRONG_SIDE = """
SELECT id, kind, balance FROM ledger_account
WHERE (kind = 'suspense_short' AND balance > 0)
   OR (kind IN ('suspense_long', 'disputed') AND balance < 0)
"""
RICH_DEBTOR = """
SELECT cash.owner_id, cash.balance - cash.held, -debt.balance
FROM ledger_account cash JOIN ledger_account debt
  ON debt.organisation = cash.organisation AND debt.owner_kind = cash.owner_kind
 AND debt.owner_id = cash.owner_id AND debt.kind = 'debt' AND debt.unit = cash.unit
WHERE cash.kind = 'cash' AND cash.balance - cash.held > 0 AND debt.balance < 0
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check suspense against cases, and cash against debt."""
    for statement, text in (
        (UNCOVERED, "{} of {} lies there with open cases of {}"),
        (UNPAIRED, "suspense and merchants' disputed differ by {}"),
        (WRONG_SIDE, "{} stands on its other side, at {}"),
        (RICH_DEBTOR, "a person with {} in cash owes {}"),
    ):
        yield from findings(connection, RULE, statement, text)
