"""What every played device shares: it can be unplugged, and it hands over what was played.

Its controls may be called on any thread; `open`, `step` and `close` belong to the bus.
"""

import threading
from collections import deque
from typing import Generic, TypeVar

from devices.ports import DeviceLost, DeviceSettings
from devices.settings import check_fields

E = TypeVar("E")

PLAYED_MAX = 1000
"""What nobody has fetched by then was played into the void; the oldest is dropped."""


class Played(Generic[E]):
    """A device played from outside, giving what `E` says."""

    kind = ""

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ())
        self.name = name
        self.bus = "simulated"
        self._turn = threading.Lock()
        self._is_open = False
        self._is_unplugged = False
        self._played: deque[E] = deque(maxlen=PLAYED_MAX)

    def unplug(self) -> None:
        """Be gone until `plug_in`."""
        with self._turn:
            self._is_unplugged = True

    def plug_in(self) -> None:
        """Be there again."""
        with self._turn:
            self._is_unplugged = False

    def open(self, now: float) -> None:
        """Open, what was played before discarded; `DeviceLost` while unplugged."""
        assert not self._is_open, "opened twice"
        with self._turn:
            if self._is_unplugged:
                raise DeviceLost("devices.absent", self.name)
            self._is_open = True
            self._played.clear()

    def close(self) -> None:
        """Close."""
        self._is_open = False

    def _play(self, *what: E) -> None:
        with self._turn:
            self._played.extend(what)

    def _fetch(self) -> list[E]:
        """What was played since the last time; `DeviceLost` when unplugged."""
        assert self._is_open, "step before open"
        with self._turn:
            if self._is_unplugged:
                raise DeviceLost("devices.lost", self.name)
            played = list(self._played)
            self._played.clear()
        return played
