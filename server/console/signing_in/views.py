"""Signing in: password, then the second factor; its set-up at the first time; signing out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from domain.errors import Refused
from server.console.audit import address_of, write_entry
from server.console.render import render
from server.console.signing_in import second_factor, tries
from server.console.signing_in.sessions import (
    is_signed_in,
    next_place,
    open_session,
    pending_user,
    remember_password_given,
)
from server.organisations.pages import now, random, secrets, sentence
from server.qr_codes import qr_svg


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; a right pair leads to the second factor."""
    if request.method == "GET" and is_signed_in(request):
        return HttpResponseRedirect(next_place(request))
    said = ""
    if request.method == "POST":
        try:
            user = _password_given(request)
        except Refused as refusal:
            said = sentence(refusal)
        else:
            remember_password_given(request, user)
            has_factor = second_factor.has_factor(user)
            step = "console:sign_in_code" if has_factor else "console:set_up_factor"
            return _onward(step, request)
    place = next_place(request)
    return render(request, "console/sign_in.html", {"said": said, "next": place})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the authenticator's code, or for a recovery code."""
    user = pending_user(request)
    if user is None or not second_factor.has_factor(user):
        return redirect("console:sign_in")
    said = ""
    if request.method == "POST":
        try:
            _code_given(request, user)
        except Refused as refusal:
            said = sentence(refusal)
        else:
            place = next_place(request)
            with transaction.atomic():
                open_session(request, user)
                write_entry(request, "staff.signed_in")
            return HttpResponseRedirect(place)
    context = {"said": said, "next": next_place(request), "name": user.get_username()}
    return render(request, "console/sign_in_code.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up_factor(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new second factor; its first right code puts it into force."""
    user = pending_user(request)
    if user is None or second_factor.has_factor(user):
        return redirect("console:sign_in")
    secret = second_factor.begin(user, now=now(), random=random, secrets=secrets())
    said = ""
    if request.method == "POST":
        try:
            _code_given(request, user)
        except Refused as refusal:
            said = sentence(refusal)
        else:
            place = next_place(request)
            with transaction.atomic():
                codes = second_factor.confirm(user, now=now(), random=random, secrets=secrets())
                open_session(request, user)
                write_entry(request, "staff.second_factor_set_up")
            return render(request, "console/recovery_codes.html", {"codes": codes, "next": place})
    context: dict[str, Any] = {
        "said": said,
        "next": next_place(request),
        "qr": qr_svg(second_factor.uri_of(user, secret), _("QR code for your authenticator app")),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return render(request, "console/set_up_factor.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    with transaction.atomic():
        if request.user.is_authenticated:
            write_entry(request, "staff.signed_out")
        logout(request)
    messages.info(request, _("You are signed out."))
    return redirect("console:sign_in")


def _password_given(request: HttpRequest) -> User:
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    kinds = tries.password_kinds(name, address_of(request))
    tries.refuse_too_many(kinds, now=now(), secrets=secrets())
    user = authenticate(request, username=name, password=password)
    if user is None or not user.is_staff:
        with transaction.atomic():
            tries.count_wrong(kinds, now=now(), secrets=secrets())
            write_entry(request, "staff.wrong_password", actor=name or "–")
        raise Refused("staff.wrong_password")
    tries.forgive(kinds[:1], secrets=secrets())
    assert isinstance(user, User)
    return user


def _code_given(request: HttpRequest, user: User) -> None:
    kinds = tries.factor_kinds(user.pk)
    typed = request.POST.get("code", "")[:32]
    with tries.one_at_a_time(kinds, now=now(), secrets=secrets()):
        tries.refuse_too_many(kinds, now=now(), secrets=secrets())
        is_right = second_factor.check(user, typed, now=now(), secrets=secrets())
        if is_right:
            tries.forgive(kinds, secrets=secrets())
        else:
            tries.count_wrong(kinds, now=now(), secrets=secrets())
            write_entry(request, "staff.wrong_code", actor=user.get_username())
    if not is_right:
        raise Refused("staff.wrong_code")


def _onward(step: str, request: HttpRequest) -> HttpResponse:
    from urllib.parse import urlencode

    from django.urls import reverse

    return HttpResponseRedirect(f"{reverse(step)}?{urlencode({'next': next_place(request)})}")
