"""What every peer stands on: requests and answers as values, and the faults on their way.

A peer says what it offers (`routes`), how its answers are signed (`seal`) and its provider's words
for trouble; the `Desk` between it and the network (`server.sandbox.listening`) lets go wrong what
was asked for.
"""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

from server.sandbox.books import Books
from server.sandbox.entries import Event, Silence
from server.sandbox.faults import HELD_S, Fault, Faults, Operation
from server.sandbox.keys import Keys

_CRASHES: Final = 20
"""How many defects are remembered."""
log = logging.getLogger(__name__)
_GARBAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was received: `target` and `body` are the bytes that were signed.

    Header names are lower case. `fault` is what a handler itself has to let happen, if anything
    (the payer's part, a refund's, a bill's): hand it to the books as `part`.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fault: Fault | None = None

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded; of a repeated name the last one counts."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `Content-Length` and the connection's headers are the server's business."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posting:
    """A notice ready to be posted: the very bytes, and the headers that go with them."""

    headers: Mapping[str, str]
    body: bytes


class Seal(StrEnum):
    """How an answer is signed."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"
    """With the key `Keys.pair("stranger")`, in the provider's name."""


class Tampering(StrEnum):
    """What is wrong with a notice."""

    NONE = "none"
    FORGED = "forged"
    """Signed with the key `Keys.pair("stranger")`."""
    UNSIGNED = "unsigned"
    WRONG_AMOUNT = "wrong_amount"
    """Signed by the provider, but one fen more than the order: the merchant has to compare."""
    WRONG_APP = "wrong_app"
    """Signed by the provider, for another merchant or app."""
    STALE = "stale"
    """Signed ten minutes ago."""


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """A merchant that the peer knows, as it is entered into the console."""

    provider: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class World:
    """What a peer lives in; one clock and one source of chance for all peers of a sandbox."""

    books: Books
    keys: Keys
    now: Callable[[], datetime]
    random: Callable[[int], bytes]


Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """`pattern` matches the whole path; its named groups are handed to `handler` by name."""

    method: str
    pattern: str
    operation: Operation
    handler: Handler


class Peer:
    """A provider. Subclasses give `kind` and override what is not implemented here."""

    kind: ClassVar[str] = ""
    notice_delays_s: ClassVar[Sequence[float]] = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800)
    """Between the sendings of a notice that nobody takes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.host = ""
        """Our own base URL, without a slash at the end; known once the server listens."""
        self._routes = [(re.compile(route.pattern), route) for route in self.routes()]

    @property
    def books(self) -> Books:
        """What this provider remembers."""
        return self.world.books

    @property
    def keys(self) -> Keys:
        """The keys of this provider and of its sample merchant."""
        return self.world.keys

    def routes(self) -> Sequence[Route]:
        """What this provider offers."""
        raise NotImplementedError

    def account(self) -> SampleAccount:
        """The sample merchant; asked for again it is the same one."""
        raise NotImplementedError

    def operation(self, request: Request) -> Operation:
        """Tell what is asked; override it where one path does everything."""
        found = self._find(request)
        return found[0].operation if found else Operation.OTHER

    def payer_code(self, request: Request) -> str:
        """Return the payer's code of a request to pay, so that its ending can play a part."""
        return ""

    def answer(self, request: Request) -> Reply:
        """Do what is asked and answer, unsigned. `Silence` breaks the connection."""
        found = self._find(request)
        if found is None:
            return self.no_such_path(request)
        route, groups = found
        return route.handler(request, **groups)

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        """Sign an answer."""
        raise NotImplementedError

    def no_such_path(self, request: Request) -> Reply:
        """Answer what this provider does not offer."""
        return Reply(404, b"{}")

    def rate_limited(self, request: Request) -> Reply:
        """Refuse, in this provider's words, somebody who asks too often."""
        raise NotImplementedError

    def system_error(self, request: Request) -> Reply:
        """Confess trouble in this provider's words, which leave open whether it was done."""
        raise NotImplementedError

    def strange(self, request: Request, reply: Reply) -> Reply:
        """Answer with a code that no documentation has, in this provider's form."""
        raise NotImplementedError

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write the notice of an event; composed twice, it is two deliveries of one notice."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let happen what has become due by the clock, before anybody is told of it."""
        self.books.settle()

    def is_taken(self, status: int, body: bytes) -> bool:
        """Tell whether the merchant's answer ends the repeats of a notice."""
        return status in (200, 204)

    def _find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match is not None and route.method == request.method:
                return route, match.groupdict()
        return None


