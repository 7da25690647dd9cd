"""Settlements, fees and discounts: their totals are what the books say, whatever was traded."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db.models import Sum

from domain.messages import Language
from server.audit.run_audit import run_audit
from server.ledger.commands import AccountKey
from server.ledger.models import Account, Posting, Transfer
from server.reports.catalogue import REPORTS, Question, make
from server.reports.settling import discounts, fees, settlements
from server.reports.tables import as_dicts
from server.settlement.accounts import own_discount
from server.settlement.models import Batch
from tests.factories.server_rows import Rows
from tests.factories.settled import CHANNEL, Trading

SINCE, UNTIL = date(2026, 11, 1), date(2026, 12, 31)


@pytest.fixture
def trading(database: str) -> Trading:
    return Trading(Rows())


def trade_at_random(trading: Trading, seed: int) -> None:
    chance = Random(seed)
    trading.bank_account()
    trading.agents(4_500, 4_000)
    for _ in range(3):
        for _ in range(chance.randint(1, 4)):
            sale = trading.sell(chance.randint(1, 30_000), late_days=chance.choice((0, 0, 1)))
            if chance.random() < 0.5:
                trading.give_back(sale, chance.randint(1, sale.total_amount))
        if chance.random() < 0.5:
            trading.adjust(chance.randint(-500, 500) or 1)
        trading.end_day()
        assert trading.close()
        trading.settle()


def booked(trading: Trading, cause: str, *accounts: str) -> int:
    transfers = Transfer.objects.filter(organisation=trading.organisation, cause_kind=cause)
    kinds = Account.objects.filter(organisation=trading.organisation, kind__in=accounts)
    postings = Posting.objects.filter(
        transfer__in=transfers.values("id"), account__in=kinds.values("id")
    )
    found: int = postings.aggregate(total=Sum("amount"))["total"] or 0
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_totals_are_those_of_the_books(trading: Trading, seed: int) -> None:
    trade_at_random(trading, seed)
    rows, totals = as_dicts(settlements(trading.organisation, SINCE, UNTIL, "en"))
    assert len(rows) == Batch.objects.count() > 0
    assert totals["paid"] == booked(trading, "settlement_batch", "payout_in_transit")
    parts = [totals[name] or 0 for name in ("split", "paid", "carried_out")]
    assert totals["net"] == sum(parts)
    taken, sums = as_dicts(fees(trading.organisation, SINCE, UNTIL))
    assert {row["channel"] for row in taken} >= {CHANNEL}
    assert sums["fee"] == booked(trading, "day_close", "fee_income", "commission")
    assert sums["amount"] == sum(
        booked(trading, cause, "payable") for cause in ("payment", "refund", "adjustment")
    )
    assert not {"r08_settlement", "r02_balances"} & set(run_audit(trading.now).broken)


def given(trading: Trading, account: AccountKey, amount: int) -> UUID:
    payment = trading.sell(1)
    trading.move("payment", payment.id, "discount", {account: -amount, trading.payable: amount})
    return payment.id


def test_a_discount_is_counted_for_whoever_bears_it_less_what_came_back(trading: Trading) -> None:
    ours = AccountKey(
        trading.organisation, "organisation", trading.organisation, "discount_expense"
    )
    theirs = own_discount(trading.organisation, trading.merchant)
    given(trading, ours, 300)
    payment = given(trading, theirs, 120)
    trading.move("refund", payment, "discount_back", {theirs: 20, trading.payable: -20})
    rows, totals = as_dicts(discounts(trading.organisation, SINCE, UNTIL, "en"))
    assert [(row["funder_kind"], row["count"], row["amount"]) for row in rows] == [
        ("Merchant", 2, 100), ("Organisation", 1, 300),
    ]  # fmt: skip
    assert totals["amount"] == -sum(
        booked(trading, cause, "discount_expense") for cause in ("payment", "refund")
    )
    later = UNTIL + timedelta(days=1)
    assert as_dicts(discounts(trading.organisation, later, later, "en"))[0] == []


@pytest.mark.parametrize("name", ["settlements", "fees", "discounts"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_is_in_the_catalogue_and_may_be_empty(
    trading: Trading, name: str, language: Language
) -> None:
    asked = Question(trading.organisation, name, SINCE, UNTIL, language=language)
    rows, totals = as_dicts(make(asked))
    assert rows == []
    assert not any(totals.values())
    assert REPORTS[name].is_whole
