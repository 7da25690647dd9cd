"""Pages that say no: not for you, not here, our own fault."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as plain
from django.utils.translation import gettext as _

from server.console.render import render


def not_for_you(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that the reader's roles do not reach this page."""
    return _say(
        request, 403, _("Not for your role"),
        _("Your roles do not include this page. An administrator can grant them under Staff."),
    )  # fmt: skip


def not_here(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is no such page, or no such row within reach."""
    return _say(
        request, 404, _("Not found"),
        _("There is no such page, or what it showed is outside your organisation or site."),
    )  # fmt: skip


def defect(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault; without a database there is no menu."""
    said = _("This is a defect of Fanpiao; the server's log says more. Nothing was changed.")
    context: dict[str, object] = {
        "title": _("Something broke"),
        "text": said,
        "menu": [],
        "reader": None,
    }
    return plain(request, "console/refusal.html", context, status=500)


def _say(request: HttpRequest, status: int, title: str, said: str) -> HttpResponse:
    return render(request, "console/refusal.html", {"title": title, "text": said}, status)
