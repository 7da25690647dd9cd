"""The reconciliation app as Django sees it."""

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.reconciliation"
    label = "reconciliation"
    default_auto_field = "django.db.models.BigAutoField"
