"""Lists of people, and every change of many: tried, looked at, confirmed, watched, reported."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from domain.class_names import class_order, next_class
from domain.errors import Refused
from domain.messages import text
from domain.money import format_amount
from server.console.audit import write_entry
from server.console.page import PEOPLE, page
from server.console.people_reach import organisation_within, uploaded
from server.console.render import render
from server.console.roles import ADMINISTRATOR, CLERK, FINANCE, Reach
from server.organisations.models import Site
from server.organisations.pages import by, language, now, random, secrets
from server.people import import_people, move_classes
from server.people.bulk_change import Trial, confirm_change, errors_of, keep_trial
from server.people.import_cards import cards_template
from server.people.import_people import Import, people_template, try_import
from server.people.models import BulkChange, Category, ChangeState, Person, PersonState
from server.spreadsheets import write_sheet
from server.wallets import clear_out, grant_by_list
from server.wallets.grant_by_list import confirm_grant, subsidy_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200
"""Rows and mistakes shown on the page; the report has them all."""
CHANGERS = frozenset({ADMINISTRATOR, CLERK})
FUNDERS = frozenset({ADMINISTRATOR, FINANCE})
KINDS = {
    import_people.KIND: _("People from a list"),
    "cards": _("Cards from a list"),
    move_classes.MOVING: _("Classes and leaving"),
    grant_by_list.KIND: _("Subsidy"),
    clear_out.KIND: _("Subsidy cleared out"),
}
FUNDING = (grant_by_list.KIND, clear_out.KIND)
WORDS = {
    "added": _("new"), "changed": _("changed"), "unchanged": _("as they are"),
    "bound": _("cards given out"), "moved": _("move up"), "leaving": _("leave"),
    "people": _("people"), "granted": _("given"), "cleared": _("cleared"), "skipped": _("left out"),
    "errors": _("mistakes"),
}  # fmt: skip
COLUMNS = {
    "number": _("number"), "name": _("full name"), "category": _("category"),
    "department": _("class or department"), "phone": _("guardian's phone"), "uid": _("card"),
    "amount": _("amount"), "site": _("eats here"), "leaves_on": _("last day"),
    "label": _("printed number"),
}  # fmt: skip
CONFIRMS: dict[str, Callable[..., None]] = {
    grant_by_list.KIND: confirm_grant, clear_out.KIND: clear_out.confirm_clear_out,
}  # fmt: skip
"""Who confirms what is more than a list."""
TEMPLATES: dict[str, Callable[[], bytes]] = {
    "people": people_template, "cards": cards_template, "subsidies": subsidy_template,
}  # fmt: skip


@page(
    "lists/people/", title=_("Import people"), section=PEOPLE, roles=CHANGERS,
    is_one_change=False,
)  # fmt: skip
def people_import(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Upload a list, and see what it would do before it does anything."""
    organisation = organisation_within(reach)
    sites = Site.objects.filter(organisation=organisation).order_by("name")
    categories = Category.objects.filter(organisation=organisation).order_by("code")
    if request.method == "POST":
        data, name = uploaded(request)
        chosen = request.POST.getlist("sites")
        into = Import(
            organisation.id,
            tuple(site.id for site in sites if str(site.id) in chosen),
            request.POST.get("category", ""),
            secrets().card_key(organisation.id),
        )
        if not into.site_ids:
            raise Refused("people.no_site")
        trial = try_import(data, name, into, now=now(), random=random)
        return kept(request, organisation.id, trial)
    context = {
        "sites": sites, "categories": categories,
        "columns": [
            (one.title_zh if language() == "zh" else one.title_en, one.is_required)
            for one in import_people.COLUMNS
        ],
        "recent": recent(reach, (import_people.KIND, move_classes.MOVING, "cards")),
    }  # fmt: skip
    return render(request, "console/people_import.html", context)


