"""Cases with what is known about them, and a way out: who decided, how and why."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.cases.effects import CaseClosed
from server.cases.models import Case
from server.console.audit import changing
from server.console.evidence import evidence_of
from server.console.page import MONEY, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, MANAGER, Reach
from server.console.within import terminals_within
from server.organisations.pages import by, now
from server.writes import write_now

PER_PAGE = 50
RESOLUTIONS: dict[str, Any] = {
    "checked": _("checked, all is right"),
    "payer_pays": _("the payer paid afterwards"),
    "merchant_bears": _("the merchant bears it"),
    "organisation_bears": _("the organisation bears it"),
    "mistake": _("opened by mistake"),
}
"""What a person can find; rules close cases with words of their own."""
DECIDERS = {ADMINISTRATOR, FINANCE, MANAGER}


@page("cases/", title=_("Cases"), section=MONEY, roles=DECIDERS)
def cases(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what is open, the oldest first; closed ones on request."""
    is_closed = request.GET.get("state") == "closed"
    rows = _rows(reach)
    present = rows.filter(closed_at__isnull=not is_closed)
    ordered = present.order_by("-closed_at") if is_closed else present.order_by("opened_at")
    context = {
        "cases": Paginator(ordered, PER_PAGE).get_page(request.GET.get("page")),
        "is_closed": is_closed,
        "keep": "state=closed" if is_closed else "",
        "open_count": rows.filter(closed_at__isnull=True).count(),
        "open_amount": sum(rows.filter(closed_at__isnull=True).values_list("amount", flat=True)),
    }
    return render(request, "console/cases.html", context)


@page("cases/<uuid:case_id>/", title=_("Case"), section=MONEY, roles=DECIDERS, name="case")
def case(request: HttpRequest, reach: Reach, case_id: UUID) -> HttpResponse:
    """Show one case with its evidence; close it."""
    row = get_object_or_404(_rows(reach), id=case_id)
    if request.method == "POST":
        _close(request, row)
        return redirect("console:cases")
    context = {
        "case": row,
        "evidence": evidence_of(row.organisation, row.subject_kind, row.subject_id),
        "resolutions": RESOLUTIONS.items(),
        "resolution": RESOLUTIONS.get(row.resolution, row.resolution),
        "facts": sorted(row.data.items()),
    }
    return render(request, "console/case.html", context)


def _rows(reach: Reach) -> "QuerySet[Case]":
    return terminals_within(reach, Case.objects.all())


def _close(request: HttpRequest, row: Case) -> None:
    resolution = request.POST.get("resolution", "")
    reason = request.POST.get("reason", "").strip()
    if resolution not in RESOLUTIONS:
        raise Refused("cases.no_resolution")
    if not reason:
        raise Refused("staff.reason_missing")
    with changing(request, "cases.closed", row, reason=reason):
        closing = CaseClosed(row.id, now(), resolution, by(request))
        with connection.cursor() as cursor:
            write_now(cursor, [closing])
    messages.success(request, now_text("The case is closed."))
