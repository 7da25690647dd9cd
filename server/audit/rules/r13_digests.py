"""Rule 13, closed days: nothing was booked into one after it was closed, none was left out between
two, and the digest of each is that of the postings that the books have for it now.

The digest is over every posting on the merchant's payable booked on that day: (transfer, business
day, amount). It is reckoned anew here from the ledger alone, and the day's sums from its items.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows
from server.settlement.closing import digest

RULE = "r13_digests"

LATE = """
SELECT t.id, t.booked_on, t.cause_kind FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'merchant' AND a.kind = 'payable'
JOIN settlement_dayclose d ON d.organisation = t.organisation AND d.merchant = a.owner_id
  AND d.booked_on = t.booked_on
LEFT JOIN settlement_item i ON i.organisation = t.organisation AND i.transfer = t.id
WHERE t.cause_kind NOT IN ('day_close', 'settlement_batch') AND (i.id IS NULL OR i.day_id <> d.id)
"""
LEFT_OUT = """
SELECT d.merchant, d.booked_on FROM settlement_dayclose d
WHERE EXISTS (SELECT 1 FROM settlement_dayclose e WHERE e.organisation = d.organisation
    AND e.merchant = d.merchant AND e.booked_on < d.booked_on)
  AND NOT EXISTS (SELECT 1 FROM settlement_dayclose e WHERE e.organisation = d.organisation
    AND e.merchant = d.merchant AND e.booked_on = {day_before})
"""
DAY_BEFORE = {"postgresql": "d.booked_on - 1", "sqlite": "date(d.booked_on, '-1 day')"}
DAYS = "SELECT id, digest FROM settlement_dayclose ORDER BY id"
POSTINGS = """
SELECT d.id, t.id, t.business_on, p.amount FROM settlement_dayclose d
JOIN ledger_account a ON a.organisation = d.organisation AND a.owner_kind = 'merchant'
  AND a.owner_id = d.merchant AND a.kind = 'payable' AND a.unit = 'CNY'
JOIN ledger_posting p ON p.organisation = a.organisation AND p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer AND t.booked_on = d.booked_on
ORDER BY d.id
"""
SUMS = """
SELECT d.id, d.net_amount, coalesce(sum(i.amount - i.discount_amount - i.fee_amount), 0)
FROM settlement_dayclose d LEFT JOIN settlement_item i ON i.day_id = d.id
GROUP BY d.id, d.net_amount, d.fee_amount, d.item_count
HAVING d.net_amount <> coalesce(sum(i.amount - i.discount_amount - i.fee_amount), 0)
    OR d.fee_amount <> coalesce(sum(i.fee_amount), 0) OR d.item_count <> count(i.id)
"""
FEES = """
SELECT d.id, d.fee_amount - d.agent_amount, coalesce((
    SELECT sum(p.amount) FROM ledger_transfer t JOIN ledger_posting p ON p.transfer = t.id
    JOIN ledger_account a ON a.id = p.account AND a.kind = 'fee_income'
    WHERE t.organisation = d.organisation AND t.cause_kind = 'day_close' AND t.cause_id = d.id), 0)
FROM settlement_dayclose d
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check that closed days are as they were closed."""
    left_out = LEFT_OUT.format(day_before=DAY_BEFORE[connection.vendor])
    for statement, text in (
        (LATE, "booked on {}, a closed day, without being in it ({})"),
        (left_out, "the day before {} was never closed"),
        (SUMS, "a day's net of {} or its fees are not its items' ({})"),
    ):
        yield from findings(connection, RULE, statement, text)
    for day, should, has in rows(connection, FEES):
        if should != has:
            yield Finding(RULE, f"a day's fees leave {should}, income got {has}", str(day))
    yield from _digests(connection)


def _digests(connection: Any) -> Iterator[Finding]:
    # Two queries in one order: a day without a posting has none in the second
    groups = groupby(rows(connection, POSTINGS), key=lambda row: sql.to_uuid(row[0]))
    found = next(groups, None)
    for id, kept in rows(connection, DAYS):
        day, lines = sql.to_uuid(id), []
        if found is not None and found[0] == day:
            lines = [
                (sql.to_uuid(transfer), sql.to_date(on), amount)
                for _, transfer, on, amount in found[1]
            ]
            found = next(groups, None)
        if digest(lines) != kept:
            yield Finding(RULE, "a closed day's digest is not that of its postings", str(day))
