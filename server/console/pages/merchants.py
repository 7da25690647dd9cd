"""Merchants: who sells, how each stands, and closing one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.console.audit import changing
from server.console.closing import preview_of
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, Reach
from server.fleet.models import Terminal, TerminalState
from server.merchants.close_merchant import close_merchant
from server.merchants.models import Merchant, MerchantState
from server.organisations.pages import now

MARKS = {MerchantState.ACTIVE: "good", MerchantState.SUSPENDED: "warn"}


@page("merchants/", title=_("Merchants"), section=SETTINGS, roles={ADMINISTRATOR})
def merchants(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List merchants with their stores and counters, those that sell first."""
    rows = _rows(reach).annotate(store_count=Count("stores")).order_by("state", "name", "id")
    counters = dict(
        Terminal.objects.filter(merchant__in=rows.values("id"), state=TerminalState.ACTIVE)
        .values_list("merchant").annotate(count=Count("id"))
    )  # fmt: skip
    context = {"merchants": [(one, counters.get(one.id, 0), _mark(one)) for one in rows]}
    return render(request, "console/merchants.html", context)


@page("merchants/<uuid:merchant_id>/", title=_("Merchant"), section=SETTINGS,
      roles={ADMINISTRATOR}, name="merchant")  # fmt: skip
def merchant_page(request: HttpRequest, reach: Reach, merchant_id: UUID) -> HttpResponse:
    """Show what closing a merchant comes to; close it for a reason."""
    row = get_object_or_404(_rows(reach), id=merchant_id)
    if request.method == "POST":
        _close(request, row)
        return redirect("console:merchant", merchant_id=row.id)
    context = {
        "row": row, "mark": _mark(row), "is_closed": row.state == MerchantState.CLOSED,
        "stores": row.stores.select_related("site").order_by("name"),
        "preview": preview_of(row, now().date()),
    }  # fmt: skip
    return render(request, "console/merchant.html", context)


def _close(request: HttpRequest, row: Merchant) -> None:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("staff.reason_missing")
    told = preview_of(row, now().date())
    data: dict[str, Any] = {
        "counters": len(told.terminals), "owed_amount": told.standing.owed_amount,
        "waiting_amount": told.waiting_amount,
    }  # fmt: skip
    with changing(request, "merchants.closed", row, reason=reason, **data):
        close_merchant(row)
    messages.success(request, now_text("Closed. Its counters stop with their next report."))


def _rows(reach: Reach) -> "QuerySet[Merchant]":
    return reach.of(Merchant.objects.all())


def _mark(row: Merchant) -> str:
    return MARKS.get(MerchantState(row.state), "")
