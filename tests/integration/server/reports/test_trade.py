"""Reports of trade add up to the ledger, whatever was sold and whichever way it is grouped."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from domain.errors import Refused
from server.ledger.models import Account, Posting, Transfer
from server.reports.dimensions import DIMENSIONS
from server.reports.read_movements import Scope, movements
from server.reports.tables import as_dicts
from server.reports.trade import grouped, trade
from sync.messages import Tender
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import Rows

SIDES = ("payable", "disputed", "cash_takings")


def ledger_says(rows: Rows) -> int:
    accounts = Account.objects.filter(
        organisation=rows.organisation.id, owner_kind="merchant", kind__in=SIDES
    ).values("id")
    causes = Transfer.objects.filter(cause_kind__in=("payment", "refund")).values("id")
    said = Posting.objects.filter(account__in=accounts, transfer__in=causes)
    return said.aggregate(sum=Sum("amount"))["sum"] or 0


def trade_at_random(till: Till, seed: int) -> None:
    """Sales by every tender, over three days, some of it given back in part or whole."""
    random = Random(seed)
    till.put_money(till.person.id, 90_000)
    for _ in range(25):
        till.pass_time(hours=random.choice([0, 1, 7]))
        tender = random.choice(list(Tender))
        sale = till.request(total=random.randint(1, 3_000), tender=tender)
        if tender is Tender.CASH:
            till.accept(sale)
        else:
            till.online(sale)
        if random.random() < 0.4:
            till.refund(sale, random.randint(1, sale.intent.total))


@pytest.fixture
def till(database: str, tmp_path) -> Till:
    return Till(Rows(), tiny_channel(tmp_path))


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_equal_the_ledger_however_it_is_grouped(till: Till, seed: int) -> None:
    trade_at_random(till, seed)
    first, last = till.rows.now.date() - timedelta(days=2), till.now.date() + timedelta(days=2)
    said = ledger_says(till.rows)
    assert said
    with movements(till.rows.organisation.id, first, last) as moved:
        for by in [(), *((name,) for name in DIMENSIONS), *combinations(DIMENSIONS, 2)]:
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
