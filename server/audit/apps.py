"""The audit app as Django sees it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
