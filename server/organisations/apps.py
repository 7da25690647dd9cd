"""The organisations app as Django sees it."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.organisations"
    label = "organisations"
    default_auto_field = "django.db.models.BigAutoField"
