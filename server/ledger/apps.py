"""The ledger app as Django sees it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
