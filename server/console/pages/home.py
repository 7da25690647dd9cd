"""The first page after signing in: today in figures, how things are, and what needs a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from server.channels.models import ChannelAccount
from server.console.channel_standing import standing as channel_standing
from server.console.merchant_desk.home import show_desk
from server.console.needs import read_needs
from server.console.page import TODAY, page
from server.console.pages.terminals import standing
from server.console.render import render
from server.console.roles import (
    ADMINISTRATOR,
    APPROVER,
    CLERK,
    EVERYBODY,
    FINANCE,
    MANAGER,
    SUPPORT,
    Reach,
    StaffRole,
)
from server.console.takings import read_takings
from server.fleet.models import Terminal, TerminalState
from server.merchants.models import Store
from server.organisations.pages import by, language, now
from server.payments.models import LIVE_ATTEMPTS, Attempt

AT_HOME = frozenset({ADMINISTRATOR, MANAGER, CLERK, FINANCE, APPROVER, SUPPORT})
SEE_TAKINGS = frozenset({ADMINISTRATOR, MANAGER, FINANCE})
SEE_COUNTERS = frozenset({ADMINISTRATOR, MANAGER, SUPPORT})
SEE_CHANNELS = frozenset({ADMINISTRATOR, FINANCE, SUPPORT})
TASKS: tuple[tuple[str, Any, frozenset[StaffRole]], ...] = (
    ("today", _("A store's day"), frozenset({ADMINISTRATOR, MANAGER, FINANCE, SUPPORT})),
    ("terminals", _("Counters"), SEE_COUNTERS),
    ("people_import", _("Enter people by list"), frozenset({ADMINISTRATOR, CLERK})),
    ("cards", _("Give out cards"), frozenset({ADMINISTRATOR, CLERK})),
    ("faces", _("Take faces"), frozenset({ADMINISTRATOR, CLERK})),
    ("bills", _("Reconcile"), frozenset({ADMINISTRATOR, FINANCE})),
    ("settlements", _("Settlements"), frozenset({ADMINISTRATOR, FINANCE})),
    ("reports", _("Reports"), SEE_TAKINGS),
    ("approvals", _("Approvals"), frozenset({ADMINISTRATOR, APPROVER, FINANCE})),
    ("notices", _("Notices"), SEE_CHANNELS),
)
"""What each role comes here for: page, its words, the roles."""
SHOWN_COUNTERS = 10
SHOWN_PLACES = 12


@page("", title=_("Home"), section=TODAY, roles=EVERYBODY, name="home", place=-1)
def home(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show the reader's own part of it; a merchant's is its desk."""
    if not reach.roles & AT_HOME:
        return show_desk(request, reach)
    needs = {"needs": read_needs(reach, by(request), now())}
    if request.headers.get("X-Live"):
        return render(request, "console/home_needs.html", needs)
    context: dict[str, Any] = {
        **needs,
        "tasks": [(reverse(f"console:{name}"), words) for name, words, roles in TASKS
                  if reach.within(roles)],
        **_takings(reach.within(SEE_TAKINGS)),
        **_counters(reach.within(SEE_COUNTERS)),
        **_channels(reach.within(SEE_CHANNELS)),
    }  # fmt: skip
    return render(request, "console/home.html", context)


def _takings(reach: Reach) -> dict[str, Any]:
    if not reach:
        return {}
    stores = list(reach.of(Store.objects.select_related("site").order_by("name"), site="site"))
    day = read_takings(stores, now(), language())
    places = [one for one in day.places if one.sales] or day.places
    return {
        "sees_takings": True, "has_store": bool(stores), "day": day,
        "places": places[:SHOWN_PLACES], "more_places": len(places) - SHOWN_PLACES,
        "average_amount": day.whole.amount // day.whole.sales if day.whole.sales else None,
    }  # fmt: skip


def _counters(reach: Reach) -> dict[str, Any]:
    if not reach:
        return {}
    rows = Terminal.objects.filter(state=TerminalState.ACTIVE).select_related("store")
    present = [standing(one) for one in reach.of(rows.order_by("name"), site="store__site")]
    unwell = [one for one in present if one["is_late"] or one["unwell"] or one["is_clock_off"]]
    return {
        "sees_counters": True, "counter_count": len(present),
        "unwell": unwell[:SHOWN_COUNTERS], "unwell_count": len(unwell),
        "more_unwell": len(unwell) - SHOWN_COUNTERS,
        "waiting_count": sum(one["row"].waiting_count for one in present),
        "waiting_amount": sum(one["row"].waiting_amount for one in present),
    }  # fmt: skip


def _channels(reach: Reach) -> dict[str, Any]:
    if not reach:
        return {}
    rows = list(reach.of(ChannelAccount.objects.filter(is_enabled=True).order_by("name")))
    live = reach.of(Attempt.objects.filter(state__in=LIVE_ATTEMPTS))
    return {
        "sees_channels": True, "channel_count": len(rows),
        "bad_channels": [one for one in map(channel_standing, rows) if one["is_unwell"]],
        "unclear_count": live.filter(state__in=("unknown", "reversing")).count(),
    }  # fmt: skip
