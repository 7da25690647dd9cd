"""Count a shift from its records as its counter does (audit rule 11 compares the two)."""

from collections import Counter
from collections.abc import Iterable

from sync import messages
from sync.messages import RecordKind, Tender

Tallies = dict[str, tuple[int, int]]


def tally_shift(records: Iterable[tuple[str, bytes]]) -> Tallies:
    """Return {heading: (count, amount)} of `(kind, body)` records of one shift.

    Sales by credential kind or "cash", "refund" with what was given back, "cancellation" with 0.
    """
    counts: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for kind, body in records:
        heading, amount = _entry(kind, body)
        if heading:
            counts[heading] += 1
            amounts[heading] += amount
    return {heading: (counts[heading], amounts[heading]) for heading in sorted(counts)}


def _entry(kind: str, body: bytes) -> tuple[str, int]:
    if kind == RecordKind.ACCEPTANCE:
        request = messages.decode(messages.Acceptance, body).request
        is_cash = request.intent.tender is Tender.CASH
        heading = "cash" if is_cash else str(request.evidence.credential)
        return heading, request.intent.total
    if kind == RecordKind.REFUND:
        return "refund", messages.decode(messages.RefundRequest, body).amount
    if kind == RecordKind.CANCELLATION:
        return "cancellation", 0
    return "", 0
