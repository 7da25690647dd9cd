"""Load for the server: requests signed beforehand, sent over kept connections.

One process sends for any number of clients, each with a connection and a terminal of its own and
one request in flight, as a counter has. What it does per request is write bytes, find the end of
the answer and note the time; answers are read and checked after the clock has stopped.
"""

import asyncio
import random
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from uuid import UUID

import uvloop

from benchmarks.canteen import Canteen, Till
from domain.ids import new_id
from sync import signing
from sync.messages import (
    CredentialKind,
    Evidence,
    Intent,
    Line,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    Stamp,
    Tender,
    decode,
    encode,
)

ANSWER_LIMIT_S = 30.0
AMOUNTS = (600, 800, 1_250, 1_800)
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage measured; latencies in ms, one per payment."""

    clients: int
    payments: int
    amount: int
    elapsed_s: float
    latencies_ms: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Payments per second."""
        return self.payments / self.elapsed_s


def pay_at(port: int, canteen: Canteen, clients: int, each: int, seed: int) -> Stage:
    """Let `clients` make `each` payments one after the other. For `apart`.

    Raises AssertionError when any answer is not an approval.
    """
    rng = random.Random(seed)
    tills = canteen.tills[:clients]
    assert len(tills) == clients, "one terminal per client"
    requests = [[payment(till, rng.choice(canteen.people), rng) for _ in range(each)]
                for till in tills]  # fmt: skip
    wires = [[signed(till, "/v1/payments", encode(one)) for one in theirs]
             for till, theirs in zip(tills, requests, strict=True)]  # fmt: skip
    answers, latencies_ms, elapsed_s = send(port, wires)
    for bodies, theirs in zip(answers, requests, strict=True):
        _check(bodies, theirs)
    return Stage(
        clients=clients,
        payments=clients * each,
        amount=sum(one.intent.total for one in chain.from_iterable(requests)),
        elapsed_s=elapsed_s,
        latencies_ms=tuple(latencies_ms),
    )


def send(
    port: int, wires: Sequence[Sequence[bytes]]
) -> tuple[list[list[bytes]], list[float], float]:
    """Send each client's requests one after the other, all clients at once.

    Returns each client's answers (bodies), the latencies in ms, and the seconds it took in all.
    Raises AssertionError for an answer that is not a 200.
    """
    connections, elapsed_s = uvloop.run(_send_all(port, wires))
    answers = [[_body(raw) for raw in one.answers] for one in connections]
    latencies_ms = list(chain.from_iterable(one.latencies_ms for one in connections))
    return answers, latencies_ms, elapsed_s


def payment(till: Till, person: UUID, rng: random.Random) -> PaymentRequest:
    """Make a request for a keyed amount by a person's face."""
    now, amount = datetime.now(UTC), rng.choice(AMOUNTS)
    ms = int(now.timestamp() * 1000)
    return PaymentRequest(
        intent=Intent(
            payment_id=new_id(ms, rng.randbytes), organisation_id=till.organisation_id,
            merchant_id=till.merchant_id, store_id=till.store_id, terminal_id=till.terminal_id,
            order_id=new_id(ms, rng.randbytes), tender=Tender.WALLET, payer=f"person:{person}",
            lines=(Line(item="keyed", name="餐", quantity=1, unit_amount=amount, amount=amount),),
            total=amount,
        ),
        evidence=Evidence(credential=CredentialKind.FACE, assurance=4, distance=0.31, margin=0.2),
        stamp=Stamp(corrected_at=now, raw_at=now, boot_id="bench", monotonic_s=1.0),
        binding_version=1,
        order_total=amount,
    )  # fmt: skip


def signed(till: Till, path: str, body: bytes) -> bytes:
    """Return the bytes of a signed POST on a kept connection."""
    time_ms = int(time.time() * 1000)
    key = signing.TerminalKey(till.seed, till.key_id)
    signature = key.sign(signing.request_bytes("POST", path, time_ms, body))
    head = (
        f"POST {path} HTTP/1.1\r\nhost: server\r\n"
        f"{signing.TERMINAL_HEADER}: {till.terminal_id}\r\n"
        f"{signing.KEY_HEADER}: {till.key_id}\r\n{signing.TIME_HEADER}: {time_ms}\r\n"
        f"{signing.SIGNATURE_HEADER}: {b64encode(signature).decode()}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """Sends its requests one after the other, the next when the answer is whole."""

    def __init__(self, wires: Sequence[bytes], done: "asyncio.Future[None]") -> None:
        self.latencies_ms: list[float] = []
        self.answers: list[bytes] = []
        self._wires = iter(wires)
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def send(self) -> None:
        """Send the next request, if there is one."""
        wire = next(self._wires, None)
        if wire is None:
            self._done.set_result(None)
            return
        assert self._transport is not None
        self._sent_at = time.perf_counter()
        self._transport.write(wire)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        start = self._buffer.index(_LENGTH) + len(_LENGTH)
        length = int(self._buffer[start : self._buffer.index(b"\r", start)])
        if len(self._buffer) < end + len(_END) + length:
            return
        self.latencies_ms.append((time.perf_counter() - self._sent_at) * 1e3)
        self.answers.append(self._buffer)
        self._buffer = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(AssertionError(f"the server hung up: {exc}"))


async def _send_all(port: int, wires: Sequence[Sequence[bytes]]) -> tuple[list[_Connection], float]:
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in wires]
    connections = []
    for theirs, end in zip(wires, ends, strict=True):
        made = await loop.create_connection(partial(_Connection, theirs, end), "127.0.0.1", port)
        connections.append(made[1])
    started = time.perf_counter()
    for connection in connections:
        connection.send()
    total = max(map(len, wires)) * ANSWER_LIMIT_S
    await asyncio.wait_for(asyncio.gather(*ends), total)
    return connections, time.perf_counter() - started


def _body(raw: bytes) -> bytes:
    head, _, body = raw.partition(_END)
    assert head.startswith(b"HTTP/1.1 200"), raw
    return body


def _check(answers: Sequence[bytes], requests: Sequence[PaymentRequest]) -> None:
    for body, request in zip(answers, requests, strict=True):
        answer = decode(PaymentAnswer, body)
        assert answer.outcome is Outcome.APPROVED, answer
        assert answer.payment_id == request.intent.payment_id, answer
