"""A merchant's closed days and settlements, with their payouts and their statements as files."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from server.console.merchant_desk.files import as_file
from server.console.merchant_desk.own import merchant_asked, merchants_of, read_standing
from server.console.merchant_desk.statement import statement_of_batch, statement_of_day
from server.console.page import SETTLING, page
from server.console.pages.closes import SUMS
from server.console.render import render
from server.console.roles import MERCHANT, Reach
from server.organisations.pages import language
from server.settlement.models import Addendum, Batch, DayClose, Item, PayoutAccount

PER_PAGE = 50


@page("merchant/closes/", title=_("Closed days"), section=SETTLING, roles={MERCHANT})
def merchant_closes(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List a merchant's closed days, the newest first."""
    merchant = merchant_asked(request, reach)
    rows = _days(reach).filter(organisation=merchant.organisation_id, merchant=merchant.id)
    context = {
        "merchant": merchant, "merchants": merchants_of(reach),
        "closes": _paged(request, rows.order_by("-booked_on")),
        "totals": rows.aggregate(**{name: Sum(name) for name in SUMS}),
        "keep": urlencode({"merchant": f"{merchant.id}"}),
    }  # fmt: skip
    return render(request, "console/merchant_closes.html", context)


@page("merchant/closes/<uuid:close_id>/", title=_("Closed day"), section=SETTLING,
      roles={MERCHANT})  # fmt: skip
def merchant_close(request: HttpRequest, reach: Reach, close_id: UUID) -> HttpResponse:
    """Show one closed day: how its net came about, and its items."""
    row = get_object_or_404(_days(reach), id=close_id)
    items = Item.objects.filter(organisation=row.organisation, day=row).order_by("id")
    context = {
        "row": row, "items": _paged(request, items), "keep": "",
        "addenda": Addendum.objects.filter(day=row).select_related("taken_by"),
        "taken": Addendum.objects.filter(taken_by=row).select_related("day"),
    }  # fmt: skip
    return render(request, "console/merchant_close.html", context)


@page("merchant/closes/<uuid:close_id>/file/<str:kind>/", title=_("Closed day as a file"),
      section=SETTLING, roles={MERCHANT})  # fmt: skip
def merchant_close_file(
    request: HttpRequest, reach: Reach, close_id: UUID, kind: str
) -> HttpResponse:
    """Give out a closed day's items."""
    row = get_object_or_404(_days(reach), id=close_id)
    return as_file(statement_of_day(row), kind, f"fanpiao-day-{row.booked_on}", language())


@page("merchant/settlements/", title=_("Settlements"), section=SETTLING, roles={MERCHANT})
def merchant_settlements(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List a merchant's settlements, the newest first, and where they are paid to."""
    merchant = merchant_asked(request, reach)
    rows = _batches(reach).filter(organisation=merchant.organisation_id, payee=merchant.id)
    context = {
        "merchant": merchant, "merchants": merchants_of(reach),
        "batches": _paged(request, rows.order_by("-due_on")),
        "standing": read_standing(merchant),
        "account": PayoutAccount.objects.filter(
            organisation=merchant.organisation_id, payee_kind="merchant", payee=merchant.id
        ).first(),
        "keep": urlencode({"merchant": f"{merchant.id}"}),
    }  # fmt: skip
    return render(request, "console/merchant_settlements.html", context)


@page("merchant/settlements/<uuid:batch_id>/", title=_("Settlement"), section=SETTLING,
      roles={MERCHANT})  # fmt: skip
def merchant_settlement(request: HttpRequest, reach: Reach, batch_id: UUID) -> HttpResponse:
    """Show one settlement: how its net came about, where it went, and its items."""
    row = get_object_or_404(_batches(reach), id=batch_id)
    items = Item.objects.filter(organisation=row.organisation, batch=row)
    context = {
        "row": row, "payouts": row.payouts.order_by("made_at"),
        "days": DayClose.objects.filter(items__batch=row).distinct().order_by("booked_on"),
        "items": _paged(request, items.order_by("day__booked_on", "id")), "keep": "",
    }  # fmt: skip
    return render(request, "console/merchant_settlement.html", context)


@page("merchant/settlements/<uuid:batch_id>/file/<str:kind>/", title=_("Statement"),
      section=SETTLING, roles={MERCHANT})  # fmt: skip
def merchant_settlement_file(
    request: HttpRequest, reach: Reach, batch_id: UUID, kind: str
) -> HttpResponse:
    """Give out a settlement's statement."""
    row = get_object_or_404(_batches(reach), id=batch_id)
    table = statement_of_batch(row, language())
    return as_file(table, kind, f"fanpiao-settlement-{row.due_on}", language())


def _days(reach: Reach) -> "QuerySet[DayClose]":
    return reach.of(DayClose.objects.all(), merchant="merchant")


def _batches(reach: Reach) -> "QuerySet[Batch]":
    return reach.of(Batch.objects.filter(payee_kind="merchant"), merchant="payee")


def _paged(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
