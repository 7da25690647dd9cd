"""Due work: rows written in the transaction that makes the work due, claimed by a worker."""

from django.db import models


class Due(models.Model):
    """Something to do for `subject_id` from `due_at` on.

    `claimed_until` is a lease: a worker that dies loses it, and another takes the row over.
    `since` is the age of the matter, however often it was put off; `gate` names what the work
    passes through, such as `channel/bank`: its rows pass as fast as that lets them.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    kind = models.CharField(max_length=48)
    subject_id = models.UUIDField()
    due_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    attempts = models.IntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    first_due_at = models.DateTimeField()
    since = models.DateTimeField()
    gate = models.CharField(max_length=48, default="", blank=True)
    last_error = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "subject_id"), name="work_due_subject"
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), name="work_due_due_at"),
            models.Index(fields=("since",), name="work_due_since"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} at {self.due_at}"
