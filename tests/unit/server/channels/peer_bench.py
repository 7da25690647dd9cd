"""A provider's account on a bench: the real client, and the sandbox's peer without a network."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from server.channels.channel import Account, Channel, Charge, PayeeOrder, Provider, Sent, Way
from server.sandbox.books import Books
from server.sandbox.entries import Event
from server.sandbox.faults import Faults
from server.sandbox.frame import Desk, Peer, Posting, Request, Tampering, World
from server.sandbox.keys import Keys

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Beijing."""
NOTICES = "https://us.test/notices/1"
NUMBER = "0123456789abcdef0123456789abcdef"
REFUND = "fedcba9876543210fedcba9876543210"


@dataclass
class Kit:
    """`Tools`: a client over some transport, countable randomness, and what was kept."""

    client: httpx.Client
    kept: list[Sent] = field(default_factory=list)
    drawn: int = 0

    def http(self) -> httpx.Client:
        return self.client

    def random(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def keep(self, account: Account, sent: Sent) -> None:
        self.kept.append(sent)


@dataclass
class DiaryKit(Kit):
    """Tools that remember."""

    notes: dict[str, str] = field(default_factory=dict)

    def note(self, account: Account, number: str, text: str) -> str:
        return self.notes.setdefault(number, text)

    def noted(self, account: Account, number: str) -> str:
        return self.notes.get(number, "")


class Bench:
    """A channel and its peer, which share a clock that stands."""

    def __init__(self, provider: Provider, made: type[Peer], keys: Keys) -> None:
        self.now = NOON
        self.drawn = 0
        self.peer = made(World(Books(":memory:", self.clock), keys, self.clock, self.draw))
        self.peer.host = f"http://{made.kind}.test"
        self.faults = Faults()
        self.desk = Desk(self.peer, self.faults)
        self.requests: list[httpx.Request] = []
        self.kit = Kit(httpx.Client(transport=httpx.MockTransport(self._carry)))
        self.provider = provider
        self.channel: Any = self.open()

    def open(self, kit: Kit | None = None, **more: str) -> Channel:
        """Open the sample merchant's account; `more` changes settings or secrets."""
        sample = self.peer.account()
        account = Account(
            UUID(int=1), UUID(int=2), f"{self.peer.kind}-1", self.peer.kind, self.peer.host,
            NOTICES,
            {**sample.settings, **{k: v for k, v in more.items() if k not in sample.secrets}},
            {**sample.secrets, **{k: v for k, v in more.items() if k in sample.secrets}},
        )  # fmt: skip
        return self.provider.open(account, kit or self.kit)

    def clock(self) -> datetime:
        return self.now

    def draw(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def pay(self, code: str, number: str = NUMBER, amount: int = 1234) -> Any:
        return self.channel.pay(Charge(number, amount, code, "lunch", "s1", "d1"), self.now)

    def create(self, way: Way = Way.SCAN, number: str = NUMBER, amount: int = 1234) -> Any:
        until = self.now + timedelta(minutes=3)
        return self.channel.create(PayeeOrder(number, amount, way, until, "lunch"), self.now)

    def query(self, number: str = NUMBER) -> Any:
        return self.channel.query(number, self.now)

    def reverse(self, number: str = NUMBER) -> Any:
        return self.channel.reverse(number, self.now)

    def refund(self, amount: int = 1234, refund: str = REFUND, number: str = NUMBER) -> Any:
        return self.channel.refund(number, refund, amount, 1234, self.now)

    def notice(self, tampering: Tampering = Tampering.NONE, at: int = -1) -> Posting:
        """Compose the latest event's notice."""
        event: Event = self.peer.books.events.all()[at]
        return self.peer.compose(event, tampering)

    def read(self, posting: Posting) -> Any:
        headers = {name.lower(): value for name, value in posting.headers.items()}
        return self.channel.read_notice(headers, posting.body, self.now)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.raw_path.decode()
        reply = self.desk.handle(Request(request.method, target, headers, request.content))
        if reply is None:
            raise httpx.ReadError("broken", request=request)
        more = {"content-type": reply.content_type, **reply.headers}
        return httpx.Response(reply.status, content=reply.body, headers=more)
