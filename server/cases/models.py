"""Cases: what a person must look at, because somebody must bear it or decide it.

Approvals: what one person asked for and another has to approve before it happens (four eyes).
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact


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


class ApprovalState(models.TextChoices):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    TURNED_DOWN = "turned_down"
    WITHDRAWN = "withdrawn"


class Approval(models.Model):
    """A request, and who decided it: never the one who asked (the database refuses it too).

    `data` is what carries it out, as it was asked for; it is never edited, only decided.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    kind = models.CharField(max_length=48)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    subject_name = models.CharField(max_length=200, default="", blank=True)
    amount = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, default="", blank=True)
    state = models.CharField(max_length=12, choices=ApprovalState)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "kind", "subject_kind", "subject_id"),
                condition=Q(state="waiting"),
                name="cases_approval_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="cases_approval_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "withdrawn"))
                | ~Q(decided_by="") & ~Q(Exact(Lower("decided_by"), Lower("asked_by"))),
                name="cases_approval_four_eyes",
            ),
        )
        indexes = (
            models.Index(
                fields=("organisation", "state", "asked_at"), name="cases_approval_by_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_name or self.subject_id}"

    def decided(
        self, state: ApprovalState, *, by: str, now: datetime, note: str = ""
    ) -> "Approval":
        """Write the decision; whoever calls has locked the row and checked who decides."""
        self.state, self.decided_by, self.decided_at = state, by, now
        self.note = note.strip()[:300]
        self.save(update_fields=["state", "decided_by", "decided_at", "note"])
        return self
