"""Money: whole minor units (fen), their reading and writing, rounding and exact division.

No function here ever loses or invents a fen: whatever is divided adds up to the whole again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Refused


@dataclass(frozen=True, slots=True)
class Currency:
    """A unit of account: ISO-like code, the sign shown before amounts, digits after the point."""

    code: str
    symbol: str
    exponent: int


CNY = Currency("CNY", "¥", 2)
MEAL = Currency("MEAL", "餐×", 0)
CURRENCIES = {currency.code: currency for currency in (CNY, MEAL)}

MAX_AMOUNT = 10**12  # ten thousand million yuan; fits 64 bits with room for sums


class Rounding(StrEnum):
    """What becomes of the part of a fen that a division leaves."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def format_amount(amount: int, currency: Currency = CNY) -> str:
    """Write an amount for people: ``format_amount(1200) == "¥12.00"``, negative as ``-¥12.00``."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{currency.symbol}{plain_amount(abs(amount), currency)}"


def plain_amount(amount: int, currency: Currency = CNY) -> str:
    """Write an amount without its sign of currency, as channels' wires want it: ``"12.00"``."""
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount))
    if currency.exponent == 0:
        return sign + digits
    digits = digits.zfill(currency.exponent + 1)
    return f"{sign}{digits[: -currency.exponent]}.{digits[-currency.exponent :]}"


def parse_amount(text: str, currency: Currency = CNY) -> int:
    """Read an amount: ``"12"``, ``"12.5"``, ``"¥12.50"`` and full-width ``"￥12.50"`` are fen.

    Raises ``Refused("amounts.malformed")`` for anything else: signs, grouping, exponents, and more
    digits after the point than the currency has, because guessing at money is never right.
    """
    bare = text.strip().removeprefix(currency.symbol).removeprefix("￥").strip()
    match = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]*))?", bare)
    fraction = (match.group(2) or "") if match else ""
    if not match or len(fraction) > currency.exponent or bare.endswith("."):
        raise Refused("amounts.malformed", digits=currency.exponent)
    amount = int(match.group(1) + fraction.ljust(currency.exponent, "0"))
    if amount > MAX_AMOUNT:
        raise Refused("amounts.malformed", digits=currency.exponent)
    return amount


def allocate(total_amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide a total by weights so that the parts add up to it, by the largest remainder.

    Each part differs from its exact share by less than one fen; equal remainders are served from
    the left, so that counter and server agree. A negative total divides like its positive, with
    the sign turned. Raises ``ValueError`` without weights, for a negative weight, or if all are 0.
    """
    weight_sum = sum(weights)
    if not weights or min(weights) < 0 or weight_sum == 0:
        raise ValueError("weights must be 0 or more, and one of them more")
    if total_amount < 0:
        return tuple(-part for part in allocate(-total_amount, weights))
    parts = [total_amount * weight // weight_sum for weight in weights]
    remainders = [total_amount * weight % weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: total_amount - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


def scale(
    amount: int, numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP
) -> int:
    """Return ``amount × numerator / denominator`` rounded to whole fen, exactly, without floats.

    Rounding goes by magnitude: a refund of −x rounds like a sale of x, with the sign turned.
    """
    if denominator <= 0:
        raise ValueError("the denominator must be above 0")
    exact = amount * numerator
    sign = -1 if exact < 0 else 1
    whole, rest = divmod(abs(exact), denominator)
    return sign * (whole + _carry(whole, rest, denominator, rounding))


def _carry(whole: int, rest: int, denominator: int, rounding: Rounding) -> int:
    if rounding is Rounding.DOWN:
        return 0
    if rounding is Rounding.UP:
        return 1 if rest else 0
    if 2 * rest == denominator:
        return 1 if rounding is Rounding.HALF_UP else whole % 2
    return 1 if 2 * rest > denominator else 0
