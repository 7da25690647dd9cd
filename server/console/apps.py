"""The console app as Django sees it."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
