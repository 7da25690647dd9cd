"""Hand a subsidy to many people, in chunks that never hold the books for long (MONEY §4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.wallets.accounts import grant_budget, share_account, share_id
from server.wallets.effects import AccountMoved, PersonFundingChanged, ShareGranted
from server.wallets.models import Grant
from server.wallets.rows import SHARE, read_wallet_keys

CHUNK = 500
"""People per command: more would hold the locks of too many accounts at once."""


@dataclass(frozen=True, slots=True)
class GrantShares:
    """Give each of `person_ids` (≤ CHUNK) `amount` of one grant; who has it already keeps it.

    The decision's answer is the number of people who newly got a share.
    """

    organisation_id: UUID
    grant_id: UUID
    kind: str
    person_ids: tuple[UUID, ...]
    amount: int
    at: datetime
    business_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """One per share."""
        return [
            Key(self.organisation_id, SHARE, share_id(person, self.grant_id))
            for person in self.person_ids
        ]

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The shares' accounts and the grant's budget."""
        shares = [self._account(person) for person in self.person_ids]
        return (*shares, grant_budget(self.organisation_id, self.grant_id, self.kind))

    @property
    def reader(self) -> Reader | None:
        """Reads which shares are there already."""
        return read_wallet_keys

    def decide(self, locked: Locked) -> Decision:
        """One transfer per person, so that each share has a cause of its own."""
        new = [
            person
            for person, key in zip(self.person_ids, self.keys, strict=True)
            if key not in locked.rows
        ]
        return Decision(
            len(new),
            transfers=tuple(self._transfer(person) for person in new),
            effects=tuple(effect for person in new for effect in self._effects(person)),
        )

    def _account(self, person: UUID) -> AccountKey:
        share = share_id(person, self.grant_id)
        return share_account(self.organisation_id, share, self.kind)

    def _transfer(self, person: UUID) -> Transfer:
        share = share_id(person, self.grant_id)
        budget = grant_budget(self.organisation_id, self.grant_id, self.kind)
        return Transfer(
            id=uuid5(share, "grant"),
            organisation_id=self.organisation_id,
            cause_kind=SHARE,
            cause_id=share,
            purpose="grant",
            postings=(Posting(self._account(person), self.amount), Posting(budget, -self.amount)),
            occurred_at=self.at,
            business_on=self.business_on,
            booked_on=self.business_on,
        )

    def _effects(self, person: UUID) -> tuple[ShareGranted, AccountMoved, PersonFundingChanged]:
        share = share_id(person, self.grant_id)
        organisation = self.organisation_id
        return (
            ShareGranted(share, organisation, self.grant_id, person, self.amount, self.at),
            AccountMoved(organisation, person, self._account(person).id, self.at),
            PersonFundingChanged(organisation, person, self.at),
        )


def grant_subsidy(
    grant: Grant, person_ids: Sequence[UUID], amount: int, *, at: datetime, business_on: date
) -> Iterator[GrantShares]:
    """Yield the commands that give each person `amount` (fen, or meals) of a stored grant.

    Running them again, in whole or in part, gives nobody anything twice.
    """
    if amount <= 0:
        raise ValueError("a grant gives something")
    people = sorted(set(person_ids))
    for start in range(0, len(people), CHUNK):
        chunk = tuple(people[start : start + CHUNK])
        yield GrantShares(grant.organisation, grant.id, grant.kind, chunk, amount, at, business_on)
