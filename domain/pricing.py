"""What a meal or a product costs: by person category and meal period, portion, line and barcode.

Rules: the total shown is the total charged; a price has ``effective_at`` and the newest one in
force counts; the more exact row of a price list wins; the entitlement hangs on the *person* and the
meal, never on a card or a face. Without a price nothing is sold: there is no price of nought by
accident.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import Refused
from domain.money import MAX_AMOUNT, scale


class Portion(StrEnum):
    """Which portion of this meal it is for the person."""

    FIRST = "first"
    SECOND = "second"  # the extra portion, and every further one
    NONE = "none"  # the entitlement is used up


@dataclass(frozen=True, slots=True)
class MealPrice:
    """A row of a fixed-price list; ``None`` as category or meal period means any.

    ``second_amount`` is the price of an extra portion, ``None`` when it costs the first price.
    """

    first_amount: int
    effective_at: datetime
    category: str | None = None
    meal_period: str | None = None
    second_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """How many portions a person may have in one meal; ``None`` for as many as paid for."""

    portions: int | None = None


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A dish or product. ``amount`` is per piece, or per kilogram when ``is_weighed``."""

    item_id: UUID
    name: str
    amount: int
    code: str = ""
    is_weighed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. ``quantity`` counts pieces, or grams when ``is_weighed``."""

    name: str
    unit_amount: int
    quantity: int
    amount: int
    item_id: UUID | None = None
    is_weighed: bool = False


class BarcodeValue(StrEnum):
    """What the scale printed into a barcode."""

    WEIGHT_G = "weight_g"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class BarcodePattern:
    """A row of the table of in-store barcodes: prefix, item digits, value digits, check digit.

    Example: ``BarcodePattern("20", 5, 5, BarcodeValue.AMOUNT)``
    reads the EAN-13 ``20 IIIII PPPPP C``.
    A value is multiplied by ``value_step`` (10 for a scale that prints in steps of 10 g).
    """

    prefix: str
    item_digits: int
    value_digits: int
    value: BarcodeValue
    has_check_digit: bool = True
    value_step: int = 1

    @property
    def length(self) -> int:
        """Return the number of digits of the whole code."""
        return len(self.prefix) + self.item_digits + self.value_digits + int(self.has_check_digit)


@dataclass(frozen=True, slots=True)
class ScaleBarcode:
    """What an in-store barcode says: the item's code and its weight (g) or its amount (fen)."""

    item_code: str
    value: BarcodeValue
    quantity: int


DEFAULT_BARCODE_PATTERNS: tuple[BarcodePattern, ...] = (
    BarcodePattern("20", 5, 5, BarcodeValue.AMOUNT),
    BarcodePattern("21", 5, 5, BarcodeValue.WEIGHT_G),
)


def price_in_force(
    prices: Sequence[MealPrice], *, category: str, meal_period: str, at: datetime
) -> MealPrice:
    """Return the row that holds for a person's category at a meal.

    A row naming the category beats one that does not, then one naming the meal period; among equal
    rows the newest already in force, then the cheaper: the order of rows never decides.
    Raises ``Refused("prices.none")``.
    """
    rows = [
        price
        for price in prices
        if price.effective_at <= at
        and price.category in (None, category)
        and price.meal_period in (None, meal_period)
    ]
    if not rows:
        raise Refused("prices.none", category=category, meal_period=meal_period)
    return max(rows, key=_rank)


def portion_of(entitlement: Entitlement, portions_used: int) -> Portion:
    """Return which portion the next one is."""
    if entitlement.portions is not None and portions_used >= entitlement.portions:
        return Portion.NONE
    return Portion.FIRST if portions_used == 0 else Portion.SECOND


def portion_amount(price: MealPrice, portion: Portion) -> int:
    """Return what a portion costs; ``Refused("entitlements.used")`` when none is left."""
    if portion is Portion.NONE:
        raise Refused("entitlements.used")
    if portion is Portion.SECOND and price.second_amount is not None:
        return price.second_amount
    return price.first_amount


def line_of(item: MenuItem, quantity: int) -> Line:
    """Return the line of so many pieces, or grams of a weighed item; half a fen rounds up."""
    if quantity <= 0:
        raise Refused("lines.bad_quantity")
    divisor = 1000 if item.is_weighed else 1
    amount = scale(item.amount, quantity, divisor)
    return Line(item.name, item.amount, quantity, amount, item.item_id, item.is_weighed)


def total_of(lines: Sequence[Line]) -> int:
    """Return the total of an order in fen; refuses one without lines or beyond all bounds."""
    total = sum(line.amount for line in lines)
    if not lines:
        raise Refused("lines.none")
    if not 0 < total <= MAX_AMOUNT:
        raise Refused("amounts.out_of_range")
    return total


def read_barcode(
    text: str, patterns: Sequence[BarcodePattern] = DEFAULT_BARCODE_PATTERNS
) -> ScaleBarcode | None:
    """Read a scale's barcode by the table, the first matching row first; ``None`` for others.

    A wrong check digit is no match: it is a misread, and a misread must not become a price.
    """
    for pattern in patterns:
        found = _read_by(pattern, text)
        if found is not None:
            return found
    return None


def check_digit(digits: str) -> int:
    """Return the GS1 check digit of the digits before it (GS1 General Specifications §7.9)."""
    weighted = sum(
        int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits))
    )
    return -weighted % 10


def _rank(row: MealPrice) -> tuple[bool, bool, datetime, int, int]:
    second = row.first_amount if row.second_amount is None else row.second_amount
    is_for_category, is_for_meal = row.category is not None, row.meal_period is not None
    return (is_for_category, is_for_meal, row.effective_at, -row.first_amount, -second)


def _read_by(pattern: BarcodePattern, text: str) -> ScaleBarcode | None:
    is_digits = text.isascii() and text.isdigit()
    if not is_digits or len(text) != pattern.length or not text.startswith(pattern.prefix):
        return None
    if pattern.has_check_digit and check_digit(text[:-1]) != int(text[-1]):
        return None
    item_end = len(pattern.prefix) + pattern.item_digits
    value = int(text[item_end : item_end + pattern.value_digits])
    if value == 0:
        return None
    item_code = text[len(pattern.prefix) : item_end]
    return ScaleBarcode(item_code, pattern.value, value * pattern.value_step)
