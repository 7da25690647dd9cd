"""Bills at every provider: the day's statement is the provider's books, whatever the cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from server.channels.channel import Bill, BillItem, BillKind, NoBill, Reversed, Succeeded
from server.sandbox.entries import Move, MoveKind
from server.sandbox.faults import AFTER, BEFORE, Fault, Operation
from tests.contract.channels.benches import Bench

_BROKEN = sorted((BEFORE | AFTER) - {Fault.SLOW_ANSWER, Fault.HELD_REQUEST})


def net_of_items(items: Sequence[BillItem]) -> int:
    """Sum a bill: what came in less what went back."""
    return sum(-item.amount if item.refund_number else item.amount for item in items)


def net_of_moves(moves: Sequence[Move]) -> int:
    """Sum the provider's books likewise."""
    return sum(m.amount if m.kind is MoveKind.PAID else -m.amount for m in moves)


def moves_of_day(bench: Bench, midnight: datetime) -> Sequence[Move]:
    """List what moved on one day of the provider's calendar."""
    return bench.books.moves(midnight, midnight + timedelta(days=1))


def fetch(bench: Bench, midnight: datetime) -> Bill | NoBill:
    """Fetch a day's bill at noon of the next day at the earliest."""
    noon = (midnight + timedelta(days=1, hours=12)).astimezone(bench.clock.at.tzinfo)
    bench.clock.at = max(bench.clock.at, noon)
    return bench.channel.bill(BillKind.TRADE, midnight.date(), bench.clock.now())


def a_day(bench: Bench) -> datetime:
    """Live through a day: charges, a reversal, refunds in parts, one that nobody paid."""
    midnight = bench.fresh_day()
    paid = [bench.driver.charge(bench.new_charge(amount)) for amount in (1, 250, 99999)]
    bench.ask(Operation.PAY, Fault.DECLINED)
    bench.driver.charge(bench.new_charge(70000))
    bench.ask(Operation.PAY, Fault.PAYER_NEVER)
    bench.driver.charge(bench.new_charge(80000))
    reversed = bench.pay(1500)
    bench.clock.move(seconds=20)
    assert isinstance(bench.channel.reverse(reversed.number, bench.clock.now()), Reversed)
    for amount in (300, 44):
        bench.driver.refund(paid[2], bench.number(), amount)
    return midnight


def test_a_bill_is_the_books_line_by_line(bench: Bench) -> None:
    midnight = a_day(bench)
    bill = fetch(bench, midnight)
    assert isinstance(bill, Bill), bill
    moves = moves_of_day(bench, midnight)
    assert net_of_items(bill.items) == net_of_moves(moves) == 1 + 250 + 99999 - 344
    gone = {m.order.number for m in moves if m.kind is MoveKind.REVERSED}
    listed = [(item.number, item.amount, bool(item.refund_number)) for item in bill.items]
    moved = [(m.order.number, m.amount, m.kind is not MoveKind.PAID) for m in moves]
    if not gone & {number for number, _, _ in listed}:
        # Some providers list what was reversed on its own day, others neither way
        moved = [move for move in moved if move[0] not in gone]
    assert sorted(listed) == sorted(moved)
    refunds = {item.refund_number: item.amount for item in bill.items if item.refund_number}
    for move in moves:
        if move.refund is not None:
            assert refunds[move.refund.refund_number] == move.amount


def test_lines_carry_the_moment_the_reference_and_the_currency(bench: Bench) -> None:
    midnight = a_day(bench)
    bill = fetch(bench, midnight)
    assert isinstance(bill, Bill)
    paid = {m.order.number: m for m in moves_of_day(bench, midnight) if m.kind is MoveKind.PAID}
    for item in bill.items:
        assert item.currency == "CNY"
        if item.refund_number:
            continue
        assert abs(item.occurred_at - paid[item.number].at) < timedelta(seconds=1)
        present = bench.channel.query(item.number, bench.clock.now())
        if isinstance(present, Succeeded):
            assert item.reference == present.reference != ""


def test_a_bill_asked_for_twice_is_the_same(bench: Bench) -> None:
    midnight = a_day(bench)
    first, again = fetch(bench, midnight), fetch(bench, midnight)
    assert isinstance(first, Bill)
    assert isinstance(again, Bill)
    assert list(first.items) == list(again.items)


def test_a_day_on_which_nothing_happened_has_no_lines(bench: Bench) -> None:
    bill = fetch(bench, bench.fresh_day())
    assert bill.code == "bills.empty" if isinstance(bill, NoBill) else not bill.items


def test_a_cut_off_moves_lines_to_the_next_day_and_loses_none(bench: Bench) -> None:
    midnight = bench.fresh_day()
    bench.pay(500)
    bench.clock.at = (midnight + timedelta(hours=23, minutes=55)).astimezone(bench.clock.at.tzinfo)
    late = bench.pay(700)
    bench.clock.move(minutes=10)
    bench.pay(900)
    tomorrow = midnight + timedelta(days=1)
    bench.clock.at = (tomorrow + timedelta(days=1, hours=12)).astimezone(bench.clock.at.tzinfo)
    bench.ask(Operation.BILL, Fault.BILL_SHIFTED, 2)
    bills = [fetch(bench, day) for day in (midnight, tomorrow)]
    amounts = [[item.amount for item in bill.items] for bill in bills if isinstance(bill, Bill)]
    assert [sorted(of_day) for of_day in amounts] == [[500], [700, 900]]
    assert isinstance(bills[1], Bill)
    assert late.number in {item.number for item in bills[1].items}


@pytest.mark.parametrize("fault", [Fault.BILL_NOT_READY, Fault.BILL_DAMAGED, *_BROKEN])
def test_a_bill_that_is_not_whole_is_no_bill_and_comes_later(bench: Bench, fault: Fault) -> None:
    midnight = bench.fresh_day()
    bench.pay(500)
    tomorrow = midnight + timedelta(days=1, hours=12)
    bench.clock.at = tomorrow.astimezone(bench.clock.at.tzinfo)
    bench.ask(Operation.BILL, fault)
    missing = fetch(bench, midnight)
    assert isinstance(missing, NoBill), missing
    assert missing.code.startswith("bills.")
    bill = fetch(bench, midnight)
    assert isinstance(bill, Bill)
    assert net_of_items(bill.items) == 500
