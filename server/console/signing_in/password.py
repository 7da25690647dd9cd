"""Asking again for the password before something that a borrowed screen must not do."""

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from domain.errors import Refused
from server.console.audit import address_of, write_entry
from server.console.signing_in import tries
from server.organisations.pages import now, secrets


def check_present_password(request: HttpRequest, user: User, typed: str) -> None:
    """Raise `Refused` unless `typed` is the reader's password; wrong tries count."""
    kinds = tries.password_kinds(user.get_username(), address_of(request))
    tries.refuse_too_many(kinds, now=now(), secrets=secrets())
    if not user.check_password(typed):
        with transaction.atomic():
            tries.count_wrong(kinds, now=now(), secrets=secrets())
            write_entry(request, "staff.wrong_password")
        raise Refused("staff.wrong_password")
    tries.forgive(kinds[:1], secrets=secrets())
