"""The feed's own state in the back office: to be read."""

from django.contrib import admin

from server.feed.models import Sequence
from server.read_only import ReadOnlyAdmin


@admin.register(Sequence)
class SequenceAdmin(ReadOnlyAdmin):
    """The epoch, the last number, and when the sequencer last said that it is there."""

    list_display = ("epoch", "last_number", "horizon", "stepped_at")
