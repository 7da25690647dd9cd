"""What a merchant is paid: fees of sales and refunds, shares of agents and others, the net.

Rules
- The fee of a payment is a position: what its card keeps of it, less what refunds so far gave back.
  A posting is charged the difference of two positions, so that it never matters how a refund was
  cut up, nor on which days its parts settled.
- Of a fee each agent keeps the difference between what it charges and what it pays itself (its cost
  price); a cost above the price below counts as that price. The rest stays with the platform, so
  that the parts always add up to the fee.
- What third parties are given of a net is rounded down, one after the other; the merchant keeps
  the rest. Of a net that is not positive nobody is given anything.
- A net that is negative, or too small to be paid, is carried into the next settlement, never
  clamped and never forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.fees import PPM, RateCard, fee, refunded_fee
from domain.money import Rounding, scale


@dataclass(frozen=True, slots=True)
class Trade:
    """How a payment stands: what was sold under it in all, and what of it went back."""

    paid_amount: int
    returned_amount: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.returned_amount <= self.paid_amount:
            raise ValueError("returned is 0 or more and at most what was paid")


def position(card: RateCard, trade: Trade, fee_amount: int | None = None) -> int:
    """Return what is kept of a trade under `card`; `fee_amount` is its fee if it was fixed before.

    A trade of nothing costs nothing.
    """
    paid = trade.paid_amount
    kept = fee(card, paid) if fee_amount is None else fee_amount
    return kept - refunded_fee(card.refund, paid, kept, 0, trade.returned_amount)


def agent_shares(fee_amount: int, cost_amounts: Sequence[int]) -> tuple[int, ...]:
    """Divide a fee among a chain of agents: from the one nearest the merchant up, then us.

    `cost_amounts` are what each pays for the same trade, in that order. The result has one share
    more than there are agents, each 0 or more for a fee of 0 or more; they add up to the fee.
    """
    prices = [fee_amount]
    for cost in cost_amounts:
        prices.append(min(max(cost, 0), prices[-1]) if fee_amount >= 0 else prices[-1])
    shares = [price - cost for price, cost in zip(prices, prices[1:], strict=False)]
    return (*shares, prices[-1])


def split_net(net_amount: int, rates_ppm: Sequence[int]) -> tuple[int, ...]:
    """Return what each third party gets of a net; the rest is the merchant's.

    Raises `ValueError` for rates that are not 0 to 100 %, each and together.
    """
    if any(rate < 0 for rate in rates_ppm) or sum(rates_ppm) > PPM:
        raise ValueError("rates are 0 or more and together at most everything")
    base = max(net_amount, 0)
    return tuple(scale(base, rate, PPM, Rounding.DOWN) for rate in rates_ppm)


@dataclass(frozen=True, slots=True)
class Net:
    """The sums of a settlement, with the signs they have on a statement."""

    sale_amount: int = 0
    refund_amount: int = 0
    adjustment_amount: int = 0
    """More (or, negative, less) than sales and refunds say."""
    discount_amount: int = 0
    """Of the discounts, what the merchant itself bears."""
    fee_amount: int = 0
    carried_amount: int = 0
    """What earlier settlements left: negative when the merchant owes."""

    @property
    def net_amount(self) -> int:
        """Sales − refunds − own discounts − fees ± adjustments, and what was carried."""
        return (
            self.sale_amount - self.refund_amount - self.discount_amount - self.fee_amount
            + self.adjustment_amount + self.carried_amount
        )  # fmt: skip

    def paid(self, least_amount: int = 0) -> tuple[int, int]:
        """Return (what is paid out, what is carried on); `least_amount` is the least worth it."""
        net = self.net_amount
        return (net, 0) if net > 0 and net >= least_amount else (0, net)
