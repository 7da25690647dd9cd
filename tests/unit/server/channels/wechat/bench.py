"""A WeChat Pay account on a bench: the real client, and the sandbox's peer without a network.

`Bench` joins the two by a transport that hands each request to the peer's desk. `Scripted` answers
whatever a test says, signed by WeChat Pay's keys or not.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from server.channels.channel import Account, Channel, Charge, PayeeOrder, Sent, Way
from server.channels.providers.wechat.provider import PROVIDER
from server.sandbox.books import Books
from server.sandbox.faults import Fault, Faults, Operation
from server.sandbox.frame import Desk, Reply, Request, SampleAccount, World
from server.sandbox.keys import Keys
from server.sandbox.wechat.peer import PUBLIC_KEY_ID, Mode, WechatPeer
from tests.factories.clocks import StandingClock

HOST = "http://wechat.test"
NUMBER = "0123456789abcdef0123456789abcdef"
REFUND = "fedcba9876543210fedcba9876543210"
CODE = "134567890123456700"


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
    sample: SampleAccount,
    kit: Kit,
    drop: tuple[str, ...] = (),
    *,
    host: str = HOST,
    notice_url: str = "https://us.test/notices/1",
    **more: str,
) -> Channel:
    """Open the sample merchant's account; `drop` and `more` change its settings."""
    settings = {**sample.settings, **more}
    account = Account(
        UUID(int=1), UUID(int=2), "wechat-1", "wechat", host, notice_url,
        {name: value for name, value in settings.items() if name not in drop},
        {name: more.get(name, value) for name, value in sample.secrets.items()},
    )  # fmt: skip
    return PROVIDER.open(account, kit)


class Bench:
    """The client and the peer, on one clock."""

    def __init__(self, keys: Keys, mode: Mode = Mode.GREY) -> None:
        self.clock = StandingClock()
        self.books = Books(":memory:", self.clock.now)
        self._drawn = 0
        self.peer = WechatPeer(World(self.books, keys, self.clock.now, self._random))
        self.peer.mode = mode
        self.peer.host = HOST
        self.faults = Faults()
        self.desk = Desk(self.peer, self.faults)
        self.requests: list[Request] = []
        self.before_send: Callable[[], None] = lambda: None
        self.kit = Kit(httpx.Client(transport=httpx.MockTransport(self._carry)))
        self.channel = open_channel(self.peer.account(), self.kit)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def let(self, fault: Fault, operation: Operation, count: int | None = 1) -> None:
        self.faults.ask(operation, fault, count)

    def charge(self, amount: int = 1250, code: str = CODE, number: str = NUMBER) -> Any:
        charge = Charge(number, amount, code, "午餐", "S1", "T1")
        return self.channel.pay(charge, self.now)

    def open_order(self, way: Way = Way.SCAN, amount: int = 1250, number: str = NUMBER) -> Any:
        until = self.now + timedelta(minutes=5)
        order = PayeeOrder(number, amount, way, until, "午餐", payer="openid-1")
        return self.channel.create(order, self.now)

    def query(self, number: str = NUMBER) -> Any:
        return self.channel.query(number, self.now)

    def reverse(self, number: str = NUMBER) -> Any:
        return self.channel.reverse(number, self.now)

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def _random(self, count: int) -> bytes:
        self._drawn += 1
        return (1 << 40 | self._drawn).to_bytes(count, "big")

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.before_send()
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Request(request.method, request.url.raw_path.decode(), headers, request.content)
        self.requests.append(received)
        reply = self.desk.handle(received)
        if reply is None:
            raise httpx.ReadError("connection broken", request=request)
        return response(reply, self.now)


def response(reply: Reply, at: datetime) -> httpx.Response:
    """What a client gets of a peer's reply."""
    date = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return httpx.Response(reply.status, content=reply.body, headers={**reply.headers, "Date": date})


class Scripted:
    """WeChat Pay saying exactly what a test wants, signed with the public key of the account."""

    def __init__(self, keys: Keys) -> None:
        self.clock = StandingClock()
        self.peer = WechatPeer(
            World(Books(":memory:", self.clock.now), keys, self.clock.now, lambda n: bytes(n))
        )
        self._key = keys.pair("wechat-public")
        self.says: list[httpx.Response | Exception] = []
        self.hosts: list[str] = []
        self.kit = Kit(httpx.Client(transport=httpx.MockTransport(self._answer)))
        self.channel = open_channel(self.peer.account(), self.kit)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def say(self, status: int, content: Any = None, **headers: str) -> "Scripted":
        """Answer next: `content` is JSON, or bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.says.append(
            httpx.Response(status, content=body, headers={**self.signed(body), **headers})
        )
        return self

    def say_unsigned(self, status: int, content: Any) -> "Scripted":
        self.says.append(httpx.Response(status, json=content))
        return self

    def fail(self, problem: Exception) -> "Scripted":
        self.says.append(problem)
        return self

    def signed(self, body: bytes, stamp: int | None = None, nonce: str = "n0nce") -> dict[str, str]:
        """The headers of WeChat Pay's signature."""
        at = stamp if stamp is not None else int(self.now.timestamp())
        signature = self._key.sign(f"{at}\n{nonce}\n".encode() + body + b"\n")
        return {
            "Wechatpay-Timestamp": str(at),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": PUBLIC_KEY_ID,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
        }

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def transaction(state: str = "SUCCESS", **more: Any) -> Mapping[str, Any]:
    """An order as WeChat Pay writes it."""
    return {
        "mchid": "1900000109",
        "appid": "wx8888888888888888",
        "out_trade_no": NUMBER,
        "transaction_id": "4200000001",
        "trade_type": "MICROPAY",
        "trade_state": state,
        "amount": {"total": 1250, "currency": "CNY"},
        **more,
    }
