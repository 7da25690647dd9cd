"""Post a price: from the next meal on, from a stated instant, or now with a reason."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from domain import meal_periods
from domain.errors import Refused
from domain.ids import RandomBytes
from domain.money import MAX_AMOUNT
from server.catalogue.models import MealPeriod, Price, PriceList
from server.feed.effects import mark
from server.fresh import fresh_id
from server.merchants.models import Store
from sync.messages import FeedKind


def set_price(
    price_list: PriceList,
    category: str,
    period: str,
    amount: int,
    *,
    now: datetime,
    random: RandomBytes,
    second_amount: int | None = None,
    effective_at: datetime | None = None,
    reason: str = "",
    set_by: str = "",
) -> Price:
    """Add a price in fen; category or period "" means any. Nothing posted before is changed.

    Without `effective_at` it holds from the start of the next meal. One that holds already needs
    a reason (`prices.needs_reason`), since diners have seen another price.
    """
    for value in (amount, 0 if second_amount is None else second_amount):
        if not 0 <= value <= MAX_AMOUNT:
            raise Refused("amounts.out_of_range")
    starts_at = effective_at or next_meal_at(price_list.store, now)
    if starts_at <= now and not reason.strip():
        raise Refused("prices.needs_reason")
    with transaction.atomic():
        held = PriceList.objects.select_for_update().get(
            id=price_list.id, organisation_id=price_list.organisation_id
        )
        held.version += 1
        held.save(update_fields=["version"])
        price = Price.objects.create(
            id=fresh_id(now, random),
            organisation_id=held.organisation_id,
            price_list=held,
            category=category,
            period=period,
            amount=amount,
            second_amount=second_amount,
            effective_at=starts_at,
            version=held.version,
            reason=reason.strip(),
            created_at=now,
            created_by=set_by,
        )
        mark(held.organisation_id, f"store:{held.store_id}", FeedKind.PRICE, str(price.id))
    return price


def next_meal_at(store: Store, now: datetime) -> datetime:
    """Return when the store's next meal starts; `now` for a store without meal periods."""
    zone = ZoneInfo(store.zone)
    rows = MealPeriod.objects.filter(organisation_id=store.organisation_id, store=store)
    following = meal_periods.next_period(
        [period_of(row) for row in rows], meal_periods.local_time(now, zone)
    )
    if following is None:
        return now
    return following.starts_at.replace(tzinfo=zone).astimezone(UTC)


def period_of(row: MealPeriod) -> meal_periods.MealPeriod:
    """Return the row as the rules know it."""
    starts, ends = time.fromisoformat(row.starts), time.fromisoformat(row.ends)
    return meal_periods.MealPeriod(row.code, starts, ends)
