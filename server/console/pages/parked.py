"""Parked records: authentic but not bookable. Shown decoded; a person decides, a worker books."""

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
from server.console.audit import write_entry
from server.console.evidence import decoded, evidence_of
from server.console.page import MONEY, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, SUPPORT, Granted, Reach
from server.console.within import terminals_within
from server.fleet.models import Terminal
from server.inbox.models import Record
from server.inbox.recorded import DECIDE
from server.organisations.pages import by, now
from server.work.effects import DueRow
from server.work.models import Due
from server.writes import write_now
from sync.messages import RecordKind

PER_PAGE = 50
DECISIONS: dict[str, Any] = {
    "retry": _("Try again"),
    "post_as_new": _("Book as a new payment"),
    "write_off": _("Write off"),
}
DECIDERS = frozenset({ADMINISTRATOR, FINANCE})


@page("parked/", title=_("Parked records"), section=MONEY, roles={ADMINISTRATOR, FINANCE, SUPPORT})
def parked(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what waits for a person, the oldest first."""
    shown = Paginator(_rows(reach).order_by("received_at"), PER_PAGE)
    rows = shown.get_page(request.GET.get("page"))
    context = {"records": rows, "names": _names(rows), "keep": ""}
    return render(request, "console/parked.html", context)


@page(
    "parked/<uuid:record_id>/", title=_("Parked record"), section=MONEY,
    roles={ADMINISTRATOR, FINANCE, SUPPORT}, name="parked_record",
)  # fmt: skip
def parked_record(request: HttpRequest, reach: Reach, record_id: UUID) -> HttpResponse:
    """Show one record as it was signed; take the decision."""
    row = get_object_or_404(terminals_within(reach, Record.objects.all()), id=record_id)
    if request.method == "POST":
        _decide(request, reach, row)
        return redirect("console:parked")
    context = {
        "record": row,
        "terminal": Terminal.objects.filter(
            organisation_id=row.organisation, id=row.terminal
        ).first(),
        "lines": decoded(row),
        "evidence": evidence_of(row.organisation, "record", row.subject_id or row.id),
        "is_sale": row.kind == RecordKind.ACCEPTANCE,
        "is_open": row.status == "parked" and not row.resolution,
        "is_queued": _is_queued(row),
        "may_decide": bool(reach.within(DECIDERS)),
    }
    return render(request, "console/parked_record.html", context)


def _rows(reach: Reach) -> "QuerySet[Record]":
    rows = Record.objects.filter(status="parked", resolution="")
    return terminals_within(reach, rows)


def _decide(request: HttpRequest, reach: Reach, row: Record) -> None:
    """Queue the decision for the process that has the books' writer, with its entry."""
    decision = request.POST.get("decision", "")
    reason = request.POST.get("reason", "").strip()
    if not reach.within(DECIDERS).covers(Granted(FINANCE, row.organisation)):
        raise Refused("staff.beyond_reach")
    if decision not in DECISIONS:
        raise Refused("records.no_decision")
    if not reason:
        raise Refused("staff.reason_missing")
    if row.status != "parked" or row.resolution:
        raise Refused("records.not_parked", status=row.status)
    if decision == "post_as_new" and row.kind != RecordKind.ACCEPTANCE:
        raise Refused("records.not_a_sale", kind=row.kind)
    due = DueRow(
        row.id, row.organisation, DECIDE, row.id, now(), {"decision": decision, "by": by(request)}
    )
    with connection.cursor() as cursor:
        write_now(cursor, [due])
    write_entry(request, "records.decided", row, reason=reason, data={"decision": decision})
    messages.success(request, now_text("Decided; the books follow in a moment."))


def _is_queued(row: Record) -> bool:
    return Due.objects.filter(
        organisation=row.organisation, kind=DECIDE, subject_id=row.id
    ).exists()


def _names(rows: Any) -> dict[UUID, str]:
    ids = {row.terminal for row in rows}
    return dict(Terminal.objects.filter(id__in=ids).values_list("id", "name"))
