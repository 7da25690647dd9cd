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
from server.cases.models import Approval, ApprovalState, Case
from server.console.audit import changing, write_entry
from server.console.evidence import evidence_of
from server.console.page import MONEY, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, MANAGER, Reach
from server.console.within import terminals_within
from server.organisations.pages import by, now, random
from server.payments.models import Payment, Refund
from server.settlement.write_off import VARIANCE_CASE, kind_of, request_write_off
from server.writes import write_now

PER_PAGE = 50
RESOLUTIONS: dict[str, Any] = {
    "checked": _("checked, all is right"),
    "payer_pays": _("the payer paid afterwards"),
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
    """Show one case with its evidence; close it, or ask for the end of what money lies there."""
    row = get_object_or_404(_rows(reach), id=case_id)
    kind, amount = _lying(row)
    if request.method == "POST":
        if request.POST.get("do") == "ask":
            _ask(request, row, kind, amount)
            return redirect("console:case", case_id=row.id)
        _close(request, row, amount)
        return redirect("console:cases")
    context = {
        "case": row,
        "evidence": evidence_of(
            row.organisation, row.subject_kind, row.subject_id, _beside(reach, row)
        ),
        "resolutions": RESOLUTIONS.items(),
        "resolution": RESOLUTIONS.get(row.resolution, row.resolution),
        "facts": sorted(row.data.items()),
        "lying_amount": amount,
        "approval": _waiting(row),
    }
    return render(request, "console/case.html", context)


def _rows(reach: Reach) -> "QuerySet[Case]":
    return terminals_within(reach, Case.objects.all())


def _beside(reach: Reach, row: Case) -> list[UUID]:
    """The other payment that a case names, where whoever looks may see its counter."""
    other = row.data.get("other_payment")
    payments = Payment.objects.filter(organisation=row.organisation, id=other) if other else None
    if payments is None:
        return []
    return list(terminals_within(reach, payments).values_list("id", flat=True))


def _subject(row: Case) -> UUID:
    """The payment that a case is about, be it through a refund."""
    refunds = Refund.objects.filter(organisation=row.organisation, id=row.subject_id)
    found = refunds.values_list("payment", flat=True).first()
    return found or row.subject_id


def _lying(row: Case) -> tuple[str, int]:
    """The money that closing an open case would leave behind: what to ask for, and how much."""
    if row.closed_at is not None or not row.amount:
        return "", 0
    is_variance = row.kind == VARIANCE_CASE
    return kind_of(row.organisation, _subject(row), is_variance=is_variance)


def _waiting(row: Case) -> Approval | None:
    """What was asked for about the payment and is not decided yet."""
    return Approval.objects.filter(
        organisation=row.organisation, subject_id=_subject(row), state=ApprovalState.WAITING
    ).first()


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("staff.reason_missing")
    return reason


def _ask(request: HttpRequest, row: Case, kind: str, amount: int) -> None:
    """Ask a colleague to end it; who bears it is a term of the merchant's agreement."""
    if not kind:
        raise Refused("settlement.nothing_to_write_off")
    reason, subject = _reason(request), _subject(row)
    asked = request_write_off(
        row.organisation, kind, subject, reason=reason, by=by(request), now=now(), random=random,
        amount=amount, name=str(subject)[:8],
    )  # fmt: skip
    data = {"kind": kind, "amount": amount}
    write_entry(request, "write_offs.asked", asked, reason=reason, data=data)
    messages.success(request, now_text("Asked for. A colleague must approve it."))


def _close(request: HttpRequest, row: Case, lying_amount: int) -> None:
    resolution = request.POST.get("resolution", "")
    if resolution not in RESOLUTIONS:
        raise Refused("cases.no_resolution")
    reason = _reason(request)
    if lying_amount:
        raise Refused("cases.money_lies_there")
    with changing(request, "cases.closed", row, reason=reason):
        closing = CaseClosed(row.id, now(), resolution, by(request))
        with connection.cursor() as cursor:
            write_now(cursor, [closing])
    messages.success(request, now_text("The case is closed."))
