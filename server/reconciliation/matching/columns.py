"""The columns of a statement, and the kinds of difference between two; loaded without an engine."""

from enum import StrEnum
from typing import Final

COMPARED: Final = ("amount", "fee", "currency", "status")
COLUMNS: Final = ("id", *COMPARED, "occurred_at")

EXCEPTIONS: Final = "exceptions.csv"
SUMMARY: Final = "summary.json"
"""The two files of an answer."""


class Kind(StrEnum):
    """How two statements differ. The subject is ours: `amount_over` is more here than there."""

    MISSING_OURS = "missing_ours"
    MISSING_THEIRS = "missing_theirs"
    AMOUNT_OVER = "amount_over"
    AMOUNT_SHORT = "amount_short"
    STATUS = "status"
    FEE = "fee"
    DUPLICATE = "duplicate"
    CURRENCY = "currency"
