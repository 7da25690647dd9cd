"""What the feed says of meal periods, prices and items, to the counters of their store."""

from collections.abc import Sequence

from server.catalogue.models import Item, MealPeriod, Price
from server.http import TerminalIdentity
from sync.messages import ItemRow, MealPeriodRow, PriceRow, encode


def render_periods(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return meal periods by code."""
    rows = MealPeriod.objects.filter(
        organisation_id=terminal.organisation_id, store_id=terminal.store_id, code__in=entities
    )
    return {row.code: encode(_period(row)) for row in rows}


def render_prices(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return prices by id, those to come included: a counter offline at noon has lunch's."""
    rows = Price.objects.filter(
        organisation_id=terminal.organisation_id,
        price_list__store_id=terminal.store_id,
        id__in=entities,
    )
    return {str(row.id): encode(_price(row)) for row in rows}


def render_items(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return the items on sale by code."""
    rows = Item.objects.filter(
        organisation_id=terminal.organisation_id,
        merchant_id=terminal.merchant_id,
        code__in=entities,
        is_active=True,
    )
    return {row.code: encode(_item(row)) for row in rows}


def _period(row: MealPeriod) -> MealPeriodRow:
    return MealPeriodRow(
        period=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        starts=row.starts,
        ends=row.ends,
        entitlement=row.entitlement,
    )


def _price(row: Price) -> PriceRow:
    return PriceRow(
        price_id=row.id,
        category=row.category,
        period=row.period,
        amount=row.amount,
        second_amount=row.second_amount,
        effective_at=row.effective_at,
        version=row.version,
    )


def _item(row: Item) -> ItemRow:
    return ItemRow(
        item=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        amount=row.amount,
        version=row.version,
    )
