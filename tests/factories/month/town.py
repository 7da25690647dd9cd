"""The platform's rows: merchants with their contracts, stores, a terminal each, people."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from uuid import UUID

from django.db import connection, transaction

from domain.fees import RateCard, Tier, card_data
from domain.offline_policy import Assurance, Caps, OfflinePolicy
from server.channels.add_account import add_account
from server.channels.models import ChannelAccount
from server.fleet.authenticate import load_identities
from server.http import TerminalIdentity
from server.ledger.apply import apply
from server.merchants.models import (
    Agent,
    AgentCost,
    ChannelContract,
    Merchant,
    SettlementTerms,
    Store,
)
from server.settlement.models import CalendarDay, PayoutAccount
from server.wallets.open_wallets import open_wallets
from server.wallets.top_up import top_up
from tests.factories.month.journals import Journal
from tests.factories.month.scale import Scale, at
from tests.factories.month.trade import CHANNELS
from tests.factories.payments import POLICY, write_policy
from tests.factories.server_rows import Rows

COSTS = {"wechat": 6_000, "alipay": 6_000, "unionpay": 3_800, "bank": 2_000}
"""What each channel keeps, in parts per million: what the sandbox's bills reckon with."""
OPENING_AMOUNT = 10_000_000
CANTEENS_OF_ONE, LOTS_OF_ONE = 2, 3
"""Stores of one merchant."""


def card_of(number: int, channel: str) -> RateCard:
    """Contracts of all shapes: a rate alone, with a fixed part, a minimum, a cap, tiers."""
    rate = COSTS[channel] + 500 * (1 + number % 4)
    shapes = (
        RateCard(rate),
        RateCard(rate, fixed_amount=1),
        RateCard(rate, minimum_amount=2),
        RateCard(rate + 2_000, cap_amount=20),
        RateCard(rate, tiers=(Tier(1_000, rate - 100), Tier(2_000, rate - 200, 1))),
    )
    return shapes[number % len(shapes)]


@dataclass(slots=True)
class Place:
    """A store with its terminal."""

    store: Store
    terminal: TerminalIdentity
    shift: UUID
    journal: Journal


class Town:
    """Everything that is there before the first sale."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.opened_at = at(scale.starts_on, time(4), days=-1)
        self.rows = rows = Rows(scale.seed, now=self.opened_at)
        self.organisation = rows.organisation.id
        # A long month: nothing that a counter sells offline is over a cap
        write_policy(rows, _boundless())
        for name in CHANNELS:
            add_account(self.organisation, rows.id(), name, now=self.opened_at)
        ChannelAccount.objects.filter(organisation=rows.organisation, name="simulated").delete()
        self.agents = self._agents()
        self.merchants: list[Merchant] = []
        self.places = self._places("食堂", scale.canteens, CANTEENS_OF_ONE, "04:00")
        self.places += self._places("停车场", scale.lots, LOTS_OF_ONE, "00:00")
        self.people = [rows.new_person(f"S{n:05d}", f"同学{n:05d}").id for n in range(scale.people)]
        self._fill()
        self._rest()

    def _places(self, name: str, count: int, of_one: int, cut_off: str) -> list[Place]:
        merchant: Merchant | None = None
        made = []
        for number in range(count):
            if merchant is None or number % of_one == 0:
                merchant = self._merchant(f"{name}商户 {number // of_one + 1}")
            store = self.rows.new_store(f"{name}{number + 1}", merchant)
            store.day_cut_off = cut_off
            store.save()
            device = self.rows.activated(self.rows.new_terminal(f"{store.name} 1 号", store))
            place = (device.terminal.id, device.key.key_id)
            terminal = load_identities([place])[place]
            assert terminal is not None
            journal = Journal(device.key, terminal, self.rows.id())
            made.append(Place(store, terminal, self.rows.id(), journal))
        return made

    def _merchant(self, name: str) -> Merchant:
        rows, number = self.rows, len(self.merchants)
        merchant = rows.new_merchant(f"m{number + 1:03d}")
        merchant.name = name
        merchant.save()
        self.merchants.append(merchant)
        for channel in CHANNELS:
            ChannelContract.objects.create(
                id=rows.id(), organisation=rows.organisation, merchant=merchant, channel=channel,
                card=card_data(card_of(number, channel)), cycle_days=1 + number % 2,
                cost=card_data(RateCard(COSTS[channel])), starts_on=date(2026, 1, 1),
            )  # fmt: skip
        agent = self.agents[-1] if number % 3 == 0 else None
        SettlementTerms.objects.create(
            id=rows.id(), organisation=rows.organisation, merchant=merchant, agent=agent,
            starts_on=date(2026, 1, 1), cycle_days=1,
        )  # fmt: skip
        self.open_bank("merchant", merchant.id, {0: "90", 1: "92"}.get(number % 7, "00"))
        return merchant

    def open_bank(self, kind: str, payee: UUID, ending: str) -> None:
        """Say where a payee is paid; accounts ending in 90 and 92 do not take their money."""
        PayoutAccount.objects.create(
            id=self.rows.id(), organisation=self.organisation, payee_kind=kind, payee=payee,
            holder="示例餐饮有限公司", number=f"62220202000012345{ending}", bank="102100099996",
        )  # fmt: skip

    def _agents(self) -> list[Agent]:
        """Two levels, the upper one first, each with its cost at every channel."""
        made: list[Agent] = []
        for level, more in enumerate((100, 300)):
            agent = Agent.objects.create(
                id=self.rows.id(), organisation=self.rows.organisation, code=f"A{level}",
                parent=made[-1] if made else None, name=f"代理 {level}",
            )  # fmt: skip
            made.append(agent)
            self.open_bank("agent", agent.id, "00")
            for channel in CHANNELS:
                AgentCost.objects.create(
                    id=self.rows.id(), organisation=self.rows.organisation, agent=agent,
                    channel=channel, card=card_data(RateCard(COSTS[channel] + more)),
                    starts_on=date(2026, 1, 1),
                )  # fmt: skip
        return made

    def _fill(self) -> None:
        open_wallets(self.organisation, self.people, at=self.opened_at)
        for first in range(0, len(self.people), 400):
            with transaction.atomic():
                apply(connection, [
                    top_up(
                        self.rows.id(), self.organisation, person, OPENING_AMOUNT,
                        source="opening", at=self.opened_at, business_on=self.opened_at.date(),
                    )
                    for person in self.people[first : first + 400]
                ])  # fmt: skip

    def _rest(self) -> None:
        """Banks rest in the first week of October."""
        for day in range(7):
            CalendarDay.objects.create(
                id=self.rows.id(), organisation=self.organisation,
                day=date(2026, 10, 1) + timedelta(days=day), is_open=False, name="国庆节",
            )  # fmt: skip


def _boundless() -> OfflinePolicy:
    caps = {assurance: Caps(10**6, 10**9) for assurance in Assurance}
    return replace(
        POLICY, caps=caps, terminal_count=10**6, terminal_amount=10**9, max_age_s=10 * 86_400
    )
