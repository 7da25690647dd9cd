"""Members of staff: entered, given roles, sent away. Never beyond the reach of whoever does it."""

import re
from datetime import datetime
from uuid import UUID

from django.contrib.auth import password_validation
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.console.models import StaffGrant
from server.console.roles import ADMINISTRATOR, MERCHANT, Granted, StaffRole
from server.fresh import fresh_id
from server.organisations.models import Organisation

_NAME = re.compile(r"[\w.@-]{2,64}")


def add_member(username: str, password: str, full_name: str = "") -> User:
    """Make an account without any role; raises `Refused` ("staff.…")."""
    name = username.strip()
    if not _NAME.fullmatch(name):
        raise Refused("staff.bad_name")
    if User.objects.filter(username__iexact=name).exists():
        raise Refused("staff.name_taken", name=name)
    user = User(username=name, is_staff=True, first_name=full_name.strip()[:100])
    check_password(password, user)
    user.set_password(password)
    user.save()
    return user


def check_password(password: str, user: User) -> None:
    """Raise `Refused("staff.weak_password")` in the reader's language."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise Refused("staff.weak_password", detail=" ".join(error.messages)) from error


def grant_role(
    user: User, wanted: Granted, *, now: datetime, random: RandomBytes, by: str
) -> StaffGrant:
    """Grant a role for an organisation, one site or one merchant of it; twice is refused.

    Whoever speaks for a merchant has no other role: the house and its merchants are two parties.
    """
    with transaction.atomic():
        # One at a time per account, also when it has no role yet
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        present = StaffGrant.objects.filter(user=user, ended_at__isnull=True)
        if any(_as_granted(grant) == wanted for grant in present):
            raise Refused("staff.granted_already")
        is_merchants = wanted.role == MERCHANT
        if (
            user.is_superuser
            and is_merchants
            or any((grant.role == MERCHANT) != is_merchants for grant in present)
        ):
            raise Refused("staff.merchant_alone")
        return StaffGrant.objects.create(
            id=fresh_id(now, random), organisation_id=wanted.organisation_id, user=user,
            role=wanted.role, site_id=wanted.site_id, merchant_id=wanted.merchant_id,
            granted_at=now, granted_by=by,
        )  # fmt: skip


def _as_granted(grant: StaffGrant) -> Granted:
    return Granted(StaffRole(grant.role), grant.organisation_id, grant.site_id, grant.merchant_id)


def end_role(grant: StaffGrant, *, now: datetime, by: str) -> None:
    """End a grant; refused for the last administrator of the organisation."""
    with transaction.atomic():
        if grant.role == ADMINISTRATOR and grant.site_id is None:
            hold_administrators()
            refuse_last_administrator(grant.organisation_id, grant.user_id)
        StaffGrant.objects.filter(
            id=grant.id, organisation_id=grant.organisation_id, ended_at__isnull=True
        ).update(ended_at=now, ended_by=by)


def close_account(user: User) -> None:
    """Let `user` sign in no more; refused for the last administrator of an organisation."""
    with transaction.atomic():
        hold_administrators()
        held = StaffGrant.objects.filter(
            user=user, role=ADMINISTRATOR, site__isnull=True, ended_at__isnull=True
        )
        organisations = set(held.values_list("organisation_id", flat=True))
        if user.is_superuser:
            organisations |= set(Organisation.objects.values_list("id", flat=True))
        for organisation_id in sorted(organisations, key=str):
            refuse_last_administrator(organisation_id, user.pk)
        User.objects.filter(pk=user.pk).update(is_active=False)


def hold_administrators() -> None:
    """Lock every change of who administers what, to the end of the transaction.

    Two administrators who send each other away come one after the other, and the later one meets
    what the earlier one did. One lock for all: such changes are rare, and an account may
    administer many organisations.
    """
    first = Organisation.objects.select_for_update(no_key=True).order_by("created_at", "id")
    list(first[:1])


def refuse_last_administrator(organisation_id: UUID, user_id: int) -> None:
    """Raise `Refused` when nobody else administers the whole organisation."""
    others = StaffGrant.objects.filter(
        organisation_id=organisation_id, role=ADMINISTRATOR, site__isnull=True,
        ended_at__isnull=True, user__is_active=True,
    ).exclude(user_id=user_id)  # fmt: skip
    is_other_superuser = (
        User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user_id).exists()
    )
    if not others.exists() and not is_other_superuser:
        raise Refused("staff.last_administrator")
