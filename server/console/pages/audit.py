"""The log of who changed what, to be searched."""

from datetime import datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.typed_days import typed_day
from server.console.models import AuditEntry
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, Reach

PER_PAGE = 50


@page("audit/", title=_("Who changed what"), section=SETTINGS, roles={ADMINISTRATOR, FINANCE})
def audit(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show the entries within reach, the newest first, by word, person, subject and day."""
    asked = {name: request.GET.get(name, "").strip()[:100] for name in
             ("words", "actor", "subject", "since", "until")}  # fmt: skip
    rows = _asked_for(within(reach), asked)
    pages = Paginator(rows.order_by("-at", "-id"), PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "entries": shown,
        "keep": "&".join(f"{k}={v}" for k, v in asked.items() if v),
    }
    return render(request, "console/audit.html", context)


def within(reach: Reach) -> "QuerySet[AuditEntry]":
    """Return the entries of the organisations reached as a whole; a site's alone has none."""
    if reach.is_everything:
        return AuditEntry.objects.all()
    whole = [one.organisation_id for one in reach.grants if one.is_whole]
    return AuditEntry.objects.filter(organisation__in=whole)


def _asked_for(rows: "QuerySet[AuditEntry]", asked: dict[str, str]) -> "QuerySet[AuditEntry]":
    if word := asked["words"]:
        rows = rows.filter(
            Q(action__icontains=word) | Q(subject_name__icontains=word)
            | Q(subject_kind__icontains=word) | Q(reason__icontains=word)
        )  # fmt: skip
    if asked["actor"]:
        rows = rows.filter(actor__icontains=asked["actor"])
    if asked["subject"]:
        rows = rows.filter(subject_id=asked["subject"])
    if since := _day(asked["since"], time.min):
        rows = rows.filter(at__gte=since)
    if until := _day(asked["until"], time.max):
        rows = rows.filter(at__lte=until)
    return rows


def _day(text: str, at: time) -> Any:
    found = typed_day(text)
    return found and timezone.make_aware(datetime.combine(found, at))
