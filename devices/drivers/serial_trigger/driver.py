"""`SerialTrigger`: a sensor on a serial port says, line by line, that it was set off."""

from collections.abc import Iterator

from devices.drivers.serial_trigger.protocol import FIELDS as WORDS
from devices.drivers.serial_trigger.protocol import Words
from devices.ports import DeviceSettings, TriggerPressed
from devices.settings import check_fields, number
from devices.transport.lines import Framer
from devices.transport.serial import FIELDS, SerialLine, SerialPort

DEBOUNCE_S = 0.2
"""A sensor without numbers that says it twice so quickly means one tray."""


class SerialTrigger:
    """A sensor on a serial port; keeps the contract of `devices.ports.Trigger`."""

    kind = "trigger"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, *WORDS, "debounce_s"))
        self.name = name
        self.bus = f"serial:{name}"
        self._words = Words.of(settings)
        self._debounce_s = number(settings, "debounce_s", DEBOUNCE_S, 0, 10)
        self._port = SerialPort(SerialLine.of(settings))
        self._framer = Framer()
        self._said_at = float("-inf")

    def open(self, now: float) -> None:
        """Open the port, what it had buffered discarded; `DeviceLost` when it cannot be."""
        self._port.open()
        self._framer.drop_partial()

    def step(self, now: float) -> list[TriggerPressed]:
        """Return what was said until now, or wait a little; `DeviceLost` when unplugged."""
        events = list(self._events(self._port.take(), now))
        if not events:
            self._port.wait()
        return events

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()

    def _events(self, data: bytes, now: float) -> Iterator[TriggerPressed]:
        for frame in self._framer.feed(data, now):
            read = self._words.read(frame)
            if read is None:
                continue
            action_id, answer = read
            if answer:
                self._port.write(answer)
            is_bounce = not action_id and now - self._said_at < self._debounce_s
            self._said_at = now
            if not is_bounce:
                yield TriggerPressed(self.name, now, action_id)
