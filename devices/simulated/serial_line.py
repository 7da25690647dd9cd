"""The scanner's side of a serial line: a pseudo-terminal that the real driver opens as its port.

The port is found at a link, as those of udev are: unplugging closes the line and removes the link,
plugging in makes a new line under the same link. Controls may be called on any thread.
"""

import os
import select
import threading
from pathlib import Path

from devices.ports import Symbology

AIM = {
    Symbology.QR: b"]Q1",
    Symbology.CODE128: b"]C0",
    Symbology.EAN13: b"]E0",
    Symbology.UNKNOWN: b"",
}
"""The identifiers a scanner sends when it is set to (ISO/IEC 15424)."""


class SerialLine:
    """A scanner at the far end of a port; `path` is what a profile's `port` names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._ends: tuple[int, int] | None = None
        self.plug_in()

    def plug_in(self) -> None:
        """Make the line and the link to it; does nothing when it is plugged in."""
        with self._turn:
            if self._ends is None:
                self._ends = os.openpty()
                self.path.symlink_to(os.ttyname(self._ends[1]))

    def unplug(self) -> None:
        """Pull the plug: whoever has the port open loses it."""
        with self._turn:
            ends, self._ends = self._ends, None
            if ends is not None:
                self.path.unlink(missing_ok=True)
                for end in reversed(ends):
                    os.close(end)

    def present(self, text: str, symbology: Symbology = Symbology.UNKNOWN) -> None:
        """Read a code once, as a scanner that ends with CR; into the void while unplugged."""
        self.send(AIM[symbology] + text.encode() + b"\r")

    def wait_until_arrived(self, timeout_s: float) -> bool:
        """Wait until the port, opened by its driver, has something to read; say whether it has."""
        with self._turn:
            ends = self._ends
        return ends is not None and bool(select.select([ends[1]], [], [], timeout_s)[0])

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        with self._turn:
            if self._ends is not None:
                os.write(self._ends[0], data)
