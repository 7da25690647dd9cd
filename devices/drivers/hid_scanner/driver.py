"""`HidScanner`: codes from a scanner that types, grabbed so that no window ever sees its keys."""

from collections.abc import Iterator

from devices.drivers.hid_scanner.protocol import GAP_S, KeyFramer, Keys
from devices.ports import CodeGone, CodeScanned, DeviceSettings
from devices.readings import Glass, read_frame
from devices.settings import check_fields, choice, number
from devices.transport.hid import FIELDS, HidLine, HidPort
from devices.transport.keymaps import LAYOUTS


class HidScanner:
    """A scanner that types; keeps the contract of `devices.ports.Scanner`."""

    kind = "scanner"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "trigger", "gone_s", "layout", "gap_s"))
        trigger = choice(settings, "trigger", ("presentation", "hand"), "hand")
        layout = LAYOUTS[choice(settings, "layout", sorted(LAYOUTS), "us")]
        self.name = name
        self.bus = f"hid:{name}"
        self._port = HidPort(HidLine.of(settings))
        self._framer = KeyFramer(Keys(layout), number(settings, "gap_s", GAP_S, 0.02, 5))
        gone_s = number(settings, "gone_s", 2.0, 0.1, 60)
        self._glass = Glass(name, gone_s, is_hand=trigger == "hand")

    def open(self, now: float) -> None:
        """Grab the device, what it had typed discarded; `DeviceLost` when it cannot be."""
        self._port.open()
        self._framer.drop_partial()
        self._glass.reopened(now)

    def step(self, now: float) -> list[CodeScanned | CodeGone]:
        """Return what was typed until now, or wait a little; `DeviceLost` when unplugged."""
        events = list(self._events(now))
        if not events:
            self._port.wait()
        return events

    def close(self) -> None:
        """Let go of the device."""
        self._port.close()

    def _events(self, now: float) -> Iterator[CodeScanned | CodeGone]:
        # Keys first: those that waited while we were busy are no sign of a pause
        keys = self._port.take()
        if not keys:
            yield from self._glass.tick(now)
        for frame in self._framer.feed(keys, now) if keys else self._framer.tick(now):
            reading = read_frame(frame)
            if reading is not None:
                yield from self._glass.see(reading, now)
