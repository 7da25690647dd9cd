"""Batches: what was due to each payee, what was taken of it, carried and paid."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from server.console.channel_costs import cost_of
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.payees import all_payees, names_of, payee_of
from server.console.render import render
from server.console.roles import Reach
from server.settlement.models import BATCH_STATES, AgentShare, Batch, DayClose, Item, PayoutAccount

PER_PAGE = 100


@page("settlements/", title=_("Settlements"), section=SETTLING, roles=ACCOUNTANTS, place=4)
def settlements(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List batches, the newest first; by payee and state."""
    asked = {name: request.GET.get(name, "") for name in ("payee", "state")}
    rows = _rows(reach)
    if asked["state"] in BATCH_STATES:
        rows = rows.filter(state=asked["state"])
    payee = payee_of(reach, asked["payee"]) if asked["payee"] else None
    if payee is not None:
        rows = rows.filter(payee_kind=payee[0], payee=payee[1].id)
    shown = Paginator(rows.order_by("-due_on", "-made_at", "id"), PER_PAGE)
    batches = shown.get_page(request.GET.get("page"))
    context = {
        "batches": batches, "asked": asked, "states": BATCH_STATES,
        "payees": all_payees(reach),
        "names": names_of((one.payee_kind, one.payee) for one in batches),
        "keep": urlencode(asked),
    }  # fmt: skip
    return render(request, "console/settlements.html", context)


@page(
    "settlements/<uuid:batch_id>/", title=_("Settlement"), section=SETTLING, roles=ACCOUNTANTS,
    name="settlement",
)  # fmt: skip
def settlement(request: HttpRequest, reach: Reach, batch_id: UUID) -> HttpResponse:
    """Show one batch: how its net came about, the days and items in it, and its payout."""
    row = get_object_or_404(_rows(reach), id=batch_id)
    items = Item.objects.filter(organisation=row.organisation, batch=row)
    days = DayClose.objects.filter(items__batch=row).distinct()
    agents = AgentShare.objects.filter(day__in=days).aggregate(amount=Sum("amount"))["amount"] or 0
    is_merchant = row.payee_kind == "merchant"
    cost = cost_of(row.organisation, items) if is_merchant else None
    # A day may be settled in parts, when channels have different T+n: then its share is not ours
    is_split = Item.objects.filter(day__in=days).exclude(batch=row).exists()
    context = {
        "row": row, "name": names_of([(row.payee_kind, row.payee)]).get(row.payee, "–"),
        "items": Paginator(items.select_related("day").order_by("day__booked_on", "id"), PER_PAGE)
        .get_page(request.GET.get("page")),
        "days": days.order_by("booked_on"), "payouts": row.payouts.all(),
        "is_merchant": is_merchant, "cost": cost, "agents": None if is_split else agents,
        "margin": None if cost is None or is_split else row.fee_amount - agents - cost.amount,
        "has_account": PayoutAccount.objects.filter(
            organisation=row.organisation, payee_kind=row.payee_kind, payee=row.payee
        ).exists(),
        "keep": "",
    }  # fmt: skip
    return render(request, "console/settlement.html", context)


def _rows(reach: Reach) -> "QuerySet[Batch]":
    return reach.of(Batch.objects.all())
