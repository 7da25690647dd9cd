"""Read a bill that a person uploads: the file as the provider's own website hands it out.

Which provider's files can be read is registered by the wiring. Rules
- Only the form of the account's own provider is read; a file of another one is refused.
- A file that names another merchant, or of whose lines none is of the asked day, is refused: it
  would be matched with the wrong trade.
"""

import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.errors import Refused
from server.channels.channel import Bill, BillItem, BillKind
from server.channels.models import ChannelAccount
from server.reconciliation.clear_items import CALENDAR

MAX_BYTES: Final = 64 * 1024 * 1024
_BROKEN: Final = (
    ValueError, KeyError, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What reading a file that is no bill may end in."""


@dataclass(frozen=True, slots=True)
class BillFormat:
    """How one provider's trade bill is read from a file.

    `read(file, on)` returns the bytes to keep (unpacked) and the lines, or raises `ValueError`;
    `named(file, lines)` the merchants it names, to be held against the account's `setting`.
    """

    read: Callable[[bytes, date], tuple[bytes, Sequence[BillItem]]]
    named: Callable[[bytes, Sequence[BillItem]], Collection[str]] = lambda _file, _items: ()
    setting: str = ""


_formats: dict[str, BillFormat] = {}


def register_formats(formats: Mapping[str, BillFormat]) -> None:
    """Let this process read files of these providers; again replaces them."""
    _formats.clear()
    _formats.update(formats)


def is_readable(provider: str) -> bool:
    """Whether a provider's bill can be uploaded."""
    return provider in _formats


def read_bill_file(account: ChannelAccount, on: date, file: bytes) -> Bill:
    """Return the trade bill of `on` that `file` is.

    Raises `Refused`: "reconcile.no_files", "reconcile.not_this_bill", "reconcile.other_merchant",
    "reconcile.other_day", "reconcile.too_large".
    """
    form = _formats.get(account.provider)
    if form is None:
        raise Refused("reconcile.no_files", channel=account.name)
    if len(file) > MAX_BYTES:
        raise Refused("reconcile.too_large", most=f"{MAX_BYTES >> 20} MB")
    try:
        content, items = form.read(file, on)
    except _BROKEN as wrong:
        raise Refused("reconcile.not_this_bill", channel=account.name) from wrong
    mine = account.settings.get(form.setting, "")
    if mine and set(form.named(file, items)) - {"", mine}:
        raise Refused("reconcile.other_merchant", channel=account.name)
    if items and not any(item.occurred_at.astimezone(CALENDAR).date() == on for item in items):
        raise Refused("reconcile.other_day", on=on.isoformat())
    return Bill(BillKind.TRADE, on, items, content)
