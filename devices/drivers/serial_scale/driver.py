"""`SerialScale`: the weight on a counter scale, asked for a few times a second."""

from devices.drivers.serial_scale.protocol import ANSWER_MAX, PROTOCOLS, NoWeight, Weight
from devices.ports import DeviceLost, DeviceSettings, WeightRead
from devices.settings import check_fields, choice
from devices.transport.serial import FIELDS, SerialLine, SerialPort

ASK_S = 0.25
"""The 8217 wants 200 ms between commands."""
SILENT_S = 3.0
"""A scale that answered nothing for so long is not there."""


class SerialScale:
    """A scale on a serial port; keeps the contract of `devices.ports.Scale`.

    A weight is told once when it stands still, and again when it changed. Motion is told once, with
    the last weight and `is_stable` False; over, under and what is not understood is no event.
    """

    kind = "scale"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "protocol"))
        self._protocol = PROTOCOLS[choice(settings, "protocol", PROTOCOLS, "mettler_8217")]
        given = {key: value for key, value in settings.items() if key != "protocol"}
        self.name = name
        self.bus = f"serial:{name}"
        self._port = SerialPort(SerialLine.of({**self._protocol.line, **given}))
        self._asked_at = self._heard_at = 0.0
        self._reset(0.0)

    def open(self, now: float) -> None:
        """Open the port; `DeviceLost` when it cannot be."""
        self._port.open()
        self._reset(now)

    def step(self, now: float) -> list[WeightRead]:
        """Ask when it is time, and return what changed; `DeviceLost` when it falls silent."""
        if now - self._asked_at >= ASK_S:
            self._asked_at = now
            self._port.write(self._protocol.ask)
        self._held += self._port.take()
        answers = self._cut()
        if answers:
            self._heard_at = now
        elif now - self._heard_at > SILENT_S:
            raise DeviceLost("devices.silent", self.name)
        events = [event for answer in answers for event in self._changed(answer, now)]
        if not events:
            self._port.wait()
        return events

    def zero(self) -> None:
        """Ask the scale to zero itself; `DeviceLost` when the port is gone."""
        self._port.write(self._protocol.zero)

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()

    def _reset(self, now: float) -> None:
        self._held, self._asked_at, self._heard_at = b"", now - ASK_S, now
        self._told: Weight | NoWeight | None = None
        self._grams = 0

    def _cut(self) -> list[Weight | NoWeight]:
        *whole, self._held = self._held.split(self._protocol.end)
        self._held = self._held[-ANSWER_MAX:]
        return [self._protocol.read(answer) for answer in whole if answer.strip()]

    def _changed(self, answer: Weight | NoWeight, now: float) -> list[WeightRead]:
        if answer == self._told:
            return []
        self._told = answer
        if isinstance(answer, Weight):
            self._grams = answer.grams
            return [WeightRead(answer.grams, True, self.name, now)]
        if answer.why == "motion":
            return [WeightRead(self._grams, False, self.name, now)]
        return []
