"""A merchant's payouts against the sandbox's payout bank, over real HTTP, on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import PeerClock, Posting
from server.sandbox.payout_bank.peer import PayoutBankPeer
from server.sandbox.run import Running, Sandbox
from server.settlement.models import Payout
from server.settlement.pay_out import Progress, pay_out, take_notice
from server.settlement.payout_link.bank import LinkedBank, Parties
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading


@dataclass
class Desk:
    """A trading merchant and its bank."""

    trading: Trading
    running: Running
    bank: LinkedBank
    posted: list[Posting] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The clock of both sides."""
        return self.trading.now

    def pass_time(self, **step: float) -> None:
        """Let time pass on both sides."""
        self.trading.now += timedelta(**step)

    def payout(self, ending: str = "00", amount: int = 10_000) -> Payout:
        """Earn something, and make the payout for it, to an account of that ending."""
        trading = self.trading
        account = trading.bank_account()
        type(account).objects.filter(id=account.id).update(number=f"62220202000012345{ending}")
        trading.sell(amount)
        trading.end_day()
        assert trading.close()
        assert trading.settle()
        return Payout.objects.get(organisation=trading.organisation)

    def round(self) -> Progress:
        """Send and ask once."""
        return pay_out(self.trading.organisation, self.bank, self.now, self.trading.rows.random)

    def fault(self, fault: Fault, operation: Operation = Operation.CREATE) -> None:
        """Let the next one suffer."""
        self.running.faults.ask(operation, fault)

    def deliver(self) -> list[bool]:
        """Let the bank post what is due; return whether each was taken."""
        self.running.postman.step(self.now)
        posted, self.posted = self.posted, []
        return [
            take_notice(
                self.trading.organisation, self.bank,
                {name.lower(): value for name, value in one.headers.items()}, one.body, self.now,
            )
            for one in posted
        ]  # fmt: skip


@pytest.fixture(scope="session")
def payout_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("payout-keys")


@pytest.fixture
def desk(sqlite_database: str, payout_keys: Path) -> Iterator[Desk]:
    trading = Trading(Rows())
    clock = PeerClock(lambda: trading.now)
    sandbox = Sandbox(None, payout_keys, [PayoutBankPeer], clock=clock)
    running = sandbox.running["payout_bank"]
    sample = running.peer.account()
    parties = Parties.read(running.host, sample.settings, sample.secrets, "http://we/notices")
    with httpx.Client(trust_env=False) as http:
        made = Desk(trading, running, LinkedBank(parties, http, trading.rows.random))

        def keep(_: str, posting: Posting) -> tuple[int, bytes]:
            made.posted.append(posting)
            return 204, b""

        running.postman.send = keep
        yield made
    sandbox.stop()
    assert list(running.desk.crashes) == []
