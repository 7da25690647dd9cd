"""Pages behind the raw routes: Django's admin."""

from django.contrib import admin
from django.urls import path

admin.site.site_header = "饭票 Fanpiao"
admin.site.site_title = "饭票"

urlpatterns = [path("admin/", admin.site.urls)]
