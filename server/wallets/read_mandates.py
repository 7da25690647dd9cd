"""The mandate that stands behind a person's wallets, as deciding a payment must know it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from domain.authorization import FundingSource, SourceKind
from domain.funding import MandateLimits
from server import sql
from server.ledger.commands import CounterKey
from server.wallets.models import Mandate, MandateState

IN_FORCE = """
SELECT person, id, channel, number, payment_cap_amount, day_cap_amount, claim_cap_amount
FROM wallets_mandate WHERE person IN {any} AND organisation = %s AND state = 'active'
"""


@dataclass(frozen=True, slots=True)
class MandateFunding:
    """A mandate in force: where it is debited, and how far."""

    id: UUID
    organisation_id: UUID
    channel: str
    number: str
    limits: MandateLimits

    def source(self, used_today_amount: int) -> FundingSource:
        """Return it as the decision sees it, the last of the person's sources."""
        return FundingSource(
            source_id=self.id,
            kind=SourceKind.MANDATE,
            available_amount=self.limits.room_amount(used_today_amount),
            claim_cap_amount=self.limits.claim_cap_amount,
        )

    def day_counter(self, booked_on: object) -> CounterKey:
        """What was debited, or is being debited, by it on a day."""
        return mandate_counter(self.organisation_id, self.id, booked_on)


def mandate_counter(organisation_id: UUID, mandate_id: UUID, booked_on: object) -> CounterKey:
    """The counter of a mandate's debits of one day; its limit is the decision's to keep."""
    return CounterKey(organisation_id, f"mandate:{mandate_id}", "debited", str(booked_on), None)


def has_mandates(organisation_id: UUID) -> bool:
    """Whether anybody here has a mandate in force; most places have none, and ask no more."""
    return Mandate.objects.filter(organisation=organisation_id, state=MandateState.ACTIVE).exists()


def read_mandates(
    organisation_id: UUID, person_ids: Collection[UUID]
) -> dict[UUID, MandateFunding]:
    """Return the mandate in force of each person who has one: one query for any number."""
    with connection.cursor() as cursor:
        rows = sql.select(cursor, IN_FORCE, person_ids, organisation_id)
    return {
        sql.to_uuid(person): MandateFunding(
            sql.to_uuid(id), organisation_id, channel, number, MandateLimits(*limits)
        )
        for person, id, channel, number, *limits in rows
    }
