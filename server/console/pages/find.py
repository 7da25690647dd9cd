"""Find: one field that takes any number off a receipt, a bill, a list or a terminal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from server.console.find_number import find_number
from server.console.page import TODAY, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, CLERK, FINANCE, MANAGER, SUPPORT, Reach

MAX_NUMBER = 64


@page(
    "find/", title=_("Find a number"), section=TODAY, is_in_menu=False,
    roles={ADMINISTRATOR, CLERK, FINANCE, MANAGER, SUPPORT},
)  # fmt: skip
def find(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List what has the number; a single thing is shown at once."""
    asked = request.GET.get("number", "").strip()[:MAX_NUMBER]
    found = find_number(asked, reach) if asked else []
    if len(found) == 1:
        return redirect(found[0].url)
    return render(request, "console/find.html", {"number": asked, "found": found})
