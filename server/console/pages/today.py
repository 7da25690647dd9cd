"""Today: who was served, where and how fast; what to look at before it becomes a case."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.typed_days import typed_day
from server.catalogue.models import MealPeriod
from server.console.channel_standing import channels_to_look_at
from server.console.day import Day, read_day
from server.console.page import TODAY, page
from server.console.pages.channels import READERS
from server.console.pages.terminals import standing
from server.console.pictures import bars_svg
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, MANAGER, SUPPORT, Granted, Reach
from server.fleet.models import Terminal, TerminalState
from server.inbox.models import Shift
from server.merchants.models import Store
from server.merchants.read_stores import read_stores
from server.organisations.pages import language, now


@page("today/", title=_("Today"), section=TODAY, roles={ADMINISTRATOR, MANAGER, FINANCE, SUPPORT})
def today(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show one store's business day; the reader chooses store and day."""
    stores = list(reach.of(Store.objects.order_by("name"), site="site"))
    store = next((one for one in stores if str(one.id) == request.GET.get("store")), None)
    store = store or (stores[0] if stores else None)
    if store is None:
        return render(request, "console/today.html", {"stores": []})
    present = _business_day(store)
    on = _asked_day(request, present)
    day = read_day(store, on)
    context = {
        "stores": stores, "store": store, "day": day, "on": on, "is_today": on == present,
        "earlier": on - timedelta(days=1), "later": on + timedelta(days=1),
        "channels": channels_to_look_at(store.organisation_id),
        "may_see_channels": reach.within(READERS).covers(
            Granted(SUPPORT, store.organisation_id)
        ),
        **_shown(store, day),
    }  # fmt: skip
    return render(request, "console/today.html", context)


def _business_day(store: Store) -> date:
    return read_stores(store.organisation_id, [store.id])[store.id].business_on(now())


def _asked_day(request: HttpRequest, present: date) -> date:
    return typed_day(request.GET.get("day", "")) or present


def _shown(store: Store, day: Day) -> dict[str, Any]:
    terminals = list(
        Terminal.objects.filter(organisation_id=store.organisation_id, store=store)
        .select_related("store").order_by("name")
    )  # fmt: skip
    present = [one for one in terminals if one.state == TerminalState.ACTIVE]
    standings = [standing(one) for one in present]
    names = {one.id: one.name for one in terminals}
    bars = [(f"{at:%H:%M}", heads) for at, heads in day.slots]
    return {
        "meals": _meals(store, day),
        "counters": [
            {"name": names.get(id, str(id)[:8]), "id": id if id in names else None, "tally": tally}
            for id, tally in sorted(day.counters.items(), key=lambda one: names.get(one[0], "~"))
        ],
        "chart": bars_svg(bars, now_text("Heads served every five minutes")) if bars else "",
        "bars": [bar for bar in bars if bar[1]],
        "busiest": max(bars, key=lambda bar: bar[1], default=None),
        "late": [one for one in standings if one["is_late"]],
        "is_any_counter": bool(present),
        "waiting_count": sum(one.waiting_count for one in present),
        "waiting_amount": sum(one.waiting_amount for one in present),
        "shifts": _open_shifts(store, names),
    }


def _meals(store: Store, day: Day) -> list[dict[str, Any]]:
    """The meals of the store in the order of the day, then sales of codes it has no more."""
    rows: QuerySet[MealPeriod] = MealPeriod.objects.filter(
        organisation_id=store.organisation_id, store=store
    ).order_by("starts")
    is_zh = language() == "zh"
    known = {row.code: (row.name_zh if is_zh else row.name_en) for row in rows}
    codes = [*known, *(code for code in day.meals if code not in known)]
    return [
        {"name": known.get(code) or code or now_text("no meal"), "tally": day.meals.get(code)}
        for code in codes
    ]


def _open_shifts(store: Store, names: dict[UUID, str]) -> list[dict[str, Any]]:
    rows = Shift.objects.filter(
        organisation=store.organisation_id, terminal__in=list(names), closed_at__isnull=True,
        opened_at__isnull=False,
    ).order_by("opened_at")  # fmt: skip
    return [{"name": names[row.terminal], "row": row}
            for row in rows]  # fmt: skip
