"""The counter's end of the wire: live questions with a hard budget, and the patient drain.

Rules
- A live question (authorise, ask) has its own connection and ends within its budget, whatever the
  network does: a slow, dripping or silent server is `Unanswered`, never an exception.
- Only a `Failure` of our server that is not "try later" is its word; anything else is no answer.
- The drain (push, pull, heartbeat) has another connection and raises `Refused` or `Unavailable`.
- A refused clock is mended from the server's own time, and the request sent once more.
- The payer's code and PIN are in the request's body only, never in a URL, a log or an error.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import httpx

from domain.errors import Refused, Unavailable
from sync.clocks import CorrectedClock
from sync.hysteresis import Hysteresis
from sync.messages import (
    ActivationAnswer,
    FeedPage,
    FoundSale,
    Heartbeat,
    HeartbeatAnswer,
    Message,
    MessageT,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    PushAnswer,
    PushRequest,
    Record,
    TopUpAnswer,
    TopUpRequest,
    encode,
)
from sync.replica import Position
from sync.signing import TerminalKey
from sync.wire import Call, ClockSkewed, Reply, Signer, read_reply

WALLET_BUDGET_MS = 800
"""How long a diner waits for the server before the counter decides alone (MONEY §2)."""
TOP_UP_BUDGET_MS = 3000
"""Nobody stands in line behind a top-up, but the operator waits for it with the cash in hand."""
FIND_BUDGET_MS = 2000
"""A sale is looked up between two diners."""
PROBE_BUDGET_MS = 500
PAGE_LIMIT = 500
"""Feed rows per page: one local transaction of some ten milliseconds."""
_LIVE_LIMIT_BYTES = 256 * 1024
_DRAIN_LIMIT_BYTES = 16 * 1024 * 1024
"""Answers longer than these are not ours; reading stops there."""
_DRAIN_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_DRAIN_LONGEST_S = 60.0
"""An answer that drips longer than this is given up: the time-outs above are per read."""
_OUTCOME_OF_CODE = {
    "payments.key_reused": Outcome.KEY_REUSED,
    "payments.not_found": Outcome.NOT_FOUND,
    "payments.under_review": Outcome.UNDER_REVIEW,
    "payments.cancelled": Outcome.CANCELLED,
}
"""Refusals that are a payment's state; every other refusal is `Outcome.REFUSED`."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No word from the server: the payment may or may not exist there. `code` says why."""

    code: str


@dataclass(frozen=True, slots=True)
class Turned:
    """The server turned a question away. Of a top-up: nothing is stored there by this sending.

    An earlier sending of the same id may still have been booked.
    """

    code: str


class _Health(Message, frozen=True, kw_only=True):
    ok: bool


