"""What is left of a subsidy goes back to its budget: when it expired, or when it is cleared out.

- Taken back is what is neither spent nor held. What a hold or a refund brings back later is taken
  back by the next round.
- An expired subsidy is left alone for `GRACE` more: a meal eaten in time by a counter without a
  network is still paid from it when its record arrives. One that arrives later yet is the payer's
  own money and then debt, as any other fact.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from server.ledger.apply import apply
from server.ledger.commands import (
    AccountKey,
    AccountState,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.ledger.models import Account
from server.organisations.models import Organisation
from server.wallets.accounts import grant_budget, share_account, share_id
from server.wallets.effects import AccountMoved
from server.wallets.models import Grant, Share
from server.wallets.rows import SHARE

EXPIRY: Final = "expiry"
CLEAR_OUT: Final = "clear_out"
"""Causes of transfers, each with the share as its id."""
GRACE: Final = timedelta(days=7)
"""How long a counter may be without a network and its sales still find the subsidy."""
CHUNK: Final = 200
"""People per transaction: a payment of theirs waits no longer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakeBackShares:
    """Give the rest of some people's shares of one grant back; its answer is of how many people.

    `most` bounds what is taken from a person, such as to what somebody has seen and approved.
    """

    organisation_id: UUID
    grant_id: UUID
    kind: str
    cause: str
    most: Mapping[UUID, int | None]
    at: datetime
    business_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """One per share."""
        return [Key(self.organisation_id, SHARE, self._share(person)) for person in self.most]

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The shares' accounts and the grant's budget."""
        budget = grant_budget(self.organisation_id, self.grant_id, self.kind)
        return (*(self._account(person) for person in self.most), budget)

    @property
    def reader(self) -> Reader | None:
        """Reads nothing: what is left is what the accounts say under their locks."""
        return None

    def decide(self, locked: Locked) -> Decision:
        """One transfer per person with anything left."""
        transfers, effects = [], []
        for person, most in self.most.items():
            account = self._account(person)
            state = locked.accounts[account]
            amount = state.available if most is None else min(most, state.available)
            if amount <= 0:
                continue
            transfers.append(self._transfer(person, account, state, amount))
            effects.append(AccountMoved(self.organisation_id, person, account.id, self.at))
        return Decision(len(transfers), transfers=tuple(transfers), effects=tuple(effects))

    def _share(self, person: UUID) -> UUID:
        return share_id(person, self.grant_id)

    def _account(self, person: UUID) -> AccountKey:
        return share_account(self.organisation_id, self._share(person), self.kind)

    def _transfer(
        self, person: UUID, account: AccountKey, state: AccountState, amount: int
    ) -> Transfer:
        share = self._share(person)
        budget = grant_budget(self.organisation_id, self.grant_id, self.kind)
        # What came back since is taken again, by another transfer: the version tells them apart
        purpose = f"{self.cause}.{state.version}"
        return Transfer(
            id=uuid5(share, purpose),
            organisation_id=self.organisation_id,
            cause_kind=self.cause,
            cause_id=share,
            purpose=purpose,
            postings=(Posting(account, -amount), Posting(budget, amount)),
            occurred_at=self.at,
            business_on=self.business_on,
            booked_on=self.business_on,
        )


def take_back_expired(organisation_id: UUID, now: datetime) -> int:
    """Take back what is left of subsidies that expired `GRACE` ago; return how many people's.

    May be stopped anywhere and run again at any time: what is taken back is not there any more.
    """
    zone = ZoneInfo(Organisation.objects.get(id=organisation_id).zone)
    business_on = now.astimezone(zone).date()
    expired = Grant.objects.filter(organisation=organisation_id, expires_at__lte=now - GRACE)
    taken = 0
    for grant in expired.order_by("expires_at", "id"):
        people = people_with_rest(grant)
        for start in range(0, len(people), CHUNK):
            most = dict.fromkeys(people[start : start + CHUNK])
            command = TakeBackShares(
                organisation_id, grant.id, grant.kind, EXPIRY, most, now, business_on
            )
            with transaction.atomic():
                taken += sum(apply(connection, [command]))
        if people:
            log.info("the rest of subsidy %s went back", grant.id)
    return taken


def people_with_rest(grant: Grant) -> list[UUID]:
    """Return, in a fixed order, who has something of a grant left that is not held."""
    left = Account.objects.filter(
        organisation=grant.organisation, owner_kind="grant_share", balance__gt=F("held")
    )
    shares = Share.objects.filter(
        organisation=grant.organisation, grant=grant.id, id__in=left.values("owner_id")
    )
    return list(shares.order_by("person").values_list("person", flat=True))
