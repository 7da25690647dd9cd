"""A whole counter over a real store, with a server of a few lines and time moved by hand.

The server keeps what it was asked by id, honours `sync.messages`, and can be slow, silent or gone.
Questions run when the bench lets them, so that every order of arrival can be played.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from devices import ports
from domain.offline_policy import Assurance, Caps, OfflinePolicy
from kiosk_profiles.load import load
from kiosk_profiles.schema import Profile
from sync import messages
from sync.client import Unanswered
from sync.clocks import CorrectedClock
from sync.messages import (
    CardRow,
    FeedKind,
    ItemRow,
    MealPeriodRow,
    OperatorRow,
    Outcome,
    PaymentAnswer,
    PaymentRequest,
    PolicyRow,
    PriceRow,
    RecordKind,
)
from sync.outbox import Journal
from sync.pins import hash_pin
from sync.replica import Replica
from sync.signing import card_reference
from sync.store import LocalStore
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.build import build_counter
from terminal_app.counter.machine import Phase
from terminal_app.counter.run import Counter
from terminal_app.counter.view import CounterView
from tests.unit.sync import makers

CASHIER, SUPERVISOR = UUID(int=300), UUID(int=301)
CASHIER_PIN, SUPERVISOR_PIN, PERSON_PIN = "135790", "246801", "778899"
PERSON, OTHER = makers.PERSON, UUID(int=101)
OTHER_ACCOUNT = UUID(int=210)
CARD, OTHER_CARD, STRANGE_CARD = b"\x04card-1", b"\x04card-2", b"\x04card-9"
LUNCH_AMOUNT, SECOND_AMOUNT, GUEST_AMOUNT = 1200, 1800, 2000
WECHAT = "134567890123456789"
TICK_S = 0.05


@cache
def hashed(pin: str) -> str:
    return hash_pin(pin, b"0123456789abcdef")


class HandExecutor(Executor):
    """Runs what was submitted when told to, or at once."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], Any]] = []
        self.is_immediate = True

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
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

    def decide(self, payment_id: UUID, outcome: Outcome, **more: Any) -> None:
        """Later, the channel has spoken."""
        self.known[payment_id] = PaymentAnswer(payment_id=payment_id, outcome=outcome, **more)


def approved(request: PaymentRequest) -> PaymentAnswer:
    return answer(request, Outcome.APPROVED, total=request.intent.total, mac=b"mac")


def answer(request: PaymentRequest, outcome: Outcome, **more: Any) -> PaymentAnswer:
    return PaymentAnswer(payment_id=request.intent.payment_id, outcome=outcome, **more)


def profile(name: str = "canteen", **tables: dict[str, Any]) -> Profile:
    """A shipped profile with some fields of some tables changed."""
    made = load(name)
    for table, changes in tables.items():
        if table == "top":
            made = msgspec.structs.replace(made, **changes)
        else:
            part = msgspec.structs.replace(getattr(made, table), **changes)
            made = msgspec.structs.replace(made, **{table: part})
    return made


