"""Refunds at every provider: many, partial, once per number, never beyond what was paid."""

from __future__ import annotations

import pytest

from server.channels.channel import (
    Declined,
    NotFound,
    RefundOutcome,
    RefundQueryOutcome,
    Succeeded,
    Unknown,
)
from server.sandbox.entries import RefundState
from server.sandbox.faults import AFTER, BEFORE, REFUND_S, Fault, Operation
from tests.contract.channels.benches import Bench
from tests.contract.channels.driver import Course

CONNECTION = sorted((BEFORE | AFTER) - {Fault.SLOW_ANSWER})


def _paid(bench: Bench, amount: int = 1000) -> Course:
    course = bench.driver.charge(bench.new_charge(amount))
    assert course.is_paid
    return course


def _ask(bench: Bench, course: Course, number: str, amount: int) -> RefundOutcome:
    """One bare call, a provider's gap after the one before."""
    gap = bench.channel.terms.refund_gap
    bench.clock.move(seconds=gap.total_seconds())
    return bench.channel.refund(course.number, number, amount, course.amount, bench.clock.now())


def _query(bench: Bench, course: Course, number: str) -> RefundQueryOutcome:
    return bench.channel.query_refund(course.number, number, bench.clock.now())


def test_all_of_it_goes_back(bench: Bench) -> None:
    course = _paid(bench)
    assert isinstance(bench.driver.refund(course, bench.number(), 1000), Succeeded)
    assert bench.net_amount(course.number) == 0


def test_many_parts_of_it_go_back_to_the_last_fen(bench: Bench) -> None:
    course = _paid(bench)
    parts = [1, 333, 99, 500, 67]
    for taken, part in enumerate(parts, start=1):
        assert isinstance(bench.driver.refund(course, bench.number(), part), Succeeded)
        assert bench.net_amount(course.number) == 1000 - sum(parts[:taken])
    assert isinstance(bench.driver.refund(course, bench.number(), 1), Declined)
    assert bench.net_amount(course.number) == 0


def test_never_more_than_was_paid(bench: Bench) -> None:
    course = _paid(bench)
    assert isinstance(bench.driver.refund(course, bench.number(), 1001), Declined)
    assert isinstance(bench.driver.refund(course, bench.number(), 600), Succeeded)
    assert isinstance(bench.driver.refund(course, bench.number(), 401), Declined)
    assert bench.net_amount(course.number) == 400


def test_a_refund_number_works_once(bench: Bench) -> None:
    course = _paid(bench)
    number = bench.number()
    assert isinstance(bench.driver.refund(course, number, 300), Succeeded)
    for _ in range(3):
        assert not isinstance(_ask(bench, course, number, 300), Declined)
    assert isinstance(_query(bench, course, number), Succeeded)
    assert bench.net_amount(course.number) == 700


def test_a_refund_number_used_for_another_amount_moves_nothing_more(bench: Bench) -> None:
    course = _paid(bench)
    number = bench.number()
    assert isinstance(bench.driver.refund(course, number, 300), Succeeded)
    _ask(bench, course, number, 301)
    assert bench.net_amount(course.number) == 700


def test_a_refund_nobody_asked_for_is_not_found(bench: Bench) -> None:
    assert _query(bench, _paid(bench), bench.number()) == NotFound()


def test_nothing_goes_back_of_what_was_never_paid(bench: Bench) -> None:
    unknown = Course(bench.number(), 1000, bench.clock.now())
    said = _ask(bench, unknown, bench.number(), 1000)
    assert not isinstance(said, Succeeded)
    bench.ask(Operation.PAY, Fault.PAYER_NEVER)
    reversed = bench.driver.charge(bench.new_charge(1000))
    assert not isinstance(_ask(bench, reversed, bench.number(), 1000), Succeeded)
    assert bench.net_amount(reversed.number) == 0


@pytest.mark.parametrize("fault", CONNECTION)
@pytest.mark.parametrize("operation", [Operation.REFUND, Operation.QUERY_REFUND])
def test_whatever_happens_to_a_refund_it_is_done_once(
    bench: Bench, operation: Operation, fault: Fault
) -> None:
    course = _paid(bench)
    if operation is Operation.QUERY_REFUND:
        bench.ask(Operation.REFUND, Fault.LOST_ANSWER)
    bench.ask(operation, fault, 2)
    number = bench.number()
    assert isinstance(bench.driver.refund(course, number, 400), Succeeded)
    assert bench.net_amount(course.number) == 600
    bench.let_all_arrive()
    assert bench.net_amount(course.number) == 600
    assert isinstance(_query(bench, course, number), Succeeded)


def test_a_refund_on_its_way_is_unknown_until_it_is_done(bench: Bench) -> None:
    course = _paid(bench)
    number = bench.number()
    bench.ask(Operation.REFUND, Fault.REFUND_PENDING)
    assert isinstance(_ask(bench, course, number, 400), Unknown)
    assert isinstance(_query(bench, course, number), Unknown)
    bench.clock.move(seconds=REFUND_S)
    assert isinstance(_query(bench, course, number), Succeeded)
    assert bench.net_amount(course.number) == 600


def test_a_refund_that_fails_in_the_end_is_declined_and_may_be_made_anew(bench: Bench) -> None:
    course = _paid(bench)
    number = bench.number()
    bench.ask(Operation.REFUND, Fault.REFUND_FAILS)
    assert isinstance(bench.driver.refund(course, number, 1000), Declined)
    refund = bench.books.look_refund(number)
    assert refund is not None
    assert refund.state is RefundState.FAILED
    assert bench.net_amount(course.number) == 1000
    assert isinstance(bench.driver.refund(course, bench.number(), 1000), Succeeded)
    assert bench.net_amount(course.number) == 0
