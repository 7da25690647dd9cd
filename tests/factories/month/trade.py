"""What is sold on one day at one store: times shaped by meals, amounts, tenders. Pure."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from tests.factories.month.injected import HAS_CURRENCY, Put
from tests.factories.month.scale import at

CHANNELS: Final = ("wechat", "alipay", "unionpay", "bank")
WALLET, CASH = "wallet", "cash"
MEALS: Final = ((time(7, 30), 35, 25), (time(12, 0), 40, 50), (time(18, 0), 40, 25))
"""When a meal is at its height, by how many minutes people scatter, and their share in percent."""
DISHES: Final = (350, 600, 850, 1_100, 1_280, 1_550, 2_300)
PARKING: Final = (100, 150, 200, 300, 500, 800, 1_000)
CANTEEN_MIX: Final = {"wallet": 44, "wechat": 22, "alipay": 15, "unionpay": 6, "bank": 5, "cash": 8}
LOT_MIX: Final = {"wechat": 50, "alipay": 30, "unionpay": 12, "bank": 8}
REFUNDED: Final = 0.015
LATE: Final = 0.004
CANCELLED: Final = 0.004
DECLINED: Final = 0.006
REFUNDS: Final = frozenset({Put.STATUS, Put.REFUND_MISSING_THEIRS, Put.REFUND_AMOUNT})
EDGES: Final = frozenset({Put.SHIFT_LATER, Put.SHIFT_EARLIER})
NEEDS_SALE: Final = frozenset(Put) - {
    Put.MISSING_OURS, Put.REFUND_MISSING_OURS, Put.PAYOUT_FAILED, Put.PAYOUT_RETURNED
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale. `tender` is a channel's name, "wallet" or "cash"; `late_days`: it comes so late.

    `fate`: "" for one that goes well, else "declined" or "cancelled" at its channel. `put`: the
    difference that it was made for.
    """

    store: int
    at: datetime
    amount: int
    tender: str
    person: int = 0
    late_days: int = 0
    refund_amount: int = 0
    fate: str = ""
    put: Put | None = None

    @property
    def arrives_at(self) -> datetime:
        """When the server hears of it."""
        return self.at + timedelta(days=self.late_days)


def canteen_day(rng: random.Random, store: int, on: date, count: int, people: int) -> list[Sale]:
    """A canteen's day: three meals."""
    return [_sale(rng, store, _meal(rng, on), DISHES, CANTEEN_MIX, people) for _ in range(count)]


def lot_day(rng: random.Random, store: int, on: date, count: int) -> list[Sale]:
    """A parking lot's day: cars at all hours."""
    midnight = at(on, time())
    return [
        _sale(rng, store, midnight + timedelta(seconds=rng.randrange(86_400)), PARKING, LOT_MIX, 1)
        for _ in range(count)
    ]


def sold_to_differ(rng: random.Random, on: date, channel: str, puts: Sequence[Put]) -> list[Sale]:
    """The sales of a channel that something is going to be wrong with."""
    made = []
    for put in puts:
        if put not in NEEDS_SALE or (put is Put.CURRENCY and channel not in HAS_CURRENCY):
            continue
        sold_at = at(on, time(12)) + timedelta(minutes=rng.randrange(-200, 300))
        if put in EDGES:
            sold_at = at(on, _edge(put, channel))
        back = 300 if put in REFUNDS else 0
        made.append(Sale(0, sold_at, rng.choice(DISHES), channel, refund_amount=back, put=put))
    return made


def in_order(days: Sequence[Sequence[Sale]]) -> Iterator[Sale]:
    """All of them by the time the server hears of them."""
    yield from sorted(
        (sale for day in days for sale in day), key=lambda sale: (sale.arrives_at, sale.store)
    )


def _edge(put: Put, channel: str) -> time:
    """Just before the end of the provider's day, or just after midnight."""
    if put is Put.SHIFT_EARLIER:
        return time(0, 1, 30)
    return time(22, 59, 30) if channel == "unionpay" else time(23, 59, 30)


def _meal(rng: random.Random, on: date) -> datetime:
    [(height, scatter, _)] = rng.choices(MEALS, weights=[share for *_, share in MEALS])
    minutes = min(max(rng.gauss(0, scatter), -90.0), 90.0)
    return at(on, height) + timedelta(seconds=round(minutes * 60))


def _sale(
    rng: random.Random, store: int, sold_at: datetime, amounts: Sequence[int], mix: dict[str, int],
    people: int,
) -> Sale:  # fmt: skip
    [tender] = rng.choices(list(mix), weights=list(mix.values()))
    amount = rng.choice(amounts)
    chance, is_channel = rng.random(), tender in CHANNELS
    late = 1 + rng.randrange(2) if tender == WALLET and chance < LATE * 2 else 0
    fate = ""
    if is_channel and chance < DECLINED + CANCELLED:
        fate = "declined" if chance < DECLINED else "cancelled"
    back = 0
    if not (fate or late) and rng.random() < REFUNDED and tender != CASH:
        back = amount if rng.random() < 0.5 else max(amount // 3, 1)
    return Sale(store, sold_at, amount, tender, rng.randrange(people), late, back, fate)
