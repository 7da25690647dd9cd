"""Practice: the whole counter once more, on books of its own, with answers made here.

Nothing of the real counter is within reach: it has its own store, journal, replica and binding,
and its server is `PracticeServer`, which has no wire. Paper says that it is practice; the drawer
stays shut.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace as replace_fields

from devices.ports import Eyes, FaceTemplate, Receipt
from domain.authorization import Tender
from domain.clock import Clock
from domain.ids import RandomBytes
from kiosk_profiles.schema import Profile
from sync.client import Turned, Unanswered
from sync.messages import (
    CODE_TEXT,
    CredentialKind,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    RecordKind,
    TopUpAnswer,
    TopUpOutcome,
    TopUpRequest,
)
from sync.practice import PracticeBooks, open_practice
from sync.replica import Replica
from sync.sales import refunds_of
from sync.store import LocalStore
from terminal_app.counter import presses
from terminal_app.counter.build import build_counter
from terminal_app.counter.parts import Parts
from terminal_app.counter.printing import PrinterView, PrintQueue
from terminal_app.counter.run import Counter

TITLE = "练习 PRACTICE"
SHOWN_CODE = "练习，不收款 · PRACTICE, NO MONEY"
"""What a phone reads off the glass: a sentence, so that no app can take it for a payment."""
PAID_AFTER_LOOKS = 4
"""A payer needs a few seconds for their phone; the counter looks about once a second."""


class PracticeServer:
    """Says what a server might: whom the replica knows it decides, everybody else may pay."""

    is_online_first = True

    def __init__(self, replica: Replica, store: LocalStore) -> None:
        self._replica = replica
        self._store = store
        self._said: dict[UUID, PaymentAnswer] = {}
        self._polls: dict[UUID, int] = {}

    def authorise(self, request: PaymentRequest, budget_ms: int = 0) -> PaymentAnswer | Unanswered:
        """Without an answer the counter decides by the replica, under the same id."""
        intent = request.intent
        if intent.tender is Tender.WALLET and self._knows(intent.payer):
            return Unanswered("server.unreachable")
        answer = PaymentAnswer(
            payment_id=intent.payment_id, outcome=Outcome.APPROVED, total=intent.total
        )
        if request.evidence.credential is CredentialKind.PAYEE_CODE:
            waits = {CODE_TEXT: SHOWN_CODE}
            answer = replace_fields(answer, outcome=Outcome.AWAITING, data=waits)
        return self._said.setdefault(intent.payment_id, answer)

    def ask(self, payment_id: UUID, budget_ms: int = 0) -> PaymentAnswer | Unanswered:
        """What was said of a payment; whoever is shown a code has "paid" a few looks later."""
        said = self._said.get(payment_id)
        if said is None:
            return PaymentAnswer(payment_id=payment_id, outcome=Outcome.NOT_FOUND)
        if self._is_cancelled(payment_id):
            return replace_fields(said, outcome=Outcome.CANCELLED, data={})
        if said.outcome is Outcome.AWAITING:
            looks = self._polls[payment_id] = self._polls.get(payment_id, 0) + 1
            if looks < PAID_AFTER_LOOKS:
                return said
            said = self._said[payment_id] = replace_fields(said, outcome=Outcome.APPROVED, data={})
        refunded = sum(refund.amount for refund in refunds_of(self._store, payment_id))
        return replace_fields(said, refunded_amount=refunded)

    def _is_cancelled(self, payment_id: UUID) -> bool:
        kind = RecordKind.CANCELLATION.value
        sql = "SELECT 1 FROM journal WHERE payment_id = ? AND kind = ?"
        return self._store.row(sql, (payment_id.bytes, kind)) is not None

    def top_up(self, request: TopUpRequest, budget_ms: int = 0) -> TopUpAnswer:
        """Every top-up is well."""
        return TopUpAnswer(
            top_up_id=request.top_up_id, outcome=TopUpOutcome.BOOKED, amount=request.amount
        )

    def find_sale(self, number: str, budget_ms: int = 0) -> Turned:
        """No real sale is shown or refunded in practice."""
        return Turned("payments.not_found")

    def _knows(self, payer: str) -> bool:
        kind, _, reference = payer.partition(":")
        if self._replica.policy() is None:
            return False
        if kind == "card":
            return self._replica.card(reference) is not None
        if kind == "number":
            return self._replica.person_by_number(reference) is not None
        return kind == "person" and self._replica.person(UUID(reference)) is not None


class AtOnce(Executor):
    """Answers on the counter thread: there is no network to wait for."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run it now."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class PracticePaper(PrintQueue):
    """Prints on the real printer under another title; never opens the drawer."""

    def __init__(self, real: PrintQueue) -> None:
        super().__init__(None)
        self._real = real

    def put(self, receipt: Receipt) -> None:
        """Hand it to the real queue, marked."""
        self._real.put(replace(receipt, title=TITLE, code="", footer=TITLE))

    def kick(self) -> None:
        """No money moves."""

    def view(self) -> PrinterView:
        """How the real one stands."""
        return self._real.view()


class BorrowedEyes:
    """The real counter's eyes: armed by practice, their gallery kept by the real one."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes

    def arm(self, now: float) -> None:
        """Embed faces from now on."""
        self._eyes.arm(now)

    def disarm(self) -> None:
        """Embed nothing."""
        self._eyes.disarm()

    def set_gallery(self, templates: Iterable[FaceTemplate]) -> None:
        """The gallery in use is of the same people, and withdrawals reach it."""

    def update_gallery(self, *, added: Iterable[FaceTemplate], removed: Iterable[str]) -> None:
        """As above."""


class Practice:
    """One practice: its books, and its counter beside the real one's devices."""

    def __init__(
        self,
        path: Path,
        real: Parts,
        raw: Clock,
        random: RandomBytes,
        switch: Callable[[str | None], None],
    ) -> None:
        self._books = open_practice(path, real.store, real.binding, raw, real.clock, random)
        self.counter = _build(real, self._books, random, switch)

    def open_day(self, pin: str, now: float) -> None:
        """Start it as the operator who asked, with a meal to serve and nothing in the drawer."""
        meals = self.counter.parts.meals
        if not meals.present():
            coming = next(iter(self.counter.parts.replica.periods()), None)
            meals.hold_open(coming.period if coming else "")
        self.counter.start(now)
        self.counter.post(presses.PinEntered(pin))
        self.counter.post(presses.DayAccepted())

    def close(self) -> None:
        """Let go of everything; nothing is left."""
        self._books.close()


def _build(
    real: Parts,
    books: PracticeBooks,
    random: RandomBytes,
    switch: Callable[[str | None], None],
) -> Counter:
    return build_counter(
        profile=_profile(real.profile, books.replica),
        binding=books.binding,
        store=books.store,
        journal=books.journal,
        replica=books.replica,
        clock=books.clock,
        server=PracticeServer(books.replica, books.store),
        executor=AtOnce(),
        random=random,
        printing=PracticePaper(real.printing),
        eyes=BorrowedEyes(real.eyes) if real.eyes is not None else None,
        data_key=real.data_key,
        practise=switch,
        is_practice=True,
        shows_codes=lambda: True,
    )


def _profile(profile: Profile, replica: Replica) -> Profile:
    """Without a posted price yet, an amount is keyed: there is always something to practise."""
    if profile.amount.source == "keyed" or replica.prices():
        return profile
    keyed = msgspec.structs.replace(profile.amount, source="keyed")
    return msgspec.structs.replace(profile, amount=keyed)
