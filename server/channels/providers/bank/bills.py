"""The bank's statement: CSV with a header line, closed by a line of sums (docs/bank-link.md §7)."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from server.channels.channel import Bill, BillItem, BillKind, NoBill
from server.channels.providers.bank.wire import Answer

CODES: Final = {"bill_not_ready": "bills.not_ready", "bill_empty": "bills.empty"}
COLUMNS: Final = frozenset(
    {"type", "number", "reference", "refund_number", "refund_reference", "amount", "fee",
     "currency", "status", "posted_at"}
)  # fmt: skip
LINES: Final = 2_000_000


class _Damaged(ValueError):
    """The file is not what the document says."""


def read_bill(said: Answer, kind: BillKind, on: date) -> Bill | NoBill:
    """Read the answer to a request for a statement."""
    if not said.is_done:
        code = said.text("code")
        return NoBill(CODES.get(code, "bills.refused"), code)
    try:
        return Bill(kind, on, read_lines(said.body), said.body)
    except _Damaged as why:
        return NoBill("bills.damaged", str(why))


def read_lines(file: bytes) -> list[BillItem]:
    """Read a statement; its last line says how many lines and how much there were."""
    rows = _rows(file)
    if not rows or rows[-1].get("type") != "total":
        raise _Damaged("no line of sums: cut off")
    total = rows.pop()
    items = [_item(row) for row in rows]
    sums = str(len(items)), sum(i.amount for i in items), sum(i.fee_amount for i in items)
    if sums != (total["number"], _amount(total["amount"]), _amount(total["fee"])):
        raise _Damaged("the sums are not those of the lines")
    return items


def _rows(file: bytes) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True)
        rows = [row for _, row in zip(range(LINES), reader, strict=False)]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise _Damaged(type(wrong).__name__) from wrong
    if not set(reader.fieldnames or ()) >= COLUMNS:
        raise _Damaged("a column is missing")
    if any(None in row or None in row.values() for row in rows):
        raise _Damaged("a line of another length")
    return rows


def _item(row: Mapping[str, str]) -> BillItem:
    if row["type"] not in ("payment", "refund", "reversal"):
        raise _Damaged("a line of another kind")
    return BillItem(
        number=row["number"],
        reference=row["reference"],
        amount=_amount(row["amount"]),
        fee_amount=_amount(row["fee"]),
        status=f"{row['type']} {row['status']}",
        occurred_at=_instant(row["posted_at"]),
        refund_number=row["refund_number"],
        refund_reference=row["refund_reference"],
        currency=row["currency"],
        raw=dict(row),
    )


def _amount(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise _Damaged("an amount that is none")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise _Damaged("a time that is none") from wrong
    if at.tzinfo is None:
        raise _Damaged("a time of no zone")
    return at
