"""UnionPay's clearing file: a zip, deflated and base64, with one "ZM" list of fixed columns.

Source: "全渠道平台接入接口规范 第3部分 文件接口" 6.1 and the SDK's `parseZMFile`: columns of fixed
width with a blank between, GBK. A clearing day runs from 23:00 to 23:00 in Beijing; times have no
year. What was reversed (冲正) is not cleared and stands in no file.
"""

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from server.channels.channel import Bill, BillItem, BillKind, NoBill
from server.channels.providers.unionpay.answers import ACCEPTED, NO_FILE
from server.channels.providers.unionpay.diary import CALENDAR

READY_AT: Final = time(12, 0)
"""The day after, in Beijing: a file that is not there by then is one of a day without payments."""
LIMIT: Final = 64 * 1024 * 1024
"""Bytes of a file, unpacked."""
COLUMNS: Final = (
    ("code", 3), ("agent", 11), ("sender", 11), ("trace", 6), ("sent", 10), ("account", 19),
    ("amount", 12), ("category", 4), ("terminal_kind", 2), ("query_id", 21), ("old_way", 2),
    ("order", 32), ("card_kind", 2), ("orig_trace", 6), ("orig_sent", 10), ("fee", 13),
    ("settled", 13), ("way", 4), ("group", 15), ("type", 2), ("subtype", 2), ("business", 6),
    ("account_kind", 2), ("bill_kind", 4), ("bill_number", 32), ("interaction", 1),
    ("orig_query_id", 21), ("merchant", 15), ("split", 1), ("sub_merchant", 15), ("sub_name", 32),
    ("sub_amount", 13), ("net", 13), ("terminal", 8), ("reserved", 32), ("discount", 13),
    ("invoice", 13), ("instalment_fee", 12), ("instalments", 2), ("medium", 1),
    ("orig_order", 32), ("rest", 98),
)  # fmt: skip
WIDTH: Final = sum(width + 1 for _, width in COLUMNS) - 1 - 99
"""Of a line without its last, reserved column, which may be cut."""


class _Damaged(ValueError):
    """The file is not what the specification says."""


def read_bill(fields: Mapping[str, str], on: date, now: datetime) -> Bill | NoBill:
    """Read the answer to a request for a file."""
    code = fields.get("respCode", "")
    if code == NO_FILE:
        ready_at = datetime.combine(on + timedelta(days=1), READY_AT, CALENDAR)
        return NoBill("bills.not_ready" if now < ready_at else "bills.empty")
    if code != ACCEPTED:
        return NoBill("bills.refused", code)
    try:
        file = _unpacked(fields.get("fileContent", ""))
        return Bill(BillKind.TRADE, on, read_lines(file, on), file)
    except _Damaged as why:
        return NoBill("bills.damaged", str(why))


def read_lines(file: bytes, on: date) -> list[BillItem]:
    """Read a ZM list; raises what `read_bill` reports as damaged."""
    return [_item(_columns(line), on) for line in file.splitlines() if line.strip()]


def _unpacked(content: str) -> bytes:
    try:
        inflater = zlib.decompressobj()
        packed = inflater.decompress(base64.b64decode(content, validate=True), LIMIT)
        if not inflater.eof:
            raise _Damaged("cut off or too long")
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            lists = [i for i in archive.infolist() if "ZM_" in i.filename and not i.is_dir()]
            if len(lists) != 1 or lists[0].file_size > LIMIT:
                raise _Damaged("not one list of payments")
            return archive.read(lists[0])
    except _Damaged:
        raise
    except (binascii.Error, zlib.error, zipfile.BadZipFile, ValueError, NotImplementedError,
            RuntimeError, EOFError, OSError) as wrong:  # fmt: skip
        raise _Damaged(type(wrong).__name__) from wrong


def _columns(line: bytes) -> dict[str, str]:
    if len(line) < WIDTH:
        raise _Damaged("a short line")
    found, at = dict[str, str](), 0
    for name, width in COLUMNS:
        found[name] = line[at : at + width].decode("gbk", "replace").strip()
        at += width + 1
    return found


def _item(columns: Mapping[str, str], on: date) -> BillItem:
    is_refund = columns["type"] in ("04", "31")
    return BillItem(
        number=columns["orig_order"] if is_refund else columns["order"],
        reference=columns["orig_query_id"] if is_refund else columns["query_id"],
        amount=_amount(columns["amount"]),
        fee_amount=_signed(columns["fee"]),
        status=columns["type"],
        occurred_at=_instant(columns["sent"], on),
        refund_number=columns["order"] if is_refund else "",
        refund_reference=columns["query_id"] if is_refund else "",
        raw={name: text for name, text in columns.items() if text and name != "account"},
    )


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _Damaged("an amount that is none")
    return int(text)


def _signed(text: str) -> int:
    """Read "D000000000012": the merchant owes (D) or is owed (C)."""
    amount = _amount(text[1:] or "0")
    return -amount if text.startswith("C") else amount


def _instant(text: str, on: date) -> datetime:
    """Read MMDDhhmmss, on the clearing day or the evening before."""
    for day in (on, on - timedelta(days=1)):
        if text.startswith(f"{day:%m%d}") and len(text) == 10 and text.isdigit():
            try:
                at = datetime.strptime(f"{day:%Y}{text}+0800", "%Y%m%d%H%M%S%z")
            except ValueError as wrong:
                raise _Damaged("a time that is none") from wrong
            return at.astimezone(UTC)
    raise _Damaged("a line of another day")
