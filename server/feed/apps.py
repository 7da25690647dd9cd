"""The feed app as Django sees it."""

from django.apps import AppConfig


class FeedConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.feed"
    label = "feed"
    default_auto_field = "django.db.models.BigAutoField"
