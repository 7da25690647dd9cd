"""The simulated provider plays its parts, and remembers what it charged whatever happens to us."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from server.channels.channel import (
    AwaitingPayer,
    Bill,
    BillKind,
    Charge,
    Declined,
    NotFound,
    PayeeOrder,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.channels.providers.simulated.channel import SimulatedChannel
from server.channels.providers.simulated.script import AWAIT_S, ENDINGS, SEEDED, Part, Script

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=AWAIT_S)
NUMBER = "ab" * 16
REFUND = "cd" * 16


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[SimulatedChannel]:
    made = SimulatedChannel(tmp_path / "channel.sqlite3")
    yield made
    made.close()


def pay(channel: SimulatedChannel, ending: str, number: str = NUMBER) -> object:
    return channel.pay(Charge(number, 1_200, f"1300000000000000{ending}"), NOON)


def billed(channel: SimulatedChannel) -> list[tuple[int, int]]:
    return [(item.amount, item.returned_amount) for item in channel.statement()]


def test_a_code_is_charged_once_however_often_its_number_is_sent(
    channel: SimulatedChannel,
) -> None:
    assert pay(channel, "00") == pay(channel, "00") == Succeeded(NUMBER)
    assert billed(channel) == [(1_200, 0)]


def test_a_decline_takes_nothing(channel: SimulatedChannel) -> None:
    assert isinstance(pay(channel, "90"), Declined)
    assert billed(channel) == []


def test_a_password_takes_its_time(channel: SimulatedChannel) -> None:
    assert pay(channel, "91") == AwaitingPayer()
    assert channel.query(NUMBER, LATER - timedelta(seconds=1)) == AwaitingPayer()
    assert channel.query(NUMBER, LATER) == Succeeded(NUMBER)


def test_an_unknown_answer_may_have_charged(channel: SimulatedChannel) -> None:
    assert isinstance(pay(channel, "92"), Unknown)
    assert channel.query(NUMBER, NOON) == Succeeded(NUMBER)


def test_a_number_it_never_saw_is_unknown_and_can_be_closed(channel: SimulatedChannel) -> None:
    assert channel.query(NUMBER, NOON) == NotFound()
    assert channel.reverse(NUMBER, NOON) == Reversed(took_money=False)
    assert isinstance(pay(channel, "00"), Declined)
    assert billed(channel) == []


def test_a_reversal_gives_back_and_closes(channel: SimulatedChannel) -> None:
    pay(channel, "00")
    assert channel.reverse(NUMBER, NOON) == Reversed(took_money=True)
    assert channel.query(NUMBER, NOON) == Reversed(took_money=True)
    assert billed(channel) == [(1_200, 1_200)]


def test_a_reversal_is_refused_while_the_payer_is_paying(channel: SimulatedChannel) -> None:
    pay(channel, "95")
    assert isinstance(channel.reverse(NUMBER, NOON), Declined)
    assert isinstance(channel.reverse(NUMBER, NOON), Declined)
    assert channel.reverse(NUMBER, NOON) == Reversed(took_money=False)


def test_money_may_come_after_a_reversal_that_got_lost(channel: SimulatedChannel) -> None:
    pay(channel, "94")
    assert isinstance(channel.reverse(NUMBER, NOON), Unknown)
    assert channel.query(NUMBER, NOON) == Succeeded(NUMBER)
    assert channel.reverse(NUMBER, NOON) == Reversed(took_money=True)


def test_refunds_are_once_per_number_and_never_more_than_charged(
    channel: SimulatedChannel,
) -> None:
    pay(channel, "00")
    assert channel.refund(NUMBER, REFUND, 700, 1_200, NOON) == Succeeded(REFUND)
    assert channel.refund(NUMBER, REFUND, 700, 1_200, NOON) == Succeeded(REFUND)
    assert channel.query_refund(NUMBER, REFUND, NOON) == Succeeded(REFUND)
    assert channel.query_refund(NUMBER, "ef" * 16, NOON) == NotFound()
    assert isinstance(channel.refund(NUMBER, "ef" * 16, 600, 1_200, NOON), Declined)
    assert billed(channel) == [(1_200, 700)]


def test_what_it_charged_survives_our_end(tmp_path: Path) -> None:
    first = SimulatedChannel(tmp_path / "channel.sqlite3")
    pay(first, "92")
    # No close: as a killed process leaves it
    second = SimulatedChannel(tmp_path / "channel.sqlite3")
    assert second.query(NUMBER, NOON) == Succeeded(NUMBER)
    assert billed(second) == [(1_200, 0)]
    first.close()
    second.close()


def test_a_seed_plays_every_part_of_its_list_and_always_the_same() -> None:
    script = Script(seed=7)
    codes = [f"13{n:014d}00" for n in range(400)]
    parts = [script.part(code) for code in codes]
    assert {part for _, part in SEEDED} == set(parts)
    assert parts == [Script(seed=7).part(code) for code in codes]
    assert {Script().part(f"1{ending}") for ending in ENDINGS} == set(Part) - {Part.SUCCEED}


def test_an_order_that_was_opened_is_paid_by_somebody(channel: SimulatedChannel) -> None:
    order = PayeeOrder(NUMBER, 1_200, Way.SCAN, NOON + timedelta(minutes=2))
    assert channel.create(order, NOON) == channel.create(order, NOON)
    assert channel.query(NUMBER, NOON) == AwaitingPayer()
    assert channel.query(NUMBER, LATER) == Succeeded(NUMBER)


def test_its_bill_lists_the_day_of_its_own_calendar(channel: SimulatedChannel) -> None:
    pay(channel, "00")
    channel.refund(NUMBER, REFUND, 700, 1_200, NOON)
    bill = channel.bill(BillKind.TRADE, date(2026, 11, 22), NOON)
    assert isinstance(bill, Bill)
    assert [(item.amount, item.refund_number) for item in bill.items] == [
        (1_200, ""),
        (700, REFUND),
    ]
    empty = channel.bill(BillKind.TRADE, date(2026, 11, 21), NOON)
    assert isinstance(empty, Bill)
    assert empty.items == []
