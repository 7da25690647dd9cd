"""A bound on tries: so many at once, refilled evenly."""

from datetime import datetime


class Attempts:
    """A token bucket: `burst` tries at once, `per_minute` after that. One event loop's own."""

    def __init__(self, *, burst: int, per_minute: int) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._left = float(burst)
        self._at: datetime | None = None

    def take(self, now: datetime) -> int:
        """Take one try; returns 0, or the milliseconds until there is another."""
        if self._at is not None:
            passed_s = max(0.0, (now - self._at).total_seconds())
            self._left = min(self._burst, self._left + passed_s * self._per_second)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0
        return int((1 - self._left) / self._per_second * 1000) + 1
