"""The channels app as Django sees it."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
