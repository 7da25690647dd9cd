"""What a person may pay from, in spending order: subsidies by expiry first, then cash.

Two queries for any number of people. The answer holds no balances: those are the ledger's, and
only under its locks.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from msgspec import Struct

from domain.authorization import FundingSource, SourceKind
from server import sql
from server.ledger.commands import AccountKey, AccountState
from server.wallets.accounts import cash_account, share_account
from server.wallets.models import Grant

SHARES = """
SELECT id, person, "grant" FROM wallets_share WHERE person IN {any} AND organisation = %s
"""


class Funding(Struct, frozen=True):
    """One purse and its restrictions; None in a restriction means everywhere, at any meal."""

    account: AccountKey
    kind: SourceKind
    meal_value_amount: int = 0
    merchant_ids: frozenset[UUID] | None = None
    meal_periods: frozenset[str] | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    name: str = ""

    def is_open(self, at: datetime) -> bool:
        """Whether anything could be paid from it at that moment."""
        is_begun = self.starts_at is None or self.starts_at <= at
        return is_begun and (self.expires_at is None or at < self.expires_at)

    def source(self, state: AccountState) -> FundingSource:
        """Return the purse as the decision sees it, filled from the locked account."""
        return FundingSource(
            source_id=self.account.id,
            kind=self.kind,
            available_amount=state.available,
            floor_amount=state.floor or 0,
            unit=self.account.unit,
            meal_value_amount=self.meal_value_amount,
            merchant_ids=self.merchant_ids,
            meal_periods=self.meal_periods,
            expires_at=self.expires_at,
        )


def read_funding(
    organisation_id: UUID,
    person_ids: Collection[UUID],
    at: datetime,
    since: datetime | None = None,
) -> dict[UUID, tuple[Funding, ...]]:
    """Return each person's purses as of `at`, in spending order.

    A subsidy that has expired or not begun is left out; everybody has cash, if only ¥0. With
    `since` one that was open at any time from then on is there too: see `Funding.is_open`.
    """
    shares = _open_shares(organisation_id, person_ids, since or at, at)
    return {
        person: (
            *shares.get(person, ()),
            Funding(cash_account(organisation_id, person), SourceKind.CASH),
        )
        for person in person_ids
    }


def _open_shares(
    organisation_id: UUID, person_ids: Collection[UUID], since: datetime, at: datetime
) -> dict[UUID, tuple[Funding, ...]]:
    with connection.cursor() as cursor:
        rows = sql.select(cursor, SHARES, person_ids, organisation_id)
    grants: dict[UUID, Grant] = {}
    if rows:
        wanted = {sql.to_uuid(grant) for _, _, grant in rows}
        grants = {grant.id: grant for grant in _open_grants(organisation_id, wanted, since, at)}
    shares = [(sql.to_uuid(id), sql.to_uuid(person), sql.to_uuid(g)) for id, person, g in rows]
    open_shares = [share for share in shares if share[2] in grants]
    open_shares.sort(key=lambda share: _spending_rank(grants[share[2]]))
    found: dict[UUID, tuple[Funding, ...]] = {}
    for share, person, grant in open_shares:
        funding = _funding(organisation_id, share, grants[grant])
        found[person] = (*found.get(person, ()), funding)
    return found


def _open_grants(
    organisation_id: UUID, ids: Collection[UUID], since: datetime, at: datetime
) -> Iterable[Grant]:
    """A handful for any number of people: what the ORM costs is not felt."""
    return Grant.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=since),
        organisation=organisation_id,
        id__in=ids,
        starts_at__lte=at,
    )


def _spending_rank(grant: Grant) -> tuple[bool, float, UUID]:
    """Whatever expires first is spent first; what never expires comes last."""
    expires = grant.expires_at
    return expires is None, 0.0 if expires is None else expires.timestamp(), grant.id


def _funding(organisation_id: UUID, share: UUID, grant: Grant) -> Funding:
    merchants, periods = grant.merchants, grant.meal_periods
    return Funding(
        account=share_account(organisation_id, share, grant.kind),
        kind=SourceKind(grant.kind),
        meal_value_amount=grant.meal_value_amount,
        merchant_ids=frozenset(UUID(text) for text in merchants) if merchants else None,
        meal_periods=frozenset(periods) if periods else None,
        starts_at=grant.starts_at,
        expires_at=grant.expires_at,
        name=grant.name,
    )
