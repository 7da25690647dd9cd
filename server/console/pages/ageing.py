"""Debt, disputed sales and suspense by age; a write-off is asked for here, approved elsewhere."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.cases.models import Approval, ApprovalState
from server.console.audit import write_entry
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.render import render
from server.console.roles import Reach
from server.merchants.models import Agreement, Bearer, Merchant
from server.organisations.models import Organisation
from server.organisations.pages import by, now, random
from server.payments.models import Payment
from server.people.models import Person
from server.settlement.ageing import Aged, ageing_totals, read_ageing
from server.settlement.write_off import DEBT, DISPUTED, SUSPENSE, request_write_off

KINDS = {"debt": DEBT, "disputed": DISPUTED, "suspense": SUSPENSE}
PER_PAGE = 100


@page("ageing/", title=_("Ageing and write-offs"), section=SETTLING, roles=ACCOUNTANTS, place=6)
def ageing(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what lies there, the oldest first; ask that one of it be written off."""
    organisation = reach.of(Organisation.objects.all(), organisation="pk").first()
    if organisation is None:
        return render(request, "console/ageing.html", {"totals": [], "lines": []})
    aged = _grouped(read_ageing(organisation.id, now().date()))
    if request.method == "POST":
        _ask(request, organisation.id, aged)
        return redirect(f"{request.path}?{urlencode({'kind': request.POST.get('kind', '')})}")
    kind = request.GET.get("kind", "")
    chosen = [one for one in aged if one.kind == kind] if kind in KINDS else aged
    totals = ageing_totals(aged)
    shown = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "totals": [(name, totals[name], sum(totals[name])) for name in KINDS if name in totals],
        "shown": shown, "lines": _lines(organisation.id, list(shown)), "kind": kind,
        "kinds": list(KINDS), "bearers": _debt_bearers(organisation.id),
        "keep": urlencode({"kind": kind}),
    }  # fmt: skip
    return render(request, "console/ageing.html", context)


def _grouped(aged: list[Aged]) -> list[Aged]:
    """Bring what lies there for one subject together: it is written off as a whole."""
    found: dict[tuple[str, UUID], Aged] = {}
    for one in aged:
        first = found.get((one.kind, one.subject))
        amount = one.amount + (first.amount if first else 0)
        old = first or one
        found[one.kind, one.subject] = Aged(one.kind, one.subject, amount, old.since_on, old.bucket)
    return [one for one in found.values() if one.amount]


def _lines(organisation_id: UUID, aged: list[Aged]) -> list[dict[str, Any]]:
    ids = [one.subject for one in aged]
    people = dict(Person.objects.filter(organisation=organisation_id, id__in=ids)
                  .values_list("id", "name"))  # fmt: skip
    payments = {one.id: one for one in
                Payment.objects.filter(organisation=organisation_id, id__in=ids)}  # fmt: skip
    waiting = set(
        Approval.objects.filter(
            organisation=organisation_id, kind__in=KINDS.values(), subject_id__in=ids,
            state=ApprovalState.WAITING,
        ).values_list("subject_id", flat=True)
    )  # fmt: skip
    today = now().date()
    return [
        {
            "row": one, "days": max(0, (today - one.since_on).days),
            "is_waiting": one.subject in waiting,
            "name": people.get(one.subject) or str(one.subject)[:8],
            "url": _url(one, payments),
        }
        for one in aged
    ]  # fmt: skip


def _url(one: Aged, payments: dict[UUID, Payment]) -> str:
    if one.kind == "debt":
        return reverse("console:statement", args=[one.subject])
    return reverse("console:order", args=[one.subject]) if one.subject in payments else ""


def _debt_bearers(organisation_id: UUID) -> list[Merchant]:
    """Merchants that agreed to bear debts."""
    agreed = Agreement.objects.filter(
        organisation=organisation_id, debt_bearer=Bearer.MERCHANT, starts_on__lte=now().date()
    )
    return list(Merchant.objects.filter(id__in=agreed.values("merchant")).order_by("name"))


def _ask(request: HttpRequest, organisation_id: UUID, aged: list[Aged]) -> None:
    kind, subject = request.POST.get("kind", ""), request.POST.get("subject", "")
    one = next((a for a in aged if a.kind == kind and str(a.subject) == subject), None)
    if one is None or kind not in KINDS:
        raise Refused("settlement.nothing_to_write_off")
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("staff.reason_missing")
    bearers = {str(bearer.id): bearer.id for bearer in _debt_bearers(organisation_id)}
    merchant = bearers.get(request.POST.get("merchant", "")) if kind == "debt" else None
    [line] = _lines(organisation_id, [one])
    asked = request_write_off(
        organisation_id, KINDS[kind], one.subject, reason=reason, by=by(request), now=now(),
        random=random, amount=one.amount, merchant_id=merchant, name=line["name"],
    )  # fmt: skip
    data = {"kind": kind, "amount": one.amount}
    write_entry(request, "write_offs.asked", asked, reason=reason, data=data)
    messages.success(request, now_text("Asked for. A colleague must approve it."))