class Client:
    """Talks to one server for one activated terminal."""

    def __init__(
        self,
        server_url: str,
        key: TerminalKey,
        terminal_id: UUID,
        clock: CorrectedClock,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._signer = Signer(terminal_id, key, clock)
        self._live = LiveConnection(server_url, tls)
        self._drain = drain_connection(server_url, tls)
        self._hysteresis = Hysteresis()
        self._hysteresis_turn = threading.Lock()

    # --- Live -----------------------------------------------------------------------------

    @property
    def is_online_first(self) -> bool:
        """Whether to ask the server before deciding alone."""
        return self._hysteresis.is_online_first

    def authorise(
        self, request: PaymentRequest, budget_ms: int = WALLET_BUDGET_MS
    ) -> PaymentAnswer | Unanswered:
        """Ask for a payment; what it took, or that nothing came, moves the hysteresis."""
        call = Call("POST", "/v1/payments", encode(request))
        started_s = self._clock.monotonic()
        answer = self._live_answer(call, request.intent.payment_id, budget_ms)
        took_ms = (self._clock.monotonic() - started_s) * 1000
        with self._hysteresis_turn:
            if isinstance(answer, Unanswered):
                self._hysteresis = self._hysteresis.unanswered()
            else:
                self._hysteresis = self._hysteresis.answered(took_ms)
        return answer

    def ask(
        self, payment_id: UUID, budget_ms: int = WALLET_BUDGET_MS
    ) -> PaymentAnswer | Unanswered:
        """Ask for the present state of a payment; an unknown one is `Outcome.NOT_FOUND`."""
        return self._live_answer(Call("GET", f"/v1/payments/{payment_id}"), payment_id, budget_ms)

    def top_up(
        self, request: TopUpRequest, budget_ms: int = TOP_UP_BUDGET_MS
    ) -> TopUpAnswer | Turned | Unanswered:
        """Send cash taken for a wallet; the same request again is booked once."""
        deadline_s = self._clock.monotonic() + budget_ms / 1000
        try:
            call = Call("POST", "/v1/top-ups", encode(request))
            answer = self._live_reply(TopUpAnswer, call, deadline_s)
        except Refused as refused:
            return Turned(refused.code)
        except Unavailable as unavailable:
            return Unanswered(unavailable.code)
        if answer.top_up_id != request.top_up_id:
            return Unanswered("server.malformed")
        return answer

    def find_sale(
        self, number: str, budget_ms: int = FIND_BUDGET_MS
    ) -> FoundSale | Turned | Unanswered:
        """Look a sale of this store up by its bare number; changes nothing there."""
        deadline_s = self._clock.monotonic() + budget_ms / 1000
        try:
            return self._live_reply(FoundSale, Call("GET", f"/v1/sales/{number}"), deadline_s)
        except Refused as refused:
            return Turned(refused.code)
        except Unavailable as unavailable:
            return Unanswered(unavailable.code)

    # --- Drain ----------------------------------------------------------------------------

    def push(self, records: Sequence[Record]) -> PushAnswer:
        """Hand over records; the answer has one disposition for each, in their order."""
        body = encode(PushRequest(records=tuple(records)))
        return self._drained(PushAnswer, Call("POST", "/v1/records", body))

    def pull(self, position: Position, limit: int = PAGE_LIMIT) -> FeedPage:
        """Ask for the page of the feed after `position`."""
        query = {"epoch": position.epoch, "after": str(position.cursor), "limit": str(limit)}
        if position.horizon:
            query["horizon"] = str(position.horizon)
        return self._drained(FeedPage, Call("GET", "/v1/feed", query=query))

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Say how we are; takes over the server's time from the answer."""
        sent_s = self._clock.monotonic()
        answer = self._drained(HeartbeatAnswer, Call("POST", "/v1/heartbeat", encode(beat)))
        self._clock.learn(answer.server_at, sent_s=sent_s)
        return answer

    def binding(self) -> ActivationAnswer:
        """Ask what this terminal is bound to now."""
        return self._drained(ActivationAnswer, Call("GET", "/v1/binding"))

    def probe(self) -> bool:
        """See in the background whether the server answers quickly; moves the hysteresis."""
        started_s = self._clock.monotonic()
        try:
            is_well = self._drained(_Health, Call("GET", "/v1/health")).ok
        except (Refused, Unavailable):
            is_well = False
        now_s = self._clock.monotonic()
        is_good = is_well and (now_s - started_s) * 1000 < PROBE_BUDGET_MS
        with self._hysteresis_turn:
            self._hysteresis = self._hysteresis.probed(now_s, is_good=is_good)
        return is_good

    def close(self) -> None:
        """Close both connections."""
        self._live.close()
        self._drain.close()

    # --- Inside ---------------------------------------------------------------------------

    def _live_answer(
        self, call: Call, payment_id: UUID, budget_ms: int
    ) -> PaymentAnswer | Unanswered:
        deadline_s = self._clock.monotonic() + budget_ms / 1000
        try:
            answer = self._live_reply(PaymentAnswer, call, deadline_s)
        except Refused as refused:
            outcome = _OUTCOME_OF_CODE.get(refused.code, Outcome.REFUSED)
            return PaymentAnswer(payment_id=payment_id, outcome=outcome, code=refused.code)
        except Unavailable as unavailable:
            return Unanswered(unavailable.code)
        if answer.payment_id != payment_id:
            return Unanswered("server.malformed")
        if answer.outcome is Outcome.UNAVAILABLE:
            return Unanswered(answer.code or "server.unavailable")
        return answer

    def _live_reply(self, kind: type[MessageT], call: Call, deadline_s: float) -> MessageT:
        for _ in range(2):
            sent_s = self._clock.monotonic()
            reply = self._live.send(call, self._signer, deadline_s - sent_s)
            try:
                return read_reply(kind, reply)
            except ClockSkewed as skewed:
                self._mend_clock(skewed, sent_s)
        raise Unavailable("envelopes.clock_skew")

    def _drained(self, kind: type[MessageT], call: Call) -> MessageT:
        for _ in range(2):
            sent_s = self._clock.monotonic()
            is_late = partial(self._is_after, sent_s + _DRAIN_LONGEST_S)
            reply = send_drain(self._drain, call, self._signer.headers(call), is_late)
            try:
                return read_reply(kind, reply)
            except ClockSkewed as skewed:
                self._mend_clock(skewed, sent_s)
        raise Unavailable("envelopes.clock_skew")

    def _is_after(self, moment_s: float) -> bool:
        return self._clock.monotonic() > moment_s

    def _mend_clock(self, skewed: ClockSkewed, sent_s: float) -> None:
        if skewed.server_at is not None:
            self._clock.learn(skewed.server_at, sent_s=sent_s)


class LiveConnection:
    """One connection for live questions, on an event loop of its own so that a budget is hard.

    A time-out per phase, as blocking clients have it, lets a dripping server take several times
    the budget; cancelling the whole request does not.
    """

    def __init__(self, server_url: str, tls: ssl.SSLContext | None) -> None:
        self._url = server_url.rstrip("/")
        self._tls = tls
        self._turn = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._client: httpx.AsyncClient | None = None

    def send(self, call: Call, signer: Signer, budget_s: float) -> Reply:
        """Send and read the whole answer within the budget, else `Unavailable`."""
        with self._turn:
            try:
                within = asyncio.wait_for(self._send(call, signer.headers(call)), budget_s)
                return self._loop.run_until_complete(within)
            except TimeoutError as error:
                raise Unavailable("server.slow") from error
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise Unavailable("server.unreachable") from error

    def close(self) -> None:
        """Close the connection and the loop."""
        with self._turn:
            if self._loop.is_closed():
                return
            if self._client is not None:
                self._loop.run_until_complete(self._client.aclose())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _send(self, call: Call, headers: dict[str, str]) -> Reply:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=_trust(self._url, self._tls),
                trust_env=False,
                timeout=None,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            )
        body = bytearray()
        async with self._client.stream(
            call.method,
            self._url + call.path,
            content=call.body,
            params=call.query,
            headers=headers,
        ) as response:
            async for chunk in response.aiter_bytes():
                body += chunk
                _check_length(len(body), _LIVE_LIMIT_BYTES)
        return Reply(response.status_code, bytes(body))


