"""Records, journals and shifts in the back office: to read, and to decide what is parked."""

from typing import Any

from django.contrib import admin, messages
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from server.inbox.models import Journal, Quarantined, Record, Shift
from server.inbox.recorded import DECIDE
from server.organisations.pages import now
from server.work.effects import DueRow
from server.writes import write_now


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What came from a counter is evidence: nobody adds, changes or deletes it by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Record)
class RecordAdmin(ReadOnlyAdmin):
    """Records by place, with their disposition."""

    list_display = (
        "terminal", "journal", "sequence", "kind", "status", "code", "resolution", "received_at",
    )  # fmt: skip
    list_filter = ("status", "kind", "code", "resolution")
    search_fields = ("id", "subject_id", "terminal", "journal")
    exclude = ("body", "signature", "hash", "previous_hash")
    actions = ("retry", "post_as_new", "write_off")

    @admin.action(description=_("Try to book again"))
    def retry(self, request: HttpRequest, queryset: "QuerySet[Record]") -> None:
        """Put parked records to their commands again."""
        self._queue(request, queryset, "retry")

    @admin.action(description=_("Book as a new payment"))
    def post_as_new(self, request: HttpRequest, queryset: "QuerySet[Record]") -> None:
        """Book parked sales under ids of their own."""
        self._queue(request, queryset, "post_as_new")

    @admin.action(description=_("Write off"))
    def write_off(self, request: HttpRequest, queryset: "QuerySet[Record]") -> None:
        """Close parked records without booking."""
        self._queue(request, queryset, "write_off")

    def _queue(self, request: HttpRequest, queryset: "QuerySet[Record]", decision: str) -> None:
        parked = queryset.filter(status="parked", resolution="")
        rows = [
            DueRow(
                row.id, row.organisation, DECIDE, row.id, now(),
                {"decision": decision, "by": request.user.get_username()},
            )
            for row in parked
        ]  # fmt: skip
        with connection.cursor() as cursor:
            write_now(cursor, rows)
        self.message_user(
            request, _("%(count)d records are being decided.") % {"count": len(rows)},
            messages.SUCCESS,
        )  # fmt: skip


@admin.register(Journal)
class JournalAdmin(ReadOnlyAdmin):
    """Journals with their heads; a top beyond the head is a gap."""

    list_display = ("terminal", "id", "head_sequence", "top_sequence", "first_seen_at")


@admin.register(Shift)
class ShiftAdmin(ReadOnlyAdmin):
    """Shifts with what was counted and what was expected."""

    list_display = (
        "terminal", "business_on", "meal_period", "opened_at", "closed_at", "float_amount",
        "expected_amount", "counted_amount",
    )  # fmt: skip
    list_filter = ("business_on", "meal_period")


@admin.register(Quarantined)
class QuarantinedAdmin(ReadOnlyAdmin):
    """What was not authentic or not readable."""

    list_display = ("terminal", "code", "received_at")
    exclude = ("data",)
