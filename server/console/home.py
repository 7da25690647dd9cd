"""The first page after signing in: the first one of the reader's menu."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from server.console.page import PAGES, SECTIONS
from server.console.roles import reach_of
from server.console.signing_in.sessions import ask_to_sign_in, is_signed_in


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page that is for the reader."""
    if not is_signed_in(request):
        return ask_to_sign_in(request)
    roles = reach_of(request.user).roles
    for section in SECTIONS:
        for one in PAGES:
            if one.section == section and one.is_in_menu and one.roles & roles:
                return HttpResponseRedirect(reverse(f"console:{one.name}"))
    raise PermissionDenied
