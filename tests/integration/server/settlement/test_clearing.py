"""A clearing file is posted to its merchants once, and settles by their contracts."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from server.audit.run_audit import run_audit
from server.cases.models import Case
from server.settlement.models import Batch, ClearingLine, DayClose, Item, MerchantNumber
from server.settlement.take_clearing import Taken, take_clearing
from tests.factories.server_rows import Rows
from tests.factories.settled import CHANNEL, Trading

NUMBER = "898310058140001"
LINES = (
    f"{NUMBER}|10000001|20261122120000|S22|100.00|000000000001",
    f"{NUMBER}|10000001|20261122130000|S30|10.00|000000000002",
    "898310058140002|10000009|20261122130000|S22|5.00|000000000003",
)


@pytest.fixture
def trading(database: str) -> Trading:
    made = Trading(Rows())
    made.bank_account()
    name(made, NUMBER)
    return made


def name(trading: Trading, number: str) -> None:
    MerchantNumber.objects.create(
        id=trading.rows.id(), organisation=trading.organisation, channel=CHANNEL, number=number,
        merchant=trading.merchant,
    )  # fmt: skip


def file(*lines: str, amount: int = 11_500) -> bytes:
    head = "merchant|terminal|at|kind|amount|reference"
    return "\n".join([head, *lines, f"TOTAL|{len(lines)}|{amount}"]).encode()


def take(trading: Trading, taken: bytes) -> Taken:
    return take_clearing(
        trading.organisation, CHANNEL, "unionpay-delimited", taken, trading.day, trading.now
    )


def sound(trading: Trading) -> bool:
    broken = {found.rule for found in run_audit(trading.now).findings}
    return not broken & {"r08_settlement", "r08_receivables", "r13_digests", "r02_balances"}


def test_lines_are_posted_and_settle_with_fees_by_contract(trading: Trading) -> None:
    assert take(trading, file(*LINES)) == Taken(booked=2, known=0, unknown=1, amount=9_000)
    assert trading.balance(trading.payable) == 9_000
    trading.end_day()
    trading.close()
    day = DayClose.objects.get()
    assert (day.sale_amount, day.refund_amount, day.fee_amount) == (10_000, 1_000, 60 - 6)
    assert {item.channel for item in Item.objects.all()} == {CHANNEL}
    trading.settle()
    assert Batch.objects.get().payout_amount == 9_000 - 54
    assert sound(trading)


def test_agents_share_the_fee_of_a_cleared_line(trading: Trading) -> None:
    (agent,) = trading.agents(4_500)
    take(trading, file(*LINES))
    trading.end_day()
    trading.close()
    assert DayClose.objects.get().agent_amount == 15 - 1
    assert agent.name
    assert sound(trading)


def test_a_file_taken_again_books_nothing_twice(trading: Trading) -> None:
    take(trading, file(*LINES))
    assert take(trading, file(*LINES)) == Taken(booked=0, known=2, unknown=1, amount=0)
    assert ClearingLine.objects.count() == 2


def test_a_file_is_of_one_channel_and_one_day(trading: Trading) -> None:
    once = file(*LINES)
    take(trading, once)
    day = trading.day
    for channel, on in (("other", day), (CHANNEL, day - timedelta(days=1))):
        with pytest.raises(Refused, match="clearing_taken"):
            take_clearing(
                trading.organisation, channel, "unionpay-delimited", once, on, trading.now
            )
    assert trading.balance(trading.payable) == 9_000


def test_a_merchant_number_entered_later_is_booked_by_taking_the_file_again(
    trading: Trading,
) -> None:
    take(trading, file(*LINES))
    assert Case.objects.get().data["number"] == "898310058140002"
    name(trading, "898310058140002")
    assert take(trading, file(*LINES)).booked == 1
    assert trading.balance(trading.payable) == 9_500
    assert sound(trading)


def test_a_damaged_file_books_nothing(trading: Trading) -> None:
    with pytest.raises(Refused, match="clearing_damaged"):
        take(trading, file(*LINES, amount=1))
    assert not ClearingLine.objects.exists()


def test_an_unknown_layout_is_refused(trading: Trading) -> None:
    with pytest.raises(Refused, match="clearing_layout"):
        take_clearing(trading.organisation, CHANNEL, "moon", b"", trading.day, trading.now)
