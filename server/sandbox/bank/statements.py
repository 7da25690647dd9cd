"""The bank's statement of a day: CSV, closed by a line of sums (§7)."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from server.sandbox.books import CALENDAR
from server.sandbox.entries import Move, MoveKind
from server.sandbox.faults import CUT_OFF_S, Fault

FEE_PER_TEN_THOUSAND: Final = 20
HEADER: Final = (
    "type", "number", "reference", "refund_number", "refund_reference", "amount", "fee",
    "currency", "status", "posted_at",
)  # fmt: skip
_TYPES: Final = {
    MoveKind.PAID: "payment",
    MoveKind.REFUNDED: "refund",
    MoveKind.REVERSED: "reversal",
}


def span(on: date, fault: Fault | None) -> tuple[datetime, datetime]:
    """Return when the day of a statement begins and ends."""
    start = datetime.combine(on, time(), CALENDAR)
    end = start + timedelta(days=1)
    if fault is not Fault.BILL_SHIFTED:
        return start, end
    shift = timedelta(seconds=CUT_OFF_S)
    return start - shift, end - shift


def statement(moves: Iterable[Move], fault: Fault | None) -> bytes:
    """Write a statement."""
    rows = [_row(move) for move in moves]
    amount, fee = (sum(int(row[at]) for row in rows) for at in (5, 6))
    total = ["total", str(len(rows)), "", "", "", str(amount), str(fee), "CNY", "", ""]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *rows, total])
    file = out.getvalue().encode()
    return file[: len(file) // 2] if fault is Fault.BILL_DAMAGED else file


def _row(move: Move) -> list[str]:
    fee = (move.amount * FEE_PER_TEN_THOUSAND + 5_000) // 10_000
    signed = fee if move.kind is MoveKind.PAID else -fee
    back, reference = "", ""
    if move.refund is not None:
        back, reference = move.refund.refund_number, move.refund.reference
    elif move.kind is MoveKind.REVERSED:
        back, reference = move.order.number, move.order.reference
    return [
        _TYPES[move.kind], move.order.number, move.order.reference, back, reference,
        str(move.amount), str(signed), "CNY", "posted",
        move.at.astimezone(CALENDAR).isoformat(timespec="milliseconds"),
    ]  # fmt: skip
