"""The defects of the best open peer (Jeepay), each of which lost somebody money or a night's sleep.

The numbers are those of the review in which they were found. J9 (a channel picked by the order of
database rows) is a matter of routing and is tested there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.channels.channel import (
    Bill,
    Created,
    Declined,
    Forged,
    Notice,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import Tampering
from tests.contract.channels.benches import Bench, account_of
from tests.contract.channels.test_bills import fetch, net_of_items


def _paid_order(bench: Bench, minutes: float = 5) -> str:
    order = bench.order(minutes=minutes)
    assert isinstance(bench.channel.create(order, bench.clock.now()), Created)
    bench.books.pay_open(order.number, "payer-1")
    return order.number


def _opens_orders(bench: Bench) -> bool:
    return Way.SCAN in bench.provider.ways


@pytest.mark.parametrize(
    "fault",
    [Fault.SYSTEM_ERROR, Fault.SYSTEM_ERROR_AFTER, Fault.STRANGE_CODE, Fault.RATE_LIMITED],
)
def test_j1_trouble_is_unknown_and_never_a_failure(bench: Bench, fault: Fault) -> None:
    bench.ask(Operation.PAY, fault)
    said = bench.channel.pay(bench.new_charge(), bench.clock.now())
    if fault is Fault.RATE_LIMITED and isinstance(said, Declined):
        # The provider says in so many words that it did nothing
        return
    assert isinstance(said, Unknown), said
    assert said.is_alert is (fault is Fault.STRANGE_CODE)


def test_j2_an_order_that_stays_unclear_is_reversed(bench: Bench) -> None:
    bench.ask(Operation.PAY, Fault.PAYER_NEVER)
    course = bench.driver.charge(bench.new_charge())
    assert "reverse" in course.operations()
    assert isinstance(course.end, Reversed)


def test_j3_an_order_past_its_time_is_asked_about_before_it_is_called_unpaid(bench: Bench) -> None:
    if not _opens_orders(bench):
        return
    number = _paid_order(bench, minutes=1)
    bench.clock.move(minutes=30)
    assert isinstance(bench.channel.query(number, bench.clock.now()), Succeeded)
    said = bench.channel.reverse(number, bench.clock.now())
    assert said != Reversed(took_money=False)


def test_j4_success_that_comes_after_giving_up_is_given_back_not_kept(bench: Bench) -> None:
    bench.ask(Operation.PAY, Fault.LATE_AFTER_REVERSAL)
    course = bench.driver.charge(bench.new_charge())
    assert not course.is_paid
    order = bench.books.peek(course.number)
    assert order is not None
    assert order.took_money
    assert bench.net_amount(course.number) == 0


def test_j5_a_lost_notice_loses_nothing(bench: Bench) -> None:
    if not _opens_orders(bench):
        return
    bench.ask(Operation.NOTICE, Fault.NOTICE_LOST, None)
    number = _paid_order(bench)
    bench.sandbox.step()
    assert isinstance(bench.channel.query(number, bench.clock.now()), Succeeded)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_j6_no_secret_and_no_payers_code_is_logged_kept_or_shown(
    bench: Bench, everything_logged: pytest.LogCaptureFixture
) -> None:
    charge = bench.pay()
    bench.clock.move(minutes=2)
    bench.ask(Operation.REFUND, Fault.SYSTEM_ERROR)
    bench.driver.refund(bench.driver.charge(bench.new_charge()), bench.number(), 5)
    bench.channel.self_test(bench.clock.now())
    bench.channel.reverse(charge.number, bench.clock.now())
    account = account_of(bench.sandbox, bench.name)
    kept = b"\n".join(sent.answer for sent in bench.tools.sent).decode(errors="replace")
    seen = "\n".join([everything_logged.text, kept, repr(account), repr(charge)])
    for secret in [*account.secrets.values(), charge.auth_code]:
        lines = [line for line in secret.splitlines() if line and not line.startswith("---")]
        assert not any(line in seen for line in lines)


def test_j7_wechat_codes_are_paid_by_version_three_of_its_api(benches: dict[str, Bench]) -> None:
    bench = benches["wechat"]
    bench.let_all_arrive()
    bench.gauge.paths.clear()
    bench.pay()
    assert bench.gauge.paths == ["/v3/pay/transactions/codepay"]


def test_j8_of_a_long_day_no_line_is_skipped(bench: Bench) -> None:
    midnight = bench.fresh_day()
    numbers = set()
    for count in range(300):
        number = bench.number()
        bench.books.charge(number, count + 1, payer_code=bench.code())
        numbers.add(number)
    bill = fetch(bench, midnight)
    assert isinstance(bill, Bill)
    assert {item.number for item in bill.items} == numbers
    assert net_of_items(bill.items) == 300 * 301 // 2


def test_j10_a_call_that_never_left_is_told_and_raises_nothing(bench: Bench) -> None:
    account = replace(account_of(bench.sandbox, bench.name), host="http://127.0.0.1:9")
    channel = bench.provider.open(replace(account, id=UUID(int=3)), bench.tools)
    now = bench.clock.now()
    charge = bench.new_charge()
    said = channel.pay(charge, now)
    assert isinstance(said, Declined | Unknown)
    assert not isinstance(said, Declined) or said.code == "channels.unreachable"
    assert isinstance(channel.query(charge.number, now), Unknown)
    assert not isinstance(channel.reverse(charge.number, now), Reversed)
    assert isinstance(channel.refund(charge.number, bench.number(), 1, 1, now), Unknown | Declined)
    assert not isinstance(channel.query_refund(charge.number, "d" * 32, now), Succeeded)
    assert not all(finding.is_right for finding in channel.self_test(now))


def test_j11_a_day_on_which_more_went_back_than_came_in_is_negative(bench: Bench) -> None:
    bench.fresh_day()
    course = bench.driver.charge(bench.new_charge(5000))
    tomorrow = bench.clock.now() + timedelta(days=1)
    bench.clock.at = tomorrow
    bench.driver.refund(course, bench.number(), 5000)
    midnight = bench.fresh_day() - timedelta(days=2)
    bill = fetch(bench, midnight)
    assert isinstance(bill, Bill), bill
    assert net_of_items(bill.items) == -5000


def test_j12_every_call_is_kept_as_evidence(bench: Bench) -> None:
    charge = bench.pay()
    now = bench.clock.now()
    bench.channel.query(charge.number, now)
    bench.channel.refund(charge.number, "e" * 32, 1, charge.amount, now)
    bench.channel.query_refund(charge.number, "e" * 32, now)
    kept = {(sent.operation, sent.number) for sent in bench.tools.sent}
    assert kept >= {("pay", charge.number), ("query", charge.number), ("refund", "e" * 32)}
    assert "query_refund" in {operation for operation, _ in kept}
    assert all(sent.status == 200 and sent.answer for sent in bench.tools.sent)


@pytest.mark.parametrize("tampering", [Tampering.FORGED, Tampering.WRONG_APP])
def test_j13_a_notice_counts_only_for_its_own_order_app_and_seller(
    bench: Bench, tampering: Tampering
) -> None:
    if not _opens_orders(bench):
        return
    number = _paid_order(bench)
    assert isinstance(bench.read(bench.notice(number, tampering)), Forged)


def test_j13_a_notice_shows_the_amount_that_has_to_be_compared(bench: Bench) -> None:
    if not _opens_orders(bench):
        return
    number = _paid_order(bench)
    told = bench.read(bench.notice(number, Tampering.WRONG_AMOUNT))
    assert isinstance(told, Notice)
    assert (told.number, told.amount) == (number, 1235)
