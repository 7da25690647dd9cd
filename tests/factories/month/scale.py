"""How large a month is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Scale:
    """Stores, days of trade, people, and payments of one store on one day."""

    canteens: int
    lots: int
    days: int
    canteen_sales: int
    lot_sales: int
    people: int
    puts_at_once: int
    """How many kinds of difference each channel's bill has."""
    seed: int = 1
    starts_on: date = date(2026, 9, 14)
    """Two weeks later banks rest for a week: what is due then waits."""

    @property
    def sales_per_day(self) -> int:
        """How many payments a day has."""
        return self.canteens * self.canteen_sales + self.lots * self.lot_sales

    def day(self, number: int) -> date:
        """The `number`th day of trade, from 0."""
        return self.starts_on + timedelta(days=number)


SMALL: Final = Scale(
    canteens=3, lots=2, days=4, canteen_sales=36, lot_sales=30, people=12, puts_at_once=5
)  # fmt: skip
WHOLE: Final = Scale(
    canteens=80, lots=30, days=30, canteen_sales=110, lot_sales=55, people=1_200, puts_at_once=16
)  # fmt: skip


def at(day: date, clock: time, *, days: int = 0) -> datetime:
    """A wall clock in China, `days` later; in UTC, as the server's clock is."""
    return datetime.combine(day + timedelta(days=days), clock, CHINA).astimezone(UTC)
