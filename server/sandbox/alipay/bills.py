"""Alipay's bills: two GBK tables in a zip, the detail's name and order nobody's promise."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from server.sandbox.alipay.words import CALENDAR, Content, clock_text, failed, success, yuan
from server.sandbox.entries import Move, MoveKind
from server.sandbox.faults import CUT_OFF_S, Fault
from server.sandbox.frame import Reply, Request, World

FILE_PATH: Final = "/downloadBillFile.resource"
_FILE_S: Final = 30
_READY: Final = time(9)
_RATE: Final = 60
"""Of 10,000: what Alipay keeps of a payment; it keeps it when the payment goes back."""
_LINE: Final = "-----------------------------------------"
_TRADES: Final = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_FUNDS: Final = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the account: money in (+) or out (-)."""

    move: Move
    amount: int
    kind: str


class BillFiles:
    """The bills of the sample merchant, and the addresses that were given out for them."""

    def __init__(self, world: World, seller: str) -> None:
        self._world = world
        self._seller = seller
        self._files: dict[str, tuple[bytes, datetime]] = {}

    def address(self, kind: str, on: date, host: str, fault: Fault | None) -> Content:
        """Answer where the bill of a day is."""
        now = self._world.now().astimezone(CALENDAR)
        writers: dict[str, Callable[[Sequence[Move], date], list[tuple[str, str]]]] = {
            "trade": self._trade_bill,
            "signcustomer": self._funds_bill,
        }
        if kind not in writers or on >= now.date() or on.year < 2016:
            return failed("invalid_arguments")
        ready_at = datetime.combine(on + timedelta(days=1), _READY, CALENDAR)
        if now < ready_at or fault is Fault.BILL_NOT_READY:
            return failed("isp.bill_not_exist")
        start = datetime.combine(on, time(0), CALENDAR)
        if fault is Fault.BILL_SHIFTED:
            start -= timedelta(seconds=CUT_OFF_S)
        moves = self._world.books.moves(start, start + timedelta(days=1))
        file = _zipped(writers[kind](moves, on))
        if fault is Fault.BILL_DAMAGED:
            file = file[: len(file) // 2]
        token = self._world.random(16).hex()
        self._files[token] = (file, self._world.now() + timedelta(seconds=_FILE_S))
        return success(bill_download_url=f"{host}{FILE_PATH}?fileType=csv.zip&fileId={token}")

    def file(self, request: Request) -> Reply:
        """Give out a file; an address lives 30 s."""
        file, until = self._files.get(request.query.get("fileId", ""), (b"", self._world.now()))
        if self._world.now() >= until:
            return Reply(403, "下载地址已失效".encode(), "text/html;charset=utf-8")
        return Reply(200, file, "application/octet-stream")

    def _trade_bill(self, moves: Sequence[Move], on: date) -> list[tuple[str, str]]:
        rows = [_trade_row(move) for move in moves]
        charged = [move.amount for move in moves if move.kind is MoveKind.PAID]
        returned = [-move.amount for move in moves if move.kind is not MoveKind.PAID]
        end = [
            f"#交易合计：{len(charged)}笔，商家实收共{yuan(sum(charged))}元，商家优惠共0.00元",
            f"#退款合计：{len(returned)}笔，商家实收退款共{yuan(sum(returned))}元，"
            "商家优惠退款共0.00元",
        ]
        return self._pair("业务明细", _TRADES, rows, end, on)

    def _funds_bill(self, moves: Sequence[Move], on: date) -> list[tuple[str, str]]:
        entries = [entry for move in moves for entry in _entries(move)]
        rows = [_funds_row(entry, at) for at, entry in enumerate(entries)]
        paid = [entry.amount for entry in entries if entry.amount < 0]
        earned = [entry.amount for entry in entries if entry.amount >= 0]
        end = [
            f"#支出合计：{len(paid)}笔，共{yuan(sum(paid))}元",
            f"#收入合计：{len(earned)}笔，共{yuan(sum(earned))}元",
        ]
        return self._pair("账务明细", _FUNDS, rows, end, on)

    def _pair(
        self, title: str, header: str, rows: list[str], end: list[str], on: date
    ) -> list[tuple[str, str]]:
        """The summary first, as it often comes."""
        day = f"{on:%Y年%m月%d日}"
        top = [
            f"#支付宝{title}查询",
            f"#账号：[{self._seller}0156]",
            f"#起始日期：[{day} 00:00:00]   终止日期：[{day} 23:59:59]",
        ]
        export = f"#导出时间：[{clock_text(self._world.now())}]"
        detail = [
            *top, f"#{_LINE}{title}列表{_LINE[1:]}", header, *rows,
            f"#{_LINE}{title}列表结束{_LINE[5:]}", *end, export,
        ]  # fmt: skip
        summary = [
            *top, f"#{_LINE}业务汇总列表{_LINE[1:]}", "门店编号,门店名称,交易订单总笔数",
            f"合计\t,\t,{len(rows)}", f"#{_LINE}业务汇总列表结束{_LINE[1:]}", export,
        ]  # fmt: skip
        stem = f"{self._seller}0156_{on:%Y%m%d}_{title}"
        return [
            (f"{stem}(汇总).csv", "\r\n".join(summary) + "\r\n"),
            (f"{stem}.csv", "\r\n".join(detail) + "\r\n"),
        ]


def fee_amount(amount: int) -> int:
    """What Alipay keeps of a payment, in fen."""
    return (amount * _RATE + 5_000) // 10_000


def _trade_row(move: Move) -> str:
    order, is_paid = move.order, move.kind is MoveKind.PAID
    amount = move.amount if is_paid else -move.amount
    request = move.refund.refund_number if move.refund else "" if is_paid else order.number
    subject = order.attributes.get("subject", "").replace('"', '""')
    cells = [
        order.reference, order.number, "交易" if is_paid else "退款", f'"{subject}"',
        clock_text(order.created_at), clock_text(move.at), "", "", "", "", "*某(159****5620)",
        yuan(amount), yuan(amount), "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00",
        request, yuan(-fee_amount(amount) if is_paid else 0), "0.00", "",
    ]  # fmt: skip
    return ",".join(f"{cell}\t" for cell in cells)


def _entries(move: Move) -> list[_Entry]:
    if move.kind is not MoveKind.PAID:
        return [_Entry(move, -move.amount, "交易退款")]
    fee = fee_amount(move.amount)
    charged = [_Entry(move, -fee, "收费")] if fee else []
    return [_Entry(move, move.amount, "在线支付"), *charged]


def _funds_row(entry: _Entry, at: int) -> str:
    move, order = entry.move, entry.move.order
    earned, paid = max(entry.amount, 0), max(-entry.amount, 0)
    cells = [
        f"{move.at:%Y%m%d}{at:08d}", order.reference, order.number, "", clock_text(move.at),
        "159****5620", yuan(earned), yuan(-paid) if paid else "0.00", "10000.00", "支付宝",
        entry.kind, move.refund.refund_number if move.refund else "",
    ]  # fmt: skip
    return ",".join(f"{cell}\t" for cell in cells)


def _zipped(files: Sequence[tuple[str, str]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text.encode("gb18030"))
    return packed.getvalue()
