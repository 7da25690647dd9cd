"""Merchants' closed days: what each came to, its items, what came late, fees and our margin."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from domain.typed_days import typed_day
from server.console.channel_costs import cost_of
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.payees import names_of
from server.console.render import render
from server.console.roles import Reach
from server.merchants.models import Merchant
from server.organisations.pages import now
from server.settlement.models import Addendum, DayClose, Item

PER_PAGE = 100
SPAN = timedelta(days=30)
SUMS = ("sale_amount", "refund_amount", "adjustment_amount", "discount_amount", "fee_amount",
        "agent_amount", "net_amount")  # fmt: skip


@page("closes/", title=_("Day closes"), section=SETTLING, roles=ACCOUNTANTS, place=3)
def closes(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List closed days, the newest first, of all merchants or of one."""
    until = typed_day(request.GET.get("until", "")) or now().date()
    since = typed_day(request.GET.get("since", "")) or until - SPAN
    merchants = list(reach.of(Merchant.objects.order_by("name")))
    chosen = request.GET.get("merchant", "")
    rows = _rows(reach).filter(booked_on__range=(since, until))
    mine = next((one for one in merchants if str(one.id) == chosen), None)
    if mine is not None:
        rows = rows.filter(merchant=mine.id)
    shown = Paginator(rows.order_by("-booked_on", "merchant"), PER_PAGE)
    context = {
        "closes": shown.get_page(request.GET.get("page")),
        "merchants": merchants, "merchant": mine, "since": since, "until": until,
        "names": {one.id: one.name for one in merchants},
        "totals": rows.aggregate(**{name: Sum(name) for name in SUMS}),
        "behind": _behind(reach, merchants) if mine is None else [],
        "keep": urlencode({"merchant": chosen, "since": f"{since}", "until": f"{until}"}),
    }  # fmt: skip
    return render(request, "console/closes.html", context)


@page(
    "closes/<uuid:close_id>/", title=_("Closed day"), section=SETTLING, roles=ACCOUNTANTS,
    name="day_close",
)  # fmt: skip
def day_close(request: HttpRequest, reach: Reach, close_id: UUID) -> HttpResponse:
    """Show one closed day with its items, shares and addenda."""
    row = get_object_or_404(_rows(reach), id=close_id)
    items = Item.objects.filter(organisation=row.organisation, day=row)
    shares = list(row.shares.all())
    cost = cost_of(row.organisation, items)
    context: dict[str, Any] = {
        "row": row,
        "name": names_of([("merchant", row.merchant)]).get(row.merchant, ""),
        "items": Paginator(items.order_by("id"), PER_PAGE).get_page(request.GET.get("page")),
        "shares": [(one, agent) for one in shares
                   for agent in [names_of([("agent", one.agent)]).get(one.agent, "–")]],
        "addenda": Addendum.objects.filter(day=row).select_related("taken_by"),
        "taken": Addendum.objects.filter(taken_by=row).select_related("day"),
        "cost": cost,
        "margin": None if cost is None else row.fee_amount - row.agent_amount - cost.amount,
        "funders": sorted(row.funders.items()),
        "keep": "",
    }  # fmt: skip
    return render(request, "console/day_close.html", context)


def _rows(reach: Reach) -> "QuerySet[DayClose]":
    return reach.of(DayClose.objects.all())


def _behind(reach: Reach, merchants: list[Merchant]) -> list[tuple[Merchant, Any]]:
    """Merchants whose last closed day is more than two days old: somebody should look why."""
    last = dict(_rows(reach).values_list("merchant").annotate(last=Max("booked_on")))
    limit = now().date() - timedelta(days=3)
    return [(one, last[one.id]) for one in merchants if one.id in last and last[one.id] < limit]
