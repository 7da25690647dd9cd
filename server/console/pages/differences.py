"""Differences between our books and the channels' bills: the queue, and one with its evidence."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.cases.models import Approval, ApprovalState
from server.channels.models import ChannelAccount
from server.console.audit import write_entry
from server.console.difference_evidence import posted_for, sides_of, would_post
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.render import render
from server.console.roles import APPROVER, FINANCE, Granted, Reach
from server.console.words import BILL_ACCOUNTS
from server.organisations.pages import by, now, random
from server.reconciliation.adjust import request_adjustment
from server.reconciliation.clear_items import CALENDAR
from server.reconciliation.matching.columns import Kind
from server.reconciliation.models import Difference, DifferenceState

PER_PAGE = 50
AGE_CHOICES = (3, 7, 30)
"""Days; the filter shows what is at least so old."""


@page("differences/", title=_("Differences"), section=SETTLING, roles=ACCOUNTANTS, place=2)
def differences(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what waits for a person, the oldest first; pooled and resolved ones on request."""
    asked = {name: request.GET.get(name, "") for name in ("state", "kind", "channel", "age")}
    asked["state"] = asked["state"] if asked["state"] in DifferenceState.values else "open"
    rows = _filtered(_rows(reach).filter(state=asked["state"]), asked)
    order = "-resolved_at" if asked["state"] == DifferenceState.RESOLVED else "first_on"
    today = now().astimezone(CALENDAR).date()
    shown = Paginator(rows.order_by(order, "id"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "differences": shown, "asked": asked,
        "lines": [(row, (today - row.first_on).days) for row in shown],
        "asked_for": _waiting([row.id for row in shown]),
        "states": DifferenceState.values, "kinds": [one.value for one in Kind],
        "channels": sorted(set(reach.of(ChannelAccount.objects.all())
                               .values_list("name", flat=True))),
        "ages": AGE_CHOICES, "keep": urlencode(asked),
    }  # fmt: skip
    return render(request, "console/differences.html", context)


@page(
    "differences/<uuid:difference_id>/", title=_("Difference"), section=SETTLING,
    roles=ACCOUNTANTS | {APPROVER}, name="difference",
)  # fmt: skip
def difference(request: HttpRequest, reach: Reach, difference_id: UUID) -> HttpResponse:
    """Show both sides of one difference; ask that the channel's word be booked."""
    row = get_object_or_404(_rows(reach), id=difference_id)
    may_ask = reach.within(ACCOUNTANTS).covers(Granted(FINANCE, row.organisation))
    if request.method == "POST":
        if not may_ask:
            raise Refused("staff.beyond_reach")
        _ask(request, row)
        return redirect("console:difference", difference_id=row.id)
    account = ChannelAccount.objects.filter(organisation_id=row.organisation, name=row.channel)
    context: dict[str, Any] = {
        "row": row, "sides": sides_of(row), "may_ask": may_ask, "account": account.first(),
        "posts": _named(would_post(row)),
        "posted": [{**one, "postings": _named(one["postings"])} for one in posted_for(row)],
        "approvals": Approval.objects.filter(
            organisation=row.organisation, subject_kind="difference", subject_id=row.id
        ).order_by("-asked_at"),
        "is_waiting": row.id in _waiting([row.id]),
        "age_days": (now().astimezone(CALENDAR).date() - row.first_on).days,
    }  # fmt: skip
    return render(request, "console/difference.html", context)


def _rows(reach: Reach) -> "QuerySet[Difference]":
    return reach.of(Difference.objects.all())


def _filtered(rows: "QuerySet[Difference]", asked: dict[str, str]) -> "QuerySet[Difference]":
    if asked["kind"] in set(Kind):
        rows = rows.filter(kind=asked["kind"])
    if asked["channel"]:
        rows = rows.filter(channel=asked["channel"][:32])
    if asked["age"] in map(str, AGE_CHOICES):
        begun = now().astimezone(CALENDAR).date() - timedelta(days=int(asked["age"]))
        rows = rows.filter(first_on__lte=begun)
    return rows


def _waiting(ids: list[UUID]) -> set[UUID]:
    """Which of these somebody has asked about."""
    return set(
        Approval.objects.filter(
            subject_kind="difference", subject_id__in=ids, state=ApprovalState.WAITING
        ).values_list("subject_id", flat=True)
    )


def _named(moves: list[tuple[str, int]]) -> list[tuple[Any, int]]:
    return [(BILL_ACCOUNTS.get(name, name), amount) for name, amount in moves]


def _ask(request: HttpRequest, row: Difference) -> None:
    reason = request.POST.get("reason", "").strip()
    asked = request_adjustment(
        row.organisation, row.id, by=by(request), reason=reason, now=now(), random=random
    )
    data = {"item": row.item, "kind": row.kind, "amount": asked.amount}
    write_entry(request, "differences.asked", row, reason=reason, data=data)
    messages.success(request, now_text("Asked for. A colleague must approve it."))
