"""Random days of trade: every fen ends in a payable, a batch, a payout, a fee or a share; settled
twice, the books are the same.
"""

from __future__ import annotations

import itertools
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.settlement_states import PayoutEvent
from server.audit.rules import r01_transfers, r02_balances, r08_settlement, r13_digests
from server.ledger.models import Account, Transfer
from server.merchants.models import Receiver, SplitRule
from server.payments.accounts import receivable_account
from server.settlement.models import Batch, DayClose, Item, Payout
from server.settlement.settle_due import settle_due
from server.settlement.settle_payout import Word, settle_payout
from server.wallets.accounts import bank_account
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading

MAX_DAYS = 6
_seeds = itertools.count(1)
amounts = st.integers(1, 50_000)
sales = st.tuples(st.just("sell"), amounts, st.integers(0, 2))
disputes = st.tuples(st.just("dispute"), amounts, st.just(0))
refunds = st.tuples(st.just("refund"), st.integers(1, 100), st.integers(0, 20))
adjustments = st.tuples(st.just("adjust"), st.integers(-30_000, 30_000), st.just(0))
words = st.tuples(st.just("say"), st.sampled_from(["succeed", "fail", "return"]), st.integers(0, 5))
days = st.lists(sales | sales | refunds | disputes | adjustments | words, max_size=7)


class Month:
    """A merchant with an agent, a landlord and a bank account, and what was done with it."""

    def __init__(self) -> None:
        self.trading = trading = Trading(Rows(next(_seeds)))
        rows = trading.rows
        (agent,) = trading.agents(4_500)
        landlord = Receiver.objects.create(
            id=rows.id(), organisation=rows.organisation, code="landlord", name="后勤处"
        )
        SplitRule.objects.create(
            id=rows.id(), organisation=rows.organisation, merchant=rows.merchant,
            receiver=landlord, rate_ppm=70_000, starts_on=trading.day,
        )  # fmt: skip
        trading.bank_account()
        trading.bank_account("agent", agent.id)
        trading.bank_account("receiver", landlord.id)
        self.sales: list[Any] = []

    def do(self, what: str, amount: Any, which: int) -> None:
        """Do one thing of the day."""
        trading = self.trading
        if what == "sell":
            self.sales.append(trading.sell(amount, late_days=which))
        elif what == "dispute":
            trading.sell(amount, side="disputed")
        elif what == "adjust" and amount:
            trading.adjust(amount)
        elif what == "refund" and self.sales:
            self._refund(self.sales[which % len(self.sales)], amount)
        elif what == "say":
            self._say(amount, which)

    def _refund(self, sale: Any, percent: int) -> None:
        left = sale.total_amount - sale.refunded_amount
        if part := left * percent // 100:
            self.trading.give_back(sale, part)

    def _say(self, word: str, which: int) -> None:
        payouts = Payout.objects.filter(organisation=self.trading.organisation).order_by("id")
        if payouts:
            payout = payouts[which % len(payouts)]
            settle_payout(payout, Word(PayoutEvent.SUBMIT), self.trading.now)
            settle_payout(payout, Word(PayoutEvent(word), bank_fee_amount=7), self.trading.now)

    def settle(self) -> None:
        """Settle what is due."""
        done = settle_due(self.trading.organisation, self.trading.now, self.trading.rows.random)
        assert done.troubles == []

    def books(self) -> tuple[Any, ...]:
        """Everything that settling again must not change."""
        mine = {"organisation": self.trading.organisation}
        return (
            sorted(Account.objects.filter(**mine).values_list("id", "balance", "version")),
            Transfer.objects.filter(**mine).count(),
            sorted(DayClose.objects.filter(**mine).values_list("id", "digest")),
            sorted(
                Item.objects.filter(**mine).values_list("id", "batch_id", "fee_amount"), key=str
            ),
            sorted(Batch.objects.filter(**mine).values_list("id", "net_amount", "state")),
            sorted(Payout.objects.filter(**mine).values_list("id", "amount", "state")),
        )

    def fen(self) -> int:
        """What lies anywhere but with the channel: what the channel has taken for us."""
        accounts = Account.objects.filter(organisation=self.trading.organisation)
        channel = receivable_account(self.trading.organisation, "wechat")
        return sum(row.balance for row in accounts if row.id != channel.id)


@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(month=st.lists(days, min_size=1, max_size=MAX_DAYS))
def test_every_fen_is_owed_paid_or_earned_and_settling_twice_changes_nothing(
    sqlite_database: str, month: list[list[tuple[str, Any, int]]]
) -> None:
    books = Month()
    for day in month:
        for thing in day:
            books.do(*thing)
        books.trading.end_day()
        books.settle()
        before = books.books()
        books.settle()
        assert books.books() == before
    for rule in (r01_transfers, r02_balances, r08_settlement, r13_digests):
        assert list(rule.check(connection)) == []
    organisation = books.trading.organisation
    channel = receivable_account(organisation, "wechat")
    assert books.fen() == -books.trading.balance(channel)
    paid = sum(
        p.amount for p in Payout.objects.filter(organisation=organisation, state="succeeded")
    )
    kept = sum(p.bank_fee_amount for p in Payout.objects.filter(organisation=organisation))
    assert books.trading.balance(bank_account(organisation)) == paid + kept
    items = Item.objects.filter(organisation=organisation)
    assert items.count() == items.values("transfer").distinct().count()
