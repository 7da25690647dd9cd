"""A running enrolment desk: store, wire, devices, camera and station, each loop on its thread.

What `terminal_app.terminal.Terminal` is to a counter. Every loop is a `step(now)`; a defect of the
station stops the desk, since somebody's consent may be half given; elsewhere it is told, and the
loop goes on.
"""

import os
import random
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devices import registry
from devices.ports import Assurance, CardPresented, Event, Keyed
from devices.supervisor import Supervisor
from devices.vision.faces.engine import OnnxFaceEngine
from devices.vision.faces.model import DEFAULT_MODEL
from devices.vision.faces.weights import ModelUnreadable
from domain.clock import Clock
from domain.errors import Refused
from kiosk_profiles.schema import Profile
from sync import keystore
from sync.client import Client
from sync.clocks import CorrectedClock, SystemClock
from sync.keystore import FileKeyStore
from sync.outbox import Journal
from sync.pump import Pump, Report
from sync.replica import Replica
from sync.signing import card_reference
from sync.store import LocalStore
from terminal_app.counter.operators import Operators
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.link import ServerLink
from terminal_app.enrolment.looking import Watcher
from terminal_app.enrolment.station import Station
from terminal_app.enrolment.view import EnrolmentView
from terminal_app.loops import Loops
from terminal_app.terminal import (
    KEYS,
    PUMP_LOOK_S,
    SOFTWARE,
    STORE,
    WATCH_S,
    DeviceClock,
    device_reports,
    make_hardware,
)
from terminal_app.watchdog import Watchdog, notifier

STEP_EVERY_S = 0.03
LOOK_EVERY_S = 0.02
"""How long the camera's loop rests when there was no new frame."""

Listener = Callable[[EnrolmentView], None]


class EnrolmentDesk:
    """A bound desk in a folder of state. `start`, then `stop`; views go to who listens."""

    def __init__(
        self,
        profile: Profile,
        state: Path,
        *,
        is_simulated: bool = False,
        server_url: str = "",
        model: Path = DEFAULT_MODEL,
        clock: Clock | None = None,
    ) -> None:
        self._clock: Clock = clock or DeviceClock()
        key_store = FileKeyStore(state / KEYS)
        secrets = key_store.load()
        if secrets is None or secrets.binding is None:
            raise Refused("terminals.not_activated")
        binding, url = secrets.binding, server_url or secrets.server_url
        self._card_key, self._model = binding.card_key, model
        self.hardware = make_hardware(profile, is_simulated=is_simulated)
        seal_key = keystore.store_key(key_store, os.urandom)
        self.store = LocalStore(state / STORE, seal_key=seal_key)
        corrected = CorrectedClock(clock or SystemClock(), self.store)
        journal = Journal(self.store, secrets.key, binding.terminal_id, corrected, os.urandom)
        replica = Replica(self.store, corrected)
        self._client = Client(url, secrets.key, binding.terminal_id, corrected)
        self._link = ServerLink(url, secrets.key, binding.terminal_id, corrected)
        self._pump_of = Pump(journal, replica, self._client, key_store, random.random, self._report)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asking")
        self.station = Station(
            binding=binding,
            link=self._link,
            operators=Operators(replica, self.store),
            clock=corrected,
            executor=self._executor,
            random=os.urandom,
            data_key=lambda: keystore.data_key(key_store, corrected.now()),
            language=profile.language,
        )
        self.supervisor = Supervisor(
            self.hardware.supervised, self._take, self._clock, self.hardware.entries
        )
        entry = self.hardware.camera
        self.camera = registry.make_camera(entry) if entry is not None else None
        self.on_keyed: Callable[[Keyed], None] | None = None
        self._loops, self._wake = Loops(), threading.Event()
        self.watchdog = Watchdog(notifier())
        self._listeners: list[Listener] = []
        self._shown: EnrolmentView | None = None

    def post(self, event: m.Event) -> None:
        """Hand over what somebody did; from any thread."""
        self.station.post(event)

    def listen(self, listener: Listener) -> None:
        """Call this, on the desk's thread, with every new view. Before `start`."""
        self._listeners.append(listener)

    def view(self) -> EnrolmentView:
        """What the desk shows now."""
        return self.station.view(self._clock.monotonic())

    def start(self) -> None:
        """Start every loop."""
        self.supervisor.start()
        self._loops.start_vital("desk", self._serve)
        self._loops.start("pump", self._pump)
        self._loops.start("watching", self._watch)
        if self.camera is not None:
            self._loops.start("camera", self._look)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until something stops the desk; say whether it has stopped."""
        return self._loops.wait(timeout_s)

    @property
    def defect(self) -> BaseException | None:
        """What ended the desk's thread, if that is why it stopped."""
        return self._loops.defect

    @property
    def is_rebound(self) -> bool:
        """Whether the server bound this terminal to another store: start it again."""
        return self._pump_of.state.is_rebound

    def interrupt(self) -> None:
        """Ask for the end; whoever waits then calls `stop`."""
        self._loops.interrupt()

    def stop(self) -> None:
        """Stop every loop and let go of everything."""
        self._loops.interrupt()
        self._wake.set()
        self._loops.join()
        self.supervisor.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._link.close()
        self._client.close()
        self.store.close()

    # --- the loops ------------------------------------------------------------------------

    def _serve(self) -> None:
        now = self._clock.monotonic()
        self.station.step(now)
        self.watchdog.stepped(now)
        view = self.station.view(now)
        if view != self._shown:
            self._shown = view
            for listener in self._listeners:
                listener(view)
        self._loops.pause(STEP_EVERY_S)

    def _pump(self) -> None:
        self._wake.clear()
        delay_s = self._pump_of.step(self._clock.monotonic())
        if self._pump_of.state.is_rebound:
            self._loops.interrupt()
        self._wake.wait(min(delay_s, PUMP_LOOK_S))

    def _watch(self) -> None:
        self.supervisor.step(self._clock.monotonic())
        self._loops.pause(WATCH_S)

    def _look(self) -> None:
        """Look while somebody poses; the model is read on this thread, beside the first page."""
        assert self.camera is not None, "this loop is of a desk with a camera"
        if self.station.watcher is None:
            try:
                engine = OnnxFaceEngine(self._model)
            except ModelUnreadable as missing:
                self.station.why_unwatched = "faces.model_missing"
                print(f"faces.model_missing: {missing}", file=sys.stderr, flush=True)
                self._loops.wait()  # said once: the file has to be put there, and the desk started
                return
            self.station.watcher = Watcher(self.camera, engine, self.station.see)
        watcher = self.station.watcher
        try:
            while not self._loops.is_stopping:
                if not watcher.step(self._clock.monotonic()):
                    self._loops.pause(LOOK_EVERY_S)
        finally:
            watcher.close()

    # --- the devices ----------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if isinstance(event, CardPresented):
            key = card_reference(self._card_key, event.uid)
            is_proven = event.assurance is Assurance.CARD_MUTUAL
            self.station.post(m.CardRead(key, is_proven))
        elif isinstance(event, Keyed) and self.on_keyed is not None:
            self.on_keyed(event)

    def _report(self) -> Report:
        devices = device_reports(self.supervisor)
        return Report(software=SOFTWARE, shift_id=None, devices=devices)