@page(
    "lists/classes/", title=_("A year up"), section=PEOPLE, roles=CHANGERS, is_one_change=False,
)  # fmt: skip
def people_classes(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Say which class becomes which, and who leaves on which day; then see what it would do."""
    organisation = organisation_within(reach)
    people = Person.objects.filter(organisation=organisation).exclude(state=PersonState.LEFT)
    classes = classes_of(people)
    if request.method == "POST":
        from server.console.pages.people import day_of

        mapping = _mapping(request, classes)
        leaves = move_classes.LEAVE in mapping.values()
        day = day_of(request.POST.get("leaves_on", "")) if leaves else None
        trial = move_classes.try_move(organisation.id, mapping, day, now=now())
        return kept(request, organisation.id, trial)
    counts = {name: people.filter(department=name).count() for name in classes}
    context = {
        "classes": [(name, counts[name], next_class(name)) for name in classes],
        "today": move_classes.today(organisation.id, now()).isoformat(),
        "recent": recent(reach, (move_classes.MOVING,)),
    }
    return render(request, "console/people_classes.html", context)


@page(
    "lists/<uuid:change_id>/", title=_("List"), section=PEOPLE,
    roles=CHANGERS | FUNDERS, name="change",
)  # fmt: skip
def change(request: HttpRequest, reach: Reach, change_id: UUID) -> HttpResponse:
    """Show what a list would do or did; confirm it; answer with its progress alone when asked."""
    row = get_object_or_404(changes_within(reach), id=change_id)
    if request.method == "POST":
        CONFIRMS.get(row.kind, confirm_change)(row, now=now(), random=random, by=by(request))
        write_entry(request, "lists.confirmed", row, data={"tally": str(row.tally)})
        return redirect("console:change", change_id=row.id)
    context = _detail(row, by(request))
    if request.headers.get("X-Live"):
        response = render(request, "console/change_progress.html", context)
        if row.state == ChangeState.DONE:
            response["X-Goto"] = reverse("console:change", args=[row.id])
        return response
    return render(request, "console/change.html", context)


@page(
    "lists/<uuid:change_id>/report.xlsx", title=_("Report"), section=PEOPLE,
    roles=CHANGERS | FUNDERS, name="change_report",
)  # fmt: skip
def change_report(request: HttpRequest, reach: Reach, change_id: UUID) -> HttpResponse:
    """Download every mistake, or everything the list does, row by row."""
    row = get_object_or_404(changes_within(reach), id=change_id)
    heads = [str(_("row")), *(str(COLUMNS[key]) for key in ("number", "name")), str(_("what"))]
    if row.errors:
        lines = [[one["row"], one["column"], one["value"], one["said"]] for one in _errors(row)]
        heads = [str(_("row")), str(_("column")), str(_("value")), str(_("what to do"))]
    else:
        names = category_names(row)
        lines = [
            [item["row"], item["number"], item["name"], what(item, names)] for item in row.items
        ]
    return download(write_sheet([heads, *lines], str(_("Report"))), "report.xlsx")


@page(
    "lists/templates/<str:name>.xlsx", title=_("Template"), section=PEOPLE,
    roles=CHANGERS | FUNDERS, name="list_template",
)  # fmt: skip
def list_template(request: HttpRequest, reach: Reach, name: str) -> HttpResponse:
    """Download the spreadsheet to fill in."""
    if name not in TEMPLATES:
        raise Http404
    return download(TEMPLATES[name](), f"{name}.xlsx")


def kept(request: HttpRequest, organisation_id: UUID, trial: Trial) -> HttpResponse:
    """Keep a trial run and go to its page."""
    with transaction.atomic():
        row = keep_trial(organisation_id, trial, now=now(), random=random, by=by(request))
        write_entry(request, "lists.tried", row, data={"tally": str(row.tally)})
    return redirect("console:change", change_id=row.id)


def changes_within(reach: Reach) -> "QuerySet[BulkChange]":
    """Return the lists within reach: subsidies for who funds, the rest for who keeps people."""
    people = reach.within(CHANGERS).of(BulkChange.objects.exclude(kind__in=FUNDING))
    funds = reach.within(FUNDERS).of(BulkChange.objects.filter(kind__in=FUNDING))
    return people | funds


def recent(reach: Reach, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the last lists of some kinds, for the foot of a page."""
    rows = changes_within(reach).filter(kind__in=kinds).defer("items", "errors")
    return [{"row": row, "title": title_of(row)} for row in rows.order_by("-planned_at")[:8]]


def title_of(row: BulkChange) -> str:
    """Return what a list is called: its file's name, or what it is."""
    return row.title or str(KINDS[row.kind])


def what(item: dict[str, Any], categories: Mapping[str, str]) -> str:
    """Return in words what an item does; `categories` are names by code."""
    if "amount" in item:
        return format_amount(item["amount"])
    if "card_key" in item:
        return f"{_('card')} {item['label']}"
    changes = item["changes"]
    if item.get("is_new"):
        code, department = changes["category"][1], changes["department"][1]
        parts = [categories.get(code, code), *([department] if department else [])]
        return f"{_('new')}: {' · '.join(parts)}"
    return "; ".join(
        f"{COLUMNS[name]}: {categories.get(before, before) or '–'} → {categories.get(then, then)}"
        for name, (before, then) in changes.items()
    )


def category_names(row: BulkChange) -> dict[str, str]:
    """Return the organisation's categories as the reader calls them."""
    rows = Category.objects.filter(organisation=row.organisation_id)
    is_chinese = language() == "zh"
    return {one.code: one.name_zh if is_chinese else one.name_en for one in rows}


def download(data: bytes, name: str) -> HttpResponse:
    """Answer with a spreadsheet."""
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def classes_of(people: "QuerySet[Person]") -> list[str]:
    """Return the classes and departments of people, in a school's order."""
    names = people.exclude(department="").values_list("department", flat=True)
    return sorted(set(names), key=class_order)


def _mapping(request: HttpRequest, classes: list[str]) -> dict[str, str]:
    found = {}
    for place, name in enumerate(classes):
        then = request.POST.get(f"to_{place}", "").strip()
        leaves = request.POST.get(f"leaves_{place}")
        # The page may be older than the classes are
        if request.POST.get(f"from_{place}") == name:
            found[name] = move_classes.LEAVE if leaves else then
    return found


def _errors(row: BulkChange) -> list[dict[str, Any]]:
    return [
        {
            "row": error.row, "column": COLUMNS.get(error.column, error.column),
            "value": error.value, "said": text(error.code, error.data, language()),
        }
        for error in errors_of(row)
    ]  # fmt: skip


def _detail(row: BulkChange, reader: str) -> dict[str, Any]:
    is_mine = row.kind == clear_out.KIND and row.planned_by == reader
    names = category_names(row)
    counts = row.outcome if row.state == ChangeState.DONE else row.tally
    return {
        "change": row,
        "title": title_of(row),
        "kind": KINDS[row.kind],
        "counts": [(WORDS.get(word, word), count) for word, count in counts.items() if count],
        "total_amount": row.settings.get("total_amount"),
        "errors": _errors(row)[:SHOWN],
        "error_count": len(row.errors),
        "items": [{"item": item, "what": what(item, names)} for item in row.items[:SHOWN]],
        "more_count": max(0, len(row.items) - SHOWN),
        "ignored": row.settings.get("ignored", []),
        "percent": 100 * row.done_count // max(1, row.total_count),
        "waits_for_another": row.state == ChangeState.PLANNED and is_mine,
        "may_confirm": row.state == ChangeState.PLANNED and not row.errors and row.total_count,
    }
