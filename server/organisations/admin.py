"""Organisations and sites in the back office."""

from django.contrib import admin

from server.organisations.models import Organisation, Site


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Organisations are made by set-up and renamed here."""

    list_display = ("name", "currency", "zone", "id")
    readonly_fields = ("id", "currency", "created_at")


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The sites of an organisation."""

    list_display = ("name", "code", "organisation", "closed_on")
    readonly_fields = ("id", "organisation")
