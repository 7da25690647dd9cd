"""Open wallets for people who have none; accounts appear with their first posting."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from server.wallets.models import Wallet


def open_wallets(organisation_id: UUID, person_ids: Iterable[UUID], *, at: datetime) -> int:
    """Give each person a wallet; return how many were new. Safe to repeat."""
    known = Wallet.objects.filter(organisation=organisation_id)
    before = known.count()
    Wallet.objects.bulk_create(
        [
            Wallet(
                id=uuid5(person, "wallet"),
                organisation=organisation_id,
                person=person,
                opened_at=at,
            )
            for person in sorted(set(person_ids))
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return known.count() - before
