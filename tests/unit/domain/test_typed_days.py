"""Typed days: what can be meant is read, the rest is not, and arithmetic on it never overflows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.typed_days import EARLIEST, LATEST, typed_day


@pytest.mark.parametrize(
    "typed", ["", "x", "9999-12-31", "0001-01-01", "0206-11-23", "2026-02-30", "2026-13-01"]
)
def test_what_cannot_be_meant_is_no_day(typed: str) -> None:
    assert typed_day(typed) is None


def test_a_day_is_read() -> None:
    assert typed_day(" 2026-11-23 ") == date(2026, 11, 23)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_can_be_reckoned_with_in_every_zone(zone: str) -> None:
    for day in (EARLIEST, LATEST):
        for then in (day - timedelta(days=400), day + timedelta(days=40_000)):
            at = datetime.combine(then, time(), ZoneInfo(zone))
            assert at.astimezone(UTC).astimezone(ZoneInfo(zone)) == at
