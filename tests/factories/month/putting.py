"""Writes what was sold onto its channel's paper, with the differences, and keeps a list of them."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

from tests.factories.month.injected import OUTCOMES, Injected, Put
from tests.factories.month.paper import Paper, Twist
from tests.factories.month.scale import CHINA, Scale, at
from tests.factories.month.selling import REFUNDS_IN, Sold
from tests.factories.month.trade import CHANNELS, Sale, canteen_day, lot_day, sold_to_differ

SECOND: Final = timedelta(seconds=1)
_MORE_OR_LESS: Final = {Put.AMOUNT_OVER: -50, Put.AMOUNT_SHORT: 50}
_TWISTS: Final = {
    Put.FEE: Twist(fee_amount=5), Put.FEE_ROUNDING: Twist(fee_amount=1),
    Put.CURRENCY: Twist(currency="USD"),
}  # fmt: skip


class Putting:
    """The four channels' papers, and what was put into them."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.papers = {name: Paper(name) for name in CHANNELS}
        self.injected: list[Injected] = []

    def day(self, number: int) -> list[Sale]:
        """What is sold on a day of the month; strange lines are on paper when it returns."""
        scale, on = self.scale, self.scale.day(number)
        rng = random.Random(f"{scale.seed}/{number}")
        sales = []
        for store in range(scale.canteens):
            sales += canteen_day(rng, store, on, scale.canteen_sales, scale.people)
        for store in range(scale.canteens, scale.canteens + scale.lots):
            sales += lot_day(rng, store, on, scale.lot_sales)
        for place, channel in enumerate(CHANNELS):
            puts = self._puts(number, place)
            sales += sold_to_differ(rng, on, channel, puts)
            self._put_strange(rng, on, channel, puts)
        return sales

    def _puts(self, number: int, place: int) -> Sequence[Put]:
        """Which kinds this bill has: all of them in turn."""
        kinds = list(OUTCOMES)
        first = (number * len(CHANNELS) + place) * self.scale.puts_at_once
        some = islice(kinds * (first // len(kinds) + 2), first, first + self.scale.puts_at_once)
        # The month's first bill has no day before it
        return [put for put in some if number or put is not Put.SHIFT_EARLIER]

    def _put_strange(self, rng: random.Random, on: date, channel: str, puts: Sequence[Put]) -> None:
        paper, number = self.papers[channel], f"{rng.randrange(16**32):032x}"
        if Put.MISSING_OURS in puts:
            self._keep(Put.MISSING_OURS, paper.paid(number, 777, at(on, time(9))), channel, number)
        if Put.REFUND_MISSING_OURS in puts:
            back = f"{rng.randrange(16**32):032x}"
            told_on = paper.returned(number, back, 333, at(on, time(10)))
            self._keep(Put.REFUND_MISSING_OURS, told_on, channel, f"R{back}")

    # --- what was sold -------------------------------------------------------------------

    def enter(self, one: Sold) -> None:
        """Let the channel know of a payment, and of what was given back of it."""
        sale, put = one.sale, one.sale.put
        paper = self.papers[sale.tender]
        if put is Put.MISSING_THEIRS:
            self._keep(put, _day(sale.at), sale.tender, one.number)
            return
        told_on = self._paid(paper, one)
        if put is None or put in _OF_REFUNDS:
            self._look_at_shift(sale.tender, one.number, sale.at, told_on, sale)
        else:
            self._keep(put, told_on, sale.tender, one.number)
        if one.refund_number:
            self._returned(paper, one)

    def _paid(self, paper: Paper, one: Sold) -> date:
        sale, put = one.sale, one.sale.put
        amount = sale.amount + _MORE_OR_LESS.get(put, 0) if put else sale.amount
        told_on = paper.paid(
            one.number, amount, _told_at(sale), is_reversed=sale.fate == "cancelled"
        )
        if put is Put.DUPLICATE:
            paper.paid(one.number, amount, sale.at + SECOND * 5)
        if put is Put.DUPLICATE_LATER:
            told_on = paper.paid(one.number, amount, sale.at + timedelta(days=1))
        if put in _TWISTS:
            paper.twists[one.number] = _TWISTS[put]
        return told_on

    def _returned(self, paper: Paper, one: Sold) -> None:
        sale, put = one.sale, one.sale.put
        item, back_at = f"R{one.refund_number}", sale.at + REFUNDS_IN
        told_on = _day(back_at)
        if put is not Put.REFUND_MISSING_THEIRS:
            amount = sale.refund_amount - (100 if put is Put.REFUND_AMOUNT else 0)
            told_on = paper.returned(one.number, one.refund_number, amount, back_at + SECOND)
        if put in _OF_REFUNDS:
            assert put is not None
            self._keep(put, told_on, sale.tender, item)
        else:
            self._look_at_shift(sale.tender, item, back_at, told_on, sale)

    def _look_at_shift(
        self, channel: str, item: str, ours_at: datetime, told_on: date, sale: Sale
    ) -> None:
        """A provider's day that ends before ours shifts things without anybody's doing."""
        if told_on > _day(ours_at) and sale.fate != "cancelled":
            self._keep(Put.SHIFT_LATER, told_on, channel, item)

    def _keep(self, put: Put, on: date, channel: str, item: str) -> None:
        self.injected.append(Injected(put, channel, on, item))


_OF_REFUNDS: Final = frozenset({Put.STATUS, Put.REFUND_MISSING_THEIRS, Put.REFUND_AMOUNT})


def _told_at(sale: Sale) -> datetime:
    """When the provider says that it was."""
    if sale.put is Put.SHIFT_LATER:
        return sale.at + timedelta(minutes=1)
    if sale.put is Put.SHIFT_EARLIER:
        # Before any provider's day ends, an hour or more by its clock
        return sale.at - timedelta(minutes=3 if sale.tender != "unionpay" else 63)
    return sale.at + SECOND


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
