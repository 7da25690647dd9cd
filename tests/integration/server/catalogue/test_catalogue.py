"""Prices hold from the next meal on; meals do not overlap; counters hear of every change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from domain.errors import Refused
from server.catalogue.feed_rows import render_items, render_periods, render_prices
from server.catalogue.models import Price
from server.catalogue.read_prices import read_prices
from server.catalogue.set_item import set_item
from server.catalogue.set_period import remove_period, set_period
from server.catalogue.set_price import set_price
from server.feed.models import Marker
from sync.messages import ItemRow, MealPeriodRow, PriceRow, decode
from tests.factories.server_rows import NOW, Rows
from tests.factories.terminals import identity_of

DINNER = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""16:30 in Shanghai: the next meal after noon of the factories' day."""


def with_meals(rows: Rows) -> None:
    for code, starts, ends in (("lunch", "10:30", "13:30"), ("dinner", "16:30", "20:00")):
        set_period(rows.store, code, starts, ends, now=NOW, random=rows.random)


def price(rows: Rows, amount: int, **options: Any) -> Price:
    category, period = options.pop("category", "student"), options.pop("period", "lunch")
    return set_price(
        rows.new_price_list(), category, period, amount, now=NOW, random=rows.random, **options
    )


def refused(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def test_a_price_holds_from_the_start_of_the_next_meal(database: str) -> None:
    rows = Rows()
    with_meals(rows)
    price(rows, 1200, effective_at=NOW - timedelta(days=9), reason="opening")
    raised = price(rows, 1300)
    assert raised.effective_at == DINNER
    book = read_prices(rows.organisation.id, [rows.store.id])[rows.store.id]
    instants = (NOW, DINNER - timedelta(seconds=1), DINNER)
    found = [book.posted("student", "lunch", at) for at in instants]
    assert [posted.amount for posted in found if posted] == [1200, 1200, 1300]
    assert book.version == 2


def test_a_price_that_holds_now_needs_a_reason(database: str) -> None:
    rows = Rows()
    with_meals(rows)
    assert refused(lambda: price(rows, 1200, effective_at=NOW)) == "prices.needs_reason"
    assert price(rows, 1200, effective_at=NOW, reason="typing mistake").version == 1


def test_the_more_exact_row_wins_and_nothing_is_sold_without_one(database: str) -> None:
    rows = Rows()
    then = {"effective_at": NOW, "reason": "opening"}
    price(rows, 2000, category="", period="", **then)
    price(rows, 1500, category="student", period="", **then)
    exact = price(rows, 1200, second_amount=800, **then)
    book = read_prices(rows.organisation.id, [rows.store.id])[rows.store.id]
    asked = [("guest", "lunch"), ("student", "dinner"), ("student", "lunch")]
    found = [book.posted(*place, NOW) for place in asked]
    assert [posted.amount for posted in found if posted] == [2000, 1500, 1200]
    assert found[2] is not None
    assert (found[2].price_id, found[2].second_amount) == (exact.id, 800)
    assert book.posted("student", "lunch", NOW - timedelta(seconds=1)) is None


@pytest.mark.parametrize("amount", [-1, 10**16])
def test_amounts_out_of_range_are_refused(sqlite_database: str, amount: int) -> None:
    rows = Rows()
    assert refused(lambda: price(rows, amount)) == "amounts.out_of_range"
    item = lambda: set_item(  # noqa: E731
        rows.merchant, "x", "x", "x", amount, now=NOW, random=rows.random
    )
    assert refused(item) == "amounts.out_of_range"


def test_the_database_itself_refuses_a_negative_price(database: str) -> None:
    rows = Rows()
    price(rows, 1, effective_at=NOW, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.update(amount=-1)


def test_meals_do_not_overlap_also_past_midnight(database: str) -> None:
    rows = Rows()
    with_meals(rows)

    def at(starts: str, ends: str, code: str = "night"):
        return lambda: set_period(rows.store, code, starts, ends, now=NOW, random=rows.random)

    assert refused(at("19:59", "02:00")) == "periods.overlap"
    for starts, ends in (("25:00", "26:00"), ("9:00", "10:00"), ("08:00", "08:00"), ("", "")):
        assert refused(at(starts, ends)) == "periods.malformed"
    assert at("22:00", "02:00")().code == "night"
    assert at("16:00", "19:00", "dinner")().starts == "16:00"


def test_counters_hear_of_prices_meals_and_items(database: str) -> None:
    rows = Rows()
    with_meals(rows)
    posted = price(rows, 1200)
    set_item(rows.merchant, "tea", "茶", "Tea", 300, now=NOW, random=rows.random)
    terminal = identity_of(rows.activated())
    scopes = dict(Marker.objects.values_list("kind", "scope"))
    assert scopes["price"] == scopes["meal_period"] == f"store:{rows.store.id}"
    assert scopes["item"] == f"merchant:{rows.merchant.id}"
    told = decode(PriceRow, render_prices(terminal, [str(posted.id)])[str(posted.id)])
    assert (told.amount, told.effective_at) == (1200, DINNER)
    assert decode(MealPeriodRow, render_periods(terminal, ["lunch"])["lunch"]).starts == "10:30"
    assert decode(ItemRow, render_items(terminal, ["tea"])["tea"]).amount == 300


def test_what_is_no_longer_sold_leaves_the_counters(database: str) -> None:
    rows = Rows()
    with_meals(rows)
    terminal = identity_of(rows.activated())
    set_item(rows.merchant, "tea", "茶", "Tea", 300, now=NOW, random=rows.random)
    set_item(rows.merchant, "tea", "茶", "Tea", 300, now=NOW, random=rows.random, is_active=False)
    lunch = set_period(rows.store, "lunch", "10:30", "13:00", now=NOW, random=rows.random)
    remove_period(lunch)
    assert render_items(terminal, ["tea"]) == {}
    assert render_periods(terminal, ["lunch"]) == {}
    gone = set(Marker.objects.filter(tombstone=True).values_list("kind", "entity"))
    assert gone == {("item", "tea"), ("meal_period", "lunch")}
