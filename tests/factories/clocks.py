"""A clock that stands still until a test moves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """A `domain.clock.Clock` moved by hand."""

    at: datetime = field(default=NOON)
    monotonic_s: float = 1000.0

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at

    def monotonic(self) -> float:
        """The seconds it was set to."""
        return self.monotonic_s

    def boot_id(self) -> str:
        """One boot for ever."""
        return "standing"

    def move(self, **step: float) -> None:
        """Let time pass: `move(seconds=5)`."""
        passed = timedelta(**step)
        self.at += passed
        self.monotonic_s += passed.total_seconds()
