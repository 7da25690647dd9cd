"""The inbox app as Django sees it."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"
