"""A serial port made of a pseudo-terminal: its other end is the test's."""

from __future__ import annotations

import os
from pathlib import Path


class PtyPort:
    """A port found at `path`, a link, as udev's links are: unplugging removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master = self._slave = -1
        self.plug_in()

    def plug_in(self) -> None:
        self._master, self._slave = os.openpty()
        self.path.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        if self._master >= 0:
            self.path.unlink()
            os.close(self._slave)
            os.close(self._master)
        self._master = -1

    def send(self, data: bytes) -> None:
        os.write(self._master, data)
