"""The Django app of fleet."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FleetConfig(AppConfig):
    """Terminals, keys, bindings and policies."""

    name = "server.fleet"
    label = "fleet"
    verbose_name = _("terminals")
