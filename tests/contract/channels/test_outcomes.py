"""Every provider and every fault: each order ends definite, the payer charged once or not at all,
and the channel's word is the peer's books to the fen.
"""

from __future__ import annotations

import pytest

from server.channels.channel import (
    AwaitingPayer,
    Channel,
    Created,
    CreateOutcome,
    Declined,
    NotFound,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.sandbox.entries import State
from server.sandbox.faults import AFTER, BEFORE, ENDINGS, PAYER, Fault, Operation
from tests.contract.channels.benches import Bench, account_of
from tests.contract.channels.driver import Course, Driver, NeverDefinite
from tests.contract.channels.plain_channel import BROKEN_TWINS, PlainChannel

CONNECTION = sorted((BEFORE | AFTER) - {Fault.SLOW_ANSWER})


def assert_books_agree(bench: Bench, course: Course) -> None:
    """What we believe is what the provider believes, now and after all that was under way."""
    expected = course.amount if course.is_paid else 0
    assert bench.net_amount(course.number) == expected, course
    bench.let_all_arrive()
    assert bench.net_amount(course.number) == expected, course
    last = bench.channel.query(course.number, bench.clock.now())
    assert isinstance(last, Succeeded) is (course.is_paid or course.returned), (last, course)


def assert_reversed_in_time(bench: Bench, course: Course) -> None:
    """No reversal before the provider allows it, and none that no query confirmed."""
    reversals = [after for after, operation, _ in course.heard if operation == "reverse"]
    if reversals:
        assert reversals[0] >= bench.channel.terms.reverse_after.total_seconds()
        assert course.operations()[-1] in ("query", "refund", "query_refund")


def test_an_ordinary_charge_succeeds_at_once(bench: Bench) -> None:
    course = bench.driver.charge(bench.new_charge(4321))
    assert course.operations() == ["pay"]
    assert isinstance(course.end, Succeeded)
    order = bench.books.peek(course.number)
    assert order is not None
    assert (order.amount, order.state) == (4321, State.PAID)
    assert course.end.reference
    assert bench.channel.query(course.number, bench.clock.now()) == course.end
    assert_books_agree(bench, course)


@pytest.mark.parametrize("amount", [1, 99, 100, 101, 1010, 10**7 + 9])
def test_every_fen_arrives(bench: Bench, amount: int) -> None:
    course = bench.driver.charge(bench.new_charge(amount))
    assert course.is_paid
    assert bench.net_amount(course.number) == amount


@pytest.mark.parametrize("fault", CONNECTION)
@pytest.mark.parametrize("count", [1, 3])
def test_whatever_happens_to_the_charge(bench: Bench, fault: Fault, count: int) -> None:
    bench.ask(Operation.PAY, fault, count)
    course = bench.driver.charge(bench.new_charge())
    first = course.heard[0][2]
    assert not isinstance(first, Succeeded), first
    if fault in AFTER:
        # It was charged: nobody may say that it was not
        assert not isinstance(first, Declined), first
    assert_reversed_in_time(bench, course)
    assert_books_agree(bench, course)


@pytest.mark.parametrize("fault", sorted(PAYER))
def test_whatever_the_payer_does(bench: Bench, fault: Fault) -> None:
    bench.ask(Operation.PAY, fault)
    course = bench.driver.charge(bench.new_charge())
    ends = {
        Fault.DECLINED: Declined,
        Fault.PAYER_TYPES: Succeeded,
        # Some providers decline the order, some close it unpaid
        Fault.PAYER_GIVES_UP: Declined | Reversed,
        Fault.REFUSE_REVERSAL: Succeeded,
    }
    assert isinstance(course.end, ends.get(fault, Reversed)), course
    assert_reversed_in_time(bench, course)
    assert_books_agree(bench, course)


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_whatever_the_code_asks_for(bench: Bench, ending: str) -> None:
    course = bench.driver.charge(bench.new_charge(ending=ending))
    assert course.end is not None
    assert_books_agree(bench, course)


@pytest.mark.parametrize("fault", CONNECTION)
@pytest.mark.parametrize("payer", [Fault.PAYER_TYPES, Fault.PAYER_NEVER])
def test_whatever_happens_to_queries(bench: Bench, fault: Fault, payer: Fault) -> None:
    bench.ask(Operation.PAY, payer)
    bench.ask(Operation.QUERY, fault, 6)
    course = bench.driver.charge(bench.new_charge())
    assert isinstance(course.end, Succeeded | Reversed), course
    assert_reversed_in_time(bench, course)
    assert_books_agree(bench, course)


@pytest.mark.parametrize("fault", CONNECTION)
@pytest.mark.parametrize("payer", [Fault.PAYER_NEVER, Fault.LOST_ANSWER])
def test_whatever_happens_to_the_reversal(bench: Bench, fault: Fault, payer: Fault) -> None:
    bench.ask(Operation.PAY, payer)
    # Not before it is given up does anybody hear of the order
    bench.ask(Operation.QUERY, Fault.LOST_ANSWER, 14)
    bench.ask(Operation.REVERSE, fault, 2)
    bench.ask(Operation.CLOSE, fault, 2)
    course = bench.driver.charge(bench.new_charge())
    assert "reverse" in course.operations()
    assert isinstance(course.end, Reversed), course
    assert_reversed_in_time(bench, course)
    assert_books_agree(bench, course)


def test_a_charge_that_is_held_on_its_way_past_giving_up(bench: Bench) -> None:
    """It arrives after the order was given up: reversing goes on until it cannot come any more."""
    bench.ask(Operation.PAY, Fault.HELD_REQUEST)
    charge = bench.new_charge()
    sent_at = bench.clock.now()
    said = bench.channel.pay(charge, sent_at)
    assert isinstance(said, Unknown)
    assert isinstance(bench.channel.query(charge.number, bench.clock.now()), NotFound)
    bench.clock.move(seconds=21)
    assert isinstance(bench.channel.query(charge.number, bench.clock.now()), Succeeded)


def test_the_same_charge_twice_is_one_charge(bench: Bench) -> None:
    charge = bench.new_charge()
    bench.ask(Operation.PAY, Fault.LOST_ANSWER)
    assert isinstance(bench.channel.pay(charge, bench.clock.now()), Unknown)
    again = bench.channel.pay(charge, bench.clock.now())
    assert not isinstance(again, AwaitingPayer)
    assert bench.net_amount(charge.number) == charge.amount
    assert isinstance(bench.channel.query(charge.number, bench.clock.now()), Succeeded)


def test_a_used_code_is_declined_and_charges_nobody(bench: Bench) -> None:
    paid = bench.pay()
    again = bench.new_charge()
    again = type(again)(again.number, again.amount, paid.auth_code)
    course = bench.driver.charge(again)
    assert isinstance(course.end, Declined)
    assert_books_agree(bench, course)


def test_a_reversal_of_a_paid_charge_gives_the_money_back_once(bench: Bench) -> None:
    charge = bench.pay()
    bench.clock.move(seconds=20)
    for _ in range(3):
        said = bench.channel.reverse(charge.number, bench.clock.now())
        assert not isinstance(said, Declined), said
    last = bench.channel.query(charge.number, bench.clock.now())
    assert last == Reversed(took_money=True)
    assert bench.net_amount(charge.number) == 0


def test_a_number_the_provider_never_saw_is_not_found(bench: Bench) -> None:
    bench.ask(Operation.PAY, Fault.LOST_REQUEST)
    charge = bench.new_charge()
    assert isinstance(bench.channel.pay(charge, bench.clock.now()), Unknown)
    assert bench.channel.query(charge.number, bench.clock.now()) == NotFound()


def test_a_number_we_never_sent_is_not_taken_for_anything(bench: Bench) -> None:
    said = bench.channel.query(bench.number(), bench.clock.now())
    assert isinstance(said, NotFound | Unknown)


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("fault", [None, *CONNECTION])
def test_whatever_happens_to_an_order_that_is_opened(
    bench: Bench, way: Way, fault: Fault | None
) -> None:
    if way not in bench.provider.ways:
        return
    if fault is not None:
        bench.ask(Operation.CREATE, fault)
    order = bench.order(way)

    def pay(said: CreateOutcome) -> None:
        if isinstance(said, Created):
            assert said.code_text or said.launch
            bench.books.pay_open(order.number, "payer-1")

    course = bench.driver.order(order, pay)
    assert course.is_paid or fault is not None
    assert_books_agree(bench, course)


def test_an_order_that_nobody_pays_is_closed_and_took_nothing(bench: Bench) -> None:
    if not bench.provider.ways:
        return
    course = bench.driver.order(bench.order(sorted(bench.provider.ways)[0]))
    assert not course.is_paid
    assert course.end != Reversed(took_money=True)
    assert_books_agree(bench, course)


def test_an_order_paid_at_the_last_moment_is_paid_or_returned(bench: Bench) -> None:
    """Given up while the payer types: the money goes back, by reversal or by refund."""
    if Way.SCAN not in bench.provider.ways:
        return
    order = bench.order()
    assert isinstance(bench.channel.create(order, bench.clock.now()), Created)
    bench.books.pay_open(order.number, "payer-1")
    course = Course(order.number, order.amount, bench.clock.now())
    bench.driver._give_up(course)
    assert not course.is_paid
    assert_books_agree(bench, course)


def test_a_number_opened_twice_is_one_order(bench: Bench) -> None:
    if Way.SCAN not in bench.provider.ways:
        return
    order = bench.order()
    first = bench.channel.create(order, bench.clock.now())
    again = bench.channel.create(order, bench.clock.now())
    assert isinstance(first, Created)
    assert isinstance(again, Created)
    bench.books.pay_open(order.number)
    assert isinstance(bench.channel.query(order.number, bench.clock.now()), Succeeded)


def test_a_restarted_server_goes_on_where_the_killed_one_was(bench: Bench) -> None:
    bench.ask(Operation.PAY, Fault.LOST_ANSWER)
    charge = bench.new_charge()
    bench.channel.pay(charge, bench.clock.now())
    bench.clock.move(seconds=5)
    restarted = bench.open()
    assert isinstance(restarted.query(charge.number, bench.clock.now()), Succeeded)
    bench.clock.move(seconds=20)
    bench.open().reverse(charge.number, bench.clock.now())
    last = bench.open().query(charge.number, bench.clock.now())
    assert last == Reversed(took_money=True)


def test_time_outs_are_stated_for_every_call_and_a_charge_waits_less_than_ten_seconds(
    bench: Bench,
) -> None:
    bench.gauge.timeouts.clear()
    bench.pay()
    assert bench.gauge.timeouts
    for stated in bench.gauge.timeouts:
        parts = [stated.get(name) for name in ("connect", "read", "write", "pool")]
        assert all(part is not None and part > 0 for part in parts), stated
        assert sum(part or 0 for part in parts) < 10


def test_an_answer_that_takes_too_long_is_unknown_and_resolved(bench: Bench) -> None:
    bench.gauge.faster = 50
    bench.faults.slow_ms = 400
    bench.ask(Operation.PAY, Fault.SLOW_ANSWER)
    course = bench.driver.charge(bench.new_charge())
    assert isinstance(course.heard[0][2], Unknown)
    assert course.is_paid
    assert_books_agree(bench, course)


def _live_through_two_orders(bench: Bench, channel: Channel) -> None:
    driver = Driver(channel, bench.clock)
    for fault in (Fault.LOST_ANSWER, Fault.PAYER_NEVER):
        bench.ask(Operation.PAY, fault)
        bench.ask(Operation.QUERY, Fault.LOST_ANSWER)
        assert_books_agree(bench, driver.charge(bench.new_charge()))


@pytest.mark.parametrize("broken", BROKEN_TWINS)
def test_a_broken_channel_fails_this_suite(
    benches: dict[str, Bench], broken: type[PlainChannel]
) -> None:
    bench = benches["plain"]
    bench.let_all_arrive()
    _live_through_two_orders(bench, bench.channel)
    channel = broken(account_of(bench.sandbox, "plain"), bench.tools)
    with pytest.raises((AssertionError, NeverDefinite)):
        _live_through_two_orders(bench, channel)
