"""Every implementation of `Scanner`, with the hand that shows it codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from devices.ports import DeviceEntry
from devices.registry import make_device
from devices.simulated.input_line import InputLine
from devices.simulated.serial_line import SerialLine
from devices.transport.burst import Code


class ScannerBench(Protocol):
    """A scanner and what a person does in front of it."""

    scanner: Any

    def show(self, text: str) -> None:
        """Show a code once."""

    def unplug(self) -> None: ...

    def plug_in(self) -> None: ...

    def steps(self, now: float) -> list[Any]:
        """Step until everything shown so far has been taken."""

    def close(self) -> None: ...


class PtyBench:
    """The serial scanner, the scanner's side of the line played on a pseudo-terminal."""

    def __init__(self, folder: Path, trigger: str) -> None:
        self._port = SerialLine(folder / "scanner")
        settings = {"port": str(self._port.path), "trigger": trigger}
        self.scanner: Any = make_device(DeviceEntry("glass", "scanner", "serial_scanner", settings))
        self._is_shown = False

    def show(self, text: str) -> None:
        self._port.present(text)
        self._is_shown = True

    def unplug(self) -> None:
        self._port.unplug()

    def plug_in(self) -> None:
        self._port.plug_in()

    def steps(self, now: float) -> list[Any]:
        # A pseudo-terminal hands bytes on by itself, a moment later: a step waits for them once
        found: list[Any] = []
        for _ in range(3 if self._is_shown else 1):
            found += self.scanner.step(now)
        self._is_shown = False
        return found

    def close(self) -> None:
        self.scanner.close()
        self._port.unplug()


class HidBench:
    """The scanner that types, its keys played through a pipe in the place of the kernel's."""

    def __init__(self, folder: Path, trigger: str) -> None:
        self._line = InputLine(folder / "scanner")
        settings = {"path": str(self._line.path), "trigger": trigger}
        self.scanner: Any = make_device(DeviceEntry("glass", "scanner", "hid_scanner", settings))

    def show(self, text: str) -> None:
        self._line.present(text)

    def unplug(self) -> None:
        self._line.unplug()

    def plug_in(self) -> None:
        self._line.plug_in()

    def steps(self, now: float) -> list[Any]:
        return list(self.scanner.step(now))

    def close(self) -> None:
        self.scanner.close()
        self._line.unplug()


class WindowBench:
    """The scanner behind a window, the window's part played here."""

    def __init__(self, _folder: Path, trigger: str) -> None:
        entry = DeviceEntry("glass", "scanner", "window_scanner", {"trigger": trigger})
        scanner: Any = make_device(entry)
        self.scanner = scanner
        scanner.feed.attach()

    def show(self, text: str) -> None:
        self.scanner.feed.put(Code(text, 0.0))

    def unplug(self) -> None:
        self.scanner.feed.detach()

    def plug_in(self) -> None:
        self.scanner.feed.attach()

    def steps(self, now: float) -> list[Any]:
        return list(self.scanner.step(now))

    def close(self) -> None:
        self.scanner.close()


class TwinBench:
    """The twin."""

    def __init__(self, _folder: Path, trigger: str) -> None:
        entry = DeviceEntry("glass", "scanner", "simulated", {"trigger": trigger})
        self.scanner: Any = make_device(entry)

    def show(self, text: str) -> None:
        self.scanner.present(text)

    def unplug(self) -> None:
        self.scanner.unplug()

    def plug_in(self) -> None:
        self.scanner.plug_in()

    def steps(self, now: float) -> list[Any]:
        return list(self.scanner.step(now))

    def close(self) -> None:
        self.scanner.close()
