"""`SerialScanner`: codes from a scanner on a serial port."""

from collections.abc import Iterator

from devices.ports import CodeGone, CodeScanned, DeviceSettings
from devices.readings import Glass, read_frame
from devices.settings import check_fields, choice, number
from devices.transport.lines import Framer
from devices.transport.serial import FIELDS, SerialLine, SerialPort


class SerialScanner:
    """A scanner on a serial port; keeps the contract of `devices.ports.Scanner`."""

    kind = "scanner"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "trigger", "gone_s"))
        trigger = choice(settings, "trigger", ("presentation", "hand"), "presentation")
        self.name = name
        self.bus = f"serial:{name}"
        self._port = SerialPort(SerialLine.of(settings))
        self._framer = Framer()
        gone_s = number(settings, "gone_s", 2.0, 0.1, 60)
        self._glass = Glass(name, gone_s, is_hand=trigger == "hand")

    def open(self, now: float) -> None:
        """Open the port, what it had buffered discarded; `DeviceLost` when it cannot be."""
        self._port.open()
        self._framer.drop_partial()
        self._glass.reopened(now)

    def step(self, now: float) -> list[CodeScanned | CodeGone]:
        """Return what arrived until now, or wait a little; `DeviceLost` when unplugged."""
        events = list(self._events(self._port.take(), now))
        if not events:
            self._port.wait()
        return events

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()

    def _events(self, data: bytes, now: float) -> Iterator[CodeScanned | CodeGone]:
        # Bytes first: repeats that waited while we were busy are no sign of an empty glass
        if not data:
            yield from self._glass.tick(now)
        for frame in self._framer.feed(data, now):
            reading = read_frame(frame)
            if reading is not None:
                yield from self._glass.see(reading, now)
