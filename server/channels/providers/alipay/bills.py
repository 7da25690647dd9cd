"""A day's statement: its address, the zip, and in it the table whose columns we know by name.

Business bill (`trade`): what was paid and refunded. Account bill (`signcustomer`): each move of the
balance, income positive. The zip also holds a summary, in no certain order, so the table is found
by its header. Text is GBK; lines that begin with `#` are remarks, of which the last ones say how
many rows there should be; fields end in a tab, so that spreadsheets leave long numbers alone.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from server.channels.channel import Bill, BillItem, BillKind, NoBill
from server.channels.providers.alipay.answers import FAILED, OK
from server.channels.providers.alipay.money import fen
from server.channels.providers.alipay.orders import instant
from server.channels.providers.alipay.wire import CHINA, Answer, Lost, Wire

METHOD: Final = "alipay.data.dataservice.bill.downloadurl.query"
_TYPES: Final = {BillKind.TRADE: "trade", BillKind.FUNDS: "signcustomer"}
_READY: Final = time(10)
"""The bill of a day is made in the night after it; from here on the next day it should be there."""
_LATE: Final = timedelta(days=1)
"""How much later "there is none" is believed: until then it may only be late."""
_MISSING: Final = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST"})
_EMPTY: Final = frozenset({"NO_BILL_DATA", "isp.no_bill_data"})
_PASSING: Final = frozenset(
    {
        OK, "20000", "40005", "ACQ.SYSTEM_ERROR", "UNKNOWN_ERROR", "UNKNOW_ERROR",
        "SYSTEM_RATE_LIMIT", "USER_RATE_LIMIT",
    }
)  # fmt: skip
"""Trouble that says nothing about the bill."""
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises for files that are none, in one way or another."""
_SIZE_MAX: Final = 256 * 1024 * 1024
"""Bytes unpacked: ten times the largest day of the largest merchant we can think of."""
_NEEDED: Final = {
    BillKind.TRADE: ("支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额(元)"),
    BillKind.FUNDS: ("账务流水号", "商户订单号", "发生时间", "收入金额(+元)", "支出金额(-元)"),
}
_TOTALS: Final = re.compile(r"#(?:交易|退款|收入|支出)合计[::]([0-9]+)笔")


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows by header name, and how many the file itself counts."""

    rows: list[dict[str, str]]
    announced: int | None
    is_whole: bool


def fetch(wire: Wire, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
    """Ask for the address, which lives 30 s, fetch the file and read it."""
    content = {"bill_type": _TYPES[kind], "bill_date": on.isoformat()}
    heard = wire.call(METHOD, content, now)
    url = heard.text("bill_download_url") if isinstance(heard, Answer) else ""
    said = _fetched(wire, kind, on, url) if url else _refusal(heard, on, now)
    outcome = said.code if isinstance(said, NoBill) else f"{len(said.items)} items"
    wire.keep("bill", on.isoformat(), heard, now, outcome)
    return said


def read(kind: BillKind, file: bytes) -> list[BillItem]:
    """Read the zip. Raises `ValueError` for a damaged file, or one that is not whole."""
    table = _table(kind, _texts(file))
    if not table.is_whole or table.announced not in (None, len(table.rows)):
        raise ValueError("rows are missing")
    read_row = _trade if kind is BillKind.TRADE else _fund
    try:
        return [read_row(row) for row in table.rows]
    except KeyError as problem:
        raise ValueError(f"a row without {problem}") from problem


def _fetched(wire: Wire, kind: BillKind, on: date, url: str) -> Bill | NoBill:
    file = wire.download(url)
    if isinstance(file, Lost):
        return NoBill("bills.unavailable", file.why)
    try:
        return Bill(kind, on, read(kind, file), file)
    except ValueError as problem:
        return NoBill("bills.damaged", str(problem))


def _refusal(heard: Answer | Lost, on: date, now: datetime) -> NoBill:
    if isinstance(heard, Lost):
        return NoBill("bills.unavailable", heard.why)
    why = f"{heard.code} {heard.sub_code}"
    if heard.code == FAILED and heard.sub_code in _EMPTY:
        return NoBill("bills.empty", why)
    if heard.code == FAILED and heard.sub_code in _MISSING:
        ready_at = datetime.combine(on + timedelta(days=1), _READY, CHINA)
        return NoBill("bills.empty" if now > ready_at + _LATE else "bills.not_ready", why)
    is_passing = heard.code in _PASSING or heard.sub_code in _PASSING
    return NoBill("bills.unavailable" if is_passing else "bills.refused", why)


def _texts(file: bytes) -> list[str]:
    """Unpack every table of the zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _SIZE_MAX:
                raise ValueError("too large")
            return [packed.read(entry).decode("gb18030") for entry in packed.infolist()]
    except _BROKEN as problem:
        raise ValueError(f"not a zip: {problem}") from problem


def _table(kind: BillKind, texts: Iterable[str]) -> _Table:
    for text in texts:
        lines = text.splitlines()
        for at, line in enumerate(lines):
            header = _cells(line)
            if set(_NEEDED[kind]) <= set(header):
                return _rows(header, lines[at + 1 :])
    raise ValueError("no table with the columns of this bill")


def _rows(header: list[str], lines: list[str]) -> _Table:
    rows, remarks = [], []
    for line in lines:
        if line.startswith("#"):
            remarks.append(line)
        elif line.strip() and not remarks:
            cells = _cells(line)
            if len(cells) < len(header):
                raise ValueError("a row that is cut off")
            rows.append(dict(zip(header, cells, strict=False)))
    counts = [int(count) for remark in remarks for count in _TOTALS.findall(_plain(remark))]
    is_whole = any("列表结束" in remark for remark in remarks)
    return _Table(rows, sum(counts) if counts else None, is_whole)


def _cells(line: str) -> list[str]:
    try:
        found = next(csv.reader([line]), [])
    except csv.Error as problem:
        raise ValueError(f"not a row: {problem}") from problem
    return [_plain(cell).strip() for cell in found]


def _plain(text: str) -> str:
    """Bring brackets and colons to one form: the files use both."""
    return text.translate({0xFF08: "(", 0xFF09: ")", 0xFF0B: "+", 0xFF0D: "-", 0xFF1A: ":"})


def _trade(row: Mapping[str, str]) -> BillItem:
    is_refund = "退款" in row["业务类型"]
    fee = abs(fen(row.get("服务费(元)") or "0"))
    refund_number = row.get("退款批次号/请求号") or row.get("退款批次号") or ""
    return BillItem(
        number=row["商户订单号"],
        reference=row["支付宝交易号"],
        amount=abs(fen(row["订单金额(元)"])),
        fee_amount=-fee if is_refund else fee,
        status=row["业务类型"],
        occurred_at=instant(row["完成时间"] or row["创建时间"]).astimezone(UTC),
        # A cancelled payment comes as a refund under the order's own number
        refund_number=(refund_number or row["商户订单号"]) if is_refund else "",
        raw=dict(row),
    )


def _fund(row: Mapping[str, str]) -> BillItem:
    amount = fen(row["收入金额(+元)"] or "0") - abs(fen(row["支出金额(-元)"] or "0"))
    return BillItem(
        number=row["商户订单号"],
        reference=row["账务流水号"],
        amount=amount,
        fee_amount=0,
        status=row.get("业务类型", ""),
        occurred_at=instant(row["发生时间"]).astimezone(UTC),
        raw=dict(row),
    )
