"""The app's configuration."""

from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    """Makes the app known under its own name."""

    name = "server.open_api"
    label = "open_api"
