"""The Django app of people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Persons, categories, memberships and cards."""

    name = "server.people"
    label = "people"
    verbose_name = _("people")
