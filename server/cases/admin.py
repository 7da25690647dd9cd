"""Cases in the back office: to be read; whoever decides one does it where it came from."""

from django.contrib import admin

from server.cases.models import Case
from server.read_only import ReadOnlyAdmin


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """Cases, open ones first."""

    list_display = ("kind", "subject_kind", "subject_id", "amount", "opened_at", "closed_at")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("=subject_id", "=terminal")
    ordering = ("closed_at", "-opened_at")
