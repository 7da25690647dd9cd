"""What is put in, where, and what the product must make of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Put(StrEnum):
    """A kind of difference."""

    LATE_SUCCESS = "late success"
    """The channel took the money and nobody heard of it."""
    MISSING_THEIRS = "missing theirs"
    MISSING_OURS = "missing ours"
    AMOUNT_OVER = "amount over"
    AMOUNT_SHORT = "amount short"
    STATUS = "status"
    """The channel carried a refund out that it had declined."""
    FEE = "fee"
    FEE_ROUNDING = "fee rounding"
    DUPLICATE = "duplicate"
    DUPLICATE_LATER = "duplicate a day later"
    CURRENCY = "currency"
    SHIFT_LATER = "cut-off, a day later"
    SHIFT_EARLIER = "cut-off, a day earlier"
    REFUND_MISSING_THEIRS = "refund missing theirs"
    REFUND_MISSING_OURS = "refund missing ours"
    REFUND_AMOUNT = "refund amount"
    PAYOUT_FAILED = "payout failed"
    PAYOUT_RETURNED = "payout returned"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The difference that is to be on file and how it ends; no kind: it never is one."""

    kind: str
    resolution: str


_ACCEPTED, _LATER = "accepted", "matched_later"
OUTCOMES: Final = {
    Put.LATE_SUCCESS: Outcome("status", _LATER),
    Put.MISSING_THEIRS: Outcome("missing_theirs", _ACCEPTED),
    Put.MISSING_OURS: Outcome("missing_ours", _ACCEPTED),
    Put.AMOUNT_OVER: Outcome("amount_over", _ACCEPTED),
    Put.AMOUNT_SHORT: Outcome("amount_short", _ACCEPTED),
    Put.STATUS: Outcome("status", _ACCEPTED),
    Put.FEE: Outcome("fee", _ACCEPTED),
    Put.FEE_ROUNDING: Outcome("", "fee_rounding"),
    Put.DUPLICATE: Outcome("duplicate", _ACCEPTED),
    Put.DUPLICATE_LATER: Outcome("duplicate", _ACCEPTED),
    Put.CURRENCY: Outcome("currency", _ACCEPTED),
    Put.SHIFT_LATER: Outcome("missing_theirs", _LATER),
    Put.SHIFT_EARLIER: Outcome("", "matched"),
    Put.REFUND_MISSING_THEIRS: Outcome("missing_theirs", _ACCEPTED),
    Put.REFUND_MISSING_OURS: Outcome("missing_ours", _ACCEPTED),
    Put.REFUND_AMOUNT: Outcome("amount_short", _ACCEPTED),
}
BY_RULE: Final = frozenset({Put.LATE_SUCCESS, Put.FEE_ROUNDING, Put.SHIFT_LATER, Put.SHIFT_EARLIER})
HAS_CURRENCY: Final = ("wechat", "bank")
"""Providers whose bills name a currency."""


@dataclass(frozen=True, slots=True)
class Injected:
    """One difference put into the bill of `on`, or shown by its absence from it."""

    put: Put
    channel: str
    on: date
    item: str
