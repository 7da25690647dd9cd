"""Bills: fetched from the peer, and the shapes that other years and products have."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.channel import Bill, BillKind, NoBill
from server.channels.providers.wechat.bills import Damaged, fen, read, sections
from server.sandbox.faults import Fault, Operation
from tests.unit.server.channels.wechat.bench import CODE, NUMBER, REFUND, Bench

TODAY = date(2026, 11, 22)


@pytest.fixture
def traded(bench):
    """A charge refunded in part, a charge reversed, an order never paid; then the next day."""
    bench.charge()
    bench.channel.refund(NUMBER, REFUND, 250, 1250, bench.now)
    bench.charge(number="a" * 32, code="134567890123456701", amount=800)
    bench.reverse("a" * 32)
    bench.charge(number="b" * 32, code=CODE[:-2] + "90")
    bench.open_order(number="c" * 32)
    bench.clock.move(days=1)
    return bench


def bill(bench: Bench, kind: BillKind = BillKind.TRADE, on: date = TODAY):
    return bench.channel.bill(kind, on, bench.now)


def test_a_days_bill_lists_what_moved_and_nothing_else(traded):
    found = bill(traded)
    assert isinstance(found, Bill)
    lines = [(i.number, i.refund_number, i.amount, i.fee_amount, i.status) for i in found.items]
    assert lines == [
        (NUMBER, "", 1250, 8, "SUCCESS"),
        (NUMBER, REFUND, 250, -2, "REFUND"),
        ("a" * 32, "", 800, 5, "SUCCESS"),
        ("a" * 32, "a" * 32, 800, -5, "REVOKED"),
    ]
    first = found.items[0]
    assert first.reference == traded.books.peek(NUMBER).reference
    assert first.occurred_at == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert first.raw["商品名称"] == "午餐"
    assert found.file.startswith("\ufeff交易时间".encode())


def test_the_bill_of_funds_is_signed_money_in_and_out(traded):
    found = bill(traded, BillKind.FUNDS)
    assert isinstance(found, Bill)
    amounts = [(item.number, item.amount) for item in found.items]
    assert amounts[:4] == [(NUMBER, 1250), (NUMBER, -8), (REFUND, -250), (REFUND, 2)]
    assert sum(amount for _, amount in amounts) == 1250 - 8 - 250 + 2


def test_both_steps_are_signed_and_only_the_first_is_verified(traded):
    traded.requests.clear()
    bill(traded)
    assert [request.path for request in traded.requests] == [
        "/v3/bill/tradebill",
        "/v3/billdownload/file",
    ]
    assert all("authorization" in request.headers for request in traded.requests)


@pytest.mark.parametrize("fault", [Fault.UNSIGNED, Fault.BADLY_SIGNED, Fault.LOST_ANSWER])
def test_a_bill_named_by_nobody_authentic_is_not_fetched(traded, fault):
    traded.let(fault, Operation.BILL)
    found = bill(traded)
    assert isinstance(found, NoBill)
    assert found.code == "bills.unavailable"
    assert traded.requests[-1].path == "/v3/bill/tradebill"


def test_a_file_that_is_not_the_one_announced_is_damaged(traded):
    traded.let(Fault.BILL_DAMAGED, Operation.BILL)
    assert bill(traded) == NoBill("bills.damaged", "the hash is another file's")


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.SYSTEM_ERROR, Fault.GARBAGE])
def test_a_download_that_fails_is_tried_again_later(traded, fault):
    traded.let(fault, Operation.BILL_FILE)
    found = bill(traded)
    assert isinstance(found, NoBill)
    assert isinstance(bill(traded), Bill)


def test_a_bill_is_not_there_before_ten_nor_when_nothing_happened(bench):
    bench.charge()
    assert bill(bench) == NoBill("bills.refused", "PARAMERROR")
    bench.clock.move(hours=18)
    assert bill(bench) == NoBill("bills.not_ready", "STATEMENTCREATING")
    bench.clock.move(hours=6)
    assert isinstance(bill(bench), Bill)
    assert bill(bench, on=TODAY - timedelta(days=1)) == NoBill("bills.empty", "NOSTATEMENTEXIST")


def test_a_shifted_cut_off_moves_the_last_minutes_into_the_next_bill(bench):
    bench.clock.at = datetime(2026, 11, 22, 15, 55, tzinfo=UTC)
    bench.charge()
    bench.clock.move(days=2)
    for on, count in ((TODAY, 0), (TODAY + timedelta(days=1), 1)):
        bench.let(Fault.BILL_SHIFTED, Operation.BILL)
        found = bill(bench, on=on)
        assert (len(found.items) if isinstance(found, Bill) else 0) == count


# --- shapes of the file ---------------------------------------------------------------------

OLD = (
    "交易时间,商户号,微信订单号,商户订单号,交易状态,总金额,企业红包金额,退款金额,商户退款单号,手续费\n"
    "`2015-01-01 10:00:00,`1900000109,`4200000008,`N1,`SUCCESS,`12.50,`0.00,`0.00,`0,`0.07500\n"
    "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额\n"
    "`1,`12.50,`0.00,`0.00,`0.08\n"
)


def test_columns_go_by_name_in_any_order_and_of_any_year():
    text = OLD.replace("0.07500", "0.07000")
    (item,) = read(BillKind.TRADE, text.encode())
    assert (item.number, item.amount, item.fee_amount) == ("N1", 1250, 7)
    lines = [line.split(",") for line in text.splitlines()]
    turned = "\n".join(",".join(reversed(line)) for line in lines)
    (same,) = read(BillKind.TRADE, turned.encode())
    assert same == item


def test_a_comma_inside_a_name_does_not_end_the_field():
    text = OLD.replace("0.07500", "0.07000").replace("商户号,", "商品名称,", 1)
    text = text.replace("`1900000109", "`牛肉面,加蛋,不辣")
    (item,) = read(BillKind.TRADE, text.encode())
    assert item.raw["商品名称"] == "牛肉面,加蛋,不辣"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "`1,`2\n",
        OLD,
        OLD.replace("0.07500", "0.07").replace("\n`1,", "\n`2,"),
        OLD.replace("0.07500", "0.07").replace("`0,`0.07", "`0.07"),
        OLD.replace("0.07500", "0.07").replace("`12.50,`0.00,`0.00,`0,", "`12.5x,`0.00,`0.00,`0,"),
        OLD.replace("0.07500", "0.07").replace("2015-01-01 10:00:00", "2015-01-32"),
        OLD.replace("0.07500", "0.07").replace("商户订单号", "订单号"),
        "\n".join(OLD.splitlines()[:2]),
    ],
)
def test_a_file_that_is_not_as_documented_is_damaged_not_guessed_at(text):
    with pytest.raises(Damaged):
        read(BillKind.TRADE, text.encode())


def test_totals_are_read_by_name_too():
    _, totals = sections(OLD.encode())
    assert totals["总交易额"] == "12.50"


# --- money ----------------------------------------------------------------------------------


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_money_text_becomes_exactly_its_fen(amount, zeros):
    sign, whole, part = "-" if amount < 0 else "", abs(amount) // 100, abs(amount) % 100
    assert fen(f"{sign}{whole}.{part:02d}{'0' * zeros}") == amount
    if part % 10 == 0:
        assert fen(f"{sign}{whole}.{part // 10}") == amount
    if part == 0:
        assert fen(f"{sign}{whole}") == amount


@given(st.integers(0, 10**9), st.integers(0, 99), st.integers(1, 999))
def test_a_part_of_a_fen_is_never_rounded_away(whole, part, rest):
    with pytest.raises(Damaged):
        fen(f"{whole}.{part:02d}{rest:03d}")


@given(st.text(max_size=12))
def test_what_is_no_amount_is_never_taken_for_one(text):
    try:
        amount = fen(text)
    except Damaged:
        return
    bare = text.strip().lstrip("+-").replace(".", "", 1)
    assert bare.isascii()
    assert bare.isdigit()
    assert abs(amount) <= int(bare) * 100


@pytest.mark.parametrize("text", ["1e2", "NaN", "Infinity", "１２", "1,000.00", "¥1", "0x1", "--1"])
def test_other_ways_of_writing_numbers_are_refused(text):
    with pytest.raises(Damaged):
        fen(text)
