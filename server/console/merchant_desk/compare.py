"""A merchant's own list of sales held against ours, by the matching that `fanpiao reconcile` uses.

    found = compare(merchant, payments, read_list(data))

Rules
- A row of the list names a sale by its receipt's 14 digits, by the payment's 32, or by the
  order's when one payment made up the order. The amount is in yuan.
- Held against it is every sale that stands on the days asked for, and any other of the merchant's
  that the list names: a sale on the edge of two days is no difference.
- Sales are compared by what was paid; refunds are told beside them and compared nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from domain.errors import Refused
from domain.messages import Language, text
from domain.money import MAX_AMOUNT, parse_amount
from domain.sale_numbers import bare_number, ids_of_number, sale_number
from server.merchants.models import Merchant
from server.payments.models import Payment
from server.reports import tables
from server.spreadsheets import Column, Line, read_sheet

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    Column("number", "小票号", "number",
           ("id", "receipt", "付款编号", "订单号", "编号", "单号", "receipt number"), True),
    Column("amount", "金额", "amount", ("实收", "金额元", "amount yuan"), True),
    Column("at", "时间", "at", ("when", "日期", "交易时间", "time")),
)  # fmt: skip
MEMORY = "128MB"
BATCH = 200
"""Numbers asked for at once: SQLite takes no deeper condition."""
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the merchant's list; `row` is its number in the file."""

    row: int
    number: str
    amount: int
    at: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, both sides; `kind` as `matching.columns.Kind` names it, ours first."""

    kind: str
    payment: Payment | None
    listed: Listed | None

    @property
    def our_amount(self) -> int | None:
        """What we have, in fen."""
        return None if self.payment is None else self.payment.total_amount

    @property
    def their_amount(self) -> int | None:
        """What the list has, in fen."""
        return None if self.listed is None else self.listed.amount

    @property
    def number(self) -> str:
        """The receipt's number of our side."""
        return "" if self.payment is None else sale_number(self.payment.id)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out; amounts in fen."""

    our_count: int
    our_amount: int
    their_count: int
    their_amount: int
    matched: int
    differences: tuple[Difference, ...]


def read_list(data: bytes) -> list[Listed]:
    """Read a CSV or XLSX list; raises `Refused` naming the first row that cannot be meant."""
    sheet = read_sheet(data, COLUMNS)
    if sheet.errors:
        wrong = sheet.errors[0]
        raise Refused("merchants.list_cell", row=wrong.row, value=wrong.value)
    return [_listed(line) for line in sheet.lines]


def compare(merchant: Merchant, payments: Iterable[Payment], listed: Sequence[Listed]) -> Compared:
    """Hold the list against `payments`, and whatever else of the merchant's the list names."""
    ours = {one.id.hex: one for one in payments}
    names = _names(ours.values())
    unknown = {_bare(one.number) for one in listed} - names.keys()
    ours |= {one.id.hex: one for one in _named(merchant, sorted(unknown))}
    names = _names(ours.values())
    keys = [names.get(_bare(one.number), _bare(one.number)) for one in listed]
    rows = _differences(ours, listed, keys)
    differences = sorted(_paired(rows, ours, listed), key=_order)
    our_lone = sum(one.listed is None for one in differences)
    both = sum(one.payment is not None and one.listed is not None for one in differences)
    return Compared(
        len(ours), sum(one.total_amount for one in ours.values()),
        len(listed), sum(one.amount for one in listed),
        len(ours) - our_lone - both, tuple(differences),
    )  # fmt: skip


def as_table(found: Compared, language: Language) -> tables.Table:
    """Return the differences side by side, as a file; `difference` is theirs less ours."""
    amount = tables.Kind.AMOUNT
    columns = (
        tables.Column("kind", "差异", "Difference"),
        tables.Column("number", "小票号（平台）", "Receipt number (ours)"),
        tables.Column("our_amount", "金额（平台）", "Amount (ours)", amount, is_summed=True),
        tables.Column("their_number", "编号（清单）", "Number (your list)"),
        tables.Column("row", "行号（清单）", "Row (your list)", tables.Kind.COUNT),
        tables.Column("their_amount", "金额（清单）", "Amount (your list)", amount, is_summed=True),
    )
    rows = (
        (
            kind_text(one.kind, language), one.number, one.our_amount,
            one.listed.number if one.listed else "", one.listed.row if one.listed else None,
            one.their_amount,
        )
        for one in found.differences
    )  # fmt: skip
    return tables.Table("differences", columns, rows)


