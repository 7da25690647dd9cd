"""Refunds at the peer: partial, many, once per number, done only when the money moved."""

from server.channels.channel import Declined, NotFound, Reversed, Succeeded, Unknown
from server.sandbox.faults import REFUND_S, Fault, Operation
from tests.unit.server.channels.alipay.bench import NUMBER, REFUND, Bench


def test_part_of_a_payment_goes_back_once_however_often_it_is_asked_for(bench: Bench) -> None:
    paid = bench.charge()
    for _ in range(3):
        assert bench.refund(300) == paid
        bench.clock.move(seconds=5)
    assert bench.books.net_amount(NUMBER) == 950
    assert isinstance(bench.query(), Succeeded)
    assert bench.channel.query_refund(NUMBER, REFUND, bench.now) == paid
    assert bench.content()["out_request_no"] == REFUND


def test_what_is_wholly_refunded_is_closed_and_had_been_paid(bench: Bench) -> None:
    bench.charge()
    bench.refund(1000, "a" * 32)
    bench.refund(250, "b" * 32)
    assert bench.query() == Reversed(took_money=True)
    assert bench.books.net_amount(NUMBER) == 0


def test_more_than_is_left_is_refused(bench: Bench) -> None:
    bench.charge()
    bench.refund(1000, "a" * 32)
    assert bench.refund(251, "b" * 32) == Declined("refunds.channel_refused")


def test_a_number_used_for_another_amount_wakes_somebody(bench: Bench) -> None:
    bench.charge()
    bench.refund(300)
    said = bench.refund(301)
    assert isinstance(said, Unknown)
    assert said.is_alert
    assert bench.books.net_amount(NUMBER) == 950


def test_a_refund_that_is_on_its_way_is_unknown_until_it_is_done(bench: Bench) -> None:
    bench.charge()
    bench.let(Fault.REFUND_PENDING, Operation.REFUND)
    assert bench.refund(300) == Unknown("the refund is on its way")
    assert bench.books.net_amount(NUMBER) == 1250
    bench.clock.move(seconds=REFUND_S)
    assert isinstance(bench.refund(300), Succeeded)
    assert bench.books.net_amount(NUMBER) == 950


def test_a_refund_that_fails_is_refused_in_the_end(bench: Bench) -> None:
    bench.charge()
    bench.let(Fault.REFUND_FAILS, Operation.REFUND)
    bench.refund(300)
    bench.clock.move(seconds=REFUND_S)
    assert bench.channel.query_refund(NUMBER, REFUND, bench.now) == NotFound()
    assert bench.refund(300) == Declined("refunds.channel_payer_gone")


def test_a_lost_refund_is_not_found_or_done(bench: Bench) -> None:
    bench.charge()
    bench.let(Fault.LOST_REQUEST, Operation.REFUND)
    bench.let(Fault.LOST_ANSWER, Operation.REFUND)
    assert isinstance(bench.refund(300), Unknown)
    assert bench.channel.query_refund(NUMBER, REFUND, bench.now) == NotFound()
    assert isinstance(bench.refund(300), Unknown)
    assert isinstance(bench.channel.query_refund(NUMBER, REFUND, bench.now), Succeeded)
    assert bench.books.net_amount(NUMBER) == 950


def test_nothing_goes_back_of_what_nobody_paid_or_was_cancelled(bench: Bench) -> None:
    assert bench.refund() == Declined("refunds.channel_refused")
    bench.charge()
    bench.reverse()
    assert bench.refund() == Declined("refunds.channel_refused")


def test_a_finished_trade_is_paid_and_takes_no_refund(bench: Bench) -> None:
    bench.charge()
    bench.clock.move(days=91)
    assert isinstance(bench.query(), Succeeded)
    assert bench.refund() == Declined("refunds.channel_too_late")
