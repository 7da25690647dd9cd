"""The work app as Django sees it."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"
