"""The wallets app as Django sees it."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.wallets"
    label = "wallets"
    default_auto_field = "django.db.models.BigAutoField"
