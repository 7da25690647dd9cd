"""What every page of the back office does alike: ids, refusals in words, nothing deleted.

Pages call the same use-cases as everything else; a `Refused` becomes a message above the form, in
the reader's language, and the transaction of the page is rolled back. This is the edge, where time
and randomness come from the machine.
"""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language

from domain.clock import Clock
from domain.errors import Refused
from domain.messages import Language, text
from server.fresh import fresh_id
from server.organisations.models import Organisation
from server.runtime import Secrets

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

random = os.urandom
OWNERS = ("store", "merchant", "terminal", "person", "category", "price_list", "site", "consent")
"""Fields whose row says which organisation a new row belongs to."""


def now() -> datetime:
    """Return the server's time."""
    clock: Clock = settings.CLOCK
    return clock.now()


def secrets() -> Secrets:
    """Return the server's secrets."""
    held: Secrets = settings.SECRETS
    return held


def language() -> Language:
    """Return the reader's language: Chinese unless they asked for English."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def sentence(refusal: Refused) -> str:
    """Return what a refusal says to people."""
    return text(refusal.code, refusal.data, language())


class Page(ModelAdmin):
    """A page that may add and change; rows are ended by their use-cases, never deleted."""

    list_per_page = 50
    save_on_top = False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the organisation out of the form while there is only one."""
        excluded = tuple(super().get_exclude(request, obj) or ())
        return excluded if self._asks_organisation(obj) else (*excluded, "organisation")

    def _asks_organisation(self, obj: Any) -> bool:
        has_owner = any(hasattr(self.model, owner) for owner in OWNERS)
        return obj is None and not has_owner and Organisation.objects.count() > 1

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: what the books or a counter may name stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new row its id and organisation, then save."""
        if not change:
            obj.id = fresh_id(now(), random)
            obj.organisation_id = organisation_of(obj)
        super().save_model(request, obj, form, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save one row; a refusal is told above the form, and nothing is saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, sentence(refusal))
            return HttpResponseRedirect(request.get_full_path())

    def each(self, request: HttpRequest, rows: Iterable[Any], do: Callable[[Any], Any]) -> None:
        """Do something to each chosen row by itself; tell how it went, row by row.

        A text that `do` returns (a code or PIN shown once) is told too.
        """
        for row in rows:
            try:
                with transaction.atomic():
                    said = do(row)
            except Refused as refusal:
                messages.error(request, f"{row}: {sentence(refusal)}")
            else:
                messages.success(request, f"{row}: {said}" if said else f"{row} ✓")


class ReadOnlyPage(Page):
    """A page to look at: what it shows is written by the system alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no; viewing stays."""
        return False


def organisation_of(obj: Any) -> UUID:
    """Return the organisation of a new row: its owner's, its own choice, or the only one."""
    for name in OWNERS:
        owner = getattr(obj, name, None) if hasattr(obj, f"{name}_id") else None
        if owner is not None:
            found: UUID = owner.organisation_id
            return found
    chosen: UUID | None = getattr(obj, "organisation_id", None)
    if chosen is not None:
        return chosen
    only = Organisation.objects.order_by("created_at").first()
    if only is None:
        raise Refused("organisations.none")
    return only.id


def by(request: HttpRequest) -> str:
    """Return who is at the page, as it is written down."""
    return str(request.user)[:150]
