"""Close a merchant's day: once, in order, whole or not at all.

Under the lock of the merchant's payable everything booked by the day's end that is in no closed day
becomes an item; fees go to us and to agents in one transfer, booked on the day that it closes; the
day's digest is taken over all of it. Whoever closes it again is told how it was closed.

A day is over `CLOSING_GRACE` after its cut-off; payments are booked on the day they are posted, so
nothing can come to a closed one (rule 13 would tell).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from domain.errors import Refused
from domain.settlement_days import last_over
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
from server.merchants.trading_days import read_trading_days
from server.settlement import closing
from server.settlement.accounts import fee_income, own_discount, payee_account
from server.settlement.apply_now import apply_now
from server.settlement.closing import Closing, Place
from server.settlement.effects import Added
from server.settlement.models import AgentShare, DayClose
from server.settlement.read_moves import Found, read_found
from server.settlement.terms import Terms, read_terms

KIND = "day_close"
Amounts = dict[AccountKey, int]


def close_day(organisation_id: UUID, merchant_id: UUID, on: date, now: datetime) -> bool:
    """Close the day; return False when it was closed before.

    Raises `Refused`: "settlement.day_open" while it is not over; "settlement.out_of_order" when the
    day before is not closed.
    """
    days = read_trading_days(organisation_id, [merchant_id]).get(merchant_id, ())
    if not days or on > last_over(days, now):
        raise Refused("settlement.day_open", day=on.isoformat())
    terms = read_terms(organisation_id, [merchant_id])[merchant_id]
    answer = apply_now(CloseDay(organisation_id, merchant_id, on, now, terms))
    if answer == "out_of_order":
        raise Refused("settlement.out_of_order", day=on.isoformat())
    return bool(answer == "closed")


def close_id(organisation_id: UUID, merchant_id: UUID, on: date) -> UUID:
    """The id of a closed day, which follows from what it is."""
    return uuid5(organisation_id, f"day_close/{merchant_id}/{on}")


@dataclass(frozen=True, slots=True)
class CloseDay:
    """The command. Its answer: "closed", "closed_before" or "out_of_order"."""

    organisation_id: UUID
    merchant_id: UUID
    on: date
    now: datetime
    terms: Terms = field(repr=False)

    @property
    def id(self) -> UUID:
        """The closed day's id."""
        return close_id(self.organisation_id, self.merchant_id, self.on)

    @property
    def keys(self) -> Sequence[Key]:
        """The day itself: only its first closer finds it fresh."""
        return (Key(self.organisation_id, KIND, self.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The payable, whose lock keeps everybody else out; who takes the fees."""
        agents = self.terms.every_agent()
        commissions = [payee_account(self.organisation_id, "agent", agent) for agent in agents]
        return (self.payable, fee_income(self.organisation_id), *commissions)

    @property
    def payable(self) -> AccountKey:
        """What the merchant is owed."""
        return payee_account(self.organisation_id, "merchant", self.merchant_id)

    @property
    def reader(self) -> Reader | None:
        """Reads what moved, once the payable is locked."""
        return self._read

    def _read(self, cursor: Any, keys: Sequence[Key], _: Collection[Key]) -> Mapping[Key, Any]:
        return {keys[0]: read_found(cursor, self.payable, self.on)}

    def decide(self, locked: Locked) -> Decision:
        """Make the day of what was found."""
        found: Found = locked.rows[self.keys[0]]
        if not locked.fresh:
            return Decision("closed_before")
        if found.last_on is not None and (self.on - found.last_on).days != 1:
            return Decision("out_of_order", forgets=tuple(self.keys))
        place = Place(self.organisation_id, self.merchant_id, self.on, self.id)
        made = closing.close(place, found, self.terms)
        amounts = self._amounts(made)
        missing = tuple(account for account in amounts if account not in locked.accounts)
        if missing:
            return Decision(None, needs=missing)
        transfer = self._transfer(amounts)
        rows = [self._row(made, found, transfer), *made.items, *self._shares(made)]
        rows.extend(closing.addenda(place, made, found))
        return Decision("closed", transfers=(transfer,) if transfer else (), effects=(Added(rows),))

    def _amounts(self, made: Closing) -> Amounts:
        taken = made.fee_amount + made.discount_amount
        amounts = {
            self.payable: -taken,
            fee_income(self.organisation_id): made.fee_amount - sum(made.shares.values()),
            own_discount(self.organisation_id, self.merchant_id): made.discount_amount,
        }
        for agent, amount in made.shares.items():
            amounts[payee_account(self.organisation_id, "agent", agent)] = amount
        return {account: amount for account, amount in amounts.items() if amount}

    def _transfer(self, amounts: Amounts) -> Transfer | None:
        if not amounts:
            return None
        return Transfer(
            id=uuid5(self.id, "fees"),
            organisation_id=self.organisation_id,
            cause_kind=KIND,
            cause_id=self.id,
            purpose="fees",
            postings=tuple(Posting(account, amount) for account, amount in amounts.items()),
            occurred_at=self.now,
            business_on=self.on,
            booked_on=self.on,
        )

    def _row(self, made: Closing, found: Found, transfer: Transfer | None) -> DayClose:
        taken = made.fee_amount + made.discount_amount
        own = (transfer.id, -taken) if transfer is not None and taken else None
        return DayClose(
            id=self.id,
            organisation=self.organisation_id,
            merchant=self.merchant_id,
            booked_on=self.on,
            closed_at=self.now,
            item_count=len(made.items),
            sale_amount=made.sale_amount,
            refund_amount=made.refund_amount,
            adjustment_amount=made.adjustment_amount,
            discount_amount=made.discount_amount,
            fee_amount=made.fee_amount,
            agent_amount=sum(made.shares.values()),
            net_amount=made.net_amount,
            funders=dict(made.funders),
            digest=closing.digest(closing.digest_lines(found.moves, self.on, own)),
            through_version=closing.through_version(found, self.on),
        )

    def _shares(self, made: Closing) -> list[AgentShare]:
        return [
            AgentShare(
                id=uuid5(self.id, f"share/{agent}"),
                organisation=self.organisation_id,
                day_id=self.id,
                agent=agent,
                amount=amount,
            )
            for agent, amount in made.shares.items()
            if amount
        ]
