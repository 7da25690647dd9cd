"""Who earns from merchants' fees, how merchants are paid, what third parties get, bank holidays."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.fees import read_card
from server.channels.models import ChannelAccount
from server.console.order_history import card_lines
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.render import render
from server.console.roles import Reach
from server.console.settlement_terms import keep
from server.merchants.models import (
    Agent,
    AgentCost,
    Merchant,
    Receiver,
    SettlementTerms,
    SplitRule,
)
from server.organisations.models import Organisation
from server.organisations.pages import now
from server.settlement.models import CalendarDay


@page("terms/", title=_("Agents and terms"), section=SETTLING, roles=ACCOUNTANTS, place=8)
def settlement_terms(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show all terms that settlement goes by; take a new one."""
    organisation = reach.of(Organisation.objects.all(), organisation="pk").first()
    if organisation is None:
        return render(request, "console/settlement_terms.html", {"has_place": False})
    if request.method == "POST":
        keep(request, reach, organisation)
        messages.success(request, now_text("Saved."))
        return redirect("console:settlement_terms")
    today = now().date()
    agents = list(reach.of(Agent.objects.select_related("parent").order_by("name")))
    context: dict[str, Any] = {
        "has_place": True, "today": today, "agents": agents, "costs": _costs(reach),
        "merchants": reach.of(Merchant.objects.order_by("name")),
        "channels": reach.of(ChannelAccount.objects.order_by("name")),
        "terms": _terms(reach, today),
        "receivers": reach.of(Receiver.objects.order_by("name")),
        "splits": [(one, f"{one.rate_ppm / 10_000:g} %", _is_over(one.ends_on, today)) for one in
                   reach.of(SplitRule.objects.select_related("merchant", "receiver"))
                   .order_by("merchant__name", "receiver__name", "-starts_on")],
        "holidays": reach.of(CalendarDay.objects.filter(day__gte=today)).order_by("day"),
    }  # fmt: skip
    return render(request, "console/settlement_terms.html", context)


def _costs(reach: Reach) -> list[tuple[AgentCost, str]]:
    rows = AgentCost.objects.select_related("agent").order_by("agent__name", "channel",
                                                              "-starts_on")  # fmt: skip
    return [(one, " · ".join(card_lines(read_card(one.card)))) for one in reach.of(rows)]


def _terms(reach: Reach, today: date) -> list[tuple[SettlementTerms, str]]:
    """Every version with how it stands: in force, to come, or past."""
    rows = SettlementTerms.objects.select_related("merchant", "agent")
    found: list[tuple[SettlementTerms, str]] = []
    seen: set[Any] = set()
    for one in reach.of(rows).order_by("merchant__name", "-starts_on"):
        if one.starts_on > today:
            found.append((one, "coming"))
            continue
        found.append((one, "past" if one.merchant_id in seen else "present"))
        seen.add(one.merchant_id)
    return found


def _is_over(ends_on: date | None, today: date) -> bool:
    return ends_on is not None and ends_on < today
