"""The cashier app as Django sees it."""

from django.apps import AppConfig


class CashierConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.cashier"
    label = "cashier"
    default_auto_field = "django.db.models.BigAutoField"
