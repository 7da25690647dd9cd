"""Refunds against the peer: once each, never beyond, and done only when a query says so."""

import pytest

from server.channels.channel import Declined, NotFound, Succeeded, Unknown
from server.sandbox.faults import Fault, Operation
from tests.unit.server.channels.wechat.bench import NUMBER, REFUND, Bench


@pytest.fixture
def charged(bench):
    bench.charge()
    return bench


def refund(bench: Bench, amount: int = 250, number: str = REFUND, total: int = 1250):
    return bench.channel.refund(NUMBER, number, amount, total, bench.now)


def query(bench: Bench, number: str = REFUND):
    return bench.channel.query_refund(NUMBER, number, bench.now)


def test_accepted_is_not_done_and_a_query_says_when_it_is(charged):
    assert query(charged) == NotFound()
    assert refund(charged) == Unknown("the refund is on its way")
    assert query(charged) == Succeeded(charged.books.look_refund(REFUND).reference)
    assert charged.books.net_amount(NUMBER) == 1000


def test_a_refund_number_works_once(charged):
    refund(charged)
    assert isinstance(refund(charged), Succeeded)
    assert refund(charged, amount=100) == Declined("refunds.channel_refused")
    assert charged.books.net_amount(NUMBER) == 1000


def test_many_refunds_a_minute_apart_never_reach_beyond_what_was_paid(charged):
    refund(charged, 1000)
    assert refund(charged, 100, "1" * 32) == Unknown("asked too often")
    charged.clock.move(minutes=1)
    assert refund(charged, 251, "2" * 32) == Declined("refunds.channel_refused")
    assert isinstance(refund(charged, 250, "1" * 32), Unknown)
    assert charged.books.net_amount(NUMBER) == 0
    assert isinstance(charged.query(), Succeeded)


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.SYSTEM_ERROR_AFTER, Fault.UNSIGNED])
def test_a_refund_behind_a_bad_answer_is_asked_about_and_not_made_twice(charged, fault):
    charged.let(fault, Operation.REFUND)
    assert isinstance(refund(charged), Unknown)
    assert isinstance(query(charged), Succeeded)
    refund(charged)
    assert charged.books.net_amount(NUMBER) == 1000


def test_a_refund_that_takes_its_time_and_one_that_fails(charged):
    charged.let(Fault.REFUND_PENDING, Operation.REFUND)
    charged.let(Fault.REFUND_FAILS, Operation.REFUND)
    refund(charged)
    charged.clock.move(minutes=1)
    refund(charged, 100, "3" * 32)
    assert isinstance(query(charged), Unknown)
    charged.clock.move(minutes=3)
    assert isinstance(query(charged), Succeeded)
    assert query(charged, "3" * 32) == Declined("refunds.channel_closed")
    assert charged.books.net_amount(NUMBER) == 1000


def test_a_total_that_is_not_the_orders_is_refused(charged):
    assert refund(charged, total=9999) == Declined("refunds.channel_refused")


def test_after_a_year_and_after_fifty_refunds_it_is_over(charged):
    for index in range(50):
        refund(charged, 1, f"{index:032d}")
        charged.clock.move(minutes=1)
    assert refund(charged, 1, "9" * 32) == Declined("refunds.channel_refused")
    charged.clock.move(days=366)
    assert refund(charged, 1, "8" * 32) == Declined("refunds.channel_refused")
    assert charged.books.net_amount(NUMBER) == 1200
