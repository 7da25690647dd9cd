"""Meal periods of a store: entered or changed, never overlapping."""

import re
from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.meal_periods import check_periods
from server.catalogue.models import MealPeriod, PriceList
from server.catalogue.set_price import period_of
from server.feed.effects import mark
from server.fresh import fresh_id
from server.merchants.models import Store
from sync.messages import FeedKind

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def set_period(
    store: Store,
    code: str,
    starts: str,
    ends: str,
    *,
    now: datetime,
    random: RandomBytes,
    name_zh: str = "",
    name_en: str = "",
    entitlement: int | None = None,
) -> MealPeriod:
    """Enter or replace the period `code`, from "HH:MM" to "HH:MM" in the store's zone.

    Raises `Refused` ("periods.malformed", "periods.overlap"). A period may run past midnight.
    """
    if not (_TIME.fullmatch(starts) and _TIME.fullmatch(ends)) or starts == ends:
        raise Refused("periods.malformed")
    with transaction.atomic():
        rows = MealPeriod.objects.select_for_update().filter(
            organisation_id=store.organisation_id, store=store
        )
        row = rows.filter(code=code).first() or MealPeriod(
            id=fresh_id(now, random), organisation_id=store.organisation_id, store=store, code=code
        )
        row.starts, row.ends, row.entitlement = starts, ends, entitlement
        row.name_zh, row.name_en = name_zh or code, name_en or code
        check_periods([period_of(other) for other in [*rows.exclude(code=code), row]])
        row.save()
        mark(store.organisation_id, f"store:{store.id}", FeedKind.MEAL_PERIOD, code)
    return row


def remove_period(period: MealPeriod) -> None:
    """Serve this meal no more; sales made in it keep its code."""
    with transaction.atomic():
        scope, code = f"store:{period.store_id}", period.code
        organisation_id = period.organisation_id
        period.delete()
        mark(organisation_id, scope, FeedKind.MEAL_PERIOD, code, tombstone=True)


def open_price_list(store: Store, *, now: datetime, random: RandomBytes) -> PriceList:
    """Return the store's price list, making an empty one for a new store."""
    found, _ = PriceList.objects.get_or_create(
        organisation_id=store.organisation_id,
        store=store,
        defaults={"id": fresh_id(now, random)},
    )
    return found
