"""The demo's clock: the machine's and an offset that all processes of one demo share.

The offset is one double in a file that every process maps. It only ever grows, so both the wall
clock and the monotonic clock made of it stay monotonic within the run. The demo moves it while
nobody stands at a counter: the second that a tick is shown, the hours between two meals.
"""

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("=d")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SharedClock:
    """`domain.clock.Clock` over the file; `SharedClock.create` makes the file."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _OFFSET.size)

    @classmethod
    def create(cls, path: Path, starts_at: datetime) -> "SharedClock":
        """Make the file so that it is `starts_at` (not before the machine's own time) now."""
        offset_s = max(0.0, (starts_at - datetime.now(UTC)).total_seconds())
        path.write_bytes(_OFFSET.pack(offset_s))
        return cls(path)

    @property
    def offset_s(self) -> float:
        """Seconds ahead of the machine's clock."""
        (offset_s,) = _OFFSET.unpack(self._map[:])
        return float(offset_s)

    def skip(self, seconds: float) -> None:
        """Move ahead for every process at once. Only one process may do this."""
        if seconds > 0:
            self._map[:] = _OFFSET.pack(self.offset_s + seconds)

    def now(self) -> datetime:
        """The demo's wall clock, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def monotonic(self) -> float:
        """The machine's monotonic seconds and the offset."""
        return time.monotonic() + self.offset_s

    def boot_id(self) -> str:
        """The kernel's id of this boot."""
        return _BOOT_ID.read_text().strip()
