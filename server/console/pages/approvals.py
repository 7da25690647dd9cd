"""Four eyes: what members of staff asked for, and what others decided about it."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.messages import text
from server.cases.approvals.decide_approval import approve, turn_down
from server.cases.approvals.request_approval import withdraw_request
from server.cases.models import Approval, ApprovalState
from server.console.audit import write_entry
from server.console.page import MONEY, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, APPROVER, FINANCE, Reach
from server.organisations.pages import by, language, now

DECIDED_SHOWN = 50
OF_SUBJECT: Final = {"payment": "console:order", "difference": "console:difference"}
OF_REQUEST: Final = {
    "repricing": "console:reprice_request",
    "merchant_application": "console:merchant_application",
}
"""Where a reader finds the whole matter, by the kind of its subject."""


@page("approvals/", title=_("Approvals"), section=MONEY, roles={ADMINISTRATOR, APPROVER, FINANCE})
def approvals(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what waits, and decide it; below, what was decided lately."""
    rows = _rows(reach)
    if request.method == "POST":
        _decide(request, rows)
        return redirect("console:approvals")
    waiting = rows.filter(state=ApprovalState.WAITING).order_by("asked_at")
    decided = rows.exclude(state=ApprovalState.WAITING).order_by("-decided_at")[:DECIDED_SHOWN]
    context = {
        "waiting": [_line(one) for one in waiting],
        "decided": [_line(one) for one in decided],
        "reader_name": by(request),
    }
    return render(request, "console/approvals.html", context)


def _rows(reach: Reach) -> QuerySet[Approval]:
    return reach.of(Approval.objects.all())


def _line(row: Approval) -> dict[str, Any]:
    return {"row": row, "what": text(row.kind, row.data, language()), "url": _url(row)}


def _url(row: Approval) -> str:
    if place := OF_SUBJECT.get(row.subject_kind):
        return reverse(place, args=[row.subject_id])
    place = OF_REQUEST.get(row.subject_kind)
    return reverse(place, args=[row.id]) if place else ""


def _decide(request: HttpRequest, rows: QuerySet[Approval]) -> None:
    asked = _id(request.POST.get("approval", ""))
    row = rows.filter(id=asked).first() if asked else None
    if row is None:
        raise Refused("approvals.unknown")
    decision, note = request.POST.get("do", ""), request.POST.get("note", "").strip()
    if decision == "approve":
        approve(row.organisation, row.id, by=by(request), now=now(), note=note)
    elif decision == "turn_down":
        if not note:
            raise Refused("staff.reason_missing")
        turn_down(row.organisation, row.id, by=by(request), now=now(), note=note)
    elif decision == "withdraw":
        withdraw_request(row.organisation, row.id, by=by(request), now=now())
    else:
        raise Refused("approvals.unknown")
    data = {"kind": row.kind, "amount": row.amount, "asked_by": row.asked_by}
    write_entry(request, f"approvals.{decision}", row, reason=note, data=data)
    messages.success(request, now_text("Decided."))


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
