"""The files of the payout link, pure (docs/payout-link.md §2, §3): what we send and what we get."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domain.settlement_states import PayoutEvent
from server.settlement.payout_bank import PayoutOrder, Told
from server.settlement.settle_payout import Word

COLUMNS: Final = ("number", "amount", "currency", "holder", "account", "bank", "purpose")
RESULT_COLUMNS: Final = frozenset({"number", "state", "code", "reference", "fee"})
EVENTS: Final = {
    "succeeded": PayoutEvent.SUCCEED,
    "failed": PayoutEvent.FAIL,
    "returned": PayoutEvent.RETURN,
}
MAX_ROWS: Final = 100_000


class Damaged(Exception):
    """The file is not what the document says."""


def payout_file(orders: Sequence[PayoutOrder]) -> bytes:
    """Write a file of payouts: the same orders give the same bytes, whenever they are written."""
    rows: list[Sequence[str]] = [
        (o.number, str(o.amount), "CNY", o.holder, o.account, o.bank, o.purpose)
        for o in sorted(orders, key=lambda order: order.number)
    ]
    total = ("total", str(sum(o.amount for o in orders)), "CNY", str(len(orders)), "", "", "")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([COLUMNS, *rows, total])
    return out.getvalue().encode()


def read_results(file: bytes) -> list[Told]:
    """Read how payouts stand; raises `Damaged` for a file that is cut off or of another kind."""
    try:
        reader = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True)
        rows = [row for _, row in zip(range(MAX_ROWS), reader, strict=False)]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Damaged(type(wrong).__name__) from wrong
    if not set(reader.fieldnames or ()) >= RESULT_COLUMNS:
        raise Damaged("a column is missing")
    if not rows or rows[-1]["number"] != "total" or rows[-1]["state"] != str(len(rows) - 1):
        raise Damaged("no line of sums, or of others")
    return [told_of(row) for row in rows[:-1]]


def told_of(row: Mapping[str, Any]) -> Told:
    """Read one payout's state from a line or a notice; raises `Damaged`."""
    try:
        number, state, taken = UUID(str(row["number"])), str(row["state"]), int(row["fee"] or 0)
        amount = int(row["amount"]) if "amount" in row else None
    except (KeyError, ValueError, TypeError) as wrong:
        raise Damaged("a line that is none") from wrong
    if state not in EVENTS or taken < 0:
        # "processing", and whatever no document has: not known yet
        return Told(number, None, amount)
    word = Word(EVENTS[state], str(row["code"] or "")[:48], str(row["reference"] or "")[:64], taken)
    return Told(number, word, amount)
