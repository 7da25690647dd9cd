"""Random lives of orders against every provider: whatever fate does, the books agree to the fen.

Each script is one seed: a payer's part or an opened order, faults on any call, refunds after. The
same seed is the same script: `FANPIAO_SCRIPT=wechat:1234` plays one alone. `FANPIAO_SCRIPTS` sets
how many are played over all providers.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from server.channels.channel import (
    AwaitingPayer,
    Bill,
    Created,
    CreateOutcome,
    Debit,
    Debits,
    Declined,
    Succeeded,
    Way,
)
from server.sandbox.entries import MoveKind, Refused
from server.sandbox.faults import PAYER, Fate, Fault, Operation
from tests.contract.channels.benches import KINDS, Bench, account_of
from tests.contract.channels.driver import Course, NeverDefinite
from tests.contract.channels.plain_channel import BROKEN_TWINS, PlainChannel
from tests.contract.channels.test_bills import fetch, net_of_items, net_of_moves

SCRIPTS = int(os.environ.get("FANPIAO_SCRIPTS", "1000"))
ALONE = os.environ.get("FANPIAO_SCRIPT", "")
CHUNKS = 5
"""Of each provider's scripts, so that a failure and a time-out are of a part only."""


def _play(bench: Bench, seed: int) -> None:
    """Play one script and compare the books, at its end and after all that was under way."""
    chance = random.Random(f"{bench.name}/{seed}")
    bench.faults.clear()
    bench.faults.play(Fate(chance.randrange(2**32), share=chance.choice((0, 0.1, 0.3, 0.6))))
    course = _live(bench, chance)
    assert course.end is not None
    returned = _refund(bench, chance, course) if course.is_paid else 0
    expected = course.amount - returned if course.is_paid else 0
    assert bench.net_amount(course.number) == expected, course
    bench.let_all_arrive()
    assert bench.net_amount(course.number) == expected, course
    _assert_charged_once(bench, course)


def _live(bench: Bench, chance: random.Random) -> Course:
    amount = chance.choice((1, 100, chance.randrange(1, 10**6)))
    way = chance.choice((None, None, *sorted(bench.provider.ways)))
    if way is not None:
        return _live_opened(bench, chance, way, amount)
    if bench.has_debits and chance.random() < 0.4:
        return _live_debited(bench, chance, amount)
    part = chance.choice((None, None, *sorted(PAYER)))
    if part is not None:
        bench.ask(Operation.PAY, part)
    return bench.driver.charge(bench.new_charge(amount))


def _live_debited(bench: Bench, chance: random.Random, amount: int) -> Course:
    """Sign until that is clear, let the payer confirm (or not), deduct."""
    debits, mandate = cast(Debits, bench.channel), bench.number()
    for _ in range(20):
        said = debits.sign(mandate, {"account": "6217000010000000001"}, bench.clock.now())
        if isinstance(said, AwaitingPayer | Succeeded):
            break
        bench.clock.move(seconds=5)
    if chance.random() < 0.9 and bench.books.mandates.look(mandate) is not None:
        bench.books.mandates.confirm(mandate)
    course = bench.driver.debit(debits, Debit(bench.number(), amount, mandate))
    known = bench.books.mandates.look(mandate)
    assert not course.is_paid or (known is not None and known.active_at is not None)
    return course


def _live_opened(bench: Bench, chance: random.Random, way: Way, amount: int) -> Course:
    order = bench.order(way, amount, minutes=chance.choice((1, 5)))
    does = chance.choice(("pay", "pay", "type", "nothing"))

    def payer(said: CreateOutcome) -> None:
        if not isinstance(said, Created):
            return
        try:
            if does == "type":
                bench.books.start_paying(order.number)
            if does == "pay":
                bench.books.pay_open(order.number, "payer-1")
        except Refused:
            # Closed by then
            return

    return bench.driver.order(order, payer)


def _refund(bench: Bench, chance: random.Random, course: Course) -> int:
    """Refund in random parts, some beyond what is left; returns what went back."""
    returned = 0
    for _ in range(chance.choice((0, 0, 1, 3))):
        amount = chance.randrange(1, course.amount + 1)
        said = bench.driver.refund(course, bench.number(), amount)
        assert isinstance(said, Succeeded | Declined)
        if isinstance(said, Succeeded):
            returned += amount
        else:
            assert returned + amount > course.amount or _is_excused(bench, course, said), said
    return returned


def _is_excused(bench: Bench, course: Course, said: Declined) -> bool:
    """Whether a refund was declined for a reason of the provider's own: its part was to fail.

    Or it was lost so often that its number, which at UnionPay carries a time, is too old to be
    taken: nothing moved, and it may be asked for under a new one.
    """
    failed = any(refund.state == "failed" for refund in bench.books.refunds_of(course.number))
    return failed or (bench.kind == "unionpay" and said.code == "refunds.channel_too_late")


def _assert_charged_once(bench: Bench, course: Course) -> None:
    order = bench.books.peek(course.number)
    if order is None:
        return
    moves = bench.books._moves_of(order)
    assert sum(move.kind is MoveKind.PAID for move in moves) <= 1
    assert sum(m.amount for m in moves if m.kind is not MoveKind.PAID) <= order.amount


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_script_ends_definite_and_the_books_agree(bench: Bench, chunk: int) -> None:
    each = -(-SCRIPTS // (CHUNKS * len(KINDS)))
    seeds = range(chunk * each, (chunk + 1) * each)
    if ALONE:
        name, number = ALONE.split(":")
        is_mine = name == bench.name and chunk == 0
        seeds = range(int(number), int(number) + is_mine)
    first = bench.fresh_day()
    _play_all(bench, seeds)
    last = bench.fresh_day()
    assert _billed(bench, first, last) == net_of_moves(bench.books.moves(first, last))


def _play_all(bench: Bench, seeds: range) -> None:
    for seed in seeds:
        try:
            _play(bench, seed)
        except Exception as wrong:
            wrong.add_note(f"replay it alone: FANPIAO_SCRIPT={bench.name}:{seed}")
            raise


def _billed(bench: Bench, first: datetime, last: datetime) -> int:
    """What the bills of all days from `first` to `last` sum up to."""
    billed = 0
    for day in range((last - first).days):
        bill = fetch(bench, first + timedelta(days=day))
        assert isinstance(bill, Bill) or bill.code in ("bills.empty", "bills.not_ready"), bill
        billed += net_of_items(bill.items) if isinstance(bill, Bill) else 0
    return billed


@pytest.mark.parametrize("broken", BROKEN_TWINS)
def test_a_broken_channel_does_not_live_through_them(
    benches: dict[str, Bench], broken: type[PlainChannel]
) -> None:
    bench = benches["plain"]
    twin = replace(bench, channel=broken(account_of(bench.sandbox, "plain"), bench.tools))
    with pytest.raises((AssertionError, NeverDefinite)):
        _play_all(twin, range(100))


def test_the_same_seed_is_the_same_script(benches: dict[str, Bench]) -> None:
    bench = benches["plain"]
    lives = []
    for _ in range(2):
        bench.let_all_arrive()
        before = len(bench.tools.sent)
        _play(bench, 7)
        lives.append([(sent.operation, sent.status) for sent in bench.tools.sent[before:]])
    assert lives[0] == lives[1]
    assert Fault.SLOW_ANSWER not in {Fate(seed).fault(Operation.PAY) for seed in range(500)}
