"""A device that is bound to nothing yet, running: its devices, its eyes, and the first run.

It ends when it is bound and its devices were looked at; `terminal.Terminal` follows in its place,
with the devices let go of in between.
"""

import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devices.ports import Event, Keyed, Printer, PrintLine, Receipt
from devices.supervisor import Supervisor
from devices.vision.faces.model import DEFAULT_MODEL
from domain.clock import Clock
from kiosk_profiles.schema import Profile
from sync.activation import activate_terminal
from sync.keystore import FileKeyStore, TerminalSecrets
from terminal_app.counter.first_run import STEP_EVERY_S, FirstRun
from terminal_app.eyes import wire
from terminal_app.eyes.client import EyesClient
from terminal_app.loops import Loops
from terminal_app.terminal import (
    KEYS,
    SOFTWARE,
    WATCH_S,
    DeviceClock,
    eyes_config,
    make_hardware,
)
from terminal_app.watchdog import Watchdog, notifier

_TITLE = "饭票 Fanpiao"


def is_activated(state: Path) -> bool:
    """Whether this folder of state belongs to a bound terminal."""
    secrets = FileKeyStore(state / KEYS).load()
    return secrets is not None and secrets.binding is not None


class NewTerminal:
    """The first run on real or simulated devices. `start`, `wait` until it is done, `stop`."""

    def __init__(
        self,
        profile: Profile,
        state: Path,
        *,
        is_simulated: bool = False,
        server_url: str = "",
        serial: str = "",
        model: Path = DEFAULT_MODEL,
        clock: Clock | None = None,
        make_eyes: Callable[[wire.Config, Callable[[Event], None]], EyesClient] = EyesClient,
    ) -> None:
        self._key_store = FileKeyStore(state / KEYS)
        self._serial = serial or f"{uuid.getnode():012x}"
        self._clock: Clock = clock or DeviceClock()
        self.hardware = make_hardware(profile, is_simulated=is_simulated)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="first-run")
        printer = self.hardware.printer
        self.first_run = FirstRun(
            profile,
            self._activate,
            self._executor,
            None if printer is None else lambda: self._print_page(printer),
            server_url,
        )
        camera = self.hardware.camera
        self.eyes = make_eyes(eyes_config(profile, camera, model), self._take) if camera else None
        self.supervisor = Supervisor(
            self.hardware.supervised, self._take, self._clock, self.hardware.entries
        )
        self._loops, self.watchdog = Loops(), Watchdog(notifier())
        self.on_keyed: Callable[[Keyed], None] | None = None

    def start(self) -> None:
        """Start the devices and the loops."""
        self.supervisor.start()
        if self.eyes is not None:
            self.eyes.start()
        self._loops.start("first run", self._serve)
        self._loops.start("watching", self._watch)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is done or interrupted; say whether it is."""
        return self._loops.wait(timeout_s)

    @property
    def defect(self) -> BaseException | None:
        """None: whatever fails here is tried again."""
        return self._loops.defect

    def interrupt(self) -> None:
        """Ask for the end, from a signal or another thread; whoever waits then calls `stop`."""
        self._loops.interrupt()

    def stop(self) -> None:
        """Let go of every device."""
        self._loops.join()
        self.supervisor.stop()
        if self.eyes is not None:
            self.eyes.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

    # --- inside ---------------------------------------------------------------------------

    def _activate(self, server: str, code: str) -> TerminalSecrets:
        return activate_terminal(
            self._key_store,
            server,
            code,
            serial=self._serial,
            software=SOFTWARE,
            random=os.urandom,
        )

    def _print_page(self, printer: Printer) -> None:
        printer.open(self._clock.monotonic())
        try:
            printer.print_receipt(Receipt(_TITLE, (PrintLine("¥", "0.00"),)))
        finally:
            printer.close()

    def _take(self, event: Event) -> None:
        if not isinstance(event, Keyed):
            self.first_run.post(event)
        elif self.on_keyed is not None:
            self.on_keyed(event)

    def _serve(self) -> None:
        self.first_run.step(self._clock.monotonic())
        self.watchdog.stepped(self._clock.monotonic())
        if self.first_run.is_done:
            self._loops.interrupt()
        self._loops.pause(STEP_EVERY_S)

    def _watch(self) -> None:
        now = self._clock.monotonic()
        self.supervisor.step(now)
        if self.eyes is not None:
            self.eyes.step(now)
        self._loops.pause(WATCH_S)
