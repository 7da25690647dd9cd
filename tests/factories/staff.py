"""Members of staff who are signed in, second factor included, as a test's browser."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.test import Client

from server.console.models import StaffGrant
from server.console.signing_in.sessions import FACTOR, SEEN
from server.organisations.pages import now

BACKEND = "server.console.backend.RoleBackend"


def staff(
    name: str, role: str | None = None, organisation: UUID | None = None, site: UUID | None = None,
    merchant: UUID | None = None,
) -> User:  # fmt: skip
    """Make a member of staff with one role; without a role, a superuser."""
    user = User.objects.create_user(name, is_staff=True, is_superuser=role is None)
    if role is not None and organisation is not None:
        StaffGrant.objects.create(
            id=uuid4(), organisation_id=organisation, user=user, role=role, site_id=site,
            merchant_id=merchant, granted_at=now(), granted_by="test",
        )  # fmt: skip
    return user


def sign_in(client: Client, user: Any) -> Client:
    """Let `client` be signed in as `user`, with both steps done."""
    client.force_login(user, backend=BACKEND)
    session = client.session
    session[FACTOR], session[SEEN] = user.pk, now().isoformat()
    session.save()
    return client
