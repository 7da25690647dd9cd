"""Rule 8, the channels' half: a channel owes the open items of its bills.

What payments and refunds made it owe is `r08_receivables`; here, what reconciliation took of that:
each clearing posted what its items say, each item was one of ours for its amount, and a line of a
bill is closed if and only if it cleared something.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows

RULE = "r08_bills"

ITEMS = """
SELECT organisation, clearing, undone_by, sum(our_amount), sum(their_amount), sum(fee_amount)
FROM reconciliation_cleareditem GROUP BY organisation, clearing, undone_by
"""
POSTED = """
SELECT t.organisation, t.cause_id, a.kind, sum(p.amount)
FROM ledger_transfer t JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account
WHERE t.cause_kind = 'clearing' GROUP BY t.organisation, t.cause_id, a.kind
"""
OTHERS = """
SELECT t.id, t.cause_kind FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'channel' AND a.kind = 'receivable'
WHERE t.cause_kind NOT IN ('payment', 'refund', 'clearing')
"""
LINES = """
SELECT l.id, l.item FROM reconciliation_billline l
LEFT JOIN reconciliation_cleareditem c
  ON c.line = l.id AND c.organisation = l.organisation AND c.undone_by IS NULL
WHERE (c.id IS NULL) <> l.is_open
"""
PAYMENTS = """
SELECT c.id, c.item, c.our_amount, a.amount FROM reconciliation_cleareditem c
LEFT JOIN payments_attempt a ON {number} = c.item AND a.organisation = c.organisation
  AND a.channel = c.channel
WHERE c.has_ours AND c.undone_by IS NULL AND c.item NOT LIKE 'R%%'
  AND (a.id IS NULL OR a.amount <> c.our_amount OR NOT (a.took_money OR a.state = 'succeeded'))
"""
Place = tuple[UUID, UUID, str]


def check(connection: Any) -> Iterator[Finding]:
    """Compare what was cleared with what was posted, with the payments and with the lines."""
    expected = _expected(connection)
    posted = {
        (sql.to_uuid(organisation), sql.to_uuid(cause), kind): int(amount)
        for organisation, cause, kind, amount in rows(connection, POSTED)
    }
    for place in sorted({*expected, *posted}, key=str):
        has, should = posted.get(place, 0), expected[place]
        if has != should:
            text = f"a clearing's {place[2]} is {has}, its items say {should}"
            yield Finding(RULE, text, str(place[1]))
    yield from findings(connection, RULE, OTHERS, "a receivable moved because of a {}")
    yield from findings(connection, RULE, LINES, "line {} is closed without a clearing, or open")
    is_postgres = connection.vendor == "postgresql"
    number = "replace(CAST(a.id AS text), '-', '')" if is_postgres else "a.id"
    text = "item {} was cleared for {}, its attempt says {}"
    yield from findings(connection, RULE, PAYMENTS.format(number=number), text)


def _expected(connection: Any) -> Counter[Place]:
    found: Counter[Place] = Counter()
    for org, clearing, undone_by, ours, theirs, fee in rows(connection, ITEMS):
        for cause, sign in ((clearing, 1), (undone_by, -1)):
            if cause is None:
                continue
            place = sql.to_uuid(org), sql.to_uuid(cause)
            found[*place, "receivable"] += sign * int(ours)
            found[*place, "bank"] += sign * int(fee - theirs)
            found[*place, "cost"] -= sign * int(fee)
            found[*place, "variance"] += sign * int(theirs - ours)
    return found
