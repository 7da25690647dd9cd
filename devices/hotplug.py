"""Notices that something was plugged in or out, without asking every device all the time.

The kernel and the card service make and remove files: a folder's time of change tells it. Looking
at a dozen folders takes some microseconds, needs no right and works where no udev runs.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from devices.ports import DeviceEntry

LOOK_S: Final = 0.5
"""How often the folders are looked at; a person needs longer to reach for the next plug."""
FOLDERS: Final = (
    "/dev",
    "/dev/input",
    "/dev/input/by-id",
    "/dev/serial/by-id",
    "/dev/usb",
    "/dev/v4l/by-path",
    "/run/pcscd",
)


class Plugs:
    """Watches the folders where devices appear, those of the profile's own paths among them."""

    def __init__(
        self, entries: Iterable[DeviceEntry] = (), folders: Iterable[str] = FOLDERS
    ) -> None:
        service = os.environ.get("PCSCLITE_CSOCK_NAME", "")
        named = [str(value) for entry in entries for value in entry.settings.values()]
        paths = [place.removeprefix("file:") for place in (*named, service)]
        own = {str(Path(path).parent) for path in paths if path.startswith("/")}
        self._folders = tuple(sorted({*folders, *own}))
        self._seen = self._look()
        self._looked_at = float("-inf")

    def changed(self, now: float) -> bool:
        """Say whether anything came or went since the last time; looks every `LOOK_S` at most."""
        if now - self._looked_at < LOOK_S:
            return False
        self._looked_at = now
        was, self._seen = self._seen, self._look()
        return was != self._seen

    def _look(self) -> tuple[int, ...]:
        return tuple(_changed_at(folder) for folder in self._folders)


def _changed_at(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
