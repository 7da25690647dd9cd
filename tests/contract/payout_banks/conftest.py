"""A merchant's payouts against the sandbox's payout bank, over real HTTP, on one clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from django.db import connections

from server.ledger.writer import Writer
from server.runtime import Runtime
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import PeerClock, Posting
from server.sandbox.payout_bank.peer import PayoutBankPeer
from server.sandbox.run import Running, Sandbox
from server.settlement.api import PREFIX, routes
from server.settlement.models import Payout
from server.settlement.pay_out import Progress, pay_out
from server.settlement.payout_link.bank import LinkedBank, Parties
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import SECRETS, Randomness, Rows
from tests.factories.settled import Trading
from tests.factories.terminals_api import TerminalsApi


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

    def deliver(self) -> list[int]:
        """Let the bank post what is due over our edge; return the statuses it was answered with."""
        self.running.postman.step(self.now)
        posted, self.posted = self.posted, []
        return [self.post(one) for one in posted]

    def post(self, one: Posting, path: str = "") -> int:
        """Post one notice, to the address it is for or to `path`."""
        clock = StandingClock(self.now)
        writer = Writer(clock)
        thread = threading.Thread(target=writer.run)
        with ThreadPoolExecutor(1) as reads:
            api = TerminalsApi(Runtime(writer, clock, SECRETS, Randomness(99), reads), clock)
            served = routes(api.runtime, lambda id: self.bank if id == self.organisation else None)
            api.serve(served, unsigned=tuple(served))
            thread.start()
            try:
                path = path or f"{PREFIX}{self.organisation}"
                return api.call("POST", path, one.body, headers=one.headers).status_code
            finally:
                writer.stop()
                thread.join(20)
                reads.submit(connections.close_all).result()

    @property
    def organisation(self) -> UUID:
        """Whose payouts they are."""
        return self.trading.organisation


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
    notices = f"http://we{PREFIX}{trading.organisation}"
    parties = Parties.read(running.host, sample.settings, sample.secrets, notices)
    with httpx.Client(trust_env=False) as http:
        made = Desk(trading, running, LinkedBank(parties, http, trading.rows.random))

        def keep(_: str, posting: Posting) -> tuple[int, bytes]:
            made.posted.append(posting)
            return 204, b""

        running.postman.send = keep
        yield made
    sandbox.stop()
    assert list(running.desk.crashes) == []
