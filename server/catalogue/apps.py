"""The Django app of catalogue."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    """Meal periods, prices and items."""

    name = "server.catalogue"
    label = "catalogue"
    verbose_name = _("catalogue")
