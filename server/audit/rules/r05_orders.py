"""Rule 5: no order is paid beyond its total without an overpay case; a payment has at most one
live attempt; whatever is not definite has a due row, and none is overdue without a case.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r05_orders"

OVERDUE = timedelta(minutes=35)
"""The worker opens a case after 30 minutes, and looks once a minute."""

OVERPAID = """
SELECT o.id, sum(p.total_amount - p.refunded_amount), o.total_amount
FROM payments_order o
JOIN payments_payment p ON p.organisation = o.organisation AND p."order" = o.id
  AND p.state IN ('submitted', 'succeeded')
GROUP BY o.id, o.organisation, o.total_amount
HAVING sum(p.total_amount - p.refunded_amount) > o.total_amount AND NOT EXISTS (
    SELECT 1 FROM cases_case c JOIN payments_payment q ON q.id = c.subject_id
    WHERE c.organisation = o.organisation AND q."order" = o.id AND c.kind = 'overpay')
"""
ORDERLESS = """
SELECT p.id, p.state FROM payments_payment p
LEFT JOIN payments_order o ON o.id = p."order" AND o.organisation = p.organisation
WHERE o.id IS NULL AND p.state IN ('submitted', 'succeeded', 'declined', 'reversing', 'reversed')
"""
LIVE_ATTEMPTS = """
SELECT payment, count(*) FROM payments_attempt
WHERE state IN ('created', 'submitted', 'awaiting_payer', 'unknown', 'reversing')
GROUP BY payment HAVING count(*) > 1
"""
UNTRIED = """
SELECT p.id, p.state FROM payments_payment p
WHERE (p.tender = 'channel' OR p.channel <> '') AND p.state IN ('submitted', 'reversing')
  AND NOT EXISTS (
    SELECT 1 FROM payments_attempt a WHERE a.payment = p.id
      AND a.state IN ('created', 'submitted', 'awaiting_payer', 'unknown', 'reversing'))
  AND NOT (p.credential = 'payee_code' AND EXISTS (
    SELECT 1 FROM work_due d WHERE d.organisation = p.organisation
      AND d.kind = 'payments.expire' AND d.subject_id = p.id))
"""
UNRESOLVED = """
SELECT a.id, a.state FROM payments_attempt a
WHERE a.state IN ('created', 'submitted', 'awaiting_payer', 'unknown', 'reversing')
  AND NOT EXISTS (SELECT 1 FROM work_due d WHERE d.organisation = a.organisation
    AND d.kind = 'payments.resolve' AND d.subject_id = a.id)
"""
REFUND_WITHOUT_WORK = """
SELECT r.id, r.state FROM payments_refund r
WHERE r.state IN ('waiting', 'submitted') AND NOT EXISTS (
    SELECT 1 FROM work_due d WHERE d.organisation = r.organisation AND d.subject_id = r.id
      AND d.kind = CASE r.state WHEN 'waiting' THEN 'payments.refund_wait'
                                ELSE 'payments.refund' END)
"""
HOLD_WITHOUT_WORK = """
SELECT p.id, p.state FROM payments_payment p
WHERE p.tender = 'wallet' AND p.channel = '' AND p.state = 'submitted' AND NOT EXISTS (
    SELECT 1 FROM work_due d WHERE d.organisation = p.organisation
      AND d.kind = 'payments.complete' AND d.subject_id = p."order")
"""
CLAIMS = """
SELECT p.id, p.claim_amount, coalesce(a.amount, 0) FROM payments_payment p LEFT JOIN (
    SELECT payment, sum(amount) AS amount FROM payments_attempt
    WHERE way = 'collect'
      AND state IN ('created', 'submitted', 'awaiting_payer', 'unknown', 'reversing')
    GROUP BY payment
) a ON a.payment = p.id WHERE p.claim_amount <> coalesce(a.amount, 0)
"""
DEBITED_TWICE = """
SELECT payment, count(*) FROM payments_attempt WHERE mandate IS NOT NULL
GROUP BY payment HAVING count(*) > 1
"""
UNCOUNTED_DEBITS = """
SELECT a.id, a.state, a.amount, coalesce(i.amount, 0) FROM payments_attempt a LEFT JOIN (
    SELECT i.cause_id, sum(i.amount) AS amount FROM ledger_increment i
    JOIN ledger_counter c ON c.id = i.counter AND c.rule = 'debited' GROUP BY i.cause_id
) i ON i.cause_id = a.payment
WHERE a.mandate IS NOT NULL AND coalesce(i.amount, 0) <>
    CASE WHEN a.state IN ('declined', 'reversed') THEN 0 ELSE a.amount END
"""
LATE = """
SELECT d.id, d.kind, d.subject_id FROM work_due d
WHERE d.first_due_at < %s AND d.due_at < %s AND d.kind LIKE 'payments.%%' AND NOT EXISTS (
    SELECT 1 FROM cases_case c WHERE c.organisation = d.organisation
      AND c.subject_id IN (d.id, d.subject_id) AND c.closed_at IS NULL)
"""


def check(connection: Any, now: datetime) -> Iterator[Finding]:
    """Check orders, attempts and the work that makes them definite."""
    for statement, text in (
        (OVERPAID, "{} paid of {}, and nobody has a case"),
        (ORDERLESS, "a {} payment without its order"),
        (LIVE_ATTEMPTS, "{} live attempts at once"),
        (UNTRIED, "a {} payment without a live attempt or an end"),
        (UNRESOLVED, "a {} attempt that nobody asks about"),
        (REFUND_WITHOUT_WORK, "a {} refund that nobody looks at"),
        (CLAIMS, "{} claimed from a bank, and {} being asked for"),
        (DEBITED_TWICE, "{} debits by mandate for one payment"),
        (UNCOUNTED_DEBITS, "a {} debit of {} counts {} of its mandate's day"),
        (HOLD_WITHOUT_WORK, "a {} payment that nobody will post or release"),
    ):
        yield from findings(connection, RULE, statement, text)
    before = (
        (now - OVERDUE).replace(tzinfo=None) if connection.vendor == "sqlite" else now - OVERDUE
    )
    late = "{} for {} is overdue, and nobody has a case"
    yield from findings(connection, RULE, LATE, late, [before, before])
