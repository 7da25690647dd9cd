"""Consents and face templates in the back office; no vector is ever shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.models import Confusable, Consent, Giver, Removal, Template
from server.biometrics.withdraw_consent import withdraw_consent
from server.organisations.pages import Page, ReadOnlyPage, now, random

FILING_WARNING = 90_000
"""Processors of 100,000 people's faces file with the authority: warned in good time."""


class ConsentPageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A signed form as it is put on file; `person` is the id on the person's page."""

    class Meta:
        model = Consent
        fields = (
            "person", "site", "given_by", "giver_name", "relation", "is_under_14",
            "text_version", "keeps_photo", "evidence", "expires_at",
        )  # fmt: skip


@admin.register(Consent)
class ConsentPage(Page):
    """Who agreed to pay by face, and who took it back."""

    form = ConsentPageForm
    list_display = (
        "person", "giver_name", "given_by", "relation", "site", "given_at", "expires_at",
        "withdrawn_at",
    )  # fmt: skip
    list_filter = ("site", "given_by")
    search_fields = ("person", "giver_name")
    actions = ("withdraw",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no to a single consent's form: a signed form does not change."""
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Put the consent on file."""
        signed = ConsentForm(
            giver_name=obj.giver_name,
            text_version=obj.text_version,
            evidence=obj.evidence,
            given_by=Giver(obj.given_by),
            relation=obj.relation,
            is_under_14=obj.is_under_14,
            keeps_photo=obj.keeps_photo,
            expires_at=obj.expires_at,
        )
        made = give_consent(
            obj.site.organisation_id, obj.person, obj.site_id, signed, now=now(), random=random
        )
        obj.id, obj.organisation_id, obj.given_at = made.id, made.organisation_id, made.given_at

    @admin.action(description=_("Withdrawn: remove the face data"), permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Consent]) -> None:
        """End each consent; its templates go here and at every counter."""

        def end(consent: Consent) -> str:
            removed = withdraw_consent(consent, now=now())
            return str(_("%(count)d templates removed") % {"count": removed})

        self.each(request, rows, end)


@admin.register(Template)
class TemplatePage(ReadOnlyPage):
    """Which templates are kept, under which consent and of which model."""

    list_display = ("person", "site", "version", "ordinal", "model", "enrolled_at", "enrolled_by")
    list_filter = ("site", "model")
    search_fields = ("person",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say how many people's faces are stored, and warn before they must be filed."""
        people = Template.objects.values("organisation", "person").distinct().count()
        told = _("Faces of %(count)d people are stored.") % {"count": people}
        messages.info(request, told)
        if people >= FILING_WARNING:
            messages.warning(request, _("From 100,000 people on, storing faces must be filed."))
        return super().changelist_view(request, extra_context)


@admin.register(Removal)
class RemovalPage(ReadOnlyPage):
    """Templates that are gone, and why."""

    list_display = ("person", "site", "why", "removed_at")
    list_filter = ("why", "site")


@admin.register(Confusable)
class ConfusablePage(ReadOnlyPage):
    """People whose faces are near: they are always asked for a second factor."""

    list_display = ("person_a", "person_b", "site", "distance", "found_at")
    list_filter = ("site",)
