"""Asks the server beside the counter thread, so that the counter never waits for a network.

One worker: the wire has one live connection. Answers come back as events of the machine through
`post`, under the sale's number; what nobody waits for any more is ignored there.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sync.client import Turned, Unanswered
from sync.messages import (
    FoundSale,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    TopUpAnswer,
    TopUpRequest,
)

POLL_BUDGET_MS = 400
"""A poll shares the connection with the next diner's question, so it is kept short."""
RECOVERY_BUDGET_MS = 2000
"""Nobody waits in line while the counter starts."""


class Server(Protocol):
    """What the counter asks of `sync.client.Client`."""

    @property
    def is_online_first(self) -> bool:
        """Whether to ask before deciding alone."""
        ...

    def authorise(
        self, request: PaymentRequest, budget_ms: int = ...
    ) -> PaymentAnswer | Unanswered:
        """Ask for a payment within a budget."""
        ...

    def ask(self, payment_id: UUID, budget_ms: int = ...) -> PaymentAnswer | Unanswered:
        """Ask how a payment stands."""
        ...

    def top_up(
        self, request: TopUpRequest, budget_ms: int = ...
    ) -> TopUpAnswer | Turned | Unanswered:
        """Send cash taken for a wallet."""
        ...

    def find_sale(self, number: str, budget_ms: int = ...) -> FoundSale | Turned | Unanswered:
        """Look up a sale of this store."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """The server's word about a sale, or that there was none."""

    sale: int
    answer: PaymentAnswer | Unanswered


@dataclass(frozen=True, slots=True)
class RecoveryAnswered:
    """The server's word about an intent left open by a power cut."""

    payment_id: UUID
    answer: PaymentAnswer | Unanswered


@dataclass(frozen=True, slots=True)
class TopUpAnswered:
    """The server's word about a top-up, or that there was none."""

    top_up_id: UUID
    answer: TopUpAnswer | Turned | Unanswered


@dataclass(frozen=True, slots=True)
class SaleAnswered:
    """The server's word about a number that was looked up, or that there was none."""

    number: str
    answer: FoundSale | Turned | Unanswered


class Asking:
    """Puts questions to the server on an executor of its own."""

    def __init__(
        self,
        server: Server,
        executor: Executor,
        post: Callable[[Answered | RecoveryAnswered | TopUpAnswered | SaleAnswered], None],
        *,
        budget_ms: int,
    ) -> None:
        self._server = server
        self._executor = executor
        self._post = post
        self._budget_ms = budget_ms
        self._polling: set[int] = set()

    @property
    def is_online_first(self) -> bool:
        """Whether to ask before deciding alone."""
        return self._server.is_online_first

    def authorise(self, sale: int, request: PaymentRequest) -> None:
        """Ask for a payment; `Answered` follows."""
        self._executor.submit(
            lambda: self._post(Answered(sale, self._server.authorise(request, self._budget_ms)))
        )

    def poll(self, sale: int, request: PaymentRequest, *, may_send: bool) -> None:
        """Ask how a sale stands, one question at a time; an id the server never got is sent again.

        `may_send`: not for a sale that is being given up.
        """
        if sale in self._polling:
            return
        self._polling.add(sale)
        self._executor.submit(lambda: self._poll(sale, request, may_send=may_send))

    def ask_recovery(self, payment_id: UUID) -> None:
        """Ask about an intent left open; `RecoveryAnswered` follows."""
        self._executor.submit(
            lambda: self._post(
                RecoveryAnswered(payment_id, self._server.ask(payment_id, RECOVERY_BUDGET_MS))
            )
        )

    def top_up(self, request: TopUpRequest) -> None:
        """Send a top-up; `TopUpAnswered` follows."""
        self._executor.submit(
            lambda: self._post(TopUpAnswered(request.top_up_id, self._server.top_up(request)))
        )

    def find_sale(self, number: str) -> None:
        """Look a sale up; `SaleAnswered` follows."""
        self._executor.submit(
            lambda: self._post(SaleAnswered(number, self._server.find_sale(number)))
        )

    def _poll(self, sale: int, request: PaymentRequest, *, may_send: bool) -> None:
        try:
            answer = self._server.ask(request.intent.payment_id, POLL_BUDGET_MS)
            is_unknown = isinstance(answer, PaymentAnswer) and answer.outcome is Outcome.NOT_FOUND
            if is_unknown and may_send:
                answer = self._server.authorise(request, self._budget_ms)
            self._post(Answered(sale, answer))
        finally:
            self._polling.discard(sale)
