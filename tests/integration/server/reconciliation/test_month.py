"""A month in small: trade of canteens and lots, bills with every kind of difference, settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories.month.injected import OUTCOMES, Put
from tests.factories.month.month import Month, Summary
from tests.factories.month.scale import SMALL


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("payout-keys")


def prove(done: Summary) -> None:
    """Found is what was put in, all of it has ended, and the books are sound."""
    assert done.missed == []
    assert done.invented == []
    assert done.found == done.put
    assert done.overstayed == []
    assert set(done.owed.values()) == {0}
    assert done.findings == ()


def test_every_difference_of_a_small_month_is_found_and_ends_and_none_is_invented(
    sqlite_database: str, keys: Path
) -> None:
    done = Month(SMALL, keys).run()

    prove(done)
    assert {put for put, count in done.put.items() if count} == set(Put)
    assert set(OUTCOMES) < set(done.put)
    assert done.payments > SMALL.days * SMALL.sales_per_day
    assert done.by_rule >= len(("late", "rounding", "later", "earlier"))


def test_two_days_on_postgresql_come_to_the_same(postgresql_database: str, keys: Path) -> None:
    done = Month(replace(SMALL, days=2), keys).run()

    prove(done)
