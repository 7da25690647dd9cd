"""Due work in the back office: to be read."""

from django.contrib import admin

from server.read_only import ReadOnlyAdmin
from server.work.models import Due


@admin.register(Due)
class DueAdmin(ReadOnlyAdmin):
    """What is due, what failed and why."""

    list_display = ("kind", "subject_id", "due_at", "attempts", "last_error", "claimed_until")
    list_filter = ("kind",)
    search_fields = ("=subject_id",)