class Bench:
    """One counter on a bench."""

    def __init__(self, path: Path, used: Profile | None = None, **rows: Any) -> None:
        self.profile = used or profile()
        self.clock = makers.HandClock()
        self.server = SmallServer()
        self.executor = HandExecutor()
        self.random = makers.seeded()
        self.path = path / "counter.sqlite3"
        self.printed: list[ports.Receipt] = []
        self.standing = ""
        self.views: list[CounterView] = []
        self._open()
        self.feed(**rows)
        self.corrected.learn(self.clock.at, sent_s=self.clock.monotonic())
        self.build()

    def _open(self) -> None:
        self.store = LocalStore(self.path)
        self.corrected = CorrectedClock(self.clock, self.store)
        self.journal = Journal(
            self.store, makers.terminal_key(), makers.TERMINAL, self.corrected, self.random
        )
        self.replica = Replica(self.store, self.corrected)

    def build(self) -> None:
        self.counter: Counter = build_counter(
            profile=self.profile,
            binding=makers.activation_answer(),
            store=self.store,
            journal=self.journal,
            replica=self.replica,
            clock=self.corrected,
            server=self.server,
            executor=self.executor,
            random=self.random,
            printer=self,
            standing=lambda: self.standing,
        )
        self.counter.listen(self.views.append)
        self.counter.start(self.now)

    def restart(self) -> None:
        """Power back: the same disk, nothing else."""
        self.store.close()
        self.executor.jobs.clear()
        self._open()
        self.build()

    def close(self) -> None:
        self.store.close()

    # --- the printer's port ---------------------------------------------------------------

    name = "printer"

    def open(self, now: float) -> None:
        """Nothing to open."""

    def print_receipt(self, receipt: ports.Receipt) -> None:
        self.printed.append(receipt)

    def state(self) -> ports.PrinterState:
        return ports.PrinterState.READY

    # --- the replica ----------------------------------------------------------------------

    def feed(self, **changes: Any) -> None:
        """Everything a counter of one canteen knows; `person={…}` changes fields of PERSON."""
        rows = feed_rows(changes)
        numbered = [
            makers.feed_row(number, kind, entity, row)
            for number, (kind, entity, row) in enumerate(rows, 1)
        ]
        position = self.replica.position()
        self.replica.apply_page(makers.page(*numbered, epoch="E1"), position)

    # --- time and hands -------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @property
    def phase(self) -> Phase:
        return self.counter.machine.phase

    @property
    def view(self) -> CounterView:
        return self.counter.view()

    def step(self) -> None:
        self.counter.step(self.now)

    def post(self, *posted: Any) -> None:
        for one in posted:
            self.counter.post(one)
        self.step()

    def wait(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / TICK_S))):
            self.clock.advance(TICK_S)
            self.step()

    def open_shift(self, float_amount: int = 0) -> None:
        self.post(presses.PinEntered(CASHIER_PIN), presses.DayAccepted(float_amount))

    def serve(self) -> None:
        """Open the shift and begin to serve; the price was read."""
        self.open_shift()
        self.post(on.ServingStarted())
        self.wait(0.5)

    def key_amount(self, digits: str) -> None:
        for digit in digits:
            self.post(presses.DigitTyped(digit))
        self.post(on.Entered())

    # --- devices --------------------------------------------------------------------------

    def card(self, uid: bytes = CARD, **changes: Any) -> None:
        self.post(
            ports.CardPresented(
                uid=uid,
                assurance=ports.Assurance.CARD_UID,
                seen_at=self.now,
                reader="reader",
                **changes,
            )
        )

    def lift_card(self) -> None:
        self.post(ports.CardRemoved("reader", self.now))

    def code(self, text: str = WECHAT) -> None:
        self.post(ports.CodeScanned(text, ports.Symbology.QR, "scanner", self.now))

    def take_phone(self) -> None:
        self.wait(2.1)
        self.post(ports.CodeGone("scanner", self.now))

    def face(
        self, person: UUID | None = PERSON, track_id: int = 1, seconds: float = 1.0, **changes: Any
    ) -> None:
        """One face, standing still in the zone for so long, ten frames a second."""
        for _ in range(round(seconds / 0.1)):
            match = None if person is None else ports.FaceMatch(str(person), 0.33, 0.2)
            self.post(face_seen(track_id, self.now, match=changes.get("match", match)))
            self.wait(0.1)

    def leave(self, seconds: float = 1.2) -> None:
        for _ in range(round(seconds / 0.1)):
            self.post(ports.ZoneEmpty(self.now))
            self.wait(0.1)

    # --- what is on disk ------------------------------------------------------------------

    def records(self, kind: RecordKind) -> list[Any]:
        """Bodies of one kind in the journal, in order."""
        types = {
            RecordKind.ACCEPTANCE: messages.Acceptance,
            RecordKind.CANCELLATION: messages.Cancellation,
            RecordKind.REFUND: messages.RefundRequest,
            RecordKind.EVENT: messages.Event,
            RecordKind.SHIFT_OPENED: messages.ShiftOpened,
            RecordKind.SHIFT_CLOSED: messages.ShiftClosed,
        }
        rows = self.store.rows(
            "SELECT body FROM journal WHERE kind = ? ORDER BY place", (kind.value,)
        )
        return [messages.decode(types[kind], body) for (body,) in rows]

    @property
    def accepted(self) -> list[Any]:
        return self.records(RecordKind.ACCEPTANCE)

    def acknowledge_all(self) -> None:
        leased = self.journal.lease(500, self.clock.at)
        self.journal.acknowledge([makers.disposition(one) for one in leased], self.clock.at)


