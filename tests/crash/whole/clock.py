"""One clock for servers and counters that can be skipped forward, kept in a mapped file."""

from __future__ import annotations

import mmap
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_DOUBLE = struct.Struct("d")


class SkippingClock:
    """A `domain.clock.Clock`: real time plus what any process that shares the file has skipped."""

    def __init__(self, path: Path, *, starts_at: datetime | None = None) -> None:
        if starts_at is not None:
            path.write_bytes(_DOUBLE.pack(starts_at.timestamp() - time.time()))
        self._file = os.open(path, os.O_RDWR)
        self._shared = mmap.mmap(self._file, _DOUBLE.size)

    @property
    def skipped_s(self) -> float:
        """Seconds ahead of real time."""
        (skipped,) = _DOUBLE.unpack(self._shared[:])
        return float(skipped)

    def skip(self, seconds: float) -> None:
        """Let `seconds` pass at once (a lost update of two processes only skips less)."""
        self._shared[:] = _DOUBLE.pack(self.skipped_s + seconds)

    def now(self) -> datetime:
        """The shared instant, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.skipped_s)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic() + self.skipped_s

    def boot_id(self) -> str:
        """One boot: a kill is not a reboot."""
        return "crash-test"
