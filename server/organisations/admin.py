"""Organisations and sites in the back office."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from server.fresh import fresh_id
from server.organisations.models import Organisation, Site
from server.organisations.pages import Page, now, random


@admin.register(Organisation)
class OrganisationPage(Page):
    """Organisations; the currency stays, since the books are kept in it."""

    list_display = ("name", "currency", "zone", "id")
    readonly_fields = ("id", "created_at")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide nothing: an organisation belongs to itself."""
        return ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the currency once there is an organisation."""
        return self.readonly_fields if obj is None else (*self.readonly_fields, "currency")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new organisation its id and instant, then save."""
        if not change:
            obj.created_at = now()
            obj.id = fresh_id(obj.created_at, random)
        obj.save()


@admin.register(Site)
class SitePage(Page):
    """The sites of an organisation."""

    list_display = ("name", "code", "organisation", "closed_on")
    search_fields = ("name", "code")
    readonly_fields = ("id",)
