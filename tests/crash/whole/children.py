"""What is killed: a whole server, and a counter that sells as fast as its machine allows."""

from __future__ import annotations

import os
import random as standard_random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import msgspec

from devices import ports
from kiosk_profiles.load import load
from sync.client import Client
from sync.clocks import CorrectedClock
from sync.keystore import FileKeyStore
from sync.outbox import Journal
from sync.pump import Pump
from sync.replica import Replica
from sync.store import LocalStore
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.build import build_counter
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.crash.whole.clock import SkippingClock

TICK_S = 0.1
"""What the shared clock skips per step while nobody waits for the server."""
FEED_WAIT_S = 20.0
LOOK_S = 0.02
ASKING_S = 0.002
_idle = threading.Event()
"""Never set: what loops wait on between two looks."""


@dataclass(frozen=True)
class ServerPlace:
    """Where a server runs."""

    database: str
    secrets: str
    port: int
    clock: Path


@dataclass(frozen=True)
class CounterPlace:
    """Where a counter keeps its state, and what its people are."""

    folder: Path
    url: str
    clock: Path
    operator_pin: str
    cards: tuple[bytes, ...]


def serve_for_ever(place: ServerPlace) -> None:
    """Be the server on this port until killed."""
    os.environ["FANPIAO_DATABASE"] = place.database
    os.environ["FANPIAO_SECRETS"] = place.secrets
    from server.config.database import use_database
    from server.config.running import running
    from server.config.secrets import load_secrets
    from server.config.serving import listen, serve

    use_database(place.database)
    listener = listen("127.0.0.1", place.port)
    with running(SkippingClock(place.clock), load_secrets(Path(place.secrets)), os.urandom) as app:
        serve(app, listener, lambda: None)


class SellingCounter:
    """A counter over its real store and wire, whose devices are this script."""

    def __init__(self, place: CounterPlace, seed: int) -> None:
        self.place = place
        self.clock = SkippingClock(place.clock)
        self.rng = standard_random.Random(seed)
        keys = FileKeyStore(place.folder / "keys.json")
        secrets = keys.load()
        assert secrets is not None
        assert secrets.binding is not None
        self.store = LocalStore(place.folder / "counter.sqlite3")
        corrected = CorrectedClock(self.clock, self.store)
        terminal_id = secrets.binding.terminal_id
        self.journal = Journal(self.store, secrets.key, terminal_id, corrected, os.urandom)
        self.replica = Replica(self.store, corrected)
        self.client = Client(place.url, secrets.key, terminal_id, corrected)
        self.pump = Pump(self.journal, self.replica, self.client, keys, self.rng.random)
        profile = load("canteen")
        keyed = msgspec.structs.replace(profile.amount, source="keyed")
        self.counter = build_counter(
            profile=msgspec.structs.replace(profile, amount=keyed),
            binding=secrets.binding,
            store=self.store,
            journal=self.journal,
            replica=self.replica,
            clock=corrected,
            server=self.client,
            executor=ThreadPoolExecutor(1),
            random=os.urandom,
        )
        threading.Thread(target=self._pump_for_ever, daemon=True).start()
        self._wait_for_the_feed()
        self.counter.start(self.clock.monotonic())

    def _pump_for_ever(self) -> None:
        while True:
            self.pump.step(time.monotonic() + self.clock.skipped_s)
            _idle.wait(LOOK_S)

    def _wait_for_the_feed(self) -> None:
        until = time.monotonic() + FEED_WAIT_S
        while not self.replica.operators() and time.monotonic() < until:
            _idle.wait(LOOK_S)

    @property
    def phase(self) -> Phase:
        """Where the machine stands."""
        return self.counter.view().phase

    def step(self) -> None:
        """One step; time is skipped unless the server is being asked."""
        is_asking = self.phase in (Phase.AUTHORISING, Phase.AWAITING, Phase.CANCELLING)
        if is_asking:
            _idle.wait(ASKING_S)
        else:
            self.clock.skip(TICK_S)
        self.counter.step(self.clock.monotonic())

    def post(self, *events: object) -> None:
        """Hand events over and step."""
        for event in events:
            self.counter.post(event)  # type: ignore[arg-type]
        self.step()

    def open(self) -> None:
        """Answer what the power cut left, log in and open the shift."""
        for _ in range(2_000):
            view = self.counter.view()
            if view.phase in (Phase.IDLE, Phase.ARMED):
                return
            if view.questions:
                asked = [one for one in view.questions if one.is_asked]
                for question in asked:
                    self.post(presses.HandedOver(question.payment_id, self.rng.random() < 0.5))
                self.step()
            elif view.phase is Phase.LOCKED and not view.is_signed_in:
                self.post(presses.PinEntered(self.place.operator_pin))
            elif view.phase is Phase.LOCKED:
                self.post(presses.DayAccepted(0))
            else:
                self.step()
        raise AssertionError(f"stuck in {self.phase}: {self.counter.view().code}")

    def sell_one(self) -> None:
        """One meal by card or cash, sometimes undone."""
        self._until_armed()
        amount = self.rng.choice((600, 800, 1_250))
        for digit in str(amount):
            self.post(presses.DigitTyped(digit))
        self.post(on.Entered())
        for _ in range(5):
            self.step()
        if self.rng.random() < 0.25:
            self.post(presses.CashTendered(0))
        else:
            uid = self.rng.choice(self.place.cards)
            now = self.clock.monotonic()
            self.post(ports.CardPresented(uid, ports.Assurance.CARD_UID, now, "reader"))
        self._decide()
        self.post(ports.CardRemoved("reader", self.clock.monotonic()))
        if self.rng.random() < 0.1:
            self._undo_newest()

    def _decide(self) -> None:
        for _ in range(600):
            phase = self.phase
            if phase is Phase.CONFIRM:
                self.post(on.Confirmed(on.Who.CASHIER))
            elif phase in (Phase.APPROVED, Phase.DECLINED, Phase.CLEARING, Phase.IDLE):
                return
            else:
                self.step()

    def _until_armed(self) -> None:
        for _ in range(400):
            if self.phase is Phase.IDLE:
                return
            if self.phase in (Phase.ARMED, Phase.DECLINED, Phase.CONFIRM):
                self.post(on.Cleared())
            self.step()

    def _undo_newest(self) -> None:
        strip = self.counter.view().strip
        if strip:
            self.post(presses.UndoPressed(strip[0].row.payment_id))
            for _ in range(100):
                self.step()

    def approved(self) -> set[UUID]:
        """The sales that the strip shows as approved."""
        done = (RowState.APPROVED,)
        return {line.row.payment_id for line in self.counter.view().strip if line.row.state in done}


def sell_until_killed(place: CounterPlace, seed: int, parent: Connection) -> None:
    """Sell for ever; tell the parent each payment once it was shown as approved."""
    selling = SellingCounter(place, seed)
    told: set[UUID] = set()

    def tell(view: object) -> None:
        for payment_id in selling.approved() - told:
            told.add(payment_id)
            parent.send(payment_id)

    selling.counter.listen(tell)
    selling.open()
    while True:
        selling.sell_one()


def drain(place: CounterPlace, seed: int, parent: Connection) -> None:
    """Recover, hand over what waits, and tell the parent what is left."""
    selling = SellingCounter(place, seed)
    selling.open()
    until = time.monotonic() + 60
    while selling.journal.waiting().count and time.monotonic() < until:
        _idle.wait(LOOK_S)
    parent.send((selling.journal.waiting().count, selling.journal.parked()))
    os._exit(0)
