"""A signed-in session: password and second factor both given, used lately, not too old.

The password alone gives a session that is good for nothing but the second step. Sessions end after
`IDLE_LIMIT` without a request and after Django's SESSION_COOKIE_AGE whatever happens.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from server.organisations.pages import now

IDLE_LIMIT = timedelta(minutes=30)
"""A screen left alone in a canteen's office."""
PENDING_LIMIT = timedelta(minutes=10)
"""From the password to the second factor: time to find the phone."""
TOUCH_EVERY = timedelta(minutes=1)
FACTOR, SEEN, PENDING, PENDING_AT = "factor_of", "seen_at", "pending_user", "pending_at"


def open_session(request: HttpRequest, user: User) -> None:
    """Sign `user` in: both steps were done. The session gets a new key."""
    login(request, user, backend="server.console.backend.RoleBackend")
    request.session[FACTOR] = user.pk
    request.session[SEEN] = now().isoformat()


def is_signed_in(request: HttpRequest) -> bool:
    """Whether a member of staff with both steps done is here, and was not away too long."""
    user: Any = request.user
    if not (user.is_active and user.is_staff and request.session.get(FACTOR) == user.pk):
        return False
    at = now()
    seen = datetime.fromisoformat(request.session.get(SEEN) or "1970-01-01T00:00:00+00:00")
    if at - seen > IDLE_LIMIT:
        logout(request)
        return False
    if at - seen > TOUCH_EVERY:
        request.session[SEEN] = at.isoformat()
    return True


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the reader to the sign-in page, and back here afterwards."""
    place = reverse("console:sign_in")
    if request.method != "GET":
        return HttpResponseRedirect(place)
    return HttpResponseRedirect(f"{place}?{urlencode({'next': request.get_full_path()})}")


def remember_password_given(request: HttpRequest, user: User) -> None:
    """Keep that `user` gave the password; whoever was signed in here is not any more."""
    logout(request)
    request.session.cycle_key()
    request.session[PENDING] = user.pk
    request.session[PENDING_AT] = now().isoformat()


def pending_user(request: HttpRequest) -> User | None:
    """Return who gave the password here lately and owes the second factor."""
    pk, at = request.session.get(PENDING), request.session.get(PENDING_AT)
    if pk is None or at is None or now() - datetime.fromisoformat(at) > PENDING_LIMIT:
        return None
    return User.objects.filter(pk=pk, is_active=True, is_staff=True).first()


def next_place(request: HttpRequest) -> str:
    """Return where to go after signing in: a place of this server, by default the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and is_ours else reverse("console:home")
