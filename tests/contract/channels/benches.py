"""One provider's channel before its own peer, over real HTTP, on a clock that is moved by hand."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from server.channels.channel import Account, Channel, Charge, PayeeOrder, Provider, Sent, Way
from server.sandbox.alipay.peer import AlipayPeer
from server.sandbox.books import CALENDAR, Books
from server.sandbox.entries import Event
from server.sandbox.faults import Fault, Faults, Operation
from server.sandbox.frame import Peer, PeerClock, Posting, SampleAccount, Tampering
from server.sandbox.run import Sandbox, peer_class
from server.sandbox.wechat.peer import Mode, WechatPeer
from tests.contract.channels.driver import Driver
from tests.contract.channels.plain_channel import PROVIDER as PLAIN
from tests.contract.channels.plain_peer import PlainPeer
from tests.factories.clocks import StandingClock

KINDS = (
    "plain",
    "wechat",
    "wechat/certificates",
    "alipay",
    "alipay/certificates",
    "unionpay",
    "bank",
)
"""Every provider, and what is behind the stroke is another form of account at it."""
CODES = {
    "plain": "13{:014d}",
    "wechat": "13{:014d}",
    "alipay": "28{:014d}",
    "unionpay": "62{:015d}",
    "bank": "88{:016d}",
}
"""A payer's code of each provider without its last two digits."""
NOTICES = "http://127.0.0.1:9/notices/"


class Gauge(httpx.BaseTransport):
    """Notes each call's time-outs and shortens the read by `faster`, so that tests need not wait.

    Also keeps every request as it was sent, to be searched for what must not be there.
    """

    def __init__(self) -> None:
        self._transport = httpx.HTTPTransport()
        self.timeouts: list[dict[str, float | None]] = []
        self.paths: list[str] = []
        self.faster = 1.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        stated = dict(request.extensions.get("timeout", {}))
        self.timeouts.append(stated)
        self.paths.append(request.url.path)
        shorter = {name: value and value / self.faster for name, value in stated.items()}
        request.extensions = {**request.extensions, "timeout": shorter}
        return self._transport.handle_request(request)

    def close(self) -> None:
        self._transport.close()


@dataclass
class Kept:
    """`Tools` as a server gives them."""

    client: httpx.Client
    sent: list[Sent] = field(default_factory=list)
    _noted: dict[tuple[UUID, str], str] = field(default_factory=dict)

    def http(self) -> httpx.Client:
        """The one client, with its kept connections."""
        return self.client

    def random(self, count: int) -> bytes:
        """Real chance: nonces must never repeat."""
        return os.urandom(count)

    def keep(self, account: Account, sent: Sent) -> None:
        """Keep what was exchanged."""
        self.sent.append(sent)

    def note(self, account: Account, number: str, text: str) -> str:
        """Remember a text of a number, the first one for ever."""
        return self._noted.setdefault((account.id, number), text)

    def noted(self, account: Account, number: str) -> str:
        """Return what is remembered of a number."""
        return self._noted.get((account.id, number), "")


