"""Rule 3: the net postings of every payment id are what its state says, and its stored answer and
fingerprint agree with that state.

The merchant's side is summed over the payment's transfers and those of its refunds; the payer's
side follows, since transfers sum to zero (rule 1).
"""

from collections.abc import Iterator
from typing import Any

from server.audit.findings import Finding
from server.audit.query import findings

RULE = "r03_payments"

NETS = """
WITH nets AS (
    SELECT coalesce(r.payment, t.cause_id) AS payment, sum(p.amount) AS net
    FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id
    JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'merchant'
      AND a.kind IN ('payable', 'disputed', 'cash_takings')
    LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
    WHERE t.cause_kind IN ('payment', 'refund')
    GROUP BY coalesce(r.payment, t.cause_id)
), returned AS (
    SELECT payment, sum(posted_amount) AS amount FROM payments_refund
    WHERE reason <> 'late_success' GROUP BY payment
), expected AS (
    SELECT p.id, p.state, CASE
        WHEN p.state = 'succeeded' OR (p.state = 'reversing' AND p.merchant_side <> '')
        THEN p.total_amount - coalesce(r.amount, 0)
        -- a refund that its channel has not carried out yet outlives the reversal of the rest
        WHEN p.state = 'reversed' THEN p.refunded_amount - coalesce(r.amount, 0)
        ELSE 0 END AS amount
    FROM payments_payment p LEFT JOIN returned r ON r.payment = p.id
)
SELECT e.id, e.state, coalesce(n.net, 0), e.amount FROM expected e
LEFT JOIN nets n ON n.payment = e.id WHERE coalesce(n.net, 0) <> e.amount
"""
ORPHAN_PAYMENT = """
SELECT t.id, t.cause_id FROM ledger_transfer t
LEFT JOIN payments_payment p ON p.id = t.cause_id AND p.organisation = t.organisation
WHERE t.cause_kind = 'payment' AND p.id IS NULL
"""
ORPHAN_REFUND = """
SELECT t.id, t.cause_id FROM ledger_transfer t
LEFT JOIN payments_refund r ON r.id = t.cause_id AND r.organisation = t.organisation
WHERE t.cause_kind = 'refund' AND r.id IS NULL
"""
ANSWER = """
SELECT id, state, code FROM payments_payment
WHERE (state = 'declined' AND code = '') OR (state = 'succeeded' AND code <> '')
   OR (state = 'parked' AND parked_code = '')
"""
FINGERPRINT = """
SELECT id, length(fingerprint) FROM payments_payment
WHERE length(fingerprint) <> 32
  AND NOT (state = 'cancelled' AND payer = '' AND length(fingerprint) = 0)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check every payment against the books."""
    for statement, text in (
        (NETS, "a {} payment has net postings of {} instead of {}"),
        (ORPHAN_PAYMENT, "a transfer for a payment {} that is not there"),
        (ORPHAN_REFUND, "a transfer for a refund {} that is not there"),
        (ANSWER, "a {} payment answers {!r}"),
        (FINGERPRINT, "a fingerprint of {} bytes"),
    ):
        yield from findings(connection, RULE, statement, text)
