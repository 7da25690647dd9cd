"""Many threads at once at every provider: one number is one charge, and refunds stay within it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from server.channels.channel import Charge, Declined, PayOutcome, RefundOutcome, Succeeded
from server.sandbox.faults import Fate
from tests.contract.channels.benches import Bench

_THREADS = 8


def test_one_charge_sent_by_many_threads_is_one_charge(bench: Bench) -> None:
    charge, now = bench.new_charge(), bench.clock.now()

    def pay(_: int) -> PayOutcome:
        return bench.channel.pay(charge, now)

    with ThreadPoolExecutor(_THREADS) as pool:
        said = list(pool.map(pay, range(_THREADS)))
    assert any(isinstance(outcome, Succeeded) for outcome in said), said
    assert bench.net_amount(charge.number) == charge.amount
    assert isinstance(bench.channel.query(charge.number, now), Succeeded)


def test_many_counters_at_once_are_each_charged_what_they_asked(bench: Bench) -> None:
    charges = [bench.new_charge(100 + count) for count in range(4 * _THREADS)]
    now = bench.clock.now()
    bench.faults.play(Fate(20261122, share=0.2))

    def pay(charge: Charge) -> PayOutcome:
        return bench.channel.pay(charge, now)

    with ThreadPoolExecutor(_THREADS) as pool:
        said = list(pool.map(pay, charges))
    bench.let_all_arrive()
    for charge, outcome in zip(charges, said, strict=True):
        taken = bench.net_amount(charge.number)
        assert taken in (0, charge.amount)
        if isinstance(outcome, Succeeded):
            assert taken == charge.amount
        if isinstance(outcome, Declined):
            assert taken == 0


def test_refunds_by_many_threads_stay_within_what_was_paid(bench: Bench) -> None:
    charge = bench.pay(1000)
    bench.clock.move(seconds=bench.channel.terms.refund_gap.total_seconds())
    now = bench.clock.now()
    numbers = [bench.number() for _ in range(_THREADS)]

    def refund(number: str) -> RefundOutcome:
        return bench.channel.refund(charge.number, number, 400, charge.amount, now)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(refund, numbers))
    bench.let_all_arrive()
    done = [number for number in numbers if bench.books.look_refund(number) is not None]
    assert 1 <= len(done) <= 2
    assert bench.net_amount(charge.number) == 1000 - 400 * len(done)
    for number in numbers:
        known = bench.channel.query_refund(charge.number, number, bench.clock.now())
        assert isinstance(known, Succeeded) is (number in done)
