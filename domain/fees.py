"""Fees: what is kept of a payment by a rate card, and what of it comes back with a refund.

Rules
- A tier (the last one whose `from_amount` is reached) prices the whole amount, not the part above.
- Order: rate, rounded by magnitude as the card states; plus the fixed part; at least the minimum;
  at most the cap; never more than the payment itself.
- Rates are parts per million: 3800 is 0.38 %. Amounts are int fen.
- Fees given back by refunds are counted on all refunds together, so that they never depend on how
  a refund was cut up, and a full refund gives back the whole fee or nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from domain.money import MAX_AMOUNT, Rounding, allocate, scale

Choice = TypeVar("Choice", bound=StrEnum)
PPM: Final = 1_000_000
MAX_TIERS: Final = 20
"""More steps than any published tariff has; a longer list is a mistake."""


class RefundRule(StrEnum):
    """What a refund gives back of the fee."""

    KEPT = "kept"
    """Nothing."""
    SHARED = "shared"
    """As large a share of the fee as was refunded of the payment, rounded down."""
    WHEN_WHOLE = "when_whole"
    """All of it once the whole payment has gone back, nothing before."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From this amount on the whole amount is priced so."""

    from_amount: int
    rate_ppm: int
    fixed_amount: int = 0


def _check_rate(name: str, rate_ppm: int) -> None:
    if not 0 <= rate_ppm <= PPM:
        raise ValueError(f"{name}: not between 0 and {PPM} parts per million")


def _check_amount(name: str, amount: int) -> None:
    if not 0 <= amount <= MAX_AMOUNT:
        raise ValueError(f"{name}: not between 0 and {MAX_AMOUNT} fen")


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if len(tiers) > MAX_TIERS:
        raise ValueError(f"tiers: more than {MAX_TIERS}")
    reached_amount = 0
    for tier in tiers:
        if tier.from_amount <= reached_amount:
            raise ValueError("tiers: from_amount must rise, and be above 0")
        reached_amount = tier.from_amount
        _check_amount("tiers: from_amount", tier.from_amount)
        _check_rate("tiers: rate_ppm", tier.rate_ppm)
        _check_amount("tiers: fixed_amount", tier.fixed_amount)


@dataclass(frozen=True, slots=True)
class RateCard:
    """What is kept of a payment. Raises `ValueError`, naming the field, for what makes no sense."""

    rate_ppm: int = 0
    fixed_amount: int = 0
    minimum_amount: int = 0
    cap_amount: int | None = None
    tiers: tuple[Tier, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    refund: RefundRule = RefundRule.SHARED

    def __post_init__(self) -> None:
        _check_rate("rate_ppm", self.rate_ppm)
        _check_amount("fixed_amount", self.fixed_amount)
        _check_amount("minimum_amount", self.minimum_amount)
        if self.cap_amount is not None:
            _check_amount("cap_amount", self.cap_amount)
            if self.cap_amount < self.minimum_amount:
                raise ValueError("cap_amount: below minimum_amount")
        _check_tiers(self.tiers)


FREE: Final = RateCard()


def fee(card: RateCard, amount: int) -> int:
    """Return what `card` keeps of a payment of `amount` (0 or more); 0 of nothing."""
    if amount < 0:
        raise ValueError("a fee is of a payment, 0 or more")
    tier = _tier(card, amount)
    kept = scale(amount, tier.rate_ppm, PPM, card.rounding) + tier.fixed_amount
    kept = max(kept, card.minimum_amount)
    if card.cap_amount is not None:
        kept = min(kept, card.cap_amount)
    return min(kept, amount)


def refunded_fee(
    rule: RefundRule, amount: int, fee_amount: int, before_amount: int, refund_amount: int
) -> int:
    """Return what one refund gives back of the fee of a payment of `amount`.

    `before_amount` is what earlier refunds gave back of the payment. The parts of all refunds add
    up to what one refund of their sum would have given.
    """
    after_amount = before_amount + refund_amount
    if not (0 <= before_amount <= after_amount <= amount and fee_amount >= 0):
        raise ValueError("refunds are 0 or more and together at most the payment")
    given = _given_back(rule, amount, fee_amount, after_amount)
    return given - _given_back(rule, amount, fee_amount, before_amount)


def split_fee(fee_amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide a fee, among the lines or parties it is borne by, by the largest remainder."""
    return allocate(fee_amount, weights)


def card_data(card: RateCard) -> dict[str, object]:
    """Return a card as JSON keeps it, whole: the snapshot that a payment carries."""
    return {
        "rate_ppm": card.rate_ppm,
        "fixed_amount": card.fixed_amount,
        "minimum_amount": card.minimum_amount,
        "cap_amount": card.cap_amount,
        "tiers": [
            {"from_amount": t.from_amount, "rate_ppm": t.rate_ppm, "fixed_amount": t.fixed_amount}
            for t in card.tiers
        ],
        "rounding": card.rounding.value,
        "refund": card.refund.value,
    }


def read_card(data: object) -> RateCard:
    """Read a card from JSON; raises `ValueError` naming the field that is no good."""
    fields = _fields(data, "card", frozenset(card_data(FREE)))
    tiers = fields.get("tiers", [])
    if not isinstance(tiers, list | tuple):
        raise ValueError("tiers: not a list")
    cap = fields.get("cap_amount")
    return RateCard(
        rate_ppm=_whole(fields, "rate_ppm"),
        fixed_amount=_whole(fields, "fixed_amount"),
        minimum_amount=_whole(fields, "minimum_amount"),
        cap_amount=None if cap is None else _whole(fields, "cap_amount"),
        tiers=tuple(_read_tier(tier) for tier in tiers),
        rounding=_one_of(Rounding, fields, "rounding", Rounding.HALF_UP),
        refund=_one_of(RefundRule, fields, "refund", RefundRule.SHARED),
    )


def percent(rate_ppm: int) -> str:
    """Write a rate for people: ``percent(3800) == "0.38 %"``."""
    whole, rest = divmod(rate_ppm, 10_000)
    digits = f"{rest:04d}".rstrip("0")
    return f"{whole}.{digits} %" if digits else f"{whole} %"


def _tier(card: RateCard, amount: int) -> Tier:
    found = Tier(0, card.rate_ppm, card.fixed_amount)
    for tier in card.tiers:
        if amount >= tier.from_amount:
            found = tier
    return found


def _given_back(rule: RefundRule, amount: int, fee_amount: int, refunded_amount: int) -> int:
    if rule is RefundRule.KEPT or amount == 0:
        return 0
    if rule is RefundRule.WHEN_WHOLE:
        return fee_amount if refunded_amount == amount else 0
    return scale(fee_amount, refunded_amount, amount, Rounding.DOWN)


def _read_tier(data: object) -> Tier:
    fields = _fields(data, "tiers", frozenset({"from_amount", "rate_ppm", "fixed_amount"}))
    return Tier(
        _whole(fields, "from_amount"), _whole(fields, "rate_ppm"), _whole(fields, "fixed_amount")
    )


def _fields(data: object, what: str, known: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise ValueError(f"{what}: not a table of fields")
    for name in data:
        if name not in known:
            raise ValueError(f"{name}: no such field")
    return data


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: not a whole number")
    return value


def _one_of(
    choices: type[Choice], fields: Mapping[str, object], name: str, otherwise: Choice
) -> Choice:
    value = fields.get(name, otherwise)
    if value not in list(choices):
        raise ValueError(f"{name}: not one of {', '.join(choices)}")
    return choices(str(value))
