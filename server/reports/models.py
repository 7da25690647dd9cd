"""Exports: a report asked for as a file, made in the background, kept for a week.

The file lies in the database in parts, so that whichever server is asked can give it out, and a
backup or a second node needs nothing beside the database.
"""

from django.db import models


class ExportState(models.TextChoices):
    """How far an export has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Export(models.Model):
    """One file asked for: `asked` is the question, as `catalogue.Question` reads it."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField()
    report = models.CharField(max_length=32)
    file_format = models.CharField(max_length=8)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    rows_written = models.BigIntegerField(default=0)
    byte_count = models.BigIntegerField(default=0)
    why = models.CharField(max_length=300, default="", blank=True)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ExportState.values), name="reports_export_state"
            ),
        )
        indexes = (
            models.Index(
                fields=("organisation", "asked_by", "asked_at"), name="reports_export_asked"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report} {self.file_format} {self.state}"


class ExportPart(models.Model):
    """One piece of an export's file, in order from 0."""

    organisation = models.UUIDField()
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "export", "number"), name="reports_part_number"
            ),
        )
