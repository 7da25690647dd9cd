"""Pages behind the raw routes: the console, and Django's admin as its back room."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:home")),
    path("console/", include("server.console.urls")),
    path("pay/", include("server.cashier.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]
handler403 = "server.console.refusals.not_for_you"
handler404 = "server.console.refusals.not_here"
handler500 = "server.console.refusals.defect"
