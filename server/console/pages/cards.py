"""Cards: given out class by class with a reader, by a vendor's list, lost, found and replaced."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.card_numbers import FORMATS, is_format, read_number
from domain.errors import Refused
from domain.messages import text
from domain.typed_days import is_possible
from server.console.audit import changing, write_entry
from server.console.page import PEOPLE, page
from server.console.pages.people import people_within
from server.console.pages.people_changes import CHANGERS, kept, recent
from server.console.people_reach import organisation_within, uploaded
from server.console.render import render
from server.console.roles import Reach
from server.organisations.pages import by, language, now, random, secrets
from server.people.bind_card import find_card, lose_card, return_card
from server.people.import_cards import KIND, FormatQuestion, try_import
from server.people.issue_cards import (
    issue_card,
    issue_replacement,
    read_classes,
    read_work_list,
    undo_issue,
)
from server.people.models import Card, Person


@page("cards/", title=_("Cards"), section=PEOPLE, roles=CHANGERS, is_one_change=False)
def cards(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Choose a class to give cards to, or upload a vendor's list."""
    organisation = organisation_within(reach)
    context: dict[str, Any] = {
        "classes": read_classes(organisation.id), "formats": formats(),
        "recent": recent(reach, (KIND,)),
    }  # fmt: skip
    if request.method == "POST":
        answer = _upload(request, organisation.id)
        if not isinstance(answer, FormatQuestion):
            return answer
        context["question"] = [one for one in formats() if one["code"] in answer.formats]
        context["example"] = answer.example
    return render(request, "console/cards.html", context)


@page("cards/class/", title=_("Give out cards"), section=PEOPLE, roles=CHANGERS,
      name="cards_class", is_in_menu=False)  # fmt: skip
def cards_class(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Work a class off with a reader that types, card by card."""
    organisation = organisation_within(reach)
    department = request.GET.get("class", "")[:64]
    lines = read_work_list(organisation.id, department)
    chosen = request.GET.get("person", "")
    context = {
        "department": department, "lines": lines, "formats": formats(), "chosen": chosen,
        "done_count": sum(line.has_card for line in lines),
    }  # fmt: skip
    return render(request, "console/cards_class.html", context)


@page("cards/tap/", title=_("Tap"), section=PEOPLE, roles=CHANGERS, name="cards_tap",
      is_in_menu=False)  # fmt: skip
def cards_tap(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Bind the card that was tapped, or take the last binding back; answers as JSON."""
    if request.method != "POST":
        raise Refused("cards.none_bound")
    organisation = organisation_within(reach)
    person = get_object_or_404(
        people_within(reach), id=request.POST.get("person"), organisation=organisation
    )
    try:
        with transaction.atomic():
            _tap(request, person)
    except Refused as refusal:
        said = text(refusal.code, refusal.data, language())
        return JsonResponse({"ok": False, "code": refusal.code, "said": said})
    return JsonResponse({"ok": True})


def _tap(request: HttpRequest, person: Person) -> None:
    if request.POST.get("do") == "undo":
        card = undo_issue(person, now=now(), by=by(request))
        write_entry(request, "cards.unbound", card)
        return
    uid = tapped(request.POST.get("uid", ""), request.POST.get("format", ""))
    card = issue_card(
        person, uid, card_key=secrets().card_key(person.organisation_id), now=now(),
        random=random, by=by(request), label=request.POST.get("label", "").strip()[:32],
    )  # fmt: skip
    write_entry(request, "cards.issued", card)


@page("cards/<uuid:card_id>/", title=_("Card"), section=PEOPLE, roles=CHANGERS, name="card")
def card(request: HttpRequest, reach: Reach, card_id: UUID) -> HttpResponse:
    """Show one card; lost, found, returned or replaced by another."""
    rows = Card.objects.select_related("person", "organisation")
    row = get_object_or_404(rows, id=card_id, person__in=people_within(reach))
    if request.method == "POST":
        _change(request, row)
        return redirect("console:person", person_id=row.person_id)
    context = {
        "card": row, "events": row.events.select_related("person").order_by("-place"),
        "formats": formats(), "now": now().astimezone(ZoneInfo(row.organisation.zone)),
    }  # fmt: skip
    return render(request, "console/card.html", context)


def formats() -> list[dict[str, str]]:
    """Return the ways card numbers are written, in the reader's language."""
    return [
        {
            "code": one.code, "example": one.example,
            "title": one.title_zh if language() == "zh" else one.title_en,
        }
        for one in FORMATS
    ]  # fmt: skip


def tapped(typed: str, code: str) -> bytes:
    """Return the UID that a reader typed; raises `Refused("cards.uid_malformed")`."""
    uid = read_number(typed, code) if is_format(code) else None
    if uid is None:
        shown = [one for one in formats() if one["code"] == code] or formats()
        wanted = "、".join(f"{one['title']} {one['example']}" for one in shown)
        raise Refused("cards.uid_malformed", formats=wanted)
    return uid


def _upload(request: HttpRequest, organisation_id: UUID) -> HttpResponse | FormatQuestion:
    data, name = uploaded(request)
    code = request.POST.get("format", "")
    found = try_import(
        organisation_id, data, name, card_key=secrets().card_key(organisation_id), now=now(),
        random=random, format_code=code,
    )  # fmt: skip
    return found if isinstance(found, FormatQuestion) else kept(request, organisation_id, found)


def _change(request: HttpRequest, row: Card) -> None:
    asked = request.POST.get("do", "")
    if asked == "lose":
        with changing(request, "cards.lost", row):
            lose_card(row, now=now(), lost_at=_lost_at(request, row), by=by(request))
        messages.warning(request, now_text("The card is blocked from that moment on."))
    elif asked == "find":
        with changing(request, "cards.found", row):
            find_card(row, now=now(), by=by(request))
    elif asked == "return":
        with changing(request, "cards.returned", row):
            return_card(row, now=now(), by=by(request))
    elif asked == "replace":
        uid = tapped(request.POST.get("uid", ""), request.POST.get("format", ""))
        key = secrets().card_key(row.organisation_id)
        with changing(request, "cards.replaced", row):
            issue_replacement(row, uid, card_key=key, now=now(), random=random, by=by(request))
        messages.success(request, now_text("The new card pays; the old one is blocked."))


def _lost_at(request: HttpRequest, row: Card) -> datetime | None:
    """When it got lost by the organisation's clock; None for now."""
    told = request.POST.get("lost_at", "")
    if not told:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError as error:
        raise Refused("dates.impossible") from error
    if not is_possible(at.date()):
        raise Refused("dates.impossible")
    return at.replace(tzinfo=ZoneInfo(row.organisation.zone))
