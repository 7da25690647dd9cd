"""What a closed day comes to: its items, fees, agents' shares and addenda. Pure.

A fee is the difference of two positions of its payment (`domain.settlement_net`), an agent's share
likewise, by the terms that were in force when the payment was booked.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from domain.fees import FREE, RateCard
from domain.money import scale
from domain.settlement_net import Trade, agent_shares, position
from server.settlement.models import Addendum, Item
from server.settlement.read_moves import Found, Move, Paid
from server.settlement.terms import Terms

GIVEN_BACK = frozenset({"payment", "refund", "clearing_line"})
"""Causes whose negative postings are refunds; of any other they are adjustments."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose day is closed, and under which id."""

    organisation_id: UUID
    merchant_id: UUID
    on: date
    close_id: UUID


@dataclass(slots=True)
class Closing:
    """The day in the making; the sums have the signs of a statement."""

    items: list[Item] = field(default_factory=list)
    shares: Counter[UUID] = field(default_factory=Counter)
    funders: Counter[str] = field(default_factory=Counter)
    sale_amount: int = 0
    refund_amount: int = 0
    adjustment_amount: int = 0

    @property
    def discount_amount(self) -> int:
        """What the merchant itself bears of the discounts."""
        return sum(item.discount_amount for item in self.items)

    @property
    def fee_amount(self) -> int:
        """What is kept of the day."""
        return sum(item.fee_amount for item in self.items)

    @property
    def net_amount(self) -> int:
        """What the day adds to what the merchant is owed."""
        moved = sum(item.amount for item in self.items)
        return moved - self.discount_amount - self.fee_amount


def close(place: Place, found: Found, terms: Terms) -> Closing:
    """Settle every move that is in no item yet and is booked by the day's end."""
    closing, trades = Closing(), dict(found.before)
    for move in found.moves:
        if move.is_own or move.is_item or move.booked_on > place.on:
            continue
        _count(closing, move)
        payment = found.payment_of.get(move.cause_id)
        paid = found.payments.get(payment) if payment else None
        fee_amount, channel = 0, ""
        if payment and paid:
            channel = paid.channel
            fee_amount = _charge(closing, move, paid, trades, payment, terms)
        elif line := found.lines.get(move.cause_id):
            channel, fee_amount = line.channel, line.fee_amount
            _share_line(closing, move, channel, fee_amount, terms)
        due_on = _due_on(place, move, channel, terms)
        item = _item(place, move, payment, channel, fee_amount, due_on)
        item.discount_amount = _discounts(closing, place, move, found)
        closing.items.append(item)
    return closing


def through_version(found: Found, on: date) -> int:
    """Return up to where the payable's postings are all settled: it is read from there next."""
    left = [move.version for move in found.moves if move.booked_on > on]
    newest = max((move.version for move in found.moves), default=found.through_version)
    return min(left) - 1 if left else newest


def addenda(place: Place, closing: Closing, found: Found) -> list[Addendum]:
    """Say to each day that was closed before what came late for it."""
    late: dict[UUID, list[Item]] = {}
    for item in closing.items:
        closed = found.closes.get(item.business_on)
        if item.business_on < place.on and closed is not None:
            late.setdefault(closed, []).append(item)
    return [
        Addendum(
            id=uuid5(place.close_id, f"addendum/{closed}"),
            organisation=place.organisation_id,
            day_id=closed,
            taken_by_id=place.close_id,
            item_count=len(items),
            amount=sum(item.amount for item in items),
            fee_amount=sum(item.fee_amount for item in items),
        )
        for closed, items in late.items()
    ]


def digest(lines: Iterable[tuple[UUID, date, int]]) -> str:
    """Return the digest of a closed day, over (transfer, business day, amount) of each posting."""
    read = sorted(f"{transfer.hex} {day.isoformat()} {amount}\n" for transfer, day, amount in lines)
    return hashlib.sha256("".join(read).encode()).hexdigest()


def _due_on(place: Place, move: Move, channel: str, terms: Terms) -> date:
    """A payout that came back has had its cycle: it is due at once."""
    if move.cause_kind == "payout":
        return terms.calendar.first_open(place.on)
    return terms.due_on(place.on, channel)


