"""Items of a merchant at their own price: entered, changed, taken off sale."""

from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.money import MAX_AMOUNT
from server.catalogue.models import Item
from server.feed.effects import mark
from server.fresh import fresh_id
from server.merchants.models import Merchant
from sync.messages import FeedKind


def set_item(
    merchant: Merchant,
    code: str,
    name_zh: str,
    name_en: str,
    amount: int,
    *,
    now: datetime,
    random: RandomBytes,
    is_active: bool = True,
) -> Item:
    """Enter or replace the item `code`; an item off sale disappears from the counters."""
    if not 0 <= amount <= MAX_AMOUNT:
        raise Refused("amounts.out_of_range")
    with transaction.atomic():
        rows = Item.objects.select_for_update()
        row = rows.filter(
            organisation_id=merchant.organisation_id, merchant=merchant, code=code
        ).first()
        if row is None:
            row = Item(
                id=fresh_id(now, random),
                organisation_id=merchant.organisation_id,
                merchant=merchant,
                code=code,
                version=0,
            )
        row.name_zh, row.name_en, row.amount = name_zh, name_en, amount
        row.is_active = is_active
        row.version += 1
        row.save()
        mark_item(row)
    return row


def mark_item(item: Item) -> None:
    """Tell the merchant's counters that the item changed; inside atomic()."""
    scope = f"merchant:{item.merchant_id}"
    mark(item.organisation_id, scope, FeedKind.ITEM, item.code, tombstone=not item.is_active)
