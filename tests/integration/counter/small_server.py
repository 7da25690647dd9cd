"""A server of a few lines that honours `sync.messages`, and an executor moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sync.client import Turned, Unanswered
from sync.messages import (
    Balance,
    FoundSale,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    TopUpAnswer,
    TopUpOutcome,
    TopUpRequest,
)
from tests.unit.sync import makers


class HandExecutor(Executor):
    """Runs what was submitted when told to, or at once."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], Any]] = []
        self.is_immediate = True

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        job = (lambda: fn(*args, **kwargs)) if args or kwargs else fn
        if self.is_immediate:
            job()
        else:
            self.jobs.append(job)
        return Future()

    def run(self) -> None:
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()


@dataclass
class SmallServer:
    """Answers payments by id. `says` decides new ones; `is_up` False answers nobody."""

    is_up: bool = True
    is_online_first: bool = True
    loses_answers: bool = False
    says: Callable[[PaymentRequest], PaymentAnswer] = field(default=lambda r: approved(r))
    known: dict[UUID, PaymentAnswer] = field(default_factory=dict)
    requests: list[PaymentRequest] = field(default_factory=list)
    top_ups: list[TopUpRequest] = field(default_factory=list)
    booked: dict[UUID, TopUpAnswer] = field(default_factory=dict)
    refuses_top_ups: str = ""
    turns_away: Turned | None = None
    sales: dict[str, FoundSale] = field(default_factory=dict)

    def authorise(
        self, request: PaymentRequest, budget_ms: int = 800
    ) -> PaymentAnswer | Unanswered:
        if not self.is_up:
            return Unanswered("server.unreachable")
        self.requests.append(request)
        payment_id = request.intent.payment_id
        answer = self.known.get(payment_id) or self.says(request)
        stores = (Outcome.APPROVED, Outcome.DECLINED, Outcome.AWAITING, Outcome.UNKNOWN)
        if answer.outcome in stores:
            self.known[payment_id] = answer
        return Unanswered("server.slow") if self.loses_answers else answer

    def ask(self, payment_id: UUID, budget_ms: int = 800) -> PaymentAnswer | Unanswered:
        if not self.is_up:
            return Unanswered("server.unreachable")
        unknown = PaymentAnswer(payment_id=payment_id, outcome=Outcome.NOT_FOUND)
        return self.known.get(payment_id, unknown)

    def top_up(
        self, request: TopUpRequest, budget_ms: int = 3000
    ) -> TopUpAnswer | Turned | Unanswered:
        if not self.is_up:
            return Unanswered("server.unreachable")
        if self.turns_away:
            return self.turns_away
        self.top_ups.append(request)
        answer = self.booked.setdefault(request.top_up_id, self._booked(request))
        return Unanswered("server.slow") if self.loses_answers else answer

    def find_sale(self, number: str, budget_ms: int = 2000) -> FoundSale | Turned | Unanswered:
        if not self.is_up:
            return Unanswered("server.unreachable")
        return self.sales.get(number, Turned("payments.not_found"))

    def _booked(self, request: TopUpRequest) -> TopUpAnswer:
        if self.refuses_top_ups:
            return TopUpAnswer(
                top_up_id=request.top_up_id,
                outcome=TopUpOutcome.REFUSED,
                code=self.refuses_top_ups,
            )
        balance = Balance(
            account_id=makers.CASH_ACCOUNT, balance=50_000 + request.amount, held=0, version=99
        )
        return TopUpAnswer(
            top_up_id=request.top_up_id,
            outcome=TopUpOutcome.BOOKED,
            amount=request.amount,
            balances=(balance,),
        )

    def decide(self, payment_id: UUID, outcome: Outcome, **more: Any) -> None:
        """Later, the channel has spoken."""
        self.known[payment_id] = PaymentAnswer(payment_id=payment_id, outcome=outcome, **more)


def approved(request: PaymentRequest) -> PaymentAnswer:
    return answer(request, Outcome.APPROVED, total=request.intent.total, mac=b"mac")


def answer(request: PaymentRequest, outcome: Outcome, **more: Any) -> PaymentAnswer:
    return PaymentAnswer(payment_id=request.intent.payment_id, outcome=outcome, **more)
