"""What every page shows around its own part: menu, reader, language, and what is still to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from server.console.roles import ADMINISTRATOR, APPROVER, MERCHANT, StaffRole, reach_of
from server.console.signing_in.sessions import is_signed_in

SECTION_TITLES = {
    "today": _("Canteen"),
    "counters": _("Counters"),
    "people": _("People"),
    "money": _("Money"),
    "settling": _("Bills and settlement"),
    "settings": _("Settings"),
}


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render `template` with the frame of the console around it."""
    return django_render(request, template, {**frame(request), **(context or {})}, status=status)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the base template needs, signed in or not."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    if not is_signed_in(request):
        return {"menu": [], "reader": None, "shown_language": language}
    reach = reach_of(request.user)
    return {
        "menu": _menu(request, reach.roles),
        "reader": request.user,
        "reader_roles": [StaffRole(role).label for role in sorted(reach.roles)],
        "is_administrator": ADMINISTRATOR in reach.roles,
        "may_find": bool(reach.roles - {APPROVER, MERCHANT}),
        "has_records": reach.roles != {MERCHANT},
        "shown_language": language,
    }


def _menu(request: HttpRequest, roles: frozenset[StaffRole]) -> list[dict[str, Any]]:
    from server.console.page import PAGES, SECTIONS

    found = []
    for section in SECTIONS:
        links = [
            {"title": one.title, "url": url, "is_here": _is_here(request, url)}
            for one in sorted(PAGES, key=lambda page: page.place)
            if one.section == section and one.is_in_menu and one.roles & roles
            for url in [reverse(f"console:{one.name}")]
        ]
        if links:
            found.append({"title": SECTION_TITLES[section], "links": links})
    return found


def _is_here(request: HttpRequest, url: str) -> bool:
    home = reverse("console:home")
    return request.path == url or (url != home and request.path.startswith(url))
