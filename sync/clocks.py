"""The counter's clocks: the machine's own, and the same corrected by what the server said.

Rules
- Corrected time = raw clock + offset to the server. Within one boot it runs on the monotonic
  clock from the last server time, so that a hand setting the wall clock changes no sale.
- The last server time is on disk with the boot and the monotonic reading it was heard at. After
  a reboot ages count from that instant by the raw clock, since monotonic time begins anew.
- A clock that stands before the last journal entry is said so (`is_behind`), never used silently.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.clock import Clock
from sync.messages import Stamp
from sync.store import LocalStore

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MARK = "server_time"
BACKWARD_TOLERANCE = timedelta(seconds=2)
"""Corrections of less are ordinary clock discipline, not a clock set back."""


class SystemClock:
    """The machine's clock, as `domain.clock.Clock`."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since boot, counting the time asleep too."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """The kernel's random id of this boot."""
        return _BOOT_ID.read_text().strip()


@dataclass(frozen=True, slots=True)
class ServerTime:
    """One hearing of the server's clock: what it said, and our own clocks at that moment."""

    server_at: datetime
    raw_at: datetime
    boot_id: str
    monotonic_s: float

    @property
    def offset(self) -> timedelta:
        """What to add to the raw clock."""
        return self.server_at - self.raw_at


class CorrectedClock:
    """A clock that knows the server's time; itself a `domain.clock.Clock`, `now` corrected."""

    def __init__(self, raw: Clock, store: LocalStore) -> None:
        self._raw = raw
        self._store = store
        self._boot_id = raw.boot_id()
        self._mark = _read_mark(store)

    def now(self) -> datetime:
        """The corrected time: the server's as far as known, else the raw clock."""
        mark = self._mark
        if mark is None:
            return self._raw.now()
        if mark.boot_id == self._boot_id:
            return mark.server_at + timedelta(seconds=self._raw.monotonic() - mark.monotonic_s)
        return self._raw.now() + mark.offset

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return self._raw.monotonic()

    def boot_id(self) -> str:
        """The id of this boot."""
        return self._boot_id

    def stamp(self) -> Stamp:
        """Every clock at this moment, as journalled with each record."""
        return Stamp(
            corrected_at=self.now(),
            raw_at=self._raw.now(),
            boot_id=self._boot_id,
            monotonic_s=self._raw.monotonic(),
        )

    def learn(self, server_at: datetime, *, sent_s: float) -> None:
        """Take over the server's time from an answer to what was sent at monotonic `sent_s`.

        Half the round trip is taken as the way back. The mark goes to disk: it is what ages count
        from after a reboot.
        """
        now_s = self._raw.monotonic()
        way_back = timedelta(seconds=max(0.0, now_s - sent_s) / 2)
        self._mark = ServerTime(server_at + way_back, self._raw.now(), self._boot_id, now_s)
        self._store.put_meta(
            _MARK,
            {
                "server_at": self._mark.server_at.isoformat(),
                "raw_at": self._mark.raw_at.isoformat(),
                "boot_id": self._mark.boot_id,
                "monotonic_s": self._mark.monotonic_s,
            },
        )

    def age_s(self, since: datetime) -> float:
        """Seconds since `since`, a corrected time of ours; infinite when the clock contradicts it.

        `since` never lies ahead of a clock that is right, so a negative age means that the clock
        was set back and nothing may be called fresh.
        """
        age = (self.now() - since).total_seconds()
        return age if age >= -BACKWARD_TOLERANCE.total_seconds() else float("inf")

    def age_of(self, stamp: Stamp) -> float:
        """Seconds since `stamp` was made here: by the monotonic clock; after a reboot `age_s`."""
        if stamp.boot_id == self._boot_id:
            return max(0.0, self._raw.monotonic() - stamp.monotonic_s)
        return self.age_s(stamp.corrected_at)

    def is_behind(self, last_entry_at: datetime | None) -> bool:
        """Say whether the clock stands before the last journal entry (COUNTER §5: it asks)."""
        return last_entry_at is not None and self.now() < last_entry_at - BACKWARD_TOLERANCE

    def unsynchronised_s(self) -> float:
        """Seconds since the server's time was last heard; infinite when never."""
        return float("inf") if self._mark is None else self.age_s(self._mark.server_at)


def _read_mark(store: LocalStore) -> ServerTime | None:
    kept = store.meta(_MARK)
    if not isinstance(kept, Mapping):
        return None
    return ServerTime(
        server_at=datetime.fromisoformat(kept["server_at"]),
        raw_at=datetime.fromisoformat(kept["raw_at"]),
        boot_id=kept["boot_id"],
        monotonic_s=kept["monotonic_s"],
    )
