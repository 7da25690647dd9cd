"""Whole lives of sales that a payer's bank stands behind: its faults and our own deaths.

Each script is a seed: a wallet that holds much or little, faults on any call, a server that dies
before the call or between the bank's posting and its commit, a counter that stops, or hands the
meal over before the bank's word or without asking at all, top-ups and refunds at any moment, a
mandate that ends in the middle. At its end the payment is definite, nothing is held, the bank's
books say of the payer what ours say of the bank, and nobody has paid anything twice.
`FANPIAO_LIVES` sets how many are played on each engine, `FANPIAO_LIFE` replays one.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator

import pytest

from server.ledger.models import Account
from server.payments.models import Payment, Refund
from server.sandbox.faults import Fate, Fault, Operation, faults_of
from sync.messages import PaymentRequest
from tests.contract.channels.benches import Bench, bench_of
from tests.factories.mandates import Payer

LIVES = int(os.environ.get("FANPIAO_LIVES", "20"))
ALONE = os.environ.get("FANPIAO_LIFE", "")
DEFINITE = ("succeeded", "declined", "cancelled", "reversed", "nothing")
OPENING = 5_000
PARTS = [one for one in faults_of(Operation.DEBIT) if one is not Fault.SLOW_ANSWER]
_seeds = itertools.count(90_000)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_of("bank", tmp_path_factory.mktemp("peer-keys")) as bench:
        yield bench


def test_every_life_ends_definite_and_nobody_pays_twice(engine: str, bench: Bench) -> None:
    for seed in [int(ALONE)] if ALONE else range(LIVES):
        try:
            Life(bench, random.Random(f"mandate/{seed}")).live()
        except Exception as wrong:
            wrong.add_note(f"replay it alone: FANPIAO_LIFE={seed}")
            raise
    assert bench.crashes == []


class Life:
    """One payer's sales, until everything is definite."""

    def __init__(self, bench: Bench, chance: random.Random) -> None:
        bench.let_all_arrive()
        self.bench, self.chance = bench, chance
        self.payer = Payer(bench, next(_seeds)).sign()
        self.till = self.payer.till
        self.paid_in = OPENING
        self.sales: list[PaymentRequest] = []
        bench.faults.play(Fate(chance.randrange(2**32), share=chance.choice((0, 0.2, 0.5))))

    def live(self) -> None:
        """Play it to the end, and look at both books."""
        for _ in range(self.chance.randint(1, 3)):
            self.sell()
        if self.chance.random() < 0.2:
            self.bench.books.mandates.end(self.payer.mandate.number)
        self.payer.settle()
        for sale in self.sales:
            if self.chance.random() < 0.6 and self.till.state(sale) == "succeeded":
                self.till.refund(sale, self.chance.choice((1, 700, sale.intent.total)))
        if self.chance.random() < 0.3:
            self.till.cancel(self.chance.choice(self.sales))
        self.payer.settle()
        self.look()

    def sell(self) -> None:
        """One sale, any way it may go."""
        chance, till, payer = self.chance, self.till, self.payer
        sale = till.request(total=chance.choice((900, 4_000, 6_200)))
        self.sales.append(sale)
        if chance.random() < 0.75:
            self.ask_server(sale)
        if chance.random() < 0.3:
            self.top_up()
        if chance.random() < 0.3:
            payer.pass_time(seconds=chance.choice((1, 30, 90)))
            payer.settle(calm_after=3)
        end = chance.random()
        if end < 0.3 or till.state(sale) == "nothing":
            till.accept(sale)
        elif end < 0.5:
            till.cancel(sale)
        if chance.random() < 0.2:
            till.refund(sale, 300)

    def ask_server(self, sale: PaymentRequest) -> None:
        """The server may die before it calls the bank, or before it commits the bank's word."""
        part = self.chance.choice((None, None, *PARTS))
        if part is not None:
            self.bench.ask(Operation.DEBIT, part)
        attempt = self.till.decide(sale).attempt
        if attempt is None or self.chance.random() < 0.15:
            return
        said = self.payer.call(attempt)
        if self.chance.random() < 0.8:
            self.payer.told(sale, attempt, said)

    def top_up(self) -> None:
        """The payer brings money in the middle of it."""
        amount = self.chance.choice((500, 3_000))
        self.till.put_money(self.payer.person, amount)
        self.paid_in += amount

    def look(self) -> None:
        """Both books agree, and what the payer gave is what the merchant has."""
        owed = 0
        for sale in self.sales:
            assert self.till.state(sale) in DEFINITE, self.till.state(sale)
            net = self.till.net(sale)
            assert self.payer.debited(sale) == -net.get("channel/receivable", 0), sale
            owed += net.get("merchant/payable", 0) + net.get("merchant/disputed", 0)
            owed -= -net.get("organisation/suspense_short", 0)
        assert not Refund.objects.filter(
            organisation=self.till.organisation, state__in=("submitted",)
        ).exists()
        assert not Payment.objects.filter(
            organisation=self.till.organisation, claim_amount__gt=0
        ).exists()
        mine = Account.objects.filter(owner_id=self.payer.person)
        assert all(row.held == 0 for row in mine)
        left = sum(row.balance for row in mine)
        by_bank = sum(self.payer.debited(sale) for sale in self.sales)
        assert self.paid_in - left + by_bank == owed
