"""Reports of trade add up to the ledger, whatever was sold and whichever way it is grouped."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Refused
from server.reports.dimensions import DIMENSIONS
from server.reports.read_movements import movements
from server.reports.scope import Scope
from server.reports.tables import as_dicts
from server.reports.trade import grouped, trade
from sync.messages import Tender
from tests.factories.payments import Till
from tests.integration.server.reports.days import ledger_says, trade_at_random


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_equal_the_ledger_however_it_is_grouped(till: Till, seed: int) -> None:
    trade_at_random(till, seed)
    first, last = till.rows.now.date() - timedelta(days=2), till.now.date() + timedelta(days=2)
    said = ledger_says(till.rows)
    assert said
    with movements(till.rows.organisation.id, first, last) as moved:
        pairs = Random(seed).sample(list(combinations(DIMENSIONS, 2)), 8)
        for by in [(), *((name,) for name in DIMENSIONS), *pairs]:
            rows = grouped(moved, by)
            assert sum(row[-1] for row in rows) == said, by
            assert sum(row[-6] - row[-4] for row in rows) == said, by


def test_groups_are_named_for_the_reader_and_keep_their_days(till: Till) -> None:
    till.online(till.request(total=1_200))
    till.online(till.request(total=800, tender=Tender.CHANNEL))
    cash = till.request(total=500, tender=Tender.CASH)
    till.accept(cash)
    till.refund(cash, 200)
    today = till.now.date()
    organisation = till.rows.organisation.id
    rows, totals = as_dicts(trade(organisation, today, today, ("day", "tender"), "en"))
    assert [(row["day"], row["tender"], row["net_amount"]) for row in rows] == [
        (today, "Cash", 300), (today, "Channel", 800), (today, "Wallet", 1_200),
    ]  # fmt: skip
    assert totals["returns"] == 1
    [row], _ = as_dicts(trade(organisation, today, today, ("store",), "zh"))
    assert row["store"] == till.rows.store.name
    [row], _ = as_dicts(trade(organisation, today, today, ("hour",), "zh"))
    assert row["hour"] == till.now.astimezone(ZoneInfo(till.rows.store.zone)).hour


def test_a_reader_of_one_store_sees_no_other(till: Till) -> None:
    till.online(till.request(total=1_200))
    today, organisation = till.now.date(), till.rows.organisation.id
    elsewhere = Scope(stores=frozenset({till.rows.id()}))
    here = Scope(stores=frozenset({till.rows.store.id}))
    for scope, wanted in ((elsewhere, 0), (here, 1_200)):
        _, totals = as_dicts(trade(organisation, today, today, (), "en", scope))
        assert totals["net_amount"] == wanted


def test_wrong_questions_are_refused_by_name(till: Till) -> None:
    today, organisation = till.now.date(), till.rows.organisation.id
    with pytest.raises(Refused, match=r"reports\.unknown_dimension"):
        trade(organisation, today, today, ("weather",), "en")
    with pytest.raises(Refused, match=r"reports\.unknown_dimension"):
        trade(organisation, today, today, ("day", "day"), "en")
    with pytest.raises(Refused, match=r"reports\.days_in_disorder"):
        trade(organisation, today, today - timedelta(days=1), (), "en")
    with pytest.raises(Refused, match=r"reports\.too_many_days"):
        trade(organisation, today - timedelta(days=900), today, (), "en")
