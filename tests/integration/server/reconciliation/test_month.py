"""A month in small: trade of canteens and lots, bills with every kind of difference, settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories.month.injected import BY_RULE, OUTCOMES, Put
from tests.factories.month.month import Month, Summary
from tests.factories.month.scale import SMALL


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("payout-keys")


def amiss(done: Summary) -> dict[str, object]:
    """What is wrong with a month: found is what was put in, all has ended, the books are sound."""
    owed = {channel: amount for channel, amount in done.owed.items() if amount}
    unlike = (done.put - done.found) + (done.found - done.put)
    wrong: dict[str, object] = {
        "missed": done.missed, "invented": done.invented, "found otherwise": unlike,
        "overstayed": done.overstayed, "owed": owed, "findings": done.findings,
    }  # fmt: skip
    return {name: value for name, value in wrong.items() if value}


def test_every_difference_of_a_small_month_is_found_and_ends_and_none_is_invented(
    sqlite_database: str, keys: Path
) -> None:
    done = Month(SMALL, keys).run()

    assert amiss(done) == {}
    assert done.owed
    assert {put for put, count in done.put.items() if count} == set(Put)
    assert set(OUTCOMES) < set(done.put)
    assert done.payments > SMALL.days * SMALL.sales_per_day
    assert done.by_rule >= len(BY_RULE)
    assert done.addenda


def test_two_days_on_postgresql_come_to_the_same(postgresql_database: str, keys: Path) -> None:
    done = Month(replace(SMALL, days=2), keys).run()

    assert amiss(done) == {}
    assert done.payments
