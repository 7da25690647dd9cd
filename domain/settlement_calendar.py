"""When settled money is due: days on which banks work, and T+n counted on them.

Rules
- A day is open unless it is a weekend day or a holiday; a weekend day that is worked instead of a
  holiday (调休) is open.
- T+0 is the trading day itself, or the first open day after it.
- T+n is the n-th open day after the trading day, whether that day was open or not.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SATURDAY_AND_SUNDAY: Final = frozenset({5, 6})
MAX_CLOSED_DAYS: Final = 60
"""No holiday is longer: a calendar that says so is a mistake."""
MAX_CYCLE_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class BankCalendar:
    """Which days are open; `weekend` by `date.weekday()`."""

    holidays: frozenset[date] = frozenset()
    worked_days: frozenset[date] = frozenset()
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def is_open(self, day: date) -> bool:
        """Whether banks work on `day`; a day stated as worked beats everything."""
        if day in self.worked_days:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def first_open(self, day: date) -> date:
        """Return `day`, or the first open day after it; raises `ValueError` when none is near."""
        for ahead in range(MAX_CLOSED_DAYS + 1):
            candidate = day + timedelta(days=ahead)
            if self.is_open(candidate):
                return candidate
        raise ValueError(f"no open day within {MAX_CLOSED_DAYS} days of {day}")

    def due_on(self, traded_on: date, cycle_days: int) -> date:
        """Return T+`cycle_days` of what was traded on `traded_on`."""
        if not 0 <= cycle_days <= MAX_CYCLE_DAYS:
            raise ValueError(f"cycle_days: not between 0 and {MAX_CYCLE_DAYS}")
        if cycle_days == 0:
            return self.first_open(traded_on)
        due = traded_on
        for _ in range(cycle_days):
            due = self.first_open(due + timedelta(days=1))
        return due
