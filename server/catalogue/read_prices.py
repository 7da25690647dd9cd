"""The posted prices of stores: one small book per store, read in four queries for any number.

A book is a value: it may be kept for a second, asked for any instant, and never changes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from domain.errors import Refused
from domain.pricing import MealPrice, price_in_force
from server import sql

LISTS = """
SELECT l.id, l.store_id, s.merchant_id, l.version FROM catalogue_pricelist l
JOIN merchants_store s ON s.id = l.store_id
WHERE l.store_id IN {any} AND l.organisation_id = %s
"""
PRICES = """
SELECT price_list_id, id, category, period, amount, second_amount, effective_at, version
FROM catalogue_price WHERE price_list_id IN {any} AND organisation_id = %s
"""
PERIODS = """
SELECT store_id, code, name_zh, name_en, starts, ends, entitlement
FROM catalogue_mealperiod WHERE store_id IN {any} AND organisation_id = %s
"""
ITEMS = """
SELECT merchant_id, code, name_zh, amount, version
FROM catalogue_item WHERE merchant_id IN {any} AND organisation_id = %s AND is_active
"""


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
    meal_prices: tuple[MealPrice, ...]
    """The same in the same order, as `domain.pricing` takes them."""
    periods: dict[str, Period]
    items: dict[str, ItemPrice]

    def posted(self, category: str, period: str, at: datetime) -> PostedPrice | None:
        """Return the price of a category in a period at an instant; None when nothing is sold."""
        try:
            found = price_in_force(self.meal_prices, category=category, meal_period=period, at=at)
        except Refused:
            return None
        return self.prices[self.meal_prices.index(found)]


def read_prices(organisation_id: UUID, store_ids: Sequence[UUID]) -> dict[UUID, PriceBook]:
    """Return the book of each store that has a price list."""
    with connection.cursor() as cursor:
        lists = [_list(row) for row in sql.select(cursor, LISTS, set(store_ids), organisation_id)]
        prices = _prices(sql.select(cursor, PRICES, [x.id for x in lists], organisation_id))
        stores = [x.store_id for x in lists]
        periods = _periods(sql.select(cursor, PERIODS, stores, organisation_id))
        merchants = {x.merchant_id for x in lists}
        items = _items(sql.select(cursor, ITEMS, merchants, organisation_id))
    return {
        found.store_id: PriceBook(
            store_id=found.store_id,
            version=found.version,
            prices=tuple(prices[found.id]),
            meal_prices=tuple(_meal_price(price) for price in prices[found.id]),
            periods=periods[found.store_id],
            items=items[found.merchant_id],
        )
        for found in lists
    }


@dataclass(frozen=True, slots=True)
class _List:
    id: UUID
    store_id: UUID
    merchant_id: UUID
    version: int


def _list(row: Sequence[Any]) -> _List:
    id, store, merchant, version = row
    return _List(sql.to_uuid(id), sql.to_uuid(store), sql.to_uuid(merchant), version)


def _meal_price(price: PostedPrice) -> MealPrice:
    return MealPrice(
        first_amount=price.amount,
        effective_at=price.effective_at,
        category=price.category or None,
        meal_period=price.period or None,
        second_amount=price.second_amount,
    )


def _prices(rows: Sequence[Sequence[Any]]) -> Mapping[UUID, list[PostedPrice]]:
    found: dict[UUID, list[PostedPrice]] = defaultdict(list)
    for list_id, id, category, period, amount, second, effective_at, version in rows:
        posted = PostedPrice(
            price_id=sql.to_uuid(id),
            category=category,
            period=period,
            amount=amount,
            second_amount=second,
            effective_at=sql.to_instant(effective_at),
            version=version,
        )
        found[sql.to_uuid(list_id)].append(posted)
    for prices in found.values():
        prices.sort(key=lambda price: (price.effective_at, price.version), reverse=True)
    return found


def _periods(rows: Sequence[Sequence[Any]]) -> Mapping[UUID, dict[str, Period]]:
    found: dict[UUID, dict[str, Period]] = defaultdict(dict)
    for store, *values in sorted(rows, key=lambda row: str(row[4])):
        period = Period(*values)
        found[sql.to_uuid(store)][period.code] = period
    return found


def _items(rows: Sequence[Sequence[Any]]) -> Mapping[UUID, dict[str, ItemPrice]]:
    found: dict[UUID, dict[str, ItemPrice]] = defaultdict(dict)
    for merchant, *values in rows:
        item = ItemPrice(*values)
        found[sql.to_uuid(merchant)][item.code] = item
    return found
