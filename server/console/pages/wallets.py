"""Money of people: subsidies by list or class, statements, and what is owed to who has left."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from domain.money import parse_amount, plain_amount
from server.catalogue.models import MealPeriod
from server.console.audit import changing, write_entry
from server.console.page import MONEY, page
from server.console.pages.people import day_of, people_within
from server.console.pages.people_changes import FUNDERS, classes_of, download, kept, recent
from server.console.people_reach import organisation_within, uploaded
from server.console.render import render
from server.console.roles import Reach
from server.console.templatetags.console import local_name
from server.console.templatetags.wallets import movement_text, purse_text
from server.merchants.models import Merchant
from server.organisations.models import Organisation
from server.organisations.pages import by, now, random
from server.people.models import Category, Person, PersonState
from server.spreadsheets import write_sheet
from server.wallets.grant_by_list import KIND, GrantTerms, try_list, try_selection
from server.wallets.models import PayOut
from server.wallets.pay_out import confirm_pay_out, drop_pay_out, list_owed, propose_pay_out
from server.wallets.read_statement import Statement, read_statement


@page(
    "wallets/subsidies/", title=_("Subsidies"), section=MONEY, roles=FUNDERS, is_one_change=False,
)  # fmt: skip
def subsidies(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Give money to the people of a list, or the same sum to categories and classes."""
    organisation = organisation_within(reach)
    if request.method == "POST":
        terms = _terms(request, organisation)
        if request.POST.get("by") == "list":
            data, _name = uploaded(request)
            trial = try_list(organisation.id, data, terms, now=now(), random=random)
        else:
            trial = try_selection(
                organisation.id, request.POST.getlist("categories"),
                request.POST.getlist("classes"), parse_amount(request.POST.get("amount", "")),
                terms, now=now(), random=random,
            )  # fmt: skip
        return kept(request, organisation.id, trial)
    people = Person.objects.filter(organisation=organisation).exclude(state=PersonState.LEFT)
    context = {
        "categories": Category.objects.filter(organisation=organisation).order_by("code"),
        "classes": classes_of(people),
        "merchants": Merchant.objects.filter(organisation=organisation).order_by("name"),
        "periods": _periods(organisation),
        "today": now().astimezone(ZoneInfo(organisation.zone)).date().isoformat(),
        "recent": recent(reach, (KIND,)),
    }
    return render(request, "console/subsidies.html", context)


@page("wallets/owed/", title=_("Money owed to leavers"), section=MONEY, roles=FUNDERS)
def owed(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List who left with money in the wallet; one proposes to pay it out, another confirms."""
    organisation = organisation_within(reach)
    if request.method == "POST":
        _decide(request, organisation)
        return redirect("console:owed")
    rows = list_owed(organisation.id)
    context = {
        "rows": rows, "reader_name": by(request),
        "cash_amount": sum(row.cash_amount for row in rows),
        "debt_amount": sum(row.debt_amount for row in rows),
        "paid": PayOut.objects.filter(organisation=organisation.id, state="paid").order_by(
            "-decided_at"
        )[:20],
    }  # fmt: skip
    context["names"] = _names(context["paid"])
    return render(request, "console/owed.html", context)


@page("wallets/<uuid:person_id>/", title=_("Statement"), section=MONEY, roles=FUNDERS,
      name="statement")  # fmt: skip
def statement(request: HttpRequest, reach: Reach, person_id: UUID) -> HttpResponse:
    """Show, or download, every movement of a person's wallets."""
    person = get_object_or_404(people_within(reach), id=person_id)
    found = read_statement(person.organisation_id, person.id)
    if request.GET.get("format") == "xlsx":
        return download(_as_sheet(found, person), f"{person.number}.xlsx")
    context = {"person": person, "statement": found}
    return render(request, "console/statement.html", context)


def _terms(request: HttpRequest, organisation: Organisation) -> GrantTerms:
    """What the form says of the grant; it ends when its last day is over."""
    last_day, zone = request.POST.get("last_day", ""), ZoneInfo(organisation.zone)
    ends = None
    if last_day:
        ends = datetime.combine(day_of(last_day) + timedelta(days=1), time(), zone)
    merchants = Merchant.objects.filter(organisation=organisation)
    chosen = set(request.POST.getlist("merchants"))
    return GrantTerms(
        name=request.POST.get("name", "").strip(),
        starts_at=now(),
        expires_at=ends,
        merchants=tuple(one.id for one in merchants if str(one.id) in chosen),
        meal_periods=tuple(
            code for code, _ in _periods(organisation) if code in request.POST.getlist("periods")
        ),
    )


def _periods(organisation: Organisation) -> list[tuple[str, str]]:
    """The meals of all stores as the reader calls them, in the order of the day."""
    rows = MealPeriod.objects.filter(organisation=organisation).order_by("starts", "code")
    return list({row.code: local_name(row) for row in rows}.items())


def _decide(request: HttpRequest, organisation: Organisation) -> None:
    asked = request.POST.get("do", "")
    if asked == "propose":
        person = get_object_or_404(Person, id=request.POST.get("person"), organisation=organisation)
        way = request.POST.get("way", "").strip()
        made = propose_pay_out(person, now=now(), random=random, by=by(request), way=way)
        data = {"amount": made.amount, "person": str(person)}
        write_entry(request, "payouts.proposed", made, data=data)
        return
    row = get_object_or_404(PayOut, id=request.POST.get("pay_out"), organisation=organisation.id)
    if asked == "confirm":
        with changing(request, "payouts.confirmed", row):
            confirm_pay_out(row, now=now(), by=by(request))
    elif asked == "drop":
        with changing(request, "payouts.dropped", row):
            drop_pay_out(row, now=now(), by=by(request))


def _names(rows: Any) -> dict[UUID, str]:
    people = Person.objects.filter(id__in=[row.person for row in rows])
    return {person.id: str(person) for person in people}


def _as_sheet(found: Statement, person: Person) -> bytes:
    heads = [_("when"), _("what"), _("wallet"), _("amount"), _("then left")]
    zone = ZoneInfo(person.organisation.zone)
    lines = [
        [
            line.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), movement_text(line),
            purse_text(line.purse), *(_plain(line.purse.unit, amount)
                                      for amount in (line.amount, line.balance)),
        ]
        for line in found.lines
    ]  # fmt: skip
    return write_sheet([[str(head) for head in heads], *lines], person.number)


def _plain(unit: str, amount: int) -> str:
    return plain_amount(amount) if unit != "MEAL" else str(amount)