def face_seen(
    track_id: int, at: float, match: ports.FaceMatch | None = None, **changes: Any
) -> ports.FaceObserved:
    given: dict[str, Any] = {
        "box": ports.Box(200, 100, 240, 240),
        "size_ratio": 0.5,
        "centre_offset": 0.1,
        "yaw_deg": 0.0,
        "pitch_deg": 0.0,
        "faces_in_zone": 1,
        "second_ratio": 0.0,
        "frame_width": 640,
        "frame_height": 480,
    }
    given.update(changes)
    return ports.FaceObserved(track_id=track_id, match=match, captured_at=at, **given)


def feed_rows(changes: dict[str, Any]) -> list[tuple[FeedKind, str, messages.Message]]:
    person = {"pin_hash": hashed(PERSON_PIN), **changes.get("person", {})}
    first = makers.person_row(**person)
    other = makers.person_row(
        OTHER,
        masked_name="李*",
        funding=(messages.FundingRow(account_id=OTHER_ACCOUNT, kind="cash"),),
        debt_account_id=None,
    )
    key = makers.activation_answer().card_key
    cards = [(CARD, PERSON, changes.get("card_state", "active")), (OTHER_CARD, OTHER, "active")]
    rows: list[tuple[FeedKind, str, messages.Message]] = [
        (FeedKind.PERSON, str(PERSON), first),
        (FeedKind.PERSON, str(OTHER), other),
        (
            FeedKind.ACCOUNT,
            str(makers.CASH_ACCOUNT),
            makers.account_row(balance=changes.get("balance", 50_000)),
        ),
        (
            FeedKind.ACCOUNT,
            str(OTHER_ACCOUNT),
            makers.account_row(OTHER_ACCOUNT, balance=50_000, person_id=OTHER),
        ),
    ]
    for uid, owner, state in cards:
        card_key = card_reference(key, uid)
        rows.append(
            (FeedKind.CARD, card_key, CardRow(card_key=card_key, person_id=owner, state=state))
        )
    return [*rows, *_store_rows(changes)]


def _store_rows(changes: dict[str, Any]) -> list[tuple[FeedKind, str, messages.Message]]:
    lunch = MealPeriodRow(
        period="lunch",
        name_zh="午餐",
        name_en="Lunch",
        starts="11:00",
        ends="13:30",
        entitlement=changes.get("entitlement"),
    )
    supper = MealPeriodRow(
        period="supper", name_zh="晚餐", name_en="Supper", starts="17:00", ends="19:00"
    )
    student = PriceRow(
        price_id=UUID(int=400),
        category="student",
        period="lunch",
        amount=changes.get("price", LUNCH_AMOUNT),
        second_amount=SECOND_AMOUNT,
        effective_at=makers.NOON.replace(year=2025),
        version=3,
    )
    guest = msgspec.structs.replace(
        student, price_id=UUID(int=401), category="", amount=GUEST_AMOUNT, second_amount=None
    )
    policy = changes.get("policy") or OfflinePolicy(
        version=7,
        caps={one: Caps(5_000, 20_000) for one in Assurance},
        terminal_count=changes.get("terminal_count", 100),
        terminal_amount=1_000_000,
        max_age_s=3 * 86_400,
        extension_count=2,
        extension_amount=10_000,
    )
    cashier = OperatorRow(
        operator_id=CASHIER, name="陈师傅", role="cashier", pin_hash=hashed(CASHIER_PIN)
    )
    supervisor = OperatorRow(
        operator_id=SUPERVISOR, name="王主管", role="supervisor", pin_hash=hashed(SUPERVISOR_PIN)
    )
    noodles = ItemRow(item="10001", name_zh="牛肉面", name_en="Beef noodles", amount=1800)
    return [
        (FeedKind.MEAL_PERIOD, "lunch", lunch),
        (FeedKind.MEAL_PERIOD, "supper", supper),
        (FeedKind.PRICE, "p1", student),
        (FeedKind.PRICE, "p2", guest),
        (FeedKind.POLICY, "policy", PolicyRow(version=7, body=msgspec.json.encode(policy))),
        (FeedKind.OPERATOR, str(CASHIER), cashier),
        (FeedKind.OPERATOR, str(SUPERVISOR), supervisor),
        (FeedKind.ITEM, "10001", noodles),
    ]
