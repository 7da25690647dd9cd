"""The door of every console page: who may come in, what a change leaves, what a refusal says.

    @page("terminals/", title=_("Terminals"), section=COUNTERS, roles={ADMINISTRATOR, SUPPORT})
    def terminals(request: HttpRequest, reach: Reach) -> HttpResponse: …

`reach` is how far the reader's roles for this page go: read rows through `reach.of(…)`. A POST is
one transaction, and one that wrote no audit entry of its own gets a plain one; a `Refused` undoes
all of it and becomes a message above the page. A page that reads whole files or faces first would
keep the counters waiting: it says `is_one_change=False` and opens its transactions itself.
"""

from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from domain.errors import Refused, Unavailable
from domain.messages import text
from server.console.audit import was_audited, write_entry
from server.console.roles import Reach, StaffRole, reach_of
from server.console.signing_in.sessions import ask_to_sign_in, is_signed_in
from server.organisations.pages import language

View = Callable[..., HttpResponse]

TODAY, COUNTERS, PEOPLE, MONEY, SETTINGS = "today", "counters", "people", "money", "settings"
SETTLING = "settling"
SECTIONS = (TODAY, COUNTERS, PEOPLE, MONEY, SETTLING, SETTINGS)
"""The groups of the menu, in order."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address under /console/, its name in the menu, and who it is for."""

    route: str
    name: str
    title: Any
    section: str
    roles: frozenset[StaffRole]
    is_in_menu: bool
    view: View
    place: int = 0


PAGES: list[Page] = []


def page(
    route: str,
    *,
    title: Any,
    section: str,
    roles: Collection[StaffRole],
    name: str = "",
    is_in_menu: bool = True,
    is_one_change: bool = True,
    place: int = 0,
) -> Callable[[View], View]:
    """Register a view `(request, reach, **route arguments)` as a page for `roles`.

    Within its section of the menu it stands by its `place`, then in the order of the modules.

    Its URL name is "console:<name>", by default the function's. A page with arguments in its
    route never is in the menu.
    """

    def register(view: View) -> View:
        guarded = _guarded(
            view, frozenset(roles), name or view.__name__, is_one_change=is_one_change
        )  # fmt: skip
        shown = is_in_menu and "<" not in route
        entry = Page(
            route, name or view.__name__, title, section, frozenset(roles), shown, guarded, place
        )  # fmt: skip
        PAGES.append(entry)
        return guarded

    return register


def patterns() -> list[URLPattern]:
    """Return the URL patterns of all pages registered so far."""
    return [path(one.route, one.view, name=one.name) for one in PAGES]


def _guarded(view: View, roles: frozenset[StaffRole], name: str, *, is_one_change: bool) -> View:
    def answer(request: HttpRequest, reach: Reach, arguments: dict[str, Any]) -> HttpResponse:
        if request.method != "POST":
            return view(request, reach, **arguments)
        with transaction.atomic() if is_one_change else nullcontext():
            response = view(request, reach, **arguments)
            if not was_audited(request):
                with transaction.atomic():
                    write_entry(request, f"page.{name}", data={"fields": sorted(request.POST)})
        return response

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not is_signed_in(request):
            return ask_to_sign_in(request)
        reach = reach_of(request.user).within(roles)
        if not reach:
            raise PermissionDenied
        try:
            return answer(request, reach, arguments)
        except (Refused, Unavailable) as refusal:
            messages.error(request, text(refusal.code, refusal.data, language()))
            return HttpResponseRedirect(request.get_full_path())
        except ValidationError as error:
            # An id that is none, in a field that a page of ours fills in: nothing is there
            raise Http404 from error

    return guarded
