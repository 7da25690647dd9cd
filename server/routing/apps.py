"""The routing app as Django sees it."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.routing"
    label = "routing"
    default_auto_field = "django.db.models.BigAutoField"
