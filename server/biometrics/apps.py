"""The Django app of biometrics."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BiometricsConfig(AppConfig):
    """Consents and face templates."""

    name = "server.biometrics"
    label = "biometrics"
    verbose_name = _("biometrics")
