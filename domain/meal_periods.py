"""Meal periods: which meal a moment belongs to, in the store's own zone, and its business day.

A period may run past midnight. Between periods nothing sells by fixed price. The time zone comes in
as a ``tzinfo``, because reading a zone from the system is I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from domain.errors import Refused


@dataclass(frozen=True, slots=True)
class MealPeriod:
    """One meal: from ``starts`` up to, not including, ``ends``, local times without a zone.

    ``weekdays`` are those on which it starts, Monday 0 … Sunday 6.
    """

    code: str
    starts: time
    ends: time
    weekdays: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class NextPeriod:
    """The period that starts next, and when, as a local time without a zone."""

    period: MealPeriod
    starts_at: datetime


def local_time(at: datetime, zone: tzinfo) -> datetime:
    """Return an aware instant as the store's wall shows it, without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant must say its zone")
    return at.astimezone(zone).replace(tzinfo=None)


def period_at(periods: Sequence[MealPeriod], local: datetime) -> MealPeriod | None:
    """Return the period that a local time lies in, or ``None`` between meals."""
    return next((period for period in periods if _contains(period, local)), None)


def next_period(periods: Sequence[MealPeriod], local: datetime) -> NextPeriod | None:
    """Return the first period that starts after a local time; ``None`` if none is ever served."""
    starts = [
        NextPeriod(period, starts_at)
        for period in periods
        for starts_at in _starts_within_a_week(period, local)
    ]
    return min(starts, key=lambda following: following.starts_at, default=None)


def business_on(at: datetime, zone: tzinfo, cut_off: time) -> date:
    """Return the business day of an instant: before the cut-off it is still yesterday's."""
    local = local_time(at, zone)
    return local.date() - timedelta(days=1 if local.time() < cut_off else 0)


def check_periods(periods: Sequence[MealPeriod]) -> None:
    """Refuse periods that overlap (``periods.overlap``) or share a code (``periods.repeated``)."""
    codes = [period.code for period in periods]
    if len(set(codes)) != len(codes):
        raise Refused("periods.repeated")
    for index, period in enumerate(periods):
        for other in periods[index + 1 :]:
            if _overlap(period, other):
                raise Refused("periods.overlap", first=period.code, second=other.code)


def _contains(period: MealPeriod, local: datetime) -> bool:
    now, today = local.time(), local.weekday()
    if period.starts < period.ends:
        return today in period.weekdays and period.starts <= now < period.ends
    if now >= period.starts:
        return today in period.weekdays
    return now < period.ends and (today - 1) % 7 in period.weekdays


def _starts_within_a_week(period: MealPeriod, local: datetime) -> list[datetime]:
    days = (local.date() + timedelta(days=offset) for offset in range(8))
    starts = (datetime.combine(day, period.starts) for day in days)
    return [at for at in starts if at > local and at.weekday() in period.weekdays]


def _overlap(first: MealPeriod, second: MealPeriod) -> bool:
    """Two periods overlap exactly if one of them starts within the other."""
    return _starts_within(first, second) or _starts_within(second, first)


def _starts_within(inner: MealPeriod, outer: MealPeriod) -> bool:
    monday = date(2024, 1, 1)  # any Monday will do
    return any(
        _contains(outer, datetime.combine(monday + timedelta(days=day), inner.starts))
        for day in inner.weekdays
    )