def drain_connection(server_url: str, tls: ssl.SSLContext | None = None) -> httpx.Client:
    """A patient connection for pushes, pulls, heartbeats and activation."""
    return httpx.Client(
        base_url=server_url,
        verify=_trust(server_url, tls),
        trust_env=False,
        timeout=_DRAIN_TIMEOUT,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
    )


def send_drain(
    connection: httpx.Client,
    call: Call,
    headers: dict[str, str],
    is_late: Callable[[], bool] = lambda: False,
) -> Reply:
    """Send on the drain and read the answer; `Unavailable` when there is none, or too slowly."""
    body = bytearray()
    try:
        with connection.stream(
            call.method, call.path, content=call.body, params=call.query, headers=headers
        ) as response:
            for chunk in response.iter_bytes():
                body += chunk
                _check_length(len(body), _DRAIN_LIMIT_BYTES)
                if is_late():
                    raise Unavailable("server.slow")
            return Reply(response.status_code, bytes(body))
    except httpx.TimeoutException as error:
        raise Unavailable("server.slow") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unavailable("server.unreachable") from error


def _trust(server_url: str, tls: ssl.SSLContext | None) -> ssl.SSLContext | bool:
    # Loading the system's certificates takes a tenth of a second; without TLS nobody asks for them
    return (tls or True) if server_url.startswith("https:") else False


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Unavailable("server.malformed")
