"""The cases app as Django sees it."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
