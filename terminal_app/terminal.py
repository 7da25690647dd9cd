"""One running terminal: store, journal, wire, devices, eyes and counter, each loop on its thread.

Every loop is a `step(now)`; the threads here only call them. A defect on the counter thread stops
the terminal: it starts again through RECOVER, which is safer than going on half-right. A defect
elsewhere is reported and its loop goes on, because card and code must.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from devices import registry
from devices.ports import CashDrawer, Device, DeviceEntry, DeviceHealth, Event, Keyed, Printer
from devices.supervisor import Supervisor
from devices.vision.faces.model import DEFAULT_MODEL
from devices.vision.faces.zone import Zone
from domain.clock import Clock
from domain.errors import Refused
from kiosk_profiles.schema import Profile
from sync import keystore, practice
from sync.client import Client
from sync.clocks import CorrectedClock, SystemClock
from sync.keystore import FileKeyStore
from sync.messages import ActivationAnswer, DeviceReport
from sync.outbox import Journal
from sync.pump import Pump, Report
from sync.replica import Replica
from sync.store import LocalStore
from terminal_app.counter.build import build_counter
from terminal_app.counter.front import Front, Switch
from terminal_app.counter.machine import Phase
from terminal_app.counter.practice import Practice
from terminal_app.counter.run import STEP_EVERY_S, Counter
from terminal_app.eyes import wire
from terminal_app.eyes.client import EyesClient
from terminal_app.loops import Loops
from terminal_app.watchdog import Watchdog, notifier

SOFTWARE = "fanpiao/0.1"
KEYS, STORE = "terminal-keys.json", "counter.sqlite3"
PRACTICE = "practice.sqlite3"
PUMP_LOOK_S = 0.25
"""The longest sleep of the pump, so that a stop or a new row is noticed."""
PRINT_LOOK_S = 0.1
WATCH_S = 0.25
BETWEEN_SALES = frozenset({Phase.LOCKED, Phase.NO_PERIOD, Phase.IDLE, Phase.BLOCKED})
"""Where a terminal may be stopped without anybody noticing."""


class DeviceClock:
    """`time.monotonic()` for devices and timers: what their events are stamped with."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return SystemClock().now()

    def monotonic(self) -> float:
        """Seconds of the monotonic clock, the same in the eyes' process."""
        return time.monotonic()

    def boot_id(self) -> str:
        """The kernel's id of this boot."""
        return SystemClock().boot_id()


@dataclass(frozen=True, slots=True)
class Hardware:
    """The devices of a profile, made and not yet opened."""

    entries: tuple[DeviceEntry, ...]
    supervised: tuple[Device, ...]
    camera: DeviceEntry | None
    printer: Printer | None
    drawer: CashDrawer | None


def make_hardware(profile: Profile, *, is_simulated: bool) -> Hardware:
    """Make every device of a profile; `is_simulated` puts a twin in the place of each.

    Raises `Refused("devices.settings")` with the driver's own words for a mistake in settings.
    """
    entries = tuple(
        DeviceEntry(device.name, device.kind, "simulated")
        if is_simulated
        else DeviceEntry(device.name, device.kind, device.driver, device.settings)
        for device in profile.devices
    )
    try:
        supervised = [
            registry.make_device(one) for one in entries if one.kind in registry.SUPERVISED
        ]
        printers = [registry.make_printer(one) for one in entries if one.kind == "printer"]
        drawers = [registry.make_drawer(one) for one in entries if one.kind == "drawer"]
    except ValueError as mistake:
        raise Refused("devices.settings", detail=str(mistake)) from mistake
    printer = printers[0] if printers else None
    behind: object = printer
    wired = behind if isinstance(behind, CashDrawer) else None
    return Hardware(
        entries=entries,
        supervised=tuple(supervised),
        camera=next((one for one in entries if one.kind == "camera"), None),
        printer=printer,
        drawer=drawers[0] if drawers else wired,
    )


def eyes_config(profile: Profile, camera: DeviceEntry, model: Path) -> wire.Config:
    """What the camera's process needs to know of a profile."""
    presence = profile.presence
    return wire.Config(
        name=camera.name,
        driver=camera.driver,
        settings=dict(camera.settings),
        model=str(model),
        zone=Zone(
            face_height_min=presence.zone_face_height_min,
            centre_width=presence.zone_centre_width,
            angle_max_deg=min(presence.yaw_max_deg, presence.pitch_max_deg),
            second_face_ratio=presence.rival_face_ratio,
        ),
        frame_age_max_s=presence.frame_age_max_ms / 1000,
        code_gone_s=presence.code_clear_ms / 1000,
    )


