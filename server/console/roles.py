"""Who may do what in the back office: seven roles, and how far each reaches.

Rules
- A role is granted for an organisation, or for one site of it; a grant is ended, never deleted.
- `merchant` is no member of the house: it is granted for one merchant, and reaches a table only
  where its page names the way from a row to its merchant. Everything else shows it nothing.
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
    MERCHANT = "merchant", _("merchant")


ADMINISTRATOR, MANAGER = StaffRole.ADMINISTRATOR, StaffRole.MANAGER
CLERK, FINANCE, SUPPORT = StaffRole.CLERK, StaffRole.FINANCE, StaffRole.SUPPORT
APPROVER = StaffRole.APPROVER
MERCHANT = StaffRole.MERCHANT
EVERYBODY = frozenset(StaffRole)
HOUSE = EVERYBODY - {MERCHANT}
"""Whoever works for the organisation; a superuser holds all of these."""

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
    MERCHANT: {},
}  # fmt: skip
"""role → {app or app.model: letters of view, add, change, delete}; the more exact line counts."""

_VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant: for a site, for a merchant of the organisation, or for all of it."""

    role: StaffRole
    organisation_id: UUID
    site_id: UUID | None = None
    merchant_id: UUID | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it reaches all of the organisation."""
        return self.site_id is None and self.merchant_id is None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reaches: everything, or the places of these grants."""

    is_everything: bool = False
    grants: tuple[Granted, ...] = ()

    def __bool__(self) -> bool:
        return self.is_everything or bool(self.grants)

    @property
    def roles(self) -> frozenset[StaffRole]:
        """The roles held, all of the house for whoever reaches everything."""
        return HOUSE if self.is_everything else frozenset(one.role for one in self.grants)

    def within(self, roles: Collection[StaffRole]) -> "Reach":
        """Return what is left when only `roles` count."""
        if self.is_everything:
            return self if HOUSE & frozenset(roles) else Reach()
        return Reach(grants=tuple(one for one in self.grants if one.role in roles))

    @property
    def house(self) -> tuple[Granted, ...]:
        """The grants of the organisation's own staff: what a table may be shown by."""
        return tuple(one for one in self.grants if one.merchant_id is None)

    def where(self, organisation: str = "organisation", site: str = "", merchant: str = "") -> Q:
        """Return the condition a row must meet; `site` is the way from the row to its site,
        `merchant` that to its merchant.

        Without a way to a site, a grant for one site alone shows nothing of that table; without
        a way to a merchant, a grant for one merchant shows nothing of it.
        """
        if self.is_everything:
            return Q()
        found = Q(pk__in=())
        for grant in self.grants:
            place = Q(**{organisation: grant.organisation_id})
            if grant.is_whole:
                found |= place
            elif grant.merchant_id is None and site:
                found |= place & Q(**{site: grant.site_id})
            elif grant.merchant_id is not None and merchant:
                found |= place & Q(**{merchant: grant.merchant_id})
        return found

    def of(
        self, rows: "QuerySet[Rows]", organisation: str = "organisation", site: str = "",
        merchant: str = "",
    ) -> "QuerySet[Rows]":  # fmt: skip
        """Return those of `rows` that lie within reach."""
        return rows.filter(self.where(organisation, site, merchant))

    def covers(self, grant: Granted) -> bool:
        """Whether everything that `grant` reaches lies within this reach."""
        return self.is_everything or any(
            one.organisation_id == grant.organisation_id
            and one.site_id in (None, grant.site_id)
            and one.merchant_id in (None, grant.merchant_id)
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
        grants=tuple(
            Granted(StaffRole(r.role), r.organisation_id, r.site_id, r.merchant_id) for r in rows
        )
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
