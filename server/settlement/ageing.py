"""What nobody has settled, and how old it is: debts, disputed sales, suspense."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db import connection

from domain.settlement_ageing import bucket, outstanding
from server import sql
from server.settlement.effects import asked

DEBTS = """
SELECT a.owner_id, t.booked_on, -p.amount FROM ledger_account a
JOIN ledger_posting p ON p.organisation = a.organisation AND p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer
WHERE a.organisation = %s AND a.owner_kind = 'person' AND a.kind = 'debt' AND a.balance < 0
ORDER BY a.owner_id, p.version
"""
# A refund lies with its payment, what an approval moved with what it was about
LYING = """
SELECT coalesce(r.payment, q.payment, v.subject_id, t.cause_id), min(t.business_on), sum(p.amount)
FROM ledger_account a
JOIN ledger_posting p ON p.organisation = a.organisation AND p.account = a.id
JOIN ledger_transfer t ON t.id = p.transfer
LEFT JOIN payments_refund r ON t.cause_kind = 'refund' AND r.id = t.cause_id
LEFT JOIN cases_approval v ON t.cause_kind = 'approval' AND v.id = t.cause_id
LEFT JOIN payments_refund q ON q.id = v.subject_id
WHERE a.organisation = %s AND a.kind IN ({kinds})
GROUP BY coalesce(r.payment, q.payment, v.subject_id, t.cause_id)
HAVING sum(p.amount) <> 0
"""
KINDS = {"disputed": ("disputed",), "suspense": ("suspense_long", "drawer_suspense")}


@dataclass(frozen=True, slots=True)
class Aged:
    """What lies there since a day. `subject` is a person (debt) or a payment or refund.

    `amount` is positive for what is owed to us or disputed, and for money we hold that is nobody's;
    negative for what is missing.
    """

    kind: str
    subject: UUID
    amount: int
    since_on: date
    bucket: int


def read_ageing(organisation_id: UUID, today: date) -> list[Aged]:
    """Return everything that lies there, the oldest first."""
    found = [*_debts(organisation_id, today)]
    for kind in KINDS:
        found.extend(_lying(organisation_id, kind, today))
    return sorted(found, key=lambda aged: (aged.since_on, aged.kind, aged.subject))


def ageing_totals(aged: list[Aged]) -> dict[str, list[int]]:
    """Return the sums of each kind by column: up to 30, 60, 90 days, and older."""
    totals: dict[str, list[int]] = {}
    for one in aged:
        totals.setdefault(one.kind, [0, 0, 0, 0])[one.bucket] += one.amount
    return totals


def _debts(organisation_id: UUID, today: date) -> Iterator[Aged]:
    with connection.cursor() as cursor:
        rows = asked(cursor, DEBTS, organisation_id)
    for owner, moves in groupby(rows, key=lambda row: sql.to_uuid(row[0])):
        for since_on, amount in outstanding((sql.to_date(day), owed) for _, day, owed in moves):
            yield Aged("debt", owner, amount, since_on, bucket(since_on, today))


def _lying(organisation_id: UUID, kind: str, today: date) -> Iterator[Aged]:
    kinds = ", ".join(f"'{name}'" for name in KINDS[kind])
    with connection.cursor() as cursor:
        rows = asked(cursor, LYING.format(kinds=kinds), organisation_id)
    for subject, since, amount in rows:
        since_on = sql.to_date(since)
        yield Aged(kind, sql.to_uuid(subject), int(amount), since_on, bucket(since_on, today))
