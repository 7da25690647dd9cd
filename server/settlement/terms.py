"""What a merchant's settlement goes by: contracts, cycles, agents and their costs, the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from domain.fees import FREE, RateCard, read_card
from domain.routing import Contract
from domain.settlement_calendar import BankCalendar
from server.merchants.contracts import read_contracts
from server.merchants.models import Agent, AgentCost, SettlementTerms
from server.settlement.models import CalendarDay

MAX_LEVELS: Final = 10
"""Of agents above one another; a longer chain is a ring."""
_DEFAULT_CYCLE_DAYS: Final = 1
Version = TypeVar("Version", Contract, "Cost", "Paid")


@dataclass(frozen=True, slots=True)
class Cost:
    """An agent's cost price from a day on."""

    starts_on: date
    card: RateCard


@dataclass(frozen=True, slots=True)
class Paid:
    """How a merchant is paid from a day on."""

    starts_on: date
    cycle_days: int = _DEFAULT_CYCLE_DAYS
    least_amount: int = 0
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that one merchant's days and batches go by."""

    calendar: BankCalendar
    contracts: tuple[Contract, ...] = ()
    paid: tuple[Paid, ...] = ()
    parents: Mapping[UUID, UUID | None] = field(default_factory=dict)
    costs: Mapping[tuple[UUID, str], tuple[Cost, ...]] = field(default_factory=dict)

    def contract(self, channel: str, day: date) -> Contract | None:
        """Return the contract in force at a channel on `day`."""
        mine = [one for one in self.contracts if one.channel == channel]
        found = _newest(mine, day)
        return found if found and (found.ends_on is None or day <= found.ends_on) else None

    def paid_on(self, day: date) -> Paid:
        """Return how the merchant is paid on `day`."""
        return _newest(self.paid, day) or Paid(date.min)

    def due_on(self, traded_on: date, channel: str) -> date:
        """Return when what was traded through `channel` ("" for wallets) is due."""
        contract = self.contract(channel, traded_on) if channel else None
        cycle = contract.cycle_days if contract else self.paid_on(traded_on).cycle_days
        return self.calendar.due_on(traded_on, cycle)

    def agents(self, day: date) -> tuple[UUID, ...]:
        """Return the merchant's agents on `day`, the one nearest to it first."""
        chain: list[UUID] = []
        agent = self.paid_on(day).agent_id
        while agent is not None and agent not in chain and len(chain) < MAX_LEVELS:
            chain.append(agent)
            agent = self.parents.get(agent)
        return tuple(chain)

    def every_agent(self) -> tuple[UUID, ...]:
        """Return all agents that ever stood above the merchant."""
        found = {agent for paid in self.paid for agent in self.agents(paid.starts_on)}
        return tuple(sorted(found))

    def cost(self, agent_id: UUID, channel: str, day: date) -> RateCard | None:
        """Return an agent's cost price at a channel; None: it pays what the one below pays."""
        found = _newest(self.costs.get((agent_id, channel), ()), day)
        return found.card if found else None

    def card(self, channel: str, day: date) -> RateCard:
        """Return what the merchant pays at a channel on `day`; without a contract nothing."""
        contract = self.contract(channel, day)
        return contract.card if contract else FREE


def read_terms(organisation_id: UUID, merchant_ids: Sequence[UUID]) -> dict[UUID, Terms]:
    """Return the terms of merchants, in five queries for any number."""
    contracts = read_contracts(organisation_id, merchant_ids)
    calendar = read_calendar(organisation_id)
    agents = Agent.objects.filter(organisation=organisation_id)
    parents = dict(agents.values_list("id", "parent_id"))
    costs = _costs(organisation_id)
    paid: dict[UUID, list[Paid]] = {}
    rows = SettlementTerms.objects.filter(
        organisation=organisation_id, merchant__in=list(merchant_ids)
    )
    for row in rows:
        terms = Paid(row.starts_on, row.cycle_days, row.least_amount, row.agent_id)
        paid.setdefault(row.merchant_id, []).append(terms)
    return {
        merchant: Terms(
            calendar, contracts.get(merchant, ()), tuple(paid.get(merchant, ())), parents, costs
        )
        for merchant in merchant_ids
    }


def read_calendar(organisation_id: UUID) -> BankCalendar:
    """Return the days on which an organisation's bank works."""
    rows = CalendarDay.objects.filter(organisation=organisation_id).values_list("day", "is_open")
    return BankCalendar(
        holidays=frozenset(day for day, is_open in rows if not is_open),
        worked_days=frozenset(day for day, is_open in rows if is_open),
    )


def _costs(organisation_id: UUID) -> dict[tuple[UUID, str], tuple[Cost, ...]]:
    found: dict[tuple[UUID, str], tuple[Cost, ...]] = {}
    for row in AgentCost.objects.filter(organisation=organisation_id):
        place = (row.agent_id, row.channel)
        found[place] = (*found.get(place, ()), Cost(row.starts_on, read_card(row.card)))
    return found


def _newest(versions: Sequence[Version], day: date) -> Version | None:
    begun = [version for version in versions if version.starts_on <= day]
    return max(begun, key=lambda version: version.starts_on, default=None)
