"""Which meal it is, and what it costs whom: the replica's rows by the store's wall clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.clock import Clock
from domain.meal_periods import MealPeriod, business_on, local_time, next_period, period_at
from sync.messages import MealPeriodRow, PriceRow
from sync.replica import Replica


@dataclass(frozen=True, slots=True)
class Posted:
    """A price as it stands on the diner's side."""

    category: str
    amount: int
    second_amount: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Coming:
    """The next meal, for the page between meals."""

    name_zh: str
    name_en: str
    starts_at: datetime


class Meals:
    """Meal periods and posted prices at this store. A supervisor may hold a period open."""

    def __init__(self, replica: Replica, clock: Clock, zone: str, day_cut_off: str) -> None:
        self._replica = replica
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._cut_off = time.fromisoformat(day_cut_off)
        self._held_open = ""

    def now(self) -> datetime:
        """The corrected instant."""
        return self._clock.now()

    def present(self) -> str:
        """The code of the meal now being served, "" between meals."""
        found = period_at(self._periods(), self._local())
        return found.code if found else self._held_open

    def hold_open(self, period: str) -> None:
        """Serve a period beyond its hours; "" ends it. It ends by itself when another begins."""
        self._held_open = period

    def is_held_open(self) -> bool:
        """Whether what is served now is served beyond its hours."""
        return bool(self._held_open) and period_at(self._periods(), self._local()) is None

    def since(self) -> datetime | None:
        """When the present meal began; None between meals."""
        period = self.row(self.present())
        if period is None:
            return None
        local = self._local()
        starts = datetime.combine(local.date(), time.fromisoformat(period.starts))
        if starts > local:
            starts -= timedelta(days=1)
        return starts.replace(tzinfo=self._zone)

    def day_since(self) -> datetime:
        """When the present business day began."""
        starts = datetime.combine(self.business_on(), self._cut_off)
        return starts.replace(tzinfo=self._zone)

    def business_on(self) -> date:
        """The business day by the store's zone and cut-off."""
        return business_on(self._clock.now(), self._zone, self._cut_off)

    def coming(self) -> Coming | None:
        """The next meal, None when none is ever served."""
        following = next_period(self._periods(), self._local())
        row = self.row(following.period.code) if following else None
        if following is None or row is None:
            return None
        return Coming(row.name_zh, row.name_en, following.starts_at)

    def row(self, period: str) -> MealPeriodRow | None:
        """The row of a period by its code."""
        return next((row for row in self._replica.periods() if row.period == period), None)

    def price(self, category: str) -> Posted | None:
        """What a category pays in the present meal; None when nothing is posted for it.

        Whoever nobody here knows pays the price for everybody else, or the dearest where none is
        posted for them: then `version` is 0, since no list stands behind it.
        """
        found = self._in_force(category)
        if found is not None or category:
            return found
        known = {row.category for row in self._replica.prices()}
        rows = [row for one in known if (row := self._in_force(one)) is not None]
        dearest = max(rows, key=lambda row: row.amount, default=None)
        return Posted("", dearest.amount, None, 0) if dearest else None

    def posted(self) -> tuple[Posted, ...]:
        """Every category's price now, as the diner's side lists them; "" is everybody else."""
        categories = sorted({row.category for row in self._replica.prices()} | {""})
        found = (self.price(category) for category in categories)
        return tuple(row for row in found if row is not None)

    def label(self, at: datetime) -> str:
        """A wall-clock label such as 11:42."""
        return at.astimezone(self._zone).strftime("%H:%M")

    def day_label(self) -> str:
        """Date and time as the wall shows them, for the card an operator confirms."""
        return self._local().strftime("%Y-%m-%d %H:%M")

    def _in_force(self, category: str) -> Posted | None:
        period = self.present()
        row = self._replica.price(category, period, self._clock.now()) if period else None
        return posted(row, category) if row else None

    def _local(self) -> datetime:
        return local_time(self._clock.now(), self._zone)

    def _periods(self) -> Sequence[MealPeriod]:
        return [
            MealPeriod(row.period, time.fromisoformat(row.starts), time.fromisoformat(row.ends))
            for row in self._replica.periods()
        ]


def posted(row: PriceRow, category: str) -> Posted:
    """A price row as posted for one category."""
    return Posted(category, row.amount, row.second_amount, row.version)
