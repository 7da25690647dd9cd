"""A whole canteen in one process: the real server on a real socket, and counters around it.

The server runs on SQLite behind uvicorn with its writer, sequencer and worker; each counter has its
own folder, store, key and connection. Nothing between a credential and the books is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn

from devices import ports
from domain import messages as sentences
from kiosk_profiles.load import load
from server.config.asgi import Application
from server.config.running import running
from server.config.sample import Sample, SampleCounter, SamplePerson, create_sample
from server.config.secrets import load_secrets
from server.config.serving import listen
from sync.activation import activate_terminal
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
from terminal_app.counter.run import Counter
from terminal_app.counter.view import CounterView

LUNCH = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
"""11:40 in Shanghai: the sample canteen serves lunch."""
COUNTERS, PEOPLE = 30, 90
TICK_S = 0.1
ASKING_S = 0.002
PAUSES_S = (20.0, 20.0, 61.0, 61.0, 61.0, 61.0)
"""Longer than a heartbeat's interval, then longer than the longest wait after a failure."""
START_LIMIT_S = 30.0
ASKING_LIMIT_S = 20.0
BAD_GATEWAY = b"<html><h1>502 Bad Gateway</h1></html>"
_never = threading.Event()
"""Never set: what loops wait on between two looks."""


class Noon:
    """The true time: real time since the start, and what was skipped."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self.skipped_s = 0.0

    def skip(self, seconds: float) -> None:
        self.skipped_s += seconds

    def now(self) -> datetime:
        return LUNCH + timedelta(seconds=self.monotonic() - 1_000)

    def monotonic(self) -> float:
        return 1_000 + time.monotonic() - self._started_s + self.skipped_s

    def boot_id(self) -> str:
        return "server"


class WrongClock:
    """A machine's clock that stands off the true time; `boot` changes with a power cut."""

    def __init__(self, noon: Noon) -> None:
        self._noon = noon
        self.off_by = timedelta(0)
        self.boot = "boot-1"

    def now(self) -> datetime:
        return self._noon.now() + self.off_by

    def monotonic(self) -> float:
        return self._noon.monotonic()

    def boot_id(self) -> str:
        return self.boot


class Street:
    """What lies between counters and server: open, or a proxy that has lost the server.

    While `loses` is "question", what is asked at a till never reaches the server; while it is
    "answer", it does, and what the server says never comes back.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.is_open = True
        self.loses = ""
        self.lost_count = 0
        self.on_lost: Callable[[], None] = lambda: None
        """Called at once, before anybody's patience with the line can end."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.loses and scope["type"] == "http" and scope["path"] == "/v1/payments":
            await self._lose(scope, receive)
        if self.is_open or scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        headers = [(b"content-length", str(len(BAD_GATEWAY)).encode())]
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        await send({"type": "http.response.body", "body": BAD_GATEWAY})

    async def _lose(self, scope: Any, receive: Any) -> None:
        async def unheard(_message: Any) -> None:
            """The line is dead on the way back."""

        if self.loses == "answer":
            await self.application(scope, receive, unheard)
        self.on_lost()
        self.lost_count += 1
        while self.loses:
            await asyncio.to_thread(_never.wait, ASKING_S)


class OpenCanteen:
    """One sample canteen whose server listens on `url`."""

    def __init__(self, noon: Noon, sample: Sample, street: Street, url: str) -> None:
        self.noon, self.sample, self.street, self.url = noon, sample, street, url
        self._counters = iter(sample.counters)
        # Every journey has diners of its own: who ate already is asked again (P7)
        self._students = iter(sample.of_category("student"))

    def next_counter(self) -> SampleCounter:
        return next(self._counters)

    def next_diner(self) -> SamplePerson:
        return next(self._students)

    def pin(self, role: str) -> str:
        return next(one.pin for one in self.sample.operators if one.role == role)


