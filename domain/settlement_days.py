"""A merchant's trading day: which one an instant belongs to, and when a day is over for good.

A day runs from its cut-off to the next day's, by the wall clock of its zone. Where the clock is
set back over the cut-off, that wall-clock time comes twice: the day is over only after the second.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

CLOSING_GRACE: Final = timedelta(minutes=30)
"""What was received before a day's end is booked by then: a command waits seconds, not minutes."""


@dataclass(frozen=True, slots=True)
class TradingDay:
    """The zone and the cut-off that make an instant's day."""

    zone: tzinfo
    cut_off: time

    def day_at(self, at: datetime) -> date:
        """Return the day that `at` (aware) belongs to: before the cut-off, the day before."""
        local = at.astimezone(self.zone)
        day = local.date()
        return day - timedelta(days=1) if local.time() < self.cut_off else day

    def ends_at(self, day: date) -> datetime:
        """Return the instant (UTC) from which on no instant belongs to `day`."""
        end = datetime.combine(day + timedelta(days=1), self.cut_off, self.zone)
        return max(end.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def last_over(days: Collection[TradingDay], now: datetime) -> date:
    """Return the newest day that is over, with its grace, wherever a merchant sells.

    Raises `ValueError` for a merchant that sells nowhere.
    """
    return min(_last_over(day, now) for day in days)


def open_day(days: Collection[TradingDay], at: datetime) -> date:
    """Return the day that is open at `at` wherever a merchant sells: never one that was closed."""
    return max(day.day_at(at) for day in days)


def _last_over(trading: TradingDay, now: datetime) -> date:
    day = trading.day_at(now)
    while trading.ends_at(day) + CLOSING_GRACE > now:
        day -= timedelta(days=1)
    return day
