"""The Django app of merchants."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MerchantsConfig(AppConfig):
    """Merchants, stores, operators and agreements."""

    name = "server.merchants"
    label = "merchants"
    verbose_name = _("merchants")