@contextlib.contextmanager
def open_canteen(
    folder: Path, *, people: int = PEOPLE, photos: Path | None = None
) -> Iterator[OpenCanteen]:
    """Serve a sample canteen from the migrated database that Django is connected to; whoever is
    in `photos` has their face enrolled.
    """
    noon, secrets = Noon(), load_secrets(folder / "secrets")
    sample = create_sample(
        now=noon.now(), random=os.urandom, secrets=secrets,
        counters=COUNTERS, people=people, photos=photos,
    )  # fmt: skip
    with running(noon, secrets, os.urandom) as application:
        street = Street(application)
        listener = listen("127.0.0.1", 0)
        config = uvicorn.Config(
            street, http="httptools", ws="none", lifespan="off", log_level="critical"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_for(lambda: server.started, START_LIMIT_S)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield OpenCanteen(noon, sample, street, url)
        finally:
            server.should_exit = True
            thread.join(START_LIMIT_S)
            listener.close()


def wait_for(is_so: Callable[[], bool], limit_s: float) -> None:
    """Look until it is so; fail after `limit_s` of real time."""
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        _never.wait(ASKING_S)


class WalkUp:
    """One counter on its own folder, and the hands of who stands before and behind it."""

    def __init__(self, canteen: OpenCanteen, folder: Path, keys: Path | None = None) -> None:
        self.canteen, self.folder = canteen, folder
        self.clock = WrongClock(canteen.noon)
        self.keys = FileKeyStore((keys or folder) / "keys.json")
        folder.mkdir(parents=True, exist_ok=True)
        if self.keys.load() is None:
            activate_terminal(
                self.keys, canteen.url, canteen.next_counter().activation_code,
                serial=folder.name, software="journey", random=os.urandom,
            )  # fmt: skip
        self.open()

    def open(self) -> None:
        """Switch on: the same disk, nothing else."""
        secrets = self.keys.load()
        assert secrets is not None
        assert secrets.binding is not None
        self.binding = secrets.binding
        self.store = LocalStore(self.folder / "counter.sqlite3")
        self.corrected = CorrectedClock(self.clock, self.store)
        terminal_id = self.binding.terminal_id
        self.journal = Journal(self.store, secrets.key, terminal_id, self.corrected, os.urandom)
        self.replica = Replica(self.store, self.corrected)
        self.client = Client(self.canteen.url, secrets.key, terminal_id, self.corrected)
        self.pump = Pump(
            self.journal, self.replica, self.client, self.keys, random.Random(7).random
        )
        self._executor = ThreadPoolExecutor(1)
        self.counter: Counter = build_counter(
            profile=load("canteen"),
            binding=self.binding,
            store=self.store,
            journal=self.journal,
            replica=self.replica,
            clock=self.corrected,
            server=self.client,
            executor=self._executor,
            random=os.urandom,
            standing=lambda: self.pump.state.standing,
            not_selling=lambda: self.pump.state.not_selling,
        )
        self.counter.start(self.now)

    def close(self) -> None:
        """The power is cut, or the day is over."""
        self._executor.shutdown(cancel_futures=True)
        self.client.close()
        self.store.close()

    # --- time -------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @property
    def view(self) -> CounterView:
        return self.counter.view()

    @property
    def phase(self) -> Phase:
        return self.view.phase

    def wait(self, seconds: float) -> None:
        """Let time pass; while the server is being asked, real time."""
        for _ in range(max(1, round(seconds / TICK_S))):
            self.canteen.noon.skip(TICK_S)
            self.counter.step(self.now)
            self.until_answered()

    def until_answered(self) -> None:
        asking = (Phase.AUTHORISING, Phase.CANCELLING, Phase.RECOVER)
        until = time.monotonic() + ASKING_LIMIT_S
        while self.phase in asking and not self._is_operators_turn():
            assert time.monotonic() < until, f"hangs in {self.phase}"
            _never.wait(ASKING_S)
            self.counter.step(self.now)

    def _is_operators_turn(self) -> bool:
        return any(question.is_asked for question in self.view.questions)

    def post(self, *posted: Any) -> None:
        for one in posted:
            self.counter.post(one)
            self.counter.step(self.now)
        self.until_answered()

    def speak(self) -> None:
        """Hand over what waits and fetch what changed; a duty that failed gets its next chance."""
        for number, pause_s in enumerate(PAUSES_S):
            self.canteen.noon.skip(pause_s)
            while self.pump.step(self.now) == 0:
                pass
            if number and not self.journal.waiting().count:
                return

    # --- people ------------------------------------------------------------------------------

    def learn(self) -> None:
        """Pull until the counter knows its people and prices."""
        until = time.monotonic() + START_LIMIT_S
        while not (self.pump.state.is_complete and self.replica.operators()):
            assert time.monotonic() < until, self.pump.state
            self.canteen.noon.skip(3)
            self.pump.step(self.now)

    def serve(self) -> None:
        """Log in, open the shift and serve lunch."""
        self.wait(1.2)
        self.post(presses.PinEntered(self.canteen.pin("cashier")), presses.DayAccepted(0))
        self.post(on.ServingStarted())
        self.wait(0.5)
        assert self.phase is Phase.ARMED, (self.phase, self.view.code, self.view.refusal)

    def card(self, uid: bytes) -> None:
        seen = ports.CardPresented(uid, ports.Assurance.CARD_UID, self.now, "reader")
        self.post(seen)

    def lift_card(self) -> None:
        self.post(ports.CardRemoved("reader", self.now))
        self.wait(2.5)

    def code(self, text: str) -> None:
        self.post(ports.CodeScanned(text, ports.Symbology.QR, "scanner", self.now))

    def take_phone(self) -> None:
        self.wait(2.2)
        self.post(ports.CodeGone("scanner", self.now))
        self.wait(0.5)

    def pay_by_card(self, diner: SamplePerson | None = None) -> SamplePerson:
        """One good sale from ARMED to ARMED, and it shows as charged."""
        diner = diner or self.canteen.next_diner()
        self.card(diner.card_uid)
        assert self.phase is Phase.APPROVED, (self.phase, self.view.code, self.view.hint)
        self.wait(1)
        self.lift_card()
        assert self.phase is Phase.ARMED, self.phase
        return diner

    # --- what is on disk ---------------------------------------------------------------------

    def accepted(self) -> list[UUID]:
        rows = self.store.rows(
            "SELECT payment_id FROM intent WHERE outcome = 'accepted' ORDER BY frozen_at"
        )
        return [UUID(bytes=row[0]) for row in rows]


def says_what_to_do(code: str, **data: Any) -> None:
    """The code has its sentence in both languages, and neither is a shrug."""
    assert code, "nothing was said"
    assert sentences.is_known(code), f"{code} has no text"
    chinese = sentences.text(code, data, "zh")
    english = sentences.text(code, data, "en")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), chinese
    assert english.isascii() or "…" in english or "’" in english, english
    assert len(english.split()) >= 5, f"{code} does not say what to do: {english}"
    assert "code" not in data or code not in english
