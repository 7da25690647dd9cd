"""The clearing file: lines of fixed width in a zip, deflated, base64."""

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from server.sandbox.books import CALENDAR
from server.sandbox.entries import Move, MoveKind, State
from server.sandbox.faults import CUT_OFF_S, Fault
from server.sandbox.unionpay.codes import query_id

CLEARS_AT: Final = time(23, 0)
FEE_PER_TEN_THOUSAND: Final = 38
WIDTHS: Final = (
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21,
    15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
)  # fmt: skip
# Columns of the list that the sandbox fills, counted from 1 as in the specification
_CODE, _SENT, _AMOUNT, _QUERY, _ORDER, _FEE, _NET, _TYPE, _MERCHANT = (
    1,
    5,
    7,
    10,
    12,
    16,
    33,
    20,
    28,
)
_ORIG_QUERY, _ORIG_ORDER = 27, 41


def day_of(at: datetime) -> date:
    """Return the clearing day an instant belongs to."""
    local = at.astimezone(CALENDAR)
    return local.date() + timedelta(days=1 if local.time() >= CLEARS_AT else 0)


def span(on: date, fault: Fault | None) -> tuple[datetime, datetime]:
    """Return when a clearing day begins and ends."""
    shift = timedelta(seconds=CUT_OFF_S if fault is Fault.BILL_SHIFTED else 0)
    end = datetime.combine(on, CLEARS_AT, CALENDAR)
    return end - timedelta(days=1) - shift, end - shift


def content(merchant: str, on: date, moves: Iterable[Move], fault: Fault | None) -> str:
    """Return `fileContent`; empty when nothing was cleared."""
    cleared = [m for m in moves if m.order.state is not State.REVERSED]
    if not cleared:
        return ""
    lines = b"".join(_line(merchant, move) + b"\r\n" for move in cleared)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"INN{on:%y%m%d}88ZM_{merchant}", lines)
        archive.writestr(f"INN{on:%y%m%d}88ZME_{merchant}"[:-1], b"")
    data = zlib.compress(packed.getvalue())
    if fault is Fault.BILL_DAMAGED:
        data = data[: len(data) // 2]
    return base64.b64encode(data).decode()


def _line(merchant: str, move: Move) -> bytes:
    values = {
        _CODE: "S22", _SENT: f"{move.at.astimezone(CALENDAR):%m%d%H%M%S}",
        _AMOUNT: f"{move.amount:012d}", _MERCHANT: merchant, **_numbers(move),
    }  # fmt: skip
    fee = (move.amount * FEE_PER_TEN_THOUSAND + 5_000) // 10_000
    is_refund = move.kind is MoveKind.REFUNDED
    values[_FEE] = f"{'C' if is_refund else 'D'}{fee:012d}"
    values[_NET] = f"{'D' if is_refund else 'C'}{move.amount - fee:012d}"
    return _fixed(values)


def _numbers(move: Move) -> Mapping[int, str]:
    if move.refund is None:
        return {_TYPE: "01", _ORDER: move.order.number, _QUERY: query_id(move.order.reference)}
    return {
        _TYPE: "04", _ORDER: move.refund.refund_number, _QUERY: query_id(move.refund.reference),
        _ORIG_ORDER: move.order.number, _ORIG_QUERY: query_id(move.order.reference),
    }  # fmt: skip


def _fixed(values: Mapping[int, str]) -> bytes:
    columns: Sequence[bytes] = [
        values.get(at, "").encode("gbk").ljust(width) for at, width in enumerate(WIDTHS, start=1)
    ]
    return b" ".join(columns)