@dataclass
class Bench:
    """Everything one test needs of one provider."""

    name: str
    provider: Provider
    sandbox: Sandbox
    clock: StandingClock
    gauge: Gauge
    tools: Kept
    channel: Channel
    _count: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def kind(self) -> str:
        """The provider's name without the form of account."""
        return kind_of(self.name)

    @property
    def peer(self) -> Peer:
        """The provider's side."""
        return self.sandbox.running[self.kind].peer

    @property
    def books(self) -> Books:
        """What the provider remembers."""
        return self.peer.books

    @property
    def faults(self) -> Faults:
        """What is going to happen."""
        return self.sandbox.running[self.kind].faults

    @property
    def has_debits(self) -> bool:
        """Whether its channel also takes money by mandate."""
        return hasattr(self.channel, "debit")

    @property
    def crashes(self) -> list[Exception]:
        """Defects of the peer, which to the channel look like faults."""
        return list(self.sandbox.running[self.kind].desk.crashes)

    @property
    def driver(self) -> Driver:
        """Keeps the schedule of the channel."""
        return Driver(self.channel, self.clock)

    def number(self) -> str:
        """Return a number never used before."""
        return f"{next(self._count):032x}"

    def code(self, ending: str = "00") -> str:
        """Return a payer's code never used before."""
        return CODES[self.kind].format(next(self._count)) + ending

    def new_charge(self, amount: int = 1234, ending: str = "00") -> Charge:
        """A charge as a counter makes it."""
        return Charge(self.number(), amount, self.code(ending), "Lunch", "store1", "c01")

    def order(self, way: Way = Way.SCAN, amount: int = 1234, minutes: float = 5) -> PayeeOrder:
        """An order to be paid within `minutes`."""
        expires_at = self.clock.now() + timedelta(minutes=minutes)
        return PayeeOrder(
            self.number(), amount, way, expires_at, "Lunch", "payer-1", "127.0.0.1", "store1", "c01"
        )

    def pay(self, amount: int = 1234) -> Charge:
        """A charge that has succeeded."""
        charge = self.new_charge(amount)
        self.channel.pay(charge, self.clock.now())
        assert self.net_amount(charge.number) == amount
        return charge

    def ask(self, operation: Operation, fault: Fault | None, count: int | None = 1) -> None:
        """Let something happen."""
        self.faults.ask(operation, fault, count)

    def net_amount(self, number: str) -> int:
        """What the provider says the payer is out of pocket."""
        return self.books.net_amount(number)

    def let_all_arrive(self) -> None:
        """Let time pass until nothing of an earlier call can be on its way any more."""
        self.faults.clear()
        self.clock.move(minutes=10)
        self.channel.query("f" * 32, self.clock.now())
        self.books.settle()
        for event in self.books.events.due(self.clock.now() + timedelta(days=99)):
            self.books.events.told(event, None, is_sent=False)

    def fresh_day(self) -> datetime:
        """Go to ten in the morning of a day on which nothing happened yet; return its midnight."""
        there = (self.clock.now().astimezone(CALENDAR) + timedelta(days=2)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        self.clock.at = (there + timedelta(hours=10)).astimezone(self.clock.at.tzinfo)
        return there

    def notice(self, number: str, tampering: Tampering = Tampering.NONE) -> Posting:
        """Return the notice of the last event of an order, as it would be posted."""
        return self.peer.compose(self.event(number), tampering)

    def event(self, number: str) -> Event:
        """Return the last event of an order; without a real one, as if the merchant had asked."""
        self.books.settle()
        found = [event for event in self.books.events.all() if event.number == number]
        assert found, f"nobody is told of {number}"
        return found[-1]

    def read(self, posting: Posting) -> Any:
        """Let the channel read a notice."""
        headers = {name.lower(): value for name, value in posting.headers.items()}
        return self.channel.read_notice(headers, posting.body, self.clock.now())

    def open(self, **changed: str) -> Channel:
        """Open another channel of the account, with some settings or secrets changed."""
        return self.provider.open(account_of(self.sandbox, self.name, changed), self.tools)

    def sample(self) -> SampleAccount:
        """The merchant as the peer knows it."""
        return sample_of(self.name, self.peer)


def kind_of(name: str) -> str:
    """Return the provider of a bench's name."""
    return name.partition("/")[0]


def provider_of(name: str) -> Provider:
    """Return the provider of a bench."""
    if name == "plain":
        return PLAIN
    found: Provider = importlib.import_module(
        f"server.channels.providers.{kind_of(name)}.provider"
    ).PROVIDER
    return found


def sample_of(name: str, peer: Peer) -> SampleAccount:
    """Return the sample merchant of a peer, in the form that the bench's name asks for."""
    if isinstance(peer, AlipayPeer) and name.endswith("/certificates"):
        return peer.certificate_account()
    if isinstance(peer, WechatPeer) and name.endswith("/certificates"):
        peer.mode = Mode.CERTIFICATE
        account = peer.account()
        kept = {k: v for k, v in account.settings.items() if not k.startswith("public_key")}
        return replace(account, settings=kept)
    return peer.account()


def account_of(sandbox: Sandbox, name: str, changed: Mapping[str, str] | None = None) -> Account:
    """Return the account of the peer's sample merchant."""
    kind = kind_of(name)
    running = sandbox.running[kind]
    sample = sample_of(name, running.peer)
    changed = changed or {}
    return Account(
        id=UUID(int=2),
        organisation_id=UUID(int=1),
        name=kind,
        provider=kind,
        host=running.host,
        notice_url=f"{NOTICES}{UUID(int=2)}",
        settings={key: changed.get(key, value) for key, value in sample.settings.items()},
        secrets={key: changed.get(key, value) for key, value in sample.secrets.items()},
    )


@contextmanager
def bench_of(name: str, keys: Path) -> Iterator[Bench]:
    """Run one provider's peer and open its channel."""
    clock = StandingClock()
    made = PlainPeer if name == "plain" else peer_class(kind_of(name))
    sandbox = Sandbox(None, keys, [made], clock=PeerClock(clock.now))
    gauge = Gauge()
    tools = Kept(httpx.Client(transport=gauge, follow_redirects=False))
    provider = provider_of(name)
    channel = provider.open(account_of(sandbox, name), tools)
    try:
        yield Bench(name, provider, sandbox, clock, gauge, tools, channel)
    finally:
        tools.client.close()
        sandbox.stop()
