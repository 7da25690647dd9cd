"""Today's takings of many stores at once: whole, by site or store, by meal; in a few queries.

Each store's own business day counts, by its zone and cut-off. Payments are found by their counters
and by when they came, which the database has an index for: a day's sale never comes before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Sum

from domain.settlement_days import TradingDay
from server.catalogue.models import MealPeriod
from server.fleet.models import Terminal
from server.merchants.models import Store
from server.payments.models import Payment

LONGEST_DAY = timedelta(hours=49)
"""What belongs to a store's present day came within this, also when clocks are set back."""


@dataclass(slots=True)
class Takings:
    """Sales that stand, and what was paid for them less what was given back, in fen."""

    name: str
    sales: int = 0
    amount: int = 0
    store_id: UUID | None = None

    def add(self, sales: int, amount: int) -> None:
        """Count more."""
        self.sales += sales
        self.amount += amount


@dataclass(slots=True)
class Day:
    """The present business day of all stores. `places` are sites, or the stores of one site."""

    whole: Takings
    places: list[Takings] = field(default_factory=list)
    meals: list[Takings] = field(default_factory=list)
    is_by_site: bool = False


def read_takings(stores: Sequence[Store], now: datetime, language: str) -> Day:
    """Return the takings of `stores` (with their sites selected) on their present days."""
    days = {store.id: _day_of(store, now) for store in stores}
    whole, is_by_site = Takings(""), len({store.site_id for store in stores}) > 1
    by_place: dict[Any, Takings] = {}
    by_meal: defaultdict[str, Takings] = defaultdict(lambda: Takings(""))
    stores_by_id = {store.id: store for store in stores}
    for store in stores:
        place, name = (store.site_id, store.site.name) if is_by_site else (store.id, store.name)
        by_place.setdefault(place, Takings(name, store_id=None if is_by_site else store.id))
    names = _meal_names(stores, language)
    for row in _sums(stores, days.values(), now):
        own = stores_by_id.get(row["store"])
        if own is None or days[own.id] != row["business_on"]:
            continue
        place = own.site_id if is_by_site else own.id
        meal = names.get((own.id, row["meal_period"]), row["meal_period"])
        by_meal[meal].name = meal
        for takings in (whole, by_place[place], by_meal[meal]):
            takings.add(row["sales"], row["amount"] or 0)
    order = list(dict.fromkeys(names.values()))
    meals = sorted(by_meal.values(), key=lambda one: (
        order.index(one.name) if one.name in order else len(order), one.name))  # fmt: skip
    places = sorted(by_place.values(), key=lambda one: (-one.amount, one.name))
    return Day(whole, places, meals, is_by_site)


def _day_of(store: Store, now: datetime) -> date:
    return TradingDay(ZoneInfo(store.zone), time.fromisoformat(store.day_cut_off)).day_at(now)


def _sums(stores: Sequence[Store], days: Iterable[date], now: datetime) -> Any:
    organisations = {store.organisation_id for store in stores}
    counters = Terminal.objects.filter(store__in=[store.id for store in stores])
    rows = Payment.objects.filter(
        organisation__in=organisations, terminal__in=list(counters.values_list("id", flat=True)),
        received_at__gt=now - LONGEST_DAY, business_on__in=set(days), state="succeeded",
    ).exclude(total_amount=F("refunded_amount"), total_amount__gt=0)  # fmt: skip
    return rows.values("store", "business_on", "meal_period").annotate(
        sales=Count("id"), amount=Sum(F("total_amount") - F("refunded_amount"))
    )


def _meal_names(stores: Sequence[Store], language: str) -> Mapping[tuple[UUID, str], str]:
    """The meals of every store by code, in the order of the day."""
    column = "name_zh" if language == "zh" else "name_en"
    rows = MealPeriod.objects.filter(store__in=[store.id for store in stores])
    found = rows.order_by("starts").values_list("store_id", "code", column)
    return {(store, code): name or code for store, code, name in found}
