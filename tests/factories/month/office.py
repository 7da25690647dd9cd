"""The office that answers for the month: settles, pays out, reads bills, decides by four eyes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx

from server.cases.approvals.decide_approval import approve
from server.channels.channel import Bill, BillKind, NoBill, Terms
from server.channels.open_channels import Channels, Opened
from server.reconciliation.adjust import register_adjustments, request_adjustment
from server.reconciliation.fetch_bill import KIND, Fetcher
from server.reconciliation.models import Difference, DifferenceState
from server.sandbox.frame import PeerClock
from server.sandbox.payout_bank.peer import PayoutBankPeer
from server.sandbox.run import Sandbox
from server.settlement.models import PayoutAccount
from server.settlement.payout_link.bank import LinkedBank, Parties
from server.settlement.settle_due import Settled, settle_due
from server.work.handlers import Claimed
from tests.factories.month.paper import Paper
from tests.factories.month.selling import run
from tests.factories.month.town import Town
from tests.factories.server_rows import SECRETS

POOL_DAYS = 2
"""After its own day's bill and two more nothing may wait in the pool any longer."""


@dataclass(frozen=True, slots=True)
class PaperChannel:
    """A channel that is asked for nothing but its bills."""

    paper: Paper
    terms: Terms = Terms()

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.paper.channel

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """The bill as it was written."""
        assert kind is BillKind.TRADE
        return self.paper.bill(on)


class Office:
    """Does each day what a worker and two people do."""

    def __init__(self, town: Town, papers: dict[str, Paper], keys: Any) -> None:
        self.town, self.now = town, town.opened_at
        channels: Any = {
            name: Opened(PaperChannel(paper), frozenset({name}))  # type: ignore[arg-type]
            for name, paper in papers.items()
        }
        self.names = tuple(papers)
        self.fetcher = Fetcher(Channels(lambda *_, **__: channels), _submit, SECRETS)
        self.sandbox = Sandbox(None, keys, [PayoutBankPeer], clock=PeerClock(lambda: self.now))
        running = self.sandbox.running["payout_bank"]
        sample = running.peer.account()
        parties = Parties.read(running.host, sample.settings, sample.secrets)
        self.http = httpx.Client(trust_env=False)
        self.bank = LinkedBank(parties, self.http, town.rows.random)
        register_adjustments()

    def close(self) -> None:
        """Let the payout bank go."""
        self.http.close()
        self.sandbox.stop()

    def settle(self, now: datetime) -> Settled:
        """Close days, make batches, hand payouts over and hear of the earlier ones."""
        self.now = now
        done = settle_due(self.town.organisation, now, self.town.rows.random, self.bank)
        assert not done.troubles, done.troubles[:3]
        return done

    def mend_accounts(self) -> None:
        """Payees whose bank would not have the money say where else it may go."""
        for account in PayoutAccount.objects.filter(organisation=self.town.organisation):
            account.number = f"{account.number[:-2]}00"
            account.save()

    def read_bills(self, now: datetime, tell: Callable[[str], None]) -> None:
        """Fetch, match, clear and let the rules work, as the worker's due row does."""
        self.now = now
        for name in self.names:
            tell(name)
            claimed = Claimed(
                self.town.rows.id(), self.town.organisation, KIND, self.town.organisation, now,
                {"channel": name}, 1,
            )  # fmt: skip
            assert self.fetcher.fetch_due(claimed, now) is not None

    def decide(self, now: datetime) -> int:
        """One person asks that the channels' word be accepted, another one approves."""
        organisation, random = self.town.organisation, self.town.rows.random
        rows = Difference.objects.filter(organisation=organisation, state=DifferenceState.OPEN)
        ids: list[UUID] = list(rows.order_by("id").values_list("id", flat=True))
        for id in ids:
            asked = request_adjustment(
                organisation, id, by="wang", reason="渠道已核实", now=now, random=random
            )
            approve(organisation, asked.id, by="li", now=now)
        return len(ids)

    def overstayed(self, on: date) -> list[str]:
        """What waits in the pool longer than three days' bills up to that of `on`."""
        rows = Difference.objects.filter(
            organisation=self.town.organisation, state=DifferenceState.POOLED
        )
        return [str(row) for row in rows if (on - row.first_on).days >= POOL_DAYS]


def _submit(command: Any) -> Any:
    return run([command])[0]
