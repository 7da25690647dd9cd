"""Clearing detail files of card networks: layouts as data, one reader for all of them.

A network that clears through an acquirer sends a file per day, a line per transaction, either in
columns of fixed width (in bytes of its encoding, as UnionPay's tools count them) or delimited. A
layout says where each field stands; what only some files have is left out of the layout.

The built-in layouts follow the common form of UnionPay acquirer detail files; acquirers differ, and
an acquirer's own form is written down as one more layout.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final

from domain.money import MAX_AMOUNT

MAX_LINES: Final = 1_000_000
BEIJING: Final = timezone(timedelta(hours=8))
WANTED: Final = ("merchant", "terminal", "amount", "kind", "at", "reference")


class ClearingDamaged(ValueError):
    """A line that is not as its layout says; nothing of the file may be booked."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field stands: `start` and `length` in bytes, or `start` as the column's number."""

    start: int
    length: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of file is read.

    `fields` names all of `WANTED`; `sales` and `refunds` are the values of `kind` that count, any
    other line is passed over when it is in `ignored` and refused when it is not. Amounts are whole
    fen, or yuan with a point when `is_in_yuan`. `at_form` is strptime's; a form without a year
    takes the clearing day's, or the year before it in January.
    """

    name: str
    fields: Mapping[str, Field]
    sales: frozenset[str]
    refunds: frozenset[str]
    ignored: frozenset[str] = frozenset()
    delimiter: str = ""
    encoding: str = "gbk"
    at_form: str = "%m%d%H%M%S"
    is_in_yuan: bool = False
    header_lines: int = 0
    trailer: str = ""
    """How a last line of sums begins, if the file has one: "<trailer> count amount"."""
    zone: tzinfo = BEIJING


@dataclass(frozen=True, slots=True)
class ClearingItem:
    """One line: `amount` negative for what went back; `reference` the network's own number."""

    line: int
    merchant: str
    terminal: str
    amount: int
    at: datetime
    reference: str


UNIONPAY_FIXED: Final = Layout(
    name="unionpay-fixed",
    fields={
        "trace": Field(24, 6),
        "at": Field(31, 10),
        "amount": Field(62, 12),
        "kind": Field(80, 6),
        "terminal": Field(92, 8),
        "merchant": Field(101, 15),
        "reference": Field(117, 12),
    },
    sales=frozenset({"000000"}),
    refunds=frozenset({"200000", "220000"}),
    ignored=frozenset({"300000"}),
)
UNIONPAY_DELIMITED: Final = Layout(
    name="unionpay-delimited",
    fields={
        "merchant": Field(0),
        "terminal": Field(1),
        "at": Field(2),
        "kind": Field(3),
        "amount": Field(4),
        "reference": Field(5),
    },  # fmt: skip
    sales=frozenset({"S22", "01"}),
    refunds=frozenset({"S30", "S56", "02"}),
    delimiter="|",
    encoding="utf-8",
    at_form="%Y%m%d%H%M%S",
    is_in_yuan=True,
    header_lines=1,
    trailer="TOTAL",
)
LAYOUTS: Final = {layout.name: layout for layout in (UNIONPAY_FIXED, UNIONPAY_DELIMITED)}


def read_clearing(file: bytes, layout: Layout, cleared_on: datetime) -> list[ClearingItem]:
    """Read a file whole; raises `ClearingDamaged` for the first line that is no good.

    `cleared_on` is any instant of the clearing day, for forms without a year.
    """
    lines = file.splitlines()
    if len(lines) > MAX_LINES:
        raise ClearingDamaged(MAX_LINES, "the file is too long")
    numbered = [(n, raw) for n, raw in enumerate(lines, start=1) if raw.strip()]
    body = numbered[layout.header_lines :]
    trailer = None
    if layout.trailer:
        if not body or not body[-1][1].startswith(layout.trailer.encode(layout.encoding)):
            raise ClearingDamaged(len(lines), "no line of sums: cut off")
        trailer = body.pop()
    items = list(_items(body, layout, cleared_on))
    if trailer is not None:
        _check_sums(trailer, items, layout)
    return items


def _items(
    lines: Sequence[tuple[int, bytes]], layout: Layout, cleared_on: datetime
) -> Iterator[ClearingItem]:
    for number, raw in lines:
        try:
            values = _values(raw, layout)
            kind = values["kind"]
            if kind in layout.ignored:
                continue
            if kind not in layout.sales | layout.refunds:
                raise ValueError(f"kind {kind!r}")
            sign = 1 if kind in layout.sales else -1
            yield ClearingItem(
                line=number,
                merchant=values["merchant"],
                terminal=values["terminal"],
                amount=sign * _amount(values["amount"], layout),
                at=_instant(values["at"], layout, cleared_on),
                reference=values["reference"],
            )
        except (ValueError, UnicodeDecodeError) as wrong:
            raise ClearingDamaged(number, str(wrong)) from wrong


def _values(raw: bytes, layout: Layout) -> dict[str, str]:
    if layout.delimiter:
        columns = raw.decode(layout.encoding).split(layout.delimiter)
        found = {
            name: columns[at.start] if at.start < len(columns) else ""
            for name, at in layout.fields.items()
        }
    else:
        found = {
            name: raw[at.start : at.start + at.length].decode(layout.encoding)
            for name, at in layout.fields.items()
        }
    values = {name: value.strip() for name, value in found.items()}
    missing = [name for name in WANTED if not values.get(name)]
    if missing:
        raise ValueError(f"no {missing[0]}")
    return values


def _amount(text: str, layout: Layout) -> int:
    whole, point, rest = text.partition(".")
    is_plain = whole.isascii() and whole.isdigit() and len(whole) <= 12
    if not is_plain or (point and not (layout.is_in_yuan and len(rest) == 2 and rest.isdigit())):
        raise ValueError(f"amount {text!r}")
    amount = int(whole) * (100 if layout.is_in_yuan else 1) + int(rest or 0)
    if not 0 < amount <= MAX_AMOUNT:
        raise ValueError(f"amount {text!r}")
    return amount


def _instant(text: str, layout: Layout, cleared_on: datetime) -> datetime:
    if "%Y" in layout.at_form:
        return datetime.strptime(text, layout.at_form).replace(tzinfo=layout.zone)
    local = cleared_on.astimezone(layout.zone)
    # A year is part of what is read: a 29th of February is one only in its own year
    at = datetime.strptime(f"{local.year}{text}", f"%Y{layout.at_form}").replace(tzinfo=layout.zone)
    return at.replace(year=at.year - 1) if (at - local).days > 180 else at


def _check_sums(trailer: tuple[int, bytes], items: Sequence[ClearingItem], layout: Layout) -> None:
    number, raw = trailer
    _, *sums = raw.decode(layout.encoding).split(layout.delimiter or None)
    has = [str(len(items)), str(sum(abs(item.amount) for item in items))]
    if [text.strip() for text in sums[:2]] != has:
        raise ClearingDamaged(number, f"sums {sums[:2]}, its lines come to {has}")