def kind_text(kind: str, language: Language) -> str:
    """Return what a kind of difference means to the merchant who uploaded a list."""
    return text(f"merchants.compare_{kind}", {}, language)


def _listed(line: Line) -> Listed:
    number = line["number"].strip()
    try:
        amount = parse_amount(line["amount"])
    except Refused as refused:
        raise Refused("merchants.list_cell", row=line.row, value=line["amount"][:40]) from refused
    if not number or amount > MAX_AMOUNT:
        raise Refused("merchants.list_cell", row=line.row, value=number or "–")
    return Listed(line.row, number, amount, line["at"])


def _named(merchant: Merchant, numbers: Iterable[str]) -> Iterable[Payment]:
    """Yield the merchant's sales that bear one of these numbers, whatever day they belong to."""
    own = Payment.objects.filter(
        organisation=merchant.organisation_id, merchant=merchant.id, state="succeeded"
    )
    asked = [condition for number in numbers for condition in _by_number(number)]
    for at in range(0, len(asked), BATCH):
        yield from own.filter(reduce(or_, asked[at : at + BATCH]))


def _by_number(bare: str) -> Iterable[Q]:
    if len(bare) == 32:
        yield Q(id=UUID(bare)) | Q(order=UUID(bare))
    elif len(bare) == 14:
        yield Q(id__range=ids_of_number(bare))


def _names(payments: Iterable[Payment]) -> Mapping[str, str]:
    """Return every name of our sales that stands for one alone → the payment's digits."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for one in payments:
        number = sale_number(one.id).replace(" ", "")
        for name in {number, one.id.hex, one.order.hex} - {""}:
            if found.setdefault(name, one.id.hex) != one.id.hex:
                twice.add(name)
    return {name: key for name, key in found.items() if name not in twice}


def _bare(number: str) -> str:
    """A number of ours without its spaces and dashes; any other stays as it is written."""
    try:
        return bare_number(number)
    except Refused:
        return number


def _differences(
    ours: Mapping[str, Payment], listed: Sequence[Listed], keys: Sequence[str]
) -> list[Mapping[str, Any]]:
    # DuckDB and Arrow take a second to load: whoever compares nothing does without
    from server.reconciliation.matching.engine import open_engine

    mine = [(key, one.total_amount, "") for key, one in ours.items()]
    # The time says which row it was, where a number occurs twice: it decides nothing else
    theirs = [(key, one.amount, str(at)) for at, (key, one) in
              enumerate(zip(keys, listed, strict=True))]  # fmt: skip
    with open_engine(MEMORY) as engine:
        table = engine.match(
            engine.load("ours", _arrow(mine)), engine.load("theirs", _arrow(theirs))
        )
        found: list[Mapping[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def _arrow(rows: Sequence[tuple[str, int, str]]) -> "pa.Table":
    import pyarrow as pa

    text = pa.string()
    return pa.table({
        "id": pa.array([row[0] for row in rows], text),
        "amount": pa.array([row[1] for row in rows], pa.int64()),
        "fee": pa.array([0] * len(rows), pa.int64()),
        "currency": pa.array([CURRENCY] * len(rows), text),
        "status": pa.array([""] * len(rows), text),
        "occurred_at": pa.array([row[2] for row in rows], text),
    })  # fmt: skip


def _paired(
    rows: Iterable[Mapping[str, Any]], ours: Mapping[str, Payment], listed: Sequence[Listed]
) -> Iterable[Difference]:
    for row in rows:
        place = row["their_occurred_at"]
        theirs = listed[int(place)] if place else None
        yield Difference(row["kind"], ours.get(row["our_id"] or ""), theirs)


def _order(one: Difference) -> tuple[Any, ...]:
    at = one.payment.occurred_at.isoformat() if one.payment else "~"
    return (one.listed is None, one.listed.row if one.listed else 0, at, one.kind)
