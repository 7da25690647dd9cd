"""How each provider's bill is read from the file that its website hands out."""

import gzip
import io
import re
import zipfile
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from server.channels.channel import BillItem, BillKind
from server.channels.providers.alipay import bills as alipay
from server.channels.providers.bank import bills as bank
from server.channels.providers.unionpay import bills as unionpay
from server.channels.providers.wechat import bills as wechat
from server.reconciliation.read_file import MAX_BYTES, BillFormat

Content = tuple[bytes, Sequence[BillItem]]
_ALIPAY_NAME: Final = re.compile(r"(2088\d{12})_\d{8}")


def _wechat(file: bytes, _: date) -> Content:
    text = file
    if file[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(file)) as packed:
            text = packed.read(MAX_BYTES)
    return text, wechat.read(BillKind.TRADE, text)


def _wechat_merchants(_: bytes, items: Sequence[BillItem]) -> Collection[str]:
    return {item.raw.get("商户号", "") for item in items}


def _alipay(file: bytes, _: date) -> Content:
    return file, alipay.read(BillKind.TRADE, file)


def _alipay_merchants(file: bytes, _: Sequence[BillItem]) -> Collection[str]:
    """The account in the names of the tables."""
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        found = map(_ALIPAY_NAME.search, packed.namelist())
        return {one[1] for one in found if one is not None}


def _unionpay(file: bytes, on: date) -> Content:
    """The list itself, or the archive with it."""
    if file[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(file)) as packed:
            [entry] = [one for one in packed.infolist() if "ZM_" in one.filename]
            if entry.file_size > MAX_BYTES:
                raise ValueError("too large")
            file = packed.read(entry)
    return file, unionpay.read_lines(file, on)


def _unionpay_merchants(_: bytes, items: Sequence[BillItem]) -> Collection[str]:
    return {item.raw.get("merchant", "") for item in items}


def _bank(file: bytes, _: date) -> Content:
    return file, bank.read_lines(file)


FORMATS: Final = {
    "wechat": BillFormat(_wechat, _wechat_merchants, "mchid"),
    "alipay": BillFormat(_alipay, _alipay_merchants, "seller_id"),
    "unionpay": BillFormat(_unionpay, _unionpay_merchants, "merchant"),
    "bank": BillFormat(_bank),
}
