"""Clear subsidies out: choose one, see what goes back from whom, have a colleague confirm it."""

import re
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.console.page import MONEY, page
from server.console.pages.people_changes import FUNDERS, classes_of, kept, recent
from server.console.people_reach import organisation_within
from server.console.render import render
from server.console.roles import Reach
from server.people.models import Category, Person
from server.wallets.clear_out import KIND, Rest, list_rests, try_clear_out
from server.wallets.models import Grant


@page(
    "wallets/clear-out/", title=_("Clear subsidies out"), section=MONEY, roles=FUNDERS,
    is_one_change=False,
)  # fmt: skip
def clear_out(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what is left of each subsidy; try to take one back from everybody or from some."""
    organisation = organisation_within(reach)
    if request.method == "POST":
        mine = Grant.objects.filter(organisation=organisation.id, kind="subsidy")
        grant = get_object_or_404(mine, id=_id(request.POST.get("grant", "")))
        trial = try_clear_out(
            grant,
            request.POST.getlist("categories"),
            request.POST.getlist("classes"),
            _numbers(request.POST.get("numbers", "")),
        )
        return kept(request, organisation.id, trial)
    zone = ZoneInfo(organisation.zone)
    context = {
        "rests": [(one, _last_day(one, zone)) for one in list_rests(organisation.id)],
        "categories": Category.objects.filter(organisation=organisation).order_by("code"),
        "classes": classes_of(Person.objects.filter(organisation=organisation)),
        "recent": recent(reach, (KIND,)),
    }
    return render(request, "console/clear_out.html", context)


def _last_day(rest: Rest, zone: ZoneInfo) -> str:
    """The day that is over when the subsidy expires; empty when it does not."""
    ends = rest.grant.expires_at
    return "" if ends is None else f"{(ends - timedelta(microseconds=1)).astimezone(zone):%Y-%m-%d}"


def _numbers(text: str) -> list[str]:
    """People's numbers as they are pasted: a line each, or with blanks and commas between them."""
    return [number for number in re.split(r"[\s,;，；、]+", text) if number]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as malformed:
        raise Refused("subsidies.not_chosen") from malformed
