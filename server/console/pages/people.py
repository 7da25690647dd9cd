"""Who eats here: found by name, number, class or card; one person's page with cards and leaving."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.class_names import class_order
from domain.errors import Refused
from domain.typed_days import typed_day
from server.console.audit import changing
from server.console.page import PEOPLE, page
from server.console.people_reach import organisation_within
from server.console.render import render
from server.console.roles import ADMINISTRATOR, CLERK, FINANCE, MANAGER, Reach
from server.organisations.pages import by, now, random
from server.people.bulk_change import confirm_change, keep_trial
from server.people.change_person import free_person, freeze_person
from server.people.issue_cards import read_history
from server.people.models import CardState, Person, PersonState
from server.people.move_classes import keep_staying, try_leaving
from server.wallets.models import LIVE_MANDATES, Mandate
from server.wallets.read_statement import read_statement

READERS = frozenset({ADMINISTRATOR, CLERK, FINANCE, MANAGER})
CHANGERS = frozenset({ADMINISTRATOR, CLERK})
MONEY_READERS = frozenset({ADMINISTRATOR, FINANCE})
PAGE_LINES = 50
STATEMENT_LINES = 20


@page("people/", title=_("People"), section=PEOPLE, roles=READERS)
def people(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List people within reach, by what is typed, class and state."""
    asked = request.GET.get("q", "").strip()[:64]
    department, state = request.GET.get("class", ""), request.GET.get("state", "")
    rows = people_within(reach)
    here = rows.exclude(state=PersonState.LEFT).exclude(department="")
    classes = sorted(set(here.values_list("department", flat=True)), key=class_order)
    if asked:
        rows = rows.filter(
            Q(name__icontains=asked) | Q(number__istartswith=asked)
            | Q(cards__label=asked) | Q(department__icontains=asked)
        )  # fmt: skip
    if department:
        rows = rows.filter(department=department)
    # Who has left is looked for by saying so
    rows = rows.filter(state=state) if state else rows.exclude(state=PersonState.LEFT)
    rows = rows.select_related("category").annotate(
        card_count=Count("cards", filter=Q(cards__state=CardState.ACTIVE), distinct=True)
    )
    shown = Paginator(rows.order_by("department", "number").distinct(), PAGE_LINES)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "shown": shown.get_page(request.GET.get("page")), "keep": kept.urlencode(),
        "asked": asked, "department": department, "state": state, "classes": classes,
        "states": PersonState.choices, "may_change": bool(reach.within(CHANGERS)),
    }  # fmt: skip
    return render(request, "console/people.html", context)


@page("people/<uuid:person_id>/", title=_("Person"), section=PEOPLE, roles=READERS, name="person")
def person(request: HttpRequest, reach: Reach, person_id: UUID) -> HttpResponse:
    """Show one person; freeze, free, or plan their leaving."""
    row = get_object_or_404(people_within(reach), id=person_id)
    if request.method == "POST":
        if not people_within(reach.within(CHANGERS)).filter(id=row.id).exists():
            raise Refused("staff.beyond_reach")
        _change(request, reach, row)
        return redirect("console:person", person_id=row.id)
    may_see_money = people_within(reach.within(MONEY_READERS)).filter(id=row.id).exists()
    context: dict[str, Any] = {
        "person": row,
        "cards": row.cards.order_by("-bound_at"),
        "history": read_history(row.organisation_id, row.id)[:20],
        "sites": [one.site for one in row.memberships.select_related("site")],
        "may_change": bool(reach.within(CHANGERS)),
        "may_see_money": may_see_money,
        "statement": None,
    }
    if may_see_money:
        mandates = Mandate.objects.filter(organisation=row.organisation_id, person=row.id)
        context["mandate"] = mandates.filter(state__in=LIVE_MANDATES).first()
        statement = read_statement(row.organisation_id, row.id, limit=STATEMENT_LINES)
        context["statement"] = statement
    return render(request, "console/person.html", context)


def people_within(reach: Reach) -> "QuerySet[Person]":
    """Return the people of the organisations and sites within reach."""
    ids = reach.of(Person.objects.all(), site="memberships__site").values("id")
    return Person.objects.filter(id__in=ids)


def _change(request: HttpRequest, reach: Reach, row: Person) -> None:
    asked = request.POST.get("do", "")
    if asked == "freeze":
        with changing(request, "people.frozen", row):
            freeze_person(row, now=now())
    elif asked == "free":
        with changing(request, "people.freed", row):
            free_person(row)
    elif asked == "stay":
        with changing(request, "people.stays", row):
            keep_staying(row)
    elif asked == "leave":
        _leave(request, reach, row)


def _leave(request: HttpRequest, reach: Reach, row: Person) -> None:
    day = day_of(request.POST.get("leaves_on", ""))
    organisation_within(reach, row.organisation_id)
    with changing(request, "people.leaves", row):
        trial = try_leaving(row.organisation_id, [row.id], day, now=now())
        change = keep_trial(row.organisation_id, trial, now=now(), random=random, by=by(request))
        confirm_change(change, now=now(), random=random, by=by(request))
    messages.success(request, now_text("Noted: leaves when that day is over."))


def day_of(text: str) -> date:
    """Return the day of a date field; raises `Refused("dates.impossible")` for what is none."""
    day = typed_day(text)
    if day is None:
        raise Refused("dates.impossible")
    return day