def _count(closing: Closing, move: Move) -> None:
    if move.cause_kind not in GIVEN_BACK:
        closing.adjustment_amount += move.amount
    elif move.amount > 0:
        closing.sale_amount += move.amount
    else:
        closing.refund_amount -= move.amount


def _charge(
    closing: Closing, move: Move, paid: Paid, trades: dict[UUID, Trade], payment: UUID, terms: Terms
) -> int:
    """Return what this move changes of its payment's fee, and give agents their part of it."""
    before = trades.get(payment, Trade(0))
    taken = before.paid_amount + max(move.amount, 0)
    returned = before.returned_amount + max(-move.amount, 0)
    after = trades[payment] = Trade(taken, min(returned, taken))
    old, new = (_shares(trade, paid, terms) for trade in (before, after))
    agents = terms.agents(paid.booked_on)
    for agent, was, now in zip(agents, old, new, strict=False):
        closing.shares[agent] += now - was
    return sum(new) - sum(old)


def _shares(trade: Trade, paid: Paid, terms: Terms) -> tuple[int, ...]:
    """Divide a payment's fee as it stands: agents from the nearest up, then us."""
    card, whole = paid.card or FREE, max(paid.total_amount, 1)
    fixed = scale(paid.fee_amount, trade.paid_amount, whole)
    costs, price = [], position(card, trade, fee_amount=fixed)
    for agent in terms.agents(paid.booked_on):
        cost = terms.cost(agent, paid.channel, paid.booked_on)
        costs.append(price if cost is None else _cost(cost, card, trade))
        price = costs[-1]
    return agent_shares(position(card, trade, fee_amount=fixed), costs)


def _cost(cost: RateCard, card: RateCard, trade: Trade) -> int:
    """An agent gets back of its cost as the merchant does of its fee: by the merchant's rule."""
    same = RateCard(
        cost.rate_ppm, cost.fixed_amount, cost.minimum_amount, cost.cap_amount, cost.tiers,
        cost.rounding, card.refund,
    )  # fmt: skip
    return position(same, trade)


def _share_line(closing: Closing, move: Move, channel: str, fee_amount: int, terms: Terms) -> None:
    """A clearing line's fee is shared as if the line were a sale, or one taken back."""
    agents, sign = terms.agents(move.booked_on), 1 if move.amount > 0 else -1
    costs, price = [], sign * fee_amount
    for agent in agents:
        cost = terms.cost(agent, channel, move.booked_on)
        costs.append(price if cost is None else position(cost, Trade(abs(move.amount))))
        price = costs[-1]
    for agent, share in zip(agents, agent_shares(sign * fee_amount, costs), strict=False):
        closing.shares[agent] += sign * share


def _item(
    place: Place, move: Move, payment: UUID | None, channel: str, fee_amount: int, due_on: date
) -> Item:
    return Item(
        id=uuid5(move.transfer, "item"),
        organisation=place.organisation_id,
        transfer=move.transfer,
        merchant=place.merchant_id,
        day_id=place.close_id,
        payment=payment,
        kind=move.cause_kind,
        channel=channel,
        business_on=move.business_on,
        amount=move.amount,
        fee_amount=fee_amount,
        due_on=due_on,
    )


def _discounts(closing: Closing, place: Place, move: Move, found: Found) -> int:
    """Count discounts by who funds them; return what the merchant funds itself."""
    own = 0
    for discount in found.discounts.get(move.transfer, ()):
        closing.funders[f"{discount.owner_kind}:{discount.owner_id}"] += discount.amount
        if (discount.owner_kind, discount.owner_id) == ("merchant", place.merchant_id):
            own += discount.amount
    return own


def digest_lines(
    moves: Sequence[Move], on: date, taken: tuple[UUID, int] | None
) -> list[tuple[UUID, date, int]]:
    """Return what the digest of `on` is over; `taken` is what closing itself posts, if anything."""
    lines = [(m.transfer, m.business_on, m.amount) for m in moves if m.booked_on == on]
    return lines if taken is None else [*lines, (taken[0], on, taken[1])]
