"""The trading days of merchants: by the zone and cut-off of each of their stores."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.settlement_days import TradingDay, open_day
from server.merchants.models import Store


def read_trading_days(
    organisation_id: UUID, merchant_ids: Iterable[UUID]
) -> dict[UUID, tuple[TradingDay, ...]]:
    """Return the different trading days of each merchant that has a store, in one query."""
    stores = Store.objects.filter(organisation=organisation_id, merchant__in=list(merchant_ids))
    found: dict[UUID, set[TradingDay]] = {}
    for merchant, zone, cut_off in stores.values_list("merchant_id", "zone", "day_cut_off"):
        day = TradingDay(ZoneInfo(zone), time.fromisoformat(cut_off))
        found.setdefault(merchant, set()).add(day)
    return {merchant: tuple(days) for merchant, days in found.items()}


def open_day_of(organisation_id: UUID, merchant_id: UUID, now: datetime) -> date:
    """Return the day that something booked for a merchant now belongs to: never a closed one.

    A merchant without a store has the days of UTC.
    """
    days = read_trading_days(organisation_id, [merchant_id]).get(merchant_id, ())
    return open_day(days, now) if days else now.date()
