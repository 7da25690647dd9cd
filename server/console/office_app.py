"""Django's admin as an app, with the console's site in it."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    """Django's admin, served by a site that asks for the second factor and keeps to roles."""

    default = False
    default_site = "server.console.office.OfficeSite"
