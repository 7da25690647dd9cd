"""An Alipay account on a bench: the real client, and the sandbox's peer without a network.

`Bench` joins the two by a transport that hands each request to the peer's desk. `Scripted` answers
whatever a test says, signed by Alipay's key or not.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import httpx

from server.channels.channel import Account, Channel, Charge, PayeeOrder, Sent, Way
from server.channels.providers.alipay.provider import PROVIDER
from server.sandbox.alipay.peer import AlipayPeer
from server.sandbox.books import Books
from server.sandbox.entries import Order
from server.sandbox.faults import Fault, Faults, Operation
from server.sandbox.frame import Desk, Request, SampleAccount, Tampering, World
from server.sandbox.keys import Keys
from tests.factories.clocks import StandingClock

HOST = "http://alipay.test"
NOTICES = "https://us.test/notices/1"
NUMBER = "0123456789abcdef0123456789abcdef"
REFUND = "fedcba9876543210fedcba9876543210"
CODE = "281234567890123400"


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


def open_channel(
    sample: SampleAccount, kit: Kit, drop: tuple[str, ...] = (), **more: str
) -> Channel:
    """Open the sample merchant's account; `drop` and `more` change its settings."""
    return PROVIDER.open(account_of(sample, drop, **more), kit)


def account_of(sample: SampleAccount, drop: tuple[str, ...] = (), **more: str) -> Account:
    """The sample merchant's account as a server holds it."""
    own = {name: value for name, value in more.items() if name not in sample.secrets}
    settings = {**sample.settings, **own}
    return Account(
        UUID(int=1), UUID(int=2), "alipay-1", "alipay", HOST, NOTICES,
        {name: value for name, value in settings.items() if name not in drop},
        {name: more.get(name, value) for name, value in sample.secrets.items()},
    )  # fmt: skip


class Bench:
    """The client and the peer, on one clock."""

    def __init__(self, keys: Keys, *, has_certificates: bool = False) -> None:
        self.clock = StandingClock()
        self.books = Books(":memory:", self.clock.now)
        self._drawn = 0
        self.peer = AlipayPeer(World(self.books, keys, self.clock.now, self._random))
        self.peer.host = HOST
        self.faults = Faults()
        self.desk = Desk(self.peer, self.faults)
        self.requests: list[dict[str, str]] = []
        self.kit = Kit(httpx.Client(transport=httpx.MockTransport(self._carry)))
        self.sample = self.peer.certificate_account() if has_certificates else self.peer.account()
        self.channel = open_channel(self.sample, self.kit)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def order(self, number: str = NUMBER) -> Order:
        """What the peer's books have of an order."""
        found = self.books.peek(number)
        assert found is not None
        return found

    def open(self, drop: tuple[str, ...] = (), **more: str) -> Channel:
        """Open the account with other settings."""
        return open_channel(self.sample, self.kit, drop, **more)

    def let(self, fault: Fault, operation: Operation, count: int | None = 1) -> None:
        self.faults.ask(operation, fault, count)

    def charge(self, amount: int = 1250, code: str = CODE, number: str = NUMBER) -> Any:
        charge = Charge(number, amount, code, "午餐", "S1", "T1")
        return self.channel.pay(charge, self.now)

    def open_order(
        self,
        way: Way = Way.SCAN,
        amount: int = 1250,
        number: str = NUMBER,
        payer: str = "2088102117955612",
    ) -> Any:
        until = self.now + timedelta(minutes=5)
        order = PayeeOrder(number, amount, way, until, "午餐", payer=payer)
        return self.channel.create(order, self.now)

    def query(self, number: str = NUMBER) -> Any:
        return self.channel.query(number, self.now)

    def reverse(self, number: str = NUMBER) -> Any:
        return self.channel.reverse(number, self.now)

    def refund(self, amount: int = 1250, refund_number: str = REFUND, total: int = 1250) -> Any:
        return self.channel.refund(NUMBER, refund_number, amount, total, self.now)

    def notice(self, tampering: Tampering = Tampering.NONE, at: int = -1) -> bytes:
        """The body of a notice of the last event."""
        return self.peer.compose(self.books.events.all()[at], tampering).body

    def read(self, body: bytes) -> Any:
        return self.channel.read_notice({}, body, self.now)

    def methods(self) -> list[str]:
        return [request["method"] for request in self.requests]

    def content(self, at: int = -1) -> dict[str, Any]:
        """The `biz_content` of a request."""
        found: dict[str, Any] = json.loads(self.requests[at]["biz_content"])
        return found

    def _random(self, count: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(max(count, 4), "big")[-count:]

    def _carry(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, request.url.raw_path.decode(), headers, request.content)
        if request.content:
            self.requests.append(dict(parse_qsl(request.content.decode())))
        reply = self.desk.handle(received)
        if reply is None:
            raise httpx.ReadError("connection broken", request=request)
        return httpx.Response(reply.status, content=reply.body)


class Scripted:
    """Alipay saying exactly what a test wants."""

    def __init__(self, keys: Keys) -> None:
        self.clock = StandingClock()
        self.peer = AlipayPeer(
            World(Books(":memory:", self.clock.now), keys, self.clock.now, lambda n: bytes(n))
        )
        self._key = keys.pair("alipay-gateway")
        self.says: list[httpx.Response | Exception] = []
        self.urls: list[httpx.URL] = []
        self.timeouts: list[Any] = []
        self.kit = Kit(httpx.Client(transport=httpx.MockTransport(self._answer)))
        self.channel = open_channel(self.peer.account(), self.kit)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def say(self, method: str, content: Any, status: int = 200) -> "Scripted":
        """Answer next, signed: `content` is an object, or the characters of one."""
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        body = envelope(method, text, self.signature(text))
        return self.say_bytes(body, status)

    def say_bytes(self, body: bytes, status: int = 200) -> "Scripted":
        self.says.append(httpx.Response(status, content=body))
        return self

    def fail(self, problem: Exception) -> "Scripted":
        self.says.append(problem)
        return self

    def signature(self, text: str) -> str:
        return base64.b64encode(self._key.sign(text.encode())).decode()

    def pay(self, amount: int = 1250) -> Any:
        return self.channel.pay(Charge(NUMBER, amount, CODE), self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(request.url)
        self.timeouts.append(request.extensions["timeout"])
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def envelope(method: str, text: str, signature: str) -> bytes:
    name = method.replace(".", "_") + "_response"
    return f'{{"{name}":{text},"sign":"{signature}"}}'.encode()
