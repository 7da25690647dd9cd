"""Cases: what a person must look at, because somebody must bear it or decide it."""

from django.db import models


class Case(models.Model):
    """One per (kind, subject), however often the same thing is reported."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    kind = models.CharField(max_length=48)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    amount = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)
    terminal = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=48, default="", blank=True)
    closed_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "subject_kind", "subject_id"),
                name="cases_case_subject",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "subject_id"), name="cases_case_by_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind} {self.subject_id}"
