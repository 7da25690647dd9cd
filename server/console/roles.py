"""Who may do what in the back office: six roles, and how far each reaches.

Rules
- A role is granted for an organisation, or for one site of it; a grant is ended, never deleted.
- A page names the roles it is for; the admin's permissions follow from `PERMISSIONS` alone.
- A superuser (made at the command line) is an administrator of everything.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

Rows = TypeVar("Rows", bound=Model)
Who = User | AnonymousUser


class StaffRole(TextChoices):
    """What a member of staff is there for."""

    ADMINISTRATOR = "administrator", _("administrator")
    MANAGER = "manager", _("canteen manager")
    CLERK = "clerk", _("enrolment clerk")
    FINANCE = "finance", _("finance")
    APPROVER = "approver", _("approver")
    SUPPORT = "support", _("support")


ADMINISTRATOR, MANAGER = StaffRole.ADMINISTRATOR, StaffRole.MANAGER
CLERK, FINANCE, SUPPORT = StaffRole.CLERK, StaffRole.FINANCE, StaffRole.SUPPORT
APPROVER = StaffRole.APPROVER
EVERYBODY = frozenset(StaffRole)

PERMISSIONS: Mapping[StaffRole, Mapping[str, str]] = {
    ADMINISTRATOR: dict.fromkeys(
        ("biometrics", "cases", "catalogue", "channels", "feed", "fleet", "inbox", "ledger",
         "merchants", "organisations", "payments", "people", "routing", "wallets", "work"),
        "vacd",
    ),
    MANAGER: {
        "catalogue": "vacd", "merchants.merchantoperator": "vac", "merchants.store": "v",
        "merchants.merchant": "v", "organisations": "v", "fleet.terminal": "v",
        "people.person": "v", "people.category": "v", "payments": "v", "inbox.shift": "v",
        "cases": "v",
    },
    CLERK: {
        "people": "vac", "people.category": "v", "biometrics": "vac", "organisations.site": "v",
    },
    FINANCE: {
        "ledger": "v", "payments": "v", "wallets": "vac", "inbox.record": "v", "inbox.shift": "v",
        "channels": "v", "cases": "v", "merchants.merchant": "v", "merchants.store": "v",
        "merchants.agreement": "v", "merchants.channelcontract": "vac", "routing": "v",
        "people.person": "v", "organisations": "v",
    },
    APPROVER: {
        "payments": "v", "cases": "v", "ledger": "v", "merchants.merchant": "v",
        "merchants.store": "v", "organisations": "v",
    },
    SUPPORT: {
        "fleet.terminal": "v", "fleet.activationcode": "v", "fleet.binding": "v",
        "fleet.terminalkey": "v", "feed": "v", "work": "v", "inbox.journal": "v",
        "inbox.quarantined": "v", "merchants.store": "v", "organisations": "v",
    },
}  # fmt: skip
"""role → {app or app.model: letters of view, add, change, delete}; the more exact line counts."""

_VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant: `site_id` None means all sites of the organisation."""

    role: StaffRole
    organisation_id: UUID
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reaches: everything, or the places of these grants."""

    is_everything: bool = False
    grants: tuple[Granted, ...] = ()

    def __bool__(self) -> bool:
        return self.is_everything or bool(self.grants)

    @property
    def roles(self) -> frozenset[StaffRole]:
        """The roles held, all of them for whoever reaches everything."""
        return EVERYBODY if self.is_everything else frozenset(one.role for one in self.grants)

    def within(self, roles: Collection[StaffRole]) -> "Reach":
        """Return what is left when only `roles` count."""
        if self.is_everything:
            return self
        return Reach(grants=tuple(one for one in self.grants if one.role in roles))

    def where(self, organisation: str = "organisation", site: str = "") -> Q:
        """Return the condition a row must meet; `site` is the way from the row to its site.

        Without a way to a site, a grant for one site alone shows nothing of that table.
        """
        if self.is_everything:
            return Q()
        found = Q(pk__in=())
        for grant in self.grants:
            place = Q(**{organisation: grant.organisation_id})
            if grant.site_id is None:
                found |= place
            elif site:
                found |= place & Q(**{site: grant.site_id})
        return found

    def of(
        self, rows: "QuerySet[Rows]", organisation: str = "organisation", site: str = ""
    ) -> "QuerySet[Rows]":
        """Return those of `rows` that lie within reach."""
        return rows.filter(self.where(organisation, site))

    def covers(self, grant: Granted) -> bool:
        """Whether everything that `grant` reaches lies within this reach."""
        return self.is_everything or any(
            one.organisation_id == grant.organisation_id and one.site_id in (None, grant.site_id)
            for one in self.grants
        )


def reach_of(user: Any) -> Reach:
    """Return how far `user` reaches; nothing for strangers and for whoever has left."""
    from server.console.models import StaffGrant

    if not user.is_active or not user.is_staff:
        return Reach()
    if user.is_superuser:
        return Reach(is_everything=True)
    rows = StaffGrant.objects.filter(user=user, ended_at__isnull=True)
    return Reach(
        grants=tuple(Granted(StaffRole(r.role), r.organisation_id, r.site_id) for r in rows)
    )


def permissions_of(roles: Collection[StaffRole]) -> frozenset[str]:
    """Return the admin permissions of `roles`, as "app.verb_model"."""
    return frozenset(
        f"{model._meta.app_label}.{_VERBS[letter]}_{model._meta.model_name}"
        for role in roles
        for model in _models()
        for letter in _letters(PERMISSIONS[role], model)
    )


def _models() -> list[type[Model]]:
    from django.apps import apps

    return [model for model in apps.get_models() if model.__module__.startswith("server.")]


def _letters(lines: Mapping[str, str], model: type[Model]) -> str:
    app = model._meta.app_label
    return lines.get(f"{app}.{model._meta.model_name}", lines.get(app, ""))