class Terminal:
    """A bound terminal in a folder of state. `start`, then `stop`; or the loops by hand.

    `clock` is every clock of this terminal but the camera's, which another process reads; whoever
    moves it otherwise than the machine's gives `make_eyes` that follows it.
    """

    def __init__(
        self,
        profile: Profile,
        state: Path,
        *,
        is_simulated: bool = False,
        server_url: str = "",
        model: Path = DEFAULT_MODEL,
        clock: Clock | None = None,
        make_eyes: Callable[[wire.Config, Callable[[Event], None]], EyesClient] = EyesClient,
    ) -> None:
        self._clock: Clock = clock or DeviceClock()
        self._make_eyes_client = make_eyes
        self.key_store = FileKeyStore(state / KEYS)
        secrets = self.key_store.load()
        if secrets is None or secrets.binding is None:
            raise Refused("terminals.not_activated")
        binding = secrets.binding
        self.hardware = make_hardware(profile, is_simulated=is_simulated)
        self.store = LocalStore(
            state / STORE, seal_key=keystore.store_key(self.key_store, os.urandom)
        )
        corrected = CorrectedClock(clock or SystemClock(), self.store)
        self.journal = Journal(self.store, secrets.key, binding.terminal_id, corrected, os.urandom)
        self.replica = Replica(self.store, corrected)
        url = server_url or secrets.server_url
        self.client = Client(url, secrets.key, binding.terminal_id, corrected)
        self.pump = Pump(
            self.journal, self.replica, self.client, self.key_store, random.random, self._report
        )
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asking")
        self._loops, self._wake = Loops(), threading.Event()
        self.watchdog = Watchdog(notifier())
        self.eyes = self._make_eyes(profile, model)
        self._raw_clock: Clock = clock or SystemClock()
        self._practice_path = state / PRACTICE
        practice.remove(self._practice_path)
        self.counter = Front(
            lambda practise: self._make_counter(profile, binding, corrected, practise),
            lambda real, switch: Practice(
                self._practice_path, real, self._raw_clock, os.urandom, switch
            ),
        )
        self.supervisor = Supervisor(
            self.hardware.supervised, self._take, self._clock, self.hardware.entries
        )
        self.on_keyed: Callable[[Keyed], None] | None = None
        """Presses the keys of grabbed keypads in the windows; without windows nobody does."""

    def _make_counter(
        self,
        profile: Profile,
        binding: ActivationAnswer,
        corrected: CorrectedClock,
        practise: Switch,
    ) -> Counter:
        return build_counter(
            profile=profile,
            binding=binding,
            store=self.store,
            journal=self.journal,
            replica=self.replica,
            clock=corrected,
            server=self.client,
            executor=self._executor,
            random=os.urandom,
            printer=self.hardware.printer,
            drawer=self.hardware.drawer,
            eyes=self.eyes,
            data_key=lambda: keystore.data_key(self.key_store, corrected.now()),
            hurry=self._wake.set,
            sync_now=self.sync_now,
            standing=lambda: self.pump.state.standing,
            not_selling=lambda: self.pump.state.not_selling,
            unclaimed=lambda: self.supervisor.unclaimed,
            shows_codes=lambda: self.pump.state.shows_codes,
            practise=practise,
        )

    def start(self) -> None:
        """Start every loop; the counter opens with what the last power cut left."""
        self.counter.start(self._clock.monotonic())
        self.supervisor.start()
        if self.eyes is not None:
            self.eyes.start()
        self._loops.start_vital("counter", self._serve)
        self._loops.start("pump", self._pump)
        self._loops.start("printing", self._print)
        self._loops.start("watching", self._watch)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until something stops the terminal; say whether it has stopped."""
        return self._loops.wait(timeout_s)

    @property
    def defect(self) -> BaseException | None:
        """What ended the counter's thread, if that is why it stopped."""
        return self._loops.defect

    @property
    def is_rebound(self) -> bool:
        """Whether the server bound this terminal to another store: start it again."""
        return self.pump.state.is_rebound

    def interrupt(self) -> None:
        """Ask for the end, from a signal or another thread; whoever waits then calls `stop`."""
        self._loops.interrupt()

    def sync_now(self) -> None:
        """Hand over and fetch at once, whatever the last failure asked to wait for."""
        self.pump.hurry()
        self._wake.set()

    def stop(self) -> None:
        """Stop every loop and let go of everything; what waits stays in the journal."""
        self._loops.interrupt()
        self._wake.set()
        self._loops.join()
        self.supervisor.stop()
        if self.eyes is not None:
            self.eyes.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self.client.close()
        self.counter.parts.printing.close()
        self.counter.close()
        self.store.close()

    # --- the loops ------------------------------------------------------------------------

    def _serve(self) -> None:
        self.counter.step(self._clock.monotonic())
        self.watchdog.stepped(self._clock.monotonic())
        self.counter.wait(STEP_EVERY_S)

    def _pump(self) -> None:
        self._wake.clear()
        delay_s = self.pump.step(self._clock.monotonic())
        self._wake.wait(min(delay_s, PUMP_LOOK_S))

    def _print(self) -> None:
        while self.counter.parts.printing.step(self._clock.monotonic()):
            continue
        self._loops.pause(PRINT_LOOK_S)

    def _watch(self) -> None:
        now = self._clock.monotonic()
        self.supervisor.step(now)
        if self.eyes is not None:
            self.eyes.step(now)
        self._loops.pause(WATCH_S)

    def _take(self, event: Event) -> None:
        if not isinstance(event, Keyed):
            self.counter.post(event)
        elif self.on_keyed is not None:
            self.on_keyed(event)

    # --- inside ---------------------------------------------------------------------------

    def _report(self) -> Report:
        devices = device_reports(self.supervisor, self.counter.health())
        shift_id = self.counter.parts.shift.shift_id
        return Report(software=SOFTWARE, shift_id=shift_id, devices=devices)

    def _make_eyes(self, profile: Profile, model: Path) -> EyesClient | None:
        camera = self.hardware.camera
        if camera is None:
            return None
        config = eyes_config(profile, camera, model)
        return self._make_eyes_client(config, self._post)

    def _post(self, event: Event) -> None:
        self.counter.post(event)


def device_reports(
    supervisor: Supervisor, heard: Iterable[DeviceHealth] = ()
) -> tuple[DeviceReport, ...]:
    """What a heartbeat tells of the devices; `heard` also of those that nobody supervises."""
    known = supervisor.health()
    names = {health.device for health in known}
    return tuple(
        DeviceReport(
            name=health.device,
            kind=health.kind,
            state=health.state.value,
            code=health.error_code,
        )
        for health in (*known, *(one for one in heard if one.device not in names))
    )
