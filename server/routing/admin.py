"""Routing rules in the back office."""

from django.contrib import admin

from server.organisations.pages import Page
from server.routing.models import Rule


@admin.register(Rule)
class RulePage(Page):
    """Rules, in the order in which they speak; an unwanted one is put out of force."""

    list_display = ("name", "priority", "action", "channels", "merchant", "store", "is_enabled")
    list_filter = ("is_enabled", "action")
    search_fields = ("name",)
    ordering = ("priority", "name")
