"""Devices of a kiosk that are real to its drivers, and the hand that pulls them out.

Each is what its driver's own contract tests play on: a pseudo-terminal, the kernel's key events, a
`pcscd` with a virtual reader, a chip that speaks byte by byte.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from devices.ports import DeviceEntry, HealthState
from devices.simulated.input_line import InputLine
from devices.simulated.pcscd import READER, Pcscd
from devices.simulated.pn532_chip import Pn532Chip
from devices.simulated.serial_line import SerialLine
from devices.simulated.virtual_card import CardProcess
from kiosk_profiles.schema import Profile
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.open_canteen import TICK_S
from tests.journeys.lunch.kiosk import Kiosk

REAL_S = 30.0
"""In real time: far longer than any driver needs, on a busy machine too."""


class Plug(Protocol):
    """One real device in the place of a twin."""

    entry: DeviceEntry

    def unplug(self) -> None: ...

    def plug_in(self) -> None: ...

    def close(self) -> None: ...


class ScannerPlug:
    """A scanner on a line of its own: a pseudo-terminal, or keys that are typed."""

    def __init__(self, line: SerialLine | InputLine, driver: str, field: str) -> None:
        self._line = line
        self.entry = DeviceEntry("scanner", "scanner", driver, {field: str(line.path)})

    def show(self, code: str) -> None:
        self._line.present(code)

    def unplug(self) -> None:
        self._line.unplug()

    def plug_in(self) -> None:
        self._line.plug_in()

    def close(self) -> None:
        self._line.unplug()


def serial_scanner(folder: Path, _service: object) -> ScannerPlug:
    """A scanner on a serial port."""
    return ScannerPlug(SerialLine(folder / "scanner"), "serial_scanner", "port")


def hid_scanner(folder: Path, _service: object) -> ScannerPlug:
    """A scanner that types."""
    return ScannerPlug(InputLine(folder / "scanner"), "hid_scanner", "path")


class PcscPlug:
    """A reader of a real PC/SC service; the card is another process, which needs the service."""

    lies_while_away = False

    def __init__(self, _folder: Path, service: Pcscd) -> None:
        self._service, self._card = service, CardProcess(service.ports[0])
        self.entry = DeviceEntry("reader", "card_reader", "pcsc_reader", {"reader": READER})

    def put(self, uid: bytes) -> None:
        self._card.insert(uid)

    def take(self) -> None:
        self._card.remove()

    def unplug(self) -> None:
        self._service.stop()

    def plug_in(self) -> None:
        self._service.start()

    def close(self) -> None:
        self._card.remove()
        self._card.close()
        if not self._service.is_running:
            self._service.start()


class Pn532Plug:
    """A chip on a pseudo-terminal."""

    lies_while_away = True

    def __init__(self, _folder: Path, _service: object) -> None:
        # The names of pytest's folders are too long for a link of this kind
        self._folder = tempfile.TemporaryDirectory(prefix="fanpiao-pn532-")
        self._chip = Pn532Chip(Path(self._folder.name) / "reader")
        settings = {"port": str(self._chip.path)}
        self.entry = DeviceEntry("reader", "card_reader", "pn532_reader", settings)

    def put(self, uid: bytes) -> None:
        self._chip.put(uid)

    def take(self) -> None:
        self._chip.take()

    def unplug(self) -> None:
        self._chip.unplug()

    def plug_in(self) -> None:
        self._chip.plug_in()

    def close(self) -> None:
        self._chip.unplug()
        self._folder.cleanup()


def with_real(plug: Plug) -> Profile:
    """The canteen's profile, this device real, the others twins."""
    made = profile("canteen")
    devices = tuple(
        plug.entry if one.kind == plug.entry.kind else DeviceEntry(one.name, one.kind, "simulated")
        for one in made.devices
    )
    if plug.entry.kind not in {one.kind for one in devices}:
        devices = (*devices, plug.entry)
    return msgspec.structs.replace(made, devices=devices)


def health(kiosk: Kiosk, name: str) -> HealthState:
    """How the counter says that a device stands."""
    (found,) = [one for one in kiosk.view.devices if one.device == name]
    return found.state


def really(kiosk: Kiosk, is_so: Callable[[], bool], what: str) -> None:
    """Let the kiosk go on until it is so: what comes through a kernel comes in its own time."""
    until = time.monotonic() + REAL_S
    while not is_so():
        words = f"{kiosk.phase}: {kiosk.cashier.words()}"
        assert time.monotonic() < until, f"never {what}; {words}"
        kiosk.wait(TICK_S)


def until_health(kiosk: Kiosk, name: str, state: HealthState) -> None:
    """Wait until the counter says so."""
    really(kiosk, lambda: health(kiosk, name) is state, f"{name} {state}")
