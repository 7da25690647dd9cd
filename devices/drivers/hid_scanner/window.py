"""`WindowScanner`: codes from a scanner that types into whichever window is in front.

The way for a counter that may not grab the device. The window tells codes from a person's keys by
their rhythm (`devices.transport.burst`) and hands them over with `typed`.
"""

from collections.abc import Iterator

from devices.ports import CodeGone, CodeScanned, DeviceSettings
from devices.readings import Glass, read_frame
from devices.settings import check_fields, choice, number
from devices.transport.burst import GAP_S, LENGTH_MIN, Code
from devices.transport.window import WindowFeed


class WindowScanner:
    """A scanner behind a window; keeps the contract of `devices.ports.Scanner`.

    `feed` is the window's end. `gap_s` and `length_min` are for the burst that the window judges.
    """

    kind = "scanner"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("trigger", "gone_s", "gap_s", "length_min"))
        trigger = choice(settings, "trigger", ("presentation", "hand"), "hand")
        self.name = name
        self.bus = f"window:{name}"
        self.feed: WindowFeed[Code] = WindowFeed()
        self.gap_s = number(settings, "gap_s", GAP_S, 0.005, 0.5)
        self.length_min = int(number(settings, "length_min", LENGTH_MIN, 3, 64))
        gone_s = number(settings, "gone_s", 2.0, 0.1, 60)
        self._glass = Glass(name, gone_s, is_hand=trigger == "hand")

    def open(self, now: float) -> None:
        """Listen to the window; `DeviceLost` when there is none."""
        self.feed.open()
        self._glass.reopened(now)

    def step(self, now: float) -> list[CodeScanned | CodeGone]:
        """Return what was typed until now, or wait a little; `DeviceLost` without a window."""
        return list(self._events(self.feed.take(), now))

    def close(self) -> None:
        """Stop listening."""
        self.feed.close()

    def _events(self, codes: list[Code], now: float) -> Iterator[CodeScanned | CodeGone]:
        if not codes:
            yield from self._glass.tick(now)
        for code in codes:
            reading = read_frame(code.text.encode("utf-8", errors="surrogatepass"))
            if reading is not None:
                yield from self._glass.see(reading, now)
