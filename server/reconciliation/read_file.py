"""Read a bill that a person uploads: the file as the provider's own website hands it out.

Rules
- Only the form of the account's own provider is read; a file of another one is refused.
- A file that names another merchant, or of whose lines none is of the asked day, is refused: it
  would be matched with the wrong trade.
"""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from domain.errors import Refused
from server.channels.channel import Bill, BillItem, BillKind
from server.channels.models import ChannelAccount
from server.channels.providers.alipay import bills as alipay
from server.channels.providers.bank import bills as bank
from server.channels.providers.unionpay import bills as unionpay
from server.channels.providers.wechat import bills as wechat
from server.reconciliation.clear_items import CALENDAR

MAX_BYTES: Final = 64 * 1024 * 1024
Read = Callable[[bytes, date], tuple[bytes, Sequence[BillItem]]]
_BROKEN: Final = (
    ValueError, KeyError, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What reading a file that is no bill may end in."""
_OWNER: Final = {"wechat": ("商户号", "mchid"), "unionpay": ("merchant", "merchant")}
"""Which column of a line names the merchant, and which setting of the account."""
_ALIPAY_NAME: Final = re.compile(r"(2088\d{12})_(\d{8})")


def read_bill_file(account: ChannelAccount, on: date, file: bytes) -> Bill:
    """Return the trade bill of `on` that `file` is.

    Raises `Refused`: "reconcile.no_files", "reconcile.not_this_bill", "reconcile.other_merchant",
    "reconcile.other_day", "reconcile.too_large".
    """
    read = READERS.get(account.provider)
    if read is None:
        raise Refused("reconcile.no_files", channel=account.name)
    if len(file) > MAX_BYTES:
        raise Refused("reconcile.too_large", most=f"{MAX_BYTES >> 20} MB")
    try:
        content, items = read(file, on)
    except _BROKEN as wrong:
        raise Refused("reconcile.not_this_bill", channel=account.name) from wrong
    _check_owner(account, items, file)
    if items and not any(item.occurred_at.astimezone(CALENDAR).date() == on for item in items):
        raise Refused("reconcile.other_day", on=on.isoformat())
    return Bill(BillKind.TRADE, on, items, content)


def _wechat(file: bytes, _: date) -> tuple[bytes, Sequence[BillItem]]:
    text = gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file
    return text, wechat.read(BillKind.TRADE, text)


def _alipay(file: bytes, _: date) -> tuple[bytes, Sequence[BillItem]]:
    return file, alipay.read(BillKind.TRADE, file)


def _unionpay(file: bytes, on: date) -> tuple[bytes, Sequence[BillItem]]:
    if file[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(file)) as packed:
            [entry] = [one for one in packed.infolist() if "ZM_" in one.filename]
            if entry.file_size > MAX_BYTES:
                raise ValueError("too large")
            file = packed.read(entry)
    return file, unionpay.read_lines(file, on)


def _bank(file: bytes, _: date) -> tuple[bytes, Sequence[BillItem]]:
    return file, bank.read_lines(file)


READERS: Final[Mapping[str, Read]] = {
    "wechat": _wechat, "alipay": _alipay, "unionpay": _unionpay, "bank": _bank,
}  # fmt: skip


def _check_owner(account: ChannelAccount, items: Sequence[BillItem], file: bytes) -> None:
    column, setting = _OWNER.get(account.provider, ("", ""))
    named = {item.raw.get(column, "") for item in items} if column else _named_by_alipay(file)
    mine = account.settings.get(setting or "seller_id", "")
    if mine and named - {"", mine}:
        raise Refused("reconcile.other_merchant", channel=account.name)


def _named_by_alipay(file: bytes) -> set[str]:
    """The account in the names of the tables, as Alipay writes them."""
    if file[:2] != b"PK":
        return set()
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        found = map(_ALIPAY_NAME.search, packed.namelist())
        return {one[1] for one in found if one is not None}
