"""Bills: by header name, whole or not at all, whatever their order, signs and remarks."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from server.channels.channel import Bill, BillItem, BillKind, NoBill
from server.channels.providers.alipay import bills
from server.sandbox.faults import Fault, Operation
from tests.unit.server.channels.alipay.bench import NUMBER, REFUND, Bench

TODAY = date(2026, 11, 22)
HEADER = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）"  # noqa: E501
PAID = '2026\t,n1\t,交易\t,"饭,菜"\t,2026-11-22 12:00:00,2026-11-22 12:00:05,12.50\t,12.50,,-0.08'
BACK = "2026\t,n1\t,退款\t,饭\t,2026-11-22 12:00:00,2026-11-22 13:00:00,-3.00\t,-3.00,r1\t,0.00"
TOP = "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n#----业务明细列表----"
END = "#----业务明细列表结束----\r\n#交易合计：1笔，商家实收共12.50元\r\n#退款合计：1笔，…"


def packed(*texts: str, encoding: str = "gbk") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for at, text in enumerate(texts):
            archive.writestr(f"{at}.csv", text.encode(encoding))
    return file.getvalue()


def table(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"


def read(*texts: str) -> list[BillItem]:
    return bills.read(BillKind.TRADE, packed(*texts))


def test_lines_are_read_by_their_header() -> None:
    paid, back = read(table(TOP, HEADER, PAID, BACK, END))
    assert (paid.number, paid.reference, paid.amount, paid.fee_amount) == ("n1", "2026", 1250, 8)
    assert (back.amount, back.refund_number, back.fee_amount) == (300, "r1", 0)
    assert paid.raw["商品名称"] == "饭,菜"
    assert paid.occurred_at == datetime(2026, 11, 22, 4, 0, 5, tzinfo=UTC)


def test_columns_may_come_in_any_order_and_with_narrow_brackets() -> None:
    header = HEADER.replace("（", "(").replace("）", ")").split(",")
    cells = [cell.strip() for cell in PAID.replace('"饭,菜"', "饭").split(",")]
    lines = [",".join(reversed(header)), ",".join(reversed(cells))]
    (item,) = read(table(*lines, "#----业务明细列表结束----"))
    assert (item.number, item.amount, item.fee_amount) == ("n1", 1250, 8)


def test_new_columns_change_nothing() -> None:
    (item,) = read(table(HEADER + ",新的一栏", PAID + ",新", "#业务明细列表结束"))
    assert item.raw["新的一栏"] == "新"


def test_the_summary_may_come_first_or_last() -> None:
    summary = table("#业务汇总列表", "门店编号,交易订单总笔数", "合计,2", "#业务汇总列表结束")
    detail = table(TOP, HEADER, PAID, BACK, END)
    assert read(summary, detail) == read(detail, summary) == read(detail)


def test_a_cancelled_payment_goes_back_under_the_order_s_own_number() -> None:
    (item,) = read(table(HEADER, BACK.replace("r1\t", ""), "#业务明细列表结束"))
    assert item.refund_number == item.number == "n1"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([HEADER, PAID, BACK], "missing"),
        ([HEADER, PAID, END], "missing"),
        ([HEADER, PAID, PAID, BACK, END], "missing"),
        ([HEADER, "2026,n1,交易", END], "cut off"),
        ([HEADER.replace("商户订单号", "订单"), PAID, BACK, END], "no table"),
        ([HEADER, PAID.replace("12.50", "12.5O"), BACK, END], "amount"),
        ([HEADER, PAID.replace("12:00:05", "noon"), BACK, END], "time"),
    ],
)
def test_a_bill_that_is_not_whole_or_not_readable_is_damaged(lines: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(table(*lines))


@pytest.mark.parametrize(
    "file",
    [b"", b"PK", b"<html>", packed("x")[:-9], packed()],
    ids=["empty", "two bytes", "a page", "cut short", "no file in it"],
)
def test_what_is_no_zip_is_damaged(file: bytes) -> None:
    with pytest.raises(ValueError):
        bills.read(BillKind.TRADE, file)


def a_day(bench: Bench) -> None:
    """Two payments, one of them partly refunded, one cancelled."""
    bench.charge(1250)
    bench.refund(300)
    bench.charge(9900, "281234567890123411", "a" * 32)
    bench.reverse("a" * 32)
    bench.clock.at = datetime(2026, 11, 23, 4, tzinfo=UTC)


def fetch(bench: Bench, kind: BillKind = BillKind.TRADE, on: date = TODAY) -> Bill | NoBill:
    return bench.channel.bill(kind, on, bench.now)


def test_the_peer_s_trade_bill_is_its_books(bench: Bench) -> None:
    a_day(bench)
    bill = fetch(bench)
    assert isinstance(bill, Bill)
    lines = [(i.number, i.amount, i.refund_number, i.fee_amount) for i in bill.items]
    assert sorted(lines) == [
        (NUMBER, 300, REFUND, 0),
        (NUMBER, 1250, "", 8),
        ("a" * 32, 9900, "", 59),
        ("a" * 32, 9900, "a" * 32, 0),
    ]
    assert zipfile.ZipFile(io.BytesIO(bill.file)).testzip() is None


def test_the_account_s_bill_is_each_move_of_the_balance(bench: Bench) -> None:
    a_day(bench)
    bill = fetch(bench, BillKind.FUNDS)
    assert isinstance(bill, Bill)
    assert sum(item.amount for item in bill.items) == 1250 - 8 - 300 + 9900 - 59 - 9900
    assert {item.status for item in bill.items} == {"在线支付", "收费", "交易退款"}


def test_today_and_tomorrow_have_no_bill(bench: Bench) -> None:
    a_day(bench)
    for days in (1, 2):
        said = fetch(bench, on=TODAY + timedelta(days=days))
        assert isinstance(said, NoBill)
        assert said.code == "bills.refused"


def test_a_missing_bill_is_late_before_it_is_empty(bench: Bench) -> None:
    a_day(bench)
    bench.let(Fault.BILL_NOT_READY, Operation.BILL, 2)
    for code in ("bills.not_ready", "bills.empty"):
        said = fetch(bench)
        assert isinstance(said, NoBill)
        assert said.code == code
        bench.clock.move(days=1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.BILL_DAMAGED, "bills.damaged"),
        (Fault.LOST_ANSWER, "bills.unavailable"),
        (Fault.SYSTEM_ERROR, "bills.unavailable"),
        (Fault.RATE_LIMITED, "bills.unavailable"),
        (Fault.UNSIGNED, "bills.unavailable"),
        (Fault.BADLY_SIGNED, "bills.unavailable"),
    ],
)
def test_trouble_is_named(bench: Bench, fault: Fault, code: str) -> None:
    a_day(bench)
    bench.let(fault, Operation.BILL)
    said = fetch(bench)
    assert isinstance(said, NoBill)
    assert said.code == code


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.RATE_LIMITED, Fault.GARBAGE])
def test_a_file_that_does_not_come_is_no_bill(bench: Bench, fault: Fault) -> None:
    a_day(bench)
    bench.let(fault, Operation.BILL_FILE)
    assert isinstance(fetch(bench), NoBill)
    assert isinstance(fetch(bench), Bill)


def test_the_fetching_is_kept_as_evidence_without_the_file(bench: Bench) -> None:
    a_day(bench)
    fetch(bench)
    kept = bench.kit.kept[-1]
    assert (kept.operation, kept.number, kept.outcome) == ("bill", "2026-11-22", "4 items")
    assert b"PK\x03\x04" not in kept.answer  # how a zip file begins; a signature may hold "PK"
