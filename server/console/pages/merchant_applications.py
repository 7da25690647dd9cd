"""New merchants: written down by one, looked through and decided by another."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.fees import percent
from domain.messages import text
from server.cases.models import Approval, ApprovalState
from server.console.audit import write_entry
from server.console.merchant_applications import (
    KIND,
    Application,
    ask_to_open,
    read_application,
)
from server.console.page import SETTINGS, page
from server.console.people_reach import organisation_within
from server.console.render import render
from server.console.roles import ADMINISTRATOR, APPROVER, FINANCE, Reach
from server.merchants.models import Merchant
from server.organisations.models import Organisation, Site
from server.organisations.pages import by, language, now, random

DECIDED_SHOWN = 50
FIELDS = ("name", "code", "licence", "contact_name", "contact_phone", "site", "store_name",
          "day_cut_off", "holder", "number", "bank", "rate", "cycle_days")  # fmt: skip


@page("merchants/applications/", title=_("Merchants' applications"), section=SETTINGS,
      roles={ADMINISTRATOR}, is_in_menu=False)  # fmt: skip
def merchant_applications(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List applications; write one down. What was typed stays when something of it is wrong."""
    organisation = organisation_within(reach)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    if request.method == "POST":
        try:
            asked = _apply(request, organisation, typed)
            return redirect("console:merchant_application", approval_id=asked.id)
        except Refused as refused:
            messages.error(request, text(refused.code, refused.data, language()))
    else:
        typed |= {"day_cut_off": "04:00", "cycle_days": "1"}
    rows = _rows(reach)
    decided = rows.exclude(state=ApprovalState.WAITING).order_by("-decided_at")
    context = {
        "waiting": rows.filter(state=ApprovalState.WAITING).order_by("asked_at"),
        "decided": decided[:DECIDED_SHOWN], "typed": typed, "is_open": request.method == "POST",
        "sites": Site.objects.filter(organisation=organisation, closed_on__isnull=True)
        .order_by("name"),
    }  # fmt: skip
    return render(request, "console/merchant_applications.html", context)


@page("merchants/applications/<uuid:approval_id>/", title=_("Application"), section=SETTINGS,
      roles={ADMINISTRATOR, APPROVER, FINANCE}, name="merchant_application")  # fmt: skip
def merchant_application(request: HttpRequest, reach: Reach, approval_id: UUID) -> HttpResponse:
    """Show one application whole, and what became of it; it is decided under Approvals."""
    row = get_object_or_404(_rows(reach), id=approval_id)
    asked = Application.of(row)
    made = Merchant.objects.filter(organisation=row.organisation, licence=asked.licence)
    context: dict[str, Any] = {
        "row": row, "asked": asked, "rate": percent(asked.rate_ppm),
        "site": Site.objects.filter(organisation=row.organisation, id=asked.site_id).first(),
        "merchant": made.first() if row.state == ApprovalState.APPROVED else None,
        "is_own": row.asked_by.casefold() == by(request).casefold(),
        "is_administrator_here": bool(reach.within({ADMINISTRATOR})),
    }  # fmt: skip
    return render(request, "console/merchant_application.html", context)


def _apply(request: HttpRequest, organisation: Organisation, typed: dict[str, str]) -> Approval:
    application = read_application(organisation, typed)
    asked = ask_to_open(application, by=by(request), now=now(), random=random)
    data = {"licence": application.licence, "rate_ppm": application.rate_ppm,
            "account": f"…{application.number[-4:]}"}  # fmt: skip
    write_entry(request, "merchants.applied", asked, data=data)
    messages.success(request, now_text("Written down. A colleague decides it under Approvals."))
    return asked


def _rows(reach: Reach) -> "QuerySet[Approval]":
    return reach.of(Approval.objects.filter(kind=KIND))
