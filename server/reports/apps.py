"""The reports app as Django sees it."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
