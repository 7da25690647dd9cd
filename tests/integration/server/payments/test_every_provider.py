"""Whole lives of payments at every provider: its own protocol, its faults, our books.

Each script is a seed: faults on any call, a server that dies between a charge and its commit, a
counter that gives up, refunds, notices twice and in any order. At its end the payment is definite,
and what the provider's books say the payer is out of pocket is what ours say the provider owes us.
`FANPIAO_LIVES` sets how many are played at each provider and engine.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from domain.ids import attempt_number
from server.channels.channel import Charge, Forged, QueryOutcome
from server.payments.choose_channel import Chosen
from server.payments.models import Payment, Refund
from server.payments.resolve_payment import Resolver
from server.payments.rows import AttemptRow
from server.payments.settle_attempt import SettleAttempt
from server.sandbox.faults import PAYER, Fate, Operation
from server.sandbox.frame import Tampering
from server.work.models import Due
from sync.messages import PaymentRequest, Tender
from tests.contract.channels.benches import Bench, bench_of
from tests.factories.due_work import work
from tests.factories.payments import Till, only, run
from tests.factories.server_rows import SECRETS, Rows

LIVES = int(os.environ.get("FANPIAO_LIVES", "12"))
ALONE = os.environ.get("FANPIAO_LIFE", "")
PROVIDERS = ("wechat", "alipay", "unionpay", "bank")
DEFINITE = ("succeeded", "declined", "cancelled", "reversed")
CALM_AFTER = 25
"""Looks of the worker after which a provider's bad day is over."""
_seeds = itertools.count(50_000)


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bench]]:
    keys = tmp_path_factory.mktemp("peer-keys")
    with ExitStack() as stack:
        yield {kind: stack.enter_context(bench_of(kind, keys)) for kind in PROVIDERS}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_life_ends_definite_with_one_charge_or_none_and_both_books_agree(
    engine: str, benches: dict[str, Bench], kind: str
) -> None:
    bench = benches[kind]
    seeds = [int(ALONE)] if ALONE else range(LIVES)
    for seed in seeds:
        try:
            live(bench, random.Random(f"{kind}/{seed}"))
        except Exception as wrong:
            wrong.add_note(f"replay it alone: FANPIAO_LIFE={seed} -k {kind}")
            raise
    assert bench.crashes == []


def live(bench: Bench, chance: random.Random) -> None:
    """Play one payment from the counter's question to the last word."""
    bench.let_all_arrive()
    bench.faults.play(Fate(chance.randrange(2**32), share=chance.choice((0, 0.2, 0.5))))
    till = Till(Rows(next(_seeds), now=bench.clock.now()), None)
    sale, attempt = take(bench, till, chance)
    if chance.random() < 0.25:
        till.cancel(sale)
    settle(bench, till, chance)
    if Payment.objects.get(id=sale.intent.payment_id).state == "succeeded":
        for _ in range(chance.choice((0, 1, 3))):
            till.refund(sale, chance.choice((1, 400, 1_200)))
        settle(bench, till, chance)
    tell(bench, till, sale, attempt, chance)
    settle(bench, till, chance)
    assert till.state(sale) in DEFINITE
    returned = Refund.objects.filter(payment=sale.intent.payment_id, state="submitted")
    assert not returned.exists()
    ours = -till.net(sale).get("channel/receivable", 0)
    assert ours == bench.net_amount(attempt_number(attempt.id)), till.state(sale)
    assert ours == till.net(sale).get("merchant/payable", 0)


def take(bench: Bench, till: Till, chance: random.Random) -> tuple[PaymentRequest, AttemptRow]:
    """Ask the server; it may die between the charge and the commit of its answer."""
    part = chance.choice((None, None, *sorted(PAYER)))
    if part is not None:
        bench.ask(Operation.PAY, part)
    code = bench.code()
    sale = till.request(tender=Tender.CHANNEL, auth_code=code)
    attempt = till.decide(sale, chosen=Chosen(bench.channel.name)).attempt
    assert attempt is not None
    charge = Charge(attempt_number(attempt.id), attempt.amount, code, "Lunch", "s1", "c1")
    said = bench.channel.pay(charge, till.now)
    if chance.random() < 0.8:
        run(word(bench, till, sale, attempt, said))
    return sale, attempt


def settle(bench: Bench, till: Till, chance: random.Random) -> None:
    """Let the worker look whenever something is due, until nothing is."""
    resolver = Resolver(only(bench.channel), run, SECRETS)
    for count in range(200):
        if count == CALM_AFTER:
            bench.faults.clear()
        left = work(till, resolver)
        if not left:
            return
        till.now = bench.clock.at = max(till.now, left[0][1])
    rows = Due.objects.filter(organisation=till.organisation).values("kind", "due_at")
    raise AssertionError(f"never definite: {list(rows)}")


def tell(
    bench: Bench, till: Till, sale: PaymentRequest, attempt: AttemptRow, chance: random.Random
) -> None:
    """Let the provider call about everything that happened, twice and in any order."""
    number = attempt_number(attempt.id)
    bench.books.settle()
    events = [event for event in bench.books.events.all() if event.number == number] * 2
    chance.shuffle(events)
    for event in events:
        said = bench.read(bench.peer.compose(event, Tampering.NONE))
        if isinstance(said, Forged) or said.refund_number:
            continue
        run(word(bench, till, sale, attempt, said.said, amount=said.amount))


def word(
    bench: Bench, till: Till, sale: PaymentRequest, attempt: AttemptRow, said: QueryOutcome,
    amount: int | None = None,
) -> SettleAttempt:  # fmt: skip
    """The command that commits a channel's word."""
    return SettleAttempt(
        organisation_id=till.organisation, payment_id=sale.intent.payment_id,
        order_id=sale.intent.order_id, merchant_id=till.terminal.merchant_id,
        channel=bench.channel.name, attempt_id=attempt.id, said=said, now=till.now,
        secrets=SECRETS, terms=bench.channel.terms, amount=amount,
    )  # fmt: skip
