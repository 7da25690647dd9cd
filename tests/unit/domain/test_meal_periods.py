"""Meals, in the store's own time."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from domain.errors import Refused
from domain.meal_periods import (
    MealPeriod,
    NextPeriod,
    business_on,
    check_periods,
    local_time,
    next_period,
    period_at,
)

SHANGHAI = timezone(timedelta(hours=8))
WORKDAYS = frozenset(range(5))
LUNCH = MealPeriod("lunch", time(11), time(13, 30), WORKDAYS)
DINNER = MealPeriod("dinner", time(17), time(19))
NIGHT = MealPeriod("night", time(22), time(1), WORKDAYS)
PERIODS = (LUNCH, DINNER, NIGHT)
MONDAY = date(2026, 11, 23)


def at(day_offset: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=day_offset), time(hour, minute))


@pytest.mark.parametrize(
    ("local", "period"),
    [
        (at(0, 11), LUNCH),
        (at(0, 13, 29), LUNCH),
        (at(0, 13, 30), None),
        (at(0, 10, 59), None),
        (at(5, 12), None),
        (at(5, 17), DINNER),
        (at(0, 22), NIGHT),
        (at(1, 0, 59), NIGHT),
        (at(1, 1), None),
        (at(0, 0, 30), None),
        (at(5, 0, 30), NIGHT),
        (at(5, 23), None),
    ],
)
def test_a_moment_lies_in_one_meal_or_between_meals(local, period):
    assert period_at(PERIODS, local) == period


def test_the_next_meal_is_named_with_its_start():
    assert next_period(PERIODS, at(0, 11)) == NextPeriod(DINNER, at(0, 17))
    assert next_period(PERIODS, at(0, 10)) == NextPeriod(LUNCH, at(0, 11))
    assert next_period((LUNCH,), at(4, 12)) == NextPeriod(LUNCH, at(7, 11))
    assert next_period((), at(0, 10)) is None


def test_the_wall_shows_the_stores_own_time():
    assert local_time(datetime(2026, 11, 22, 20, tzinfo=UTC), SHANGHAI) == at(0, 4)
    with pytest.raises(ValueError, match="zone"):
        local_time(datetime(2026, 11, 22, 20), SHANGHAI)


def test_before_the_cut_off_it_is_still_yesterdays_business():
    cut_off = time(4)
    assert business_on(datetime(2026, 11, 22, 19, 59, tzinfo=UTC), SHANGHAI, cut_off) == date(
        2026, 11, 22
    )
    assert business_on(datetime(2026, 11, 22, 20, tzinfo=UTC), SHANGHAI, cut_off) == MONDAY


def refusal(*periods: MealPeriod) -> str:
    """The code that `periods` are refused with; empty when they pass."""
    try:
        check_periods(periods)
    except Refused as refused:
        return refused.code
    return ""


def test_good_periods_pass():
    assert refusal(*PERIODS) == ""
    assert refusal(MealPeriod("a", time(11), time(12)), MealPeriod("b", time(12), time(13))) == ""


@pytest.mark.parametrize(
    "other",
    [
        MealPeriod("other", time(12), time(14)),
        MealPeriod("other", time(10), time(14)),
        MealPeriod("other", time(0, 30), time(2), frozenset({5})),
    ],
)
def test_overlapping_periods_are_refused(other):
    assert refusal(*PERIODS, other) == "periods.overlap"


def test_periods_of_different_days_do_not_overlap():
    brunch = MealPeriod("brunch", time(10), time(13), frozenset({5, 6}))
    assert refusal(*PERIODS, brunch) == ""


def test_two_periods_never_share_a_code():
    with pytest.raises(Refused, match=r"periods\.repeated"):
        check_periods((LUNCH, MealPeriod("lunch", time(20), time(21))))
