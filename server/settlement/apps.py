"""The settlement app."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Day closes, batches and payouts."""

    name = "server.settlement"
    label = "settlement"
