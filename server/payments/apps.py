"""The payments app as Django sees it."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers the app under its folder's name."""

    name = "server.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
