"""The posted prices of stores: one small book per store, read in three queries for any number.

A book is a value: it may be kept for a second, asked for any instant, and never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import Refused
from domain.pricing import MealPrice, price_in_force
from server.catalogue.models import Item, MealPeriod, Price, PriceList


@dataclass(frozen=True, slots=True)
class PostedPrice:
    """What a category pays in a period from `effective_at` on, in fen; "" means any."""

    price_id: UUID
    category: str
    period: str
    amount: int
    second_amount: int | None
    effective_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Period:
    """A meal period; `starts` and `ends` are "HH:MM" in the store's zone."""

    code: str
    name_zh: str
    name_en: str
    starts: str
    ends: str
    entitlement: int | None


@dataclass(frozen=True, slots=True)
class ItemPrice:
    """An item on sale at its own price, in fen."""

    code: str
    name_zh: str
    amount: int
    version: int


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Everything a store sells by, at every instant."""

    store_id: UUID
    version: int
    prices: tuple[PostedPrice, ...]
    """Newest first."""
    periods: dict[str, Period]
    items: dict[str, ItemPrice]

    def posted(self, category: str, period: str, at: datetime) -> PostedPrice | None:
        """Return the price of a category in a period at an instant; None when nothing is sold."""
        rows = self.meal_prices
        try:
            found = price_in_force(rows, category=category, meal_period=period, at=at)
        except Refused:
            return None
        return self.prices[rows.index(found)]

    @property
    def meal_prices(self) -> tuple[MealPrice, ...]:
        """The prices as `domain.pricing` takes them, in the same order."""
        return tuple(_meal_price(price) for price in self.prices)


def read_prices(organisation_id: UUID, store_ids: Sequence[UUID]) -> dict[UUID, PriceBook]:
    """Return the book of each store that has a price list."""
    lists = list(
        PriceList.objects.filter(
            organisation_id=organisation_id, store_id__in=set(store_ids)
        ).select_related("store")
    )
    prices = _prices(organisation_id, [found.id for found in lists])
    periods = _periods(organisation_id, [found.store_id for found in lists])
    items = _items(organisation_id, {found.store.merchant_id for found in lists})
    return {
        found.store_id: PriceBook(
            store_id=found.store_id,
            version=found.version,
            prices=prices.get(found.id, ()),
            periods=periods.get(found.store_id, {}),
            items=items.get(found.store.merchant_id, {}),
        )
        for found in lists
    }


def _meal_price(price: PostedPrice) -> MealPrice:
    return MealPrice(
        first_amount=price.amount,
        effective_at=price.effective_at,
        category=price.category or None,
        meal_period=price.period or None,
        second_amount=price.second_amount,
    )


def _prices(organisation_id: UUID, list_ids: list[UUID]) -> dict[UUID, tuple[PostedPrice, ...]]:
    rows = Price.objects.filter(
        organisation_id=organisation_id, price_list_id__in=list_ids
    ).order_by("-effective_at", "-version")
    found: dict[UUID, tuple[PostedPrice, ...]] = {}
    for row in rows:
        posted = PostedPrice(
            price_id=row.id,
            category=row.category,
            period=row.period,
            amount=row.amount,
            second_amount=row.second_amount,
            effective_at=row.effective_at,
            version=row.version,
        )
        found[row.price_list_id] = (*found.get(row.price_list_id, ()), posted)
    return found


def _periods(organisation_id: UUID, store_ids: list[UUID]) -> dict[UUID, dict[str, Period]]:
    rows = MealPeriod.objects.filter(organisation_id=organisation_id, store_id__in=store_ids)
    found: dict[UUID, dict[str, Period]] = {}
    for row in rows.order_by("starts"):
        period = Period(row.code, row.name_zh, row.name_en, row.starts, row.ends, row.entitlement)
        found.setdefault(row.store_id, {})[row.code] = period
    return found


def _items(organisation_id: UUID, merchant_ids: set[UUID]) -> dict[UUID, dict[str, ItemPrice]]:
    rows = Item.objects.filter(
        organisation_id=organisation_id, merchant_id__in=merchant_ids, is_active=True
    )
    found: dict[UUID, dict[str, ItemPrice]] = {}
    for row in rows:
        item = ItemPrice(row.code, row.name_zh, row.amount, row.version)
        found.setdefault(row.merchant_id, {})[row.code] = item
    return found