class PeerClock:
    """The sandbox's time: that of `base`, and as much later as was asked for."""

    def __init__(self, base: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._base = base
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The present instant here."""
        return self._base() + self._offset

    @property
    def offset_s(self) -> float:
        """How far ahead of `base` it is here."""
        return self._offset.total_seconds()

    def set_offset(self, seconds: float) -> None:
        """Go to another time."""
        self._offset = timedelta(seconds=seconds)


class Desk:
    """Takes requests for a peer and lets go wrong what was asked for. Knows no network."""

    def __init__(self, peer: Peer, faults: Faults) -> None:
        self.peer = peer
        self.faults = faults
        self.crashes: deque[Exception] = deque(maxlen=_CRASHES)
        """Defects of the peer itself: to a merchant they look like one more fault."""
        self._held: list[tuple[datetime, Request]] = []
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Reply | None:
        """Answer a request; None breaks the connection."""
        try:
            return self._handle(request)
        except Exception as defect:
            log.exception("%s: %s %s", self.peer.kind, request.method, request.path)
            self.crashes.append(defect)
            return Reply(500)

    def _handle(self, request: Request) -> Reply | None:
        self._let_arrive()
        operation = self.peer.operation(request)
        fault = self.faults.take(operation, self.peer.payer_code(request))
        request = replace(request, fault=fault)
        if fault is Fault.LOST_REQUEST:
            return None
        if fault is Fault.HELD_REQUEST:
            self._hold(request)
            return None
        reply = self._reply(request, fault)
        return None if reply is None else self._spoil(request, reply, fault)

    def _reply(self, request: Request, fault: Fault | None) -> Reply | None:
        if fault is Fault.RATE_LIMITED:
            return self.peer.rate_limited(request)
        if fault is Fault.SYSTEM_ERROR:
            return self.peer.system_error(request)
        try:
            return self.peer.answer(request)
        except Silence:
            return None

    def _spoil(self, request: Request, reply: Reply, fault: Fault | None) -> Reply | None:
        if fault is Fault.LOST_ANSWER:
            return None
        if fault is Fault.GARBAGE:
            return Reply(200, _GARBAGE, "text/html")
        if fault is Fault.SLOW_ANSWER:
            time.sleep(self.faults.slow_ms / 1000)
        if fault is Fault.SYSTEM_ERROR_AFTER:
            reply = self.peer.system_error(request)
        if fault is Fault.STRANGE_CODE:
            reply = self.peer.strange(request, reply)
        seals = {Fault.UNSIGNED: Seal.MISSING, Fault.BADLY_SIGNED: Seal.WRONG}
        seal = Seal.RIGHT if fault is None else seals.get(fault, Seal.RIGHT)
        return self.peer.seal(request, reply, seal)

    def _hold(self, request: Request) -> None:
        arrives_at = self.peer.world.now() + timedelta(seconds=HELD_S)
        with self._lock:
            self._held.append((arrives_at, replace(request, fault=None)))

    def _let_arrive(self) -> None:
        now = self.peer.world.now()
        with self._lock:
            arrived = [request for at, request in self._held if at <= now]
            self._held = [(at, request) for at, request in self._held if at > now]
        for request in arrived:
            self._reply(request, None)
