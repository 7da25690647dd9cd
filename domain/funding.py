"""What a person pays from: purses in spending order and, last, a bank account by mandate.

A purse is drawn to its floor and pays in part. A mandate pays all that is then missing, or
nothing: else the bank would have been asked for a part while nobody pays the rest. Its limits are
the payer's own.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class SourceKind(StrEnum):
    """What a source is: the person's own money, a granted subsidy, a count of meals, or a bank."""

    CASH = "cash"
    SUBSIDY = "subsidy"
    MEAL = "meal"
    MANDATE = "mandate"  # the payer's bank account, debited by a mandate that the payer signed


@dataclass(frozen=True, slots=True)
class FundingSource:
    """One purse of a person; the order in the snapshot is the spending order.

    ``available_amount`` and ``floor_amount`` are in the unit: fen for CNY, meals for MEAL.
    ``meal_value_amount`` is what one meal pays, in fen, and is 0 for money. ``None`` in a
    restriction means everywhere, or at every meal.

    Of a mandate ``available_amount`` is the most that its limits let one payment take now, and
    ``claim_cap_amount`` the most that the person may owe in all while no bank can be asked.
    """

    source_id: UUID
    kind: SourceKind
    available_amount: int
    floor_amount: int = 0
    unit: str = "CNY"
    meal_value_amount: int = 0
    merchant_ids: frozenset[UUID] | None = None
    meal_periods: frozenset[str] | None = None
    expires_at: datetime | None = None
    claim_cap_amount: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """What one purse pays, in fen; ``units`` is what leaves the purse in its own unit."""

    source_id: UUID
    amount: int
    units: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The legs, and what they leave uncovered; together they are the amount, to the fen."""

    legs: tuple[Leg, ...]
    missing_amount: int


@dataclass(frozen=True, slots=True)
class MandateLimits:
    """What a payer signed for, in fen: at most so much a payment, a day, and owed while offline."""

    payment_cap_amount: int
    day_cap_amount: int
    claim_cap_amount: int

    def room_amount(self, used_today_amount: int) -> int:
        """Return the most that one payment may take now; never below zero."""
        return max(0, min(self.payment_cap_amount, self.day_cap_amount - used_today_amount))


def may_pay(
    source: FundingSource, merchant_id: UUID, meal_period: str | None, at: datetime
) -> bool:
    """Whether a source pays at this merchant, at this meal, at this instant."""
    if source.expires_at is not None and at >= source.expires_at:
        return False
    if source.merchant_ids is not None and merchant_id not in source.merchant_ids:
        return False
    return source.meal_periods is None or meal_period in source.meal_periods


def leg_of(source: FundingSource, wanted_amount: int) -> Leg:
    """Return what a purse gives of what is wanted: to its floor, and whole meals only."""
    room = max(0, source.available_amount - source.floor_amount)
    if source.kind is not SourceKind.MEAL:
        paid = min(room, wanted_amount)
        return Leg(source.source_id, paid, paid)
    if source.meal_value_amount <= 0:
        return Leg(source.source_id, 0, 0)
    meals = min(room, wanted_amount // source.meal_value_amount)
    return Leg(source.source_id, meals * source.meal_value_amount, meals)
